"""`gettext` with its true types, for the views."""

from __future__ import annotations

import flask_babel


def gettext(message: str, **values: object) -> str:
    """`message` in the page's language, its named placeholders filled in."""
    return str(flask_babel.gettext(message, **values))
