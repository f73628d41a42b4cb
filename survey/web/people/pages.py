"""Pages of people: importing this module registers the views, one module a subject."""

from survey.web.people import accounts, listed
from survey.web.people.accounts import blueprint

__all__ = ["accounts", "blueprint", "listed"]
