"""English pages hold Chinese that somebody entered: names, titles, comments. It is marked, so that a screen
reader speaks it and a browser draws it as Chinese.

Names stand in dozens of templates; they are marked in the finished page, in one place.
"""

from __future__ import annotations

import re

from flask import Flask, Response, request

from survey.language import current_language
from survey.web.languages import PHONE_BLUEPRINT

_TAG = re.compile(r"(<!--.*?-->|<[^>]*>)", re.DOTALL)
_NAME = re.compile(r"<(/?)([a-zA-Z][\w-]*)")
_CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff][\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]*")
# Their text takes no markup; an option has the attribute instead.
_PLAIN = frozenset(["script", "style", "textarea", "title"])
_OPTION = "option"


def install_marks(app: Flask) -> None:
    """Mark the Chinese of every English page but the phone's, whose bytes are those of its sources."""

    @app.after_request
    def _mark(response: Response) -> Response:
        plain = response.mimetype == "text/html" and not response.is_streamed
        if plain and request.blueprint != PHONE_BLUEPRINT and current_language() == "en":
            response.set_data(marked(response.get_data(as_text=True)))
        return response


def marked(html: str) -> str:
    """The page with `lang="zh"` around every run of Chinese in its text."""
    parts, inside = _TAG.split(html), ""
    for at, part in enumerate(parts):
        if at % 2:
            inside = _inside(part, inside)
        elif inside == _OPTION and _CHINESE.search(part):
            parts[at - 1] = _with_language(parts[at - 1])
        elif not inside:
            parts[at] = _CHINESE.sub(r'<span lang="zh">\g<0></span>', part)
    return "".join(parts)


def _inside(tag: str, before: str) -> str:
    """The element without markup, or the option, in which what follows the tag stands; empty elsewhere."""
    found = _NAME.match(tag)
    if found is None:
        return before
    closing, name = found[1], found[2].lower()
    if before in _PLAIN:
        return "" if closing and name == before else before
    return name if not closing and (name in _PLAIN or name == _OPTION) else ""


def _with_language(tag: str) -> str:
    return tag if " lang=" in tag else f'{tag[:-1]} lang="zh">'
