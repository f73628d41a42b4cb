"""Signing in and out, where one lands, and in which language."""

from __future__ import annotations

import pytest
from county import PASSWORD, County
from flask import Flask
from flask.testing import FlaskClient

from survey.models import Role
from survey.services.people import accounts

NAME = "张三"


@pytest.fixture
def person(place: County) -> str:
    place.database.write(
        lambda s: accounts.create_user(s, name=NAME, role=Role.ADMINISTRATOR, password=PASSWORD)
    )
    return NAME


def test_right_password_leads_to_the_desk(visitor: FlaskClient, person: str) -> None:
    answer = visitor.post("/login", data={"name": person, "password": PASSWORD})
    assert (answer.status_code, answer.location) == (302, "/admin/")
    assert visitor.get("/admin/").status_code == 200


@pytest.mark.parametrize("name", [NAME, "无此人"])
def test_wrong_name_and_wrong_password_are_told_alike(visitor: FlaskClient, person: str, name: str) -> None:
    answer = visitor.post("/login", data={"name": name, "password": "wrong wrong wrong"})
    assert answer.status_code == 403
    assert "用户名或密码不对。" in answer.text
    assert visitor.get("/admin/").status_code == 302


def test_empty_fields_are_named(visitor: FlaskClient) -> None:
    answer = visitor.post("/login", data={})
    assert answer.status_code == 400
    assert "请填写用户名。" in answer.text
    assert "请填写密码。" in answer.text


def test_a_guarded_page_comes_back_after_signing_in(visitor: FlaskClient, person: str) -> None:
    asked = visitor.get("/admin/roster?search=钢")
    assert asked.status_code == 302
    answer = visitor.post(asked.location, data={"name": person, "password": PASSWORD})
    assert answer.location == "/admin/roster?search=%E9%92%A2"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "x",
    ],
)
def test_signing_in_never_leads_to_another_site(visitor: FlaskClient, person: str, target: str) -> None:
    answer = visitor.post(
        "/login", query_string={"next": target}, data={"name": person, "password": PASSWORD}
    )
    assert answer.location == "/admin/"


def test_signing_out_ends_the_session_on_the_server(administrator: FlaskClient) -> None:
    with administrator.session_transaction() as session:
        token = session["token"]
    administrator.post("/logout")
    with administrator.session_transaction() as session:
        assert "token" not in session
        session["token"] = token  # a thief who kept the cookie
    assert administrator.get("/admin/").status_code == 302


def test_a_session_planted_before_signing_in_is_dropped(visitor: FlaskClient, person: str) -> None:
    with visitor.session_transaction() as session:
        session["planted"] = "by somebody else"
    visitor.post("/login", data={"name": person, "password": PASSWORD})
    with visitor.session_transaction() as session:
        assert "planted" not in session


def test_the_chosen_language_stays(administrator: FlaskClient) -> None:
    assert '<html lang="zh-Hans-CN">' in administrator.get("/admin/").text
    answer = administrator.post("/language", data={"language": "en", "next": "/admin/"})
    assert answer.location == "/admin/"
    assert '<html lang="en">' in administrator.get("/admin/").text


def test_the_language_switch_leads_nowhere_else(administrator: FlaskClient) -> None:
    answer = administrator.post("/language", data={"language": "en", "next": "//evil.example"})
    assert answer.location == "/"


def test_without_its_token_a_form_changes_nothing(site: Flask, administrator: FlaskClient) -> None:
    site.config.update(WTF_CSRF_ENABLED=True)
    answer = administrator.post("/logout")
    assert answer.status_code == 400
    assert "页面已经过期" in answer.text
    assert administrator.get("/admin/").status_code == 200
