"""Tables of the database, one module per aggregate."""

from survey.models.ballot import Artifact, Ballot, Comment, OpenedBox, PostedBatch
from survey.models.base import Base
from survey.models.composite import Composite, CompositeFile
from survey.models.contact import HolderContact, OfficeContact
from survey.models.department import Succession, SuccessionKind
from survey.models.edition_file import EditionFile, OfficeTemplate
from survey.models.indicator import Indicator, IndicatorKind
from survey.models.invitation import ImportedList, Invitation, MailDelivery, MailState
from survey.models.paper import PaperForms
from survey.models.problem import Problem, ProblemEvent, ProblemFile, ProblemSource, Stage, Step
from survey.models.proposal import Body, Proposal, ProposalKind
from survey.models.publication import Publication, PublicationState
from survey.models.rating_analysis import RatingAnalysis, RatingAnalysisFile
from survey.models.release import CommentRelease, Decision, Theme
from survey.models.roster import Enterprise
from survey.models.round import KeyHolder, Mode, Period, Round, RoundReviewer, State
from survey.models.telephone import CallNote, Outcome, Said, TelephoneCall, TelephoneCheck
from survey.models.user import Enrolment, FailedAttempt, LoginSession, RecoveryCode, Role, Throttle, User
from survey.models.work import AuditEvent, Job

__all__ = [
    "Artifact",
    "AuditEvent",
    "Ballot",
    "Base",
    "Body",
    "CallNote",
    "Comment",
    "CommentRelease",
    "Composite",
    "CompositeFile",
    "Decision",
    "EditionFile",
    "Enrolment",
    "Enterprise",
    "FailedAttempt",
    "HolderContact",
    "ImportedList",
    "Indicator",
    "IndicatorKind",
    "Invitation",
    "Job",
    "KeyHolder",
    "LoginSession",
    "MailDelivery",
    "MailState",
    "Mode",
    "OfficeContact",
    "OfficeTemplate",
    "OpenedBox",
    "Outcome",
    "PaperForms",
    "Period",
    "PostedBatch",
    "Problem",
    "ProblemEvent",
    "ProblemFile",
    "ProblemSource",
    "Proposal",
    "ProposalKind",
    "Publication",
    "PublicationState",
    "RatingAnalysis",
    "RatingAnalysisFile",
    "RecoveryCode",
    "Role",
    "Round",
    "RoundReviewer",
    "Said",
    "Stage",
    "State",
    "Step",
    "Succession",
    "SuccessionKind",
    "TelephoneCall",
    "TelephoneCheck",
    "Theme",
    "Throttle",
    "User",
]
