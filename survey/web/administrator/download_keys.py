"""Private keys that open one-time files: kept in the cookie of the browser that asked, and nowhere else."""

from __future__ import annotations

from flask import session

from survey.services.invitations import one_time_files

KEY = "handouts"
MOST = 3


def new_public_key() -> str:
    """Make a key; the private half stays in the cookie, under the public half's last characters."""
    private, public = one_time_files.new_key()
    kept = list(session.get(KEY, {}).items())[-(MOST - 1) :]
    session[KEY] = dict([*kept, (_name(public), private)])
    return public


def private_key_of(public_key: str) -> str:
    """The private half; raises `NotYours` in another browser."""
    kept: dict[str, str] = session.get(KEY, {})
    if _name(public_key) not in kept:
        raise one_time_files.NotYours
    return kept[_name(public_key)]


def has_key_of(public_key: str) -> bool:
    """Whether this browser asked for the file."""
    return _name(public_key) in session.get(KEY, {})


def _name(public_key: str) -> str:
    return public_key[-12:]
