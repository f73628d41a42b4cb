"""The language of what is being worded: what a document or command set, else the page's, else Chinese.

The texts in the code are the Chinese ones and the keys of the English catalogue. Nothing here needs Flask;
the web says what language a page is in (`survey/web/languages.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Final, Literal

from babel.support import Translations

from survey.paths import TRANSLATIONS

Language = Literal["zh", "en"]

_chosen: Final[ContextVar[Language | None]] = ContextVar("language", default=None)
_pages: Final[list[Callable[[], Language | None]]] = []


@contextmanager
def speaking(wanted: Language) -> Iterator[None]:
    """Word everything inside in `wanted`, whatever the page; also as a decorator. Threads begun inside do not
    inherit it."""
    before = _chosen.set(wanted)
    try:
        yield
    finally:
        _chosen.reset(before)


def current_language() -> Language:
    """The language that `gettext` words in."""
    if (chosen := _chosen.get()) is not None:
        return chosen
    return next((found for page in _pages if (found := page()) is not None), "zh")


def follow_pages(of_page: Callable[[], Language | None]) -> None:
    """Ask `of_page` where nothing else set the language; it gives None outside pages."""
    if of_page not in _pages:
        _pages.append(of_page)


def gettext(message: str, **values: object) -> str:
    """`message` in the current language, its named placeholders filled in."""
    text = translator(current_language())(message)
    return text % values if values else text


@cache
def translator(wanted: Language) -> Callable[[str], str]:
    """The function that turns a Chinese message id into its text in `wanted`; the catalogue is read once."""
    return str if wanted == "zh" else Translations.load(str(TRANSLATIONS), [wanted]).gettext


def in_both(message: str, **values: object) -> tuple[str, str]:
    """`message` in Chinese and in English, as the analysis and what is stored have it."""
    zh, en = message, translator("en")(message)
    return (zh % values, en % values) if values else (zh, en)
