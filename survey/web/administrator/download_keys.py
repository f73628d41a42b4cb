"""Private keys that open one-time files, kept only in the cookie of the browser that asked for the file."""

from __future__ import annotations

from flask import session

from survey.services.invitations import one_time_files

KEY = "handouts"
MOST = 3


def new_public_key() -> str:
    """Public key of a new key pair; the private key goes into this browser's cookie."""
    private, public = one_time_files.new_key()
    kept = list(session.get(KEY, {}).items())[-(MOST - 1) :]
    session[KEY] = dict([*kept, (_name(public), private)])
    return public


def private_key_of(public_key: str) -> str:
    """Private key of `public_key` from the cookie; raises `NotYours` in another browser."""
    kept: dict[str, str] = session.get(KEY, {})
    if _name(public_key) not in kept:
        raise one_time_files.NotYours
    return kept[_name(public_key)]


def has_key_of(public_key: str) -> bool:
    """Whether this browser holds the private key of `public_key`, that is, asked for the file."""
    return _name(public_key) in session.get(KEY, {})


def _name(public_key: str) -> str:
    return public_key[-12:]
