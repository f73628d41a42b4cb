"""Language of the texts being made: the one set by `speaking`, else that of the page being answered, else
Chinese.

The texts in the code are the Chinese ones and the keys of the English catalogue. Nothing here needs Flask;
the web registers how to find a page's language (`survey/web/languages.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import NullTranslations
from typing import Final, Literal

from babel.support import Translations

from survey.counted import mark_counted
from survey.paths import TRANSLATIONS

Language = Literal["zh", "en"]

_chosen: Final[ContextVar[Language | None]] = ContextVar("language", default=None)
_pages: Final[list[Callable[[], Language | None]]] = []


@contextmanager
def speaking(wanted: Language) -> Iterator[None]:
    """Make `gettext` return texts in `wanted` until the end of the block, whatever the page's language; also
    a decorator. Threads started inside do not inherit it."""
    before = _chosen.set(wanted)
    try:
        yield
    finally:
        _chosen.reset(before)


def current_language() -> Language:
    """Language in which `gettext` returns texts, "zh" or "en"."""
    if (chosen := _chosen.get()) is not None:
        return chosen
    return next((found for page in _pages if (found := page()) is not None), "zh")


def follow_pages(of_page: Callable[[], Language | None]) -> None:
    """Register `of_page`, which returns the language of the page being answered (None outside pages); asked
    where `speaking` set none."""
    if of_page not in _pages:
        _pages.append(of_page)


def gettext(message: str, **values: object) -> str:
    """Text of `message` in the current language, with the named placeholders filled in."""
    text = translator(current_language())(message)
    return text % values if values else text


@cache
def translator(wanted: Language) -> Callable[[str], str]:
    """Function from a Chinese message id to the text in `wanted`."""
    return str if wanted == "zh" else english().gettext


@cache
def english() -> NullTranslations:
    """English catalogue, read once, whose nouns agree with their numbers."""
    return mark_counted(Translations.load(str(TRANSLATIONS), ["en"]))


def in_both(message: str, **values: object) -> tuple[str, str]:
    """Texts of `message` in Chinese and in English, for what is stored in both languages."""
    zh, en = message, translator("en")(message)
    return (zh % values, en % values) if values else (zh, en)
