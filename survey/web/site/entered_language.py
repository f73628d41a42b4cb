"""Marks `lang="zh"` around Chinese text that people entered (names, titles, comments), on English pages, for
screen readers and fonts.

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
# Elements whose text can hold no markup; an option gets the attribute itself instead.
_PLAIN = frozenset(["script", "style", "textarea", "title"])
_OPTION = "option"


def install_marks(app: Flask) -> None:
    """Make `app` mark the Chinese on every English page, except the phone's, whose bytes must be those of its
    sources."""

    @app.after_request
    def _mark(response: Response) -> Response:
        plain = response.mimetype == "text/html" and not response.is_streamed
        if plain and request.blueprint != PHONE_BLUEPRINT and current_language() == "en":
            response.set_data(marked(response.get_data(as_text=True)))
        return response


def marked(html: str) -> str:
    """Page with `lang="zh"` around every run of Chinese in its text."""
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
    """Name of the element (script, style, textarea, title, option) in which the text after `tag` stands; ""
    elsewhere. `before`: the same before the tag."""
    found = _NAME.match(tag)
    if found is None:
        return before
    closing, name = found[1], found[2].lower()
    if before in _PLAIN:
        return "" if closing and name == before else before
    return name if not closing and (name in _PLAIN or name == _OPTION) else ""


def _with_language(tag: str) -> str:
    return tag if " lang=" in tag else f'{tag[:-1]} lang="zh">'
