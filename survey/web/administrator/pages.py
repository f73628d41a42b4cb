"""Administrators' pages: importing this module registers the views, one module a subject."""

from survey.web.administrator import (
    calls,
    codes,
    contacts,
    enterprise,
    interviews,
    invitations,
    participation,
    replacements,
    roster,
    rounds,
    sample,
    setup,
    witness,
)
from survey.web.site.blueprints import admin as blueprint
from survey.web.staff import closing_record, poster

__all__ = [
    "blueprint",
    "calls",
    "closing_record",
    "codes",
    "contacts",
    "enterprise",
    "interviews",
    "invitations",
    "participation",
    "poster",
    "replacements",
    "roster",
    "rounds",
    "sample",
    "setup",
    "witness",
]
