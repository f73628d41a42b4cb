"""Administrators' pages: importing this module registers the views, one module a subject."""

from survey.web.administrator import invitations, participation, replacements, roster, rounds, sample, setup
from survey.web.site.blueprints import admin as blueprint
from survey.web.staff import closing_record

__all__ = [
    "blueprint",
    "closing_record",
    "invitations",
    "participation",
    "replacements",
    "roster",
    "rounds",
    "sample",
    "setup",
]
