"""Texts with signs that nobody sees or nobody can draw: cleaned or refused wherever they enter."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest
from county import County
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale, gettext
from flask_wtf import FlaskForm
from sqlalchemy import text
from wtforms import FormField, HiddenField, PasswordField, StringField

import survey.web
from analysis.answers.signs import KINDS
from survey.paths import TEMPLATES
from survey.services.rounds import lifecycle
from survey.web.site.forms.clean import CleanForm

# Nothing of these is kept as a text or drawn: tokens, codes, names to sign in with, key files.
OTHERS = {
    "EnrolForm",
    "CodeForm",
    "SetUpForm",
    "ProofForm",
    "PasswordForm",
    "RenewForm",
    "LoginForm",
    "KeyForm",
}


def forms() -> Iterator[type[FlaskForm]]:
    for found in pkgutil.walk_packages(survey.web.__path__, "survey.web."):
        if ".forms." in found.name:
            kinds = vars(importlib.import_module(found.name)).values()
            own = (kind for kind in kinds if isinstance(kind, type) and kind.__module__ == found.name)
            yield from (kind for kind in own if issubclass(kind, FlaskForm))


def test_every_form_cleans_its_texts(site: Flask) -> None:
    checked = 0
    for form in set(forms()) - {CleanForm}:
        assert issubclass(form, CleanForm) or form.__name__ in OTHERS, form
        if not issubclass(form, CleanForm):
            continue
        with site.test_request_context("/", method="POST"):
            fields = [
                inner
                for field in form(meta={"csrf": False})
                for inner in (_row(field) if hasattr(field, "append_entry") else [field])
            ]
        for field in fields:
            if isinstance(field, StringField) and not isinstance(field, PasswordField | HiddenField):
                field.process(_Data({field.name: "\ufeff住\u200b建\u00ad局\u202e"}))
                assert field.data == "住建局", (form, field.name)
                checked += 1
    assert checked > 25


def _row(field: object) -> list[object]:
    entry = field.append_entry()  # type: ignore[attr-defined]
    return list(entry.form) if isinstance(entry, FormField) else [entry]


class _Data(dict[str, str]):
    def getlist(self, name: str) -> list[str]:
        return [self[name]]


def save(client: FlaskClient, name: str) -> str:
    data = {"rows-0-group": "执法", "rows-0-name": name, "rows-1-group": "执法", "rows-1-name": "乙局"}
    return client.post("/admin/rounds/2026-q4/setup/departments", data=data, follow_redirects=True).text


def names(place: County) -> list[str]:
    return [d.name for d in place.description().questionnaire.departments]


def test_an_invisible_sign_in_a_department_is_removed(place: County, administrator: FlaskClient) -> None:
    place.draft()
    save(administrator, "住\u200b建 局\u2060")
    assert names(place) == ["住建局", "乙局"]


@pytest.mark.parametrize(
    ("sign", "named"),
    [("\U0001f600", "U+1F600 GRINNING FACE"), ("\ue000", "U+E000 自造字"), ("\x08", "U+0008 控制字符")],
)
def test_what_cannot_be_drawn_is_refused_by_name(
    place: County, administrator: FlaskClient, sign: str, named: str
) -> None:
    place.draft()
    before = names(place)
    page = save(administrator, f"住建{sign}局")
    assert named in page
    assert "第 3 个字符" in page
    assert names(place) == before


def test_the_checklist_tries_everything_that_will_be_drawn(place: County, administrator: FlaskClient) -> None:
    """An installation that took the name before there was a check learns of it before freezing."""
    place.draft()
    name = place.description().questionnaire.departments[0].name
    spoiled = place.round().questionnaire.replace(f'"{name}"', f'"{name}\U0001f600"')
    place.database.write(
        lambda s: s.execute(text("UPDATE round SET questionnaire = :q"), {"q": spoiled}) and None
    )
    missing = place.look(lifecycle.missing_before_issuing)
    assert [m for m in missing if "U+1F600" in m and "部门" in m]
    assert "U+1F600" in administrator.get("/admin/rounds/2026-q4/preview").text


@pytest.mark.parametrize(
    ("sign", "named"),
    [("\U0001f600", "U+1F600 GRINNING FACE"), ("\ue000", "U+E000 private character")],
)
def test_signs_and_places_are_named_in_the_language_of_the_page(
    place: County, administrator: FlaskClient, sign: str, named: str
) -> None:
    administrator.post("/language", data={"language": "en"})
    place.draft()
    page = save(administrator, f"住建{sign}局")
    (message,) = re.findall(r"[^<>]*U\+[^<>]*", page)
    assert named in message
    assert not re.search("[\u4e00-\u9fff]", message)


def test_every_place_of_a_sign_is_in_the_catalogue(place: County, site: Flask) -> None:
    place.draft()
    with site.test_request_context(), force_locale("en"):
        for where, _ in lifecycle.texts_of("", "", place.description().questionnaire):
            assert gettext(where) != where
        for kind in KINDS:
            assert gettext(kind) == KINDS[kind]


def test_slips_of_a_frozen_title_that_cannot_be_drawn(place: County, administrator: FlaskClient) -> None:
    """It cannot be changed any more: the slips are printed with a mark, and the page says so before."""
    place.draft()
    place.database.write(lambda s: s.execute(text("UPDATE round SET title = '评议\U0001f600'")) and None)
    place.database.write(lambda s: s.execute(text("UPDATE round SET frozen = 1")) and None)
    page = administrator.get("/admin/rounds/2026-q4/invitations").text
    assert "U+1F600" in page
    assert "fonts-noto-cjk" in page
    assert "签发 PDF" in page


def test_no_template_hands_on_its_own_gettext() -> None:
    """Jinja's needs its context: `x.say(_)` ends in an error page; `words.said(x)` says it."""
    for path in TEMPLATES.rglob("*.html"):
        assert "say(_)" not in path.read_text(encoding="utf-8"), path
