"""Language of a command's output: Chinese, or English with `--language en`."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import click

from survey.language import Language, speaking

F = TypeVar("F", bound=Callable[..., Any])


def visible(text: str) -> str:
    """`text` made safe to print on one line: characters that a terminal would execute instead of showing
    become �."""
    return "".join(c if c.isprintable() or unicodedata.category(c) == "Zs" else "�" for c in text)


def language_option(command: F) -> F:
    """Decorator that adds `--language zh|en`, in which the command prints and later errors are worded."""

    def remember(ctx: click.Context, _parameter: click.Parameter, value: str) -> str:
        ctx.meta["language"] = value
        return value

    @wraps(command)
    def spoken(*arguments: Any, language: Language, **options: Any) -> Any:
        with speaking(language):
            return command(*arguments, language=language, **options)

    option = click.option(
        "--language",
        type=click.Choice(["zh", "en"]),
        default="zh",
        show_default=True,
        is_eager=True,
        callback=remember,
        help="输出语言 / language of the output",
    )
    return cast("F", option(spoken))
