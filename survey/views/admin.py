"""The administrators' desk: its pages, one module a subject."""

from survey.views import (
    admin_invitations,
    admin_participation,
    admin_replacements,
    admin_roster,
    admin_rounds,
    admin_sampling,
    admin_setup,
    closing_record,
)
from survey.views.desks import admin as blueprint

__all__ = [
    "admin_invitations",
    "admin_participation",
    "admin_replacements",
    "admin_roster",
    "admin_rounds",
    "admin_sampling",
    "admin_setup",
    "blueprint",
    "closing_record",
]
