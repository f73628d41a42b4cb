"""The language of what a command prints: Chinese, or English with `--language en`."""

from __future__ import annotations

import gettext
import unicodedata
from collections.abc import Callable
from typing import Any, TypeVar

import click

from survey.paths import TRANSLATIONS

F = TypeVar("F", bound=Callable[..., Any])


def translator(language: str) -> Callable[[str], str]:
    """The function that turns a Chinese message id into the language's text."""
    return gettext.translation("messages", str(TRANSLATIONS), [language], fallback=True).gettext


def visible(text: str) -> str:
    """`text` from somebody else's file in one line: what a terminal would carry out, not show, is �."""
    return "".join(c if c.isprintable() or unicodedata.category(c) == "Zs" else "�" for c in text)


def language_option(command: F) -> F:
    """Add `--language zh|en`; errors raised later are told in it too."""

    def remember(ctx: click.Context, _parameter: click.Parameter, value: str) -> str:
        ctx.meta["language"] = value
        return value

    option = click.option(
        "--language",
        type=click.Choice(["zh", "en"]),
        default="zh",
        show_default=True,
        is_eager=True,
        callback=remember,
        help="输出语言 / language of the output",
    )
    return option(command)
