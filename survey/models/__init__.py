"""The tables, one module an aggregate."""

from survey.models.ballot import Artifact, Ballot, Comment, OpenedBox
from survey.models.base import Base
from survey.models.invitation import Invitation
from survey.models.roster import Department, Enterprise
from survey.models.round import KeyHolder, Mode, Period, Round, State
from survey.models.user import Enrolment, LoginSession, RecoveryCode, Role, Throttle, User
from survey.models.work import AuditEvent, Job

__all__ = [
    "Artifact",
    "AuditEvent",
    "Ballot",
    "Base",
    "Comment",
    "Department",
    "Enrolment",
    "Enterprise",
    "Invitation",
    "Job",
    "KeyHolder",
    "LoginSession",
    "Mode",
    "OpenedBox",
    "Period",
    "RecoveryCode",
    "Role",
    "Round",
    "State",
    "Throttle",
    "User",
]
