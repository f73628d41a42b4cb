"""The language of what is worded: set for a while, followed on pages, and never in need of Flask."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from flask import Flask

from survey.cli import main
from survey.language import current_language, gettext, speaking, translator
from survey.web.languages import install_languages

TEXT, ENGLISH = "没有填或没有保留", "not said or not kept"


def test_chinese_unless_somebody_says_otherwise() -> None:
    assert current_language() == "zh"
    with speaking("en"):
        assert (current_language(), gettext(TEXT)) == ("en", ENGLISH)
        with speaking("zh"):
            assert gettext(TEXT) == TEXT
        assert gettext(TEXT) == ENGLISH
    assert gettext(TEXT) == TEXT


def test_a_language_ends_with_an_error_too() -> None:
    @speaking("en")
    def refuse() -> None:
        assert current_language() == "en"
        raise LookupError

    for _ in range(2):
        try:
            refuse()
        except LookupError:
            assert current_language() == "zh"


def test_pages_and_what_is_written_on_them() -> None:
    """Attack: a document made while somebody reads an English page is in Chinese all the same."""
    site = Flask("pages")
    install_languages(site)
    with site.test_request_context("/?lang=en"):
        assert gettext(TEXT) == ENGLISH
        with speaking("zh"):
            assert gettext(TEXT) == TEXT
    with site.test_request_context("/"):
        assert gettext(TEXT) == TEXT


def test_a_thread_has_its_own_language() -> None:
    said: list[str] = []
    with speaking("en"):
        thread = threading.Thread(target=lambda: said.append(gettext(TEXT)))
        thread.start()
        thread.join()
    assert said == [TEXT]


def test_placeholders_are_filled_in_and_signs_left_alone() -> None:
    assert gettext("约为 %(percent)s%%", percent="3.1") == "约为 3.1%"
    assert translator("en")("Not in the catalogue") == "Not in the catalogue"


def test_the_catalogue_is_read_once() -> None:
    assert translator("en") is translator("en")
    assert translator("en").__self__ is translator("en").__self__  # type: ignore[attr-defined]


def test_wording_loads_no_flask() -> None:
    program = (
        "import pkgutil, importlib, sys, survey.wording as room\n"
        "for found in pkgutil.iter_modules(room.__path__, room.__name__ + '.'):\n"
        "    importlib.import_module(found.name)\n"
        "sys.exit('flask' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


@pytest.mark.parametrize("options", [["--language", "en"], ["--language", "en", "--count", "many"]])
def test_the_language_of_a_command_lasts_no_longer_than_its_work(options: list[str], tmp_path: Path) -> None:
    """Where its options alone are read, or refused, nothing afterwards speaks it."""
    links = main.get_command(None, "links")  # type: ignore[arg-type]
    command = links.get_command(None, "issue")  # type: ignore[attr-defined]
    with contextlib.suppress(click.UsageError):
        command.make_context("issue", ["2026-q4", "--out", "x.xlsx", "--data", str(tmp_path), *options])
    assert current_language() == "zh"
    assert CliRunner().invoke(main, ["links", "issue", "2026-q4", "--out", "x.xlsx", *options]).exit_code == 2
    assert current_language() == "zh"
