"""The manual: whoever is stuck finds the step, it names what is on the screen, and it can be printed."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from pypdf import PdfReader

from survey.manual import NAMES, chapters
from survey.paths import STATIC
from survey.web.help.pages import OF_ROLE, STEPS

ROOT = Path(__file__).resolve().parents[3]
QUOTED = re.compile(r"“([^”]+)”")
SAID_ELSEWHERE = {
    "练习，不计入": "two words that stand apart on pages and in names of files",
    "规上": "an example of a roster's value",
    "二次验证码": "a program for phones",
    "在浏览器打开": "a menu of 微信",
    "一轮怎么走": "docs/guide.md",
}
"""What the manual quotes although no page of ours says it."""
MOST_BYTES = 150_000


def test_everybody_reads_it_without_signing_in(visitor: FlaskClient) -> None:
    listed = visitor.get("/help/").text
    for name, chapter in chapters().items():
        assert f'href="/help/{name}"' in listed
        page = visitor.get(f"/help/{name}").text
        for step in chapter.steps:
            assert f'<section id="{step.id}"' in page
            assert f'<a href="#{step.id}">{step.title}</a>' in page
    assert visitor.get("/help/nobody").status_code == visitor.get("/help/nobody.pdf").status_code == 404


def test_every_name_in_quotes_is_on_a_page() -> None:
    """Labels of the desk, the station and the phone: a button that was renamed is renamed here as well."""
    catalogue = (ROOT / "survey/translations/en/LC_MESSAGES/messages.po").read_text(encoding="utf-8")
    said = re.sub(r'"\n"', "", catalogue)
    said += "".join(path.read_text(encoding="utf-8") for path in (STATIC / "js").rglob("*.js*"))
    for name in NAMES:
        text = (ROOT / f"survey/manual/{name}.toml").read_text(encoding="utf-8")
        unknown = [
            label for label in QUOTED.findall(text) if label not in said and label not in SAID_ELSEWHERE
        ]
        assert unknown == [], name


def test_commands_that_it_names_exist() -> None:
    from survey.cli import COMMANDS

    text = "".join((ROOT / f"survey/manual/{name}.toml").read_text(encoding="utf-8") for name in NAMES)
    assert set(re.findall(r"pingyi ([a-z]+)", text)) <= set(COMMANDS)


def test_each_page_of_the_desk_leads_to_its_step(site: Flask) -> None:
    endpoints = {rule.endpoint for rule in site.url_map.iter_rules()}
    for start, place in STEPS.items():
        assert [endpoint for endpoint in endpoints if endpoint.startswith(start)], start
        name, _, step = place.partition("#")
        assert step in {known.id for known in chapters()[name].steps}, place
    assert set(OF_ROLE.values()) <= set(NAMES)


def test_help_on_a_page_is_about_that_page(visitor: FlaskClient, administrator: FlaskClient) -> None:
    assert 'href="/help/office#roster"' in administrator.get("/admin/roster").text
    assert 'href="/help/office"' in administrator.get("/admin/").text
    assert 'href="/help/"' in visitor.get("/login").text


def test_pictures_are_there_and_small() -> None:
    for chapter in chapters().values():
        for step in chapter.steps:
            assert bool(step.picture) == bool(step.picture_says), step.title
            if step.picture:
                file = STATIC / "img" / step.picture
                assert file.stat().st_size <= MOST_BYTES, step.picture
                with Image.open(file) as picture:
                    assert picture.size == (1280, 800)


@pytest.mark.parametrize("name", NAMES)
def test_the_booklet_holds_every_step_and_picture(visitor: FlaskClient, name: str) -> None:
    answer = visitor.get(f"/help/{name}.pdf")
    pages = PdfReader(io.BytesIO(answer.data)).pages
    text = re.sub(r"\s", "", "".join(page.extract_text() for page in pages))
    for step in chapters()[name].steps:
        for line in (step.title, *step.do, *(part for pair in step.trouble for part in pair)):
            assert re.sub(r"\s", "", line) in text, line
    pictures = sum(len(page.images) for page in pages)
    assert pictures == sum(bool(step.picture) for step in chapters()[name].steps)
    assert len(pages) <= 12
