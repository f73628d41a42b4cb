"""English nouns agree with their numbers: every text of the catalogue, with 1 and with 2."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from flask import Flask, render_template_string

from survey.counted import CountedText
from survey.language import gettext as said
from survey.language import in_both, speaking, translator
from survey.web.languages import install_languages

CATALOGUE = Path(__file__).resolve().parents[1] / "survey/translations/en/LC_MESSAGES/messages.po"
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
AFTER_ONE = re.compile(r"(?<![\w.,])1((?: [A-Za-z’'-]+){0,2}?) ([a-z]+s)\b")
NO_NOUN = frozenset(
    (
        *("is", "was", "has", "as", "this", "its", "does", "us", "yes", "less", "always", "across", "thus"),
        *("differs", "holds", "lacks", "takes", "occurs", "contains", "allows", "supports", "proposes"),
        *("names", "speaks", "means", "moves", "exists", "lies", "uses", "waits", "looks", "others", "needs"),
        "intervals",
    )
)
BETWEEN = re.compile(
    r"\b(and|or|of|to|in|from|is|are|was|were|at|on|by|than|which|that|should|also|the|with|against|without"
    r"|look)\b"
)


@pytest.fixture(scope="module")
def app() -> Flask:
    made = Flask(__name__)
    made.secret_key = "k"
    install_languages(made)
    return made


def texts() -> dict[str, str]:
    with CATALOGUE.open("rb") as file:
        return {
            str(m.id): m.string
            for m in read_po(file, locale="en")
            if m.id and isinstance(m.string, str) and PLACEHOLDER.search(m.string)
        }


def filled(text: str, value: str) -> str:
    return CountedText(text) % dict.fromkeys(PLACEHOLDER.findall(text), value)


def plurals_after_one(text: str) -> list[str]:
    return [
        noun
        for between, noun in AFTER_ONE.findall(text)
        if noun not in NO_NOUN and not BETWEEN.search(between)
    ]


def test_no_text_says_one_and_a_plural() -> None:
    found = {
        said: nouns for text in texts().values() if (nouns := plurals_after_one(said := filled(text, "1")))
    }
    assert found == {}


def test_with_two_every_form_is_the_plural() -> None:
    for text in texts().values():
        assert "|" not in filled(text, "2")
        assert "{" not in filled(text, "2").replace('{"', "")
    assert sum("|" in text for text in texts().values()) > 200


def test_the_check_finds_a_plural_after_one() -> None:
    assert plurals_after_one("1 rows read, 21 rows left") == ["rows"]
    assert plurals_after_one("1 key holders") == ["holders"]
    assert plurals_after_one("1 row is read") == []


@pytest.mark.parametrize(
    ("count", "text"), [(1, "1 ballot"), ("1", "1 ballot"), (2, "2 ballots"), (0, "0 ballots")]
)
def test_every_way_to_a_text_gives_the_form(app, count, text) -> None:
    message = "%(count)s 张"
    assert translator("en")(message) % {"count": count} == text
    assert in_both(message, count=count) == (f"{count} 张", text)
    with speaking("en"):
        assert said(message, count=count) == text
    with app.test_request_context("/?lang=en"):
        from flask_babel import gettext, lazy_gettext

        assert gettext(message, count=count) == text
        assert str(lazy_gettext(message, count=count)) == text
        assert lazy_gettext(message) % {"count": count} == text
        assert render_template_string("{{ _('%(count)s 张', count=n) }}", n=count) == text


def test_values_are_escaped_in_templates(app) -> None:
    with app.test_request_context("/?lang=en"):
        shown = render_template_string("{{ _('%(count)s 张', count=n) }}", n="<b>")
    assert shown == "&lt;b&gt; ballots"
