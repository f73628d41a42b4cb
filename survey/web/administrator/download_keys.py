"""Pickup codes of files that this browser asked for, kept in its cookie so that it need not type them."""

from __future__ import annotations

from flask import session

from survey.services.invitations import one_time_files

KEY = "handouts"
MOST = 3


def new_public_key() -> str:
    """Public key of a new pickup code; the code goes into this browser's cookie."""
    code, public = one_time_files.new_code()
    kept = list(session.get(KEY, {}).items())[-(MOST - 1) :]
    session[KEY] = dict([*kept, (_name(public), code)])
    return public


def code_of(public_key: str) -> str:
    """Pickup code of `public_key` from the cookie; "" in another browser, or after signing out."""
    kept: dict[str, str] = session.get(KEY, {})
    return kept.get(_name(public_key), "")


def _name(public_key: str) -> str:
    return public_key[-12:]
