"""A form that was sent after the sign-in ran out comes back as it was typed, to its owner alone."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from county import County
from flask.testing import FlaskClient
from sqlalchemy import update

from survey.clock import now
from survey.models import LoginSession, Role
from survey.services.people import half_filled, sign_ins
from survey.services.people.half_filled import HalfFilled
from survey.web.site.forms.half_filled import OWNER
from survey.web.site.request import SESSION_TOKEN

PAGE = "/admin/enterprises/new"
TYPED = {"name": "填到一半的公司", "credit_code": "9133", "contact": "王五", "phone": "138"}
FOLDER = half_filled.FOLDER


def run_out(place: County) -> None:
    """What two idle hours do."""
    old = update(LoginSession).values(seen_at=now() - timedelta(hours=3))
    place.database.write(lambda s: s.execute(old) and None)


def back(place: County, client: FlaskClient, user) -> FlaskClient:
    """The same browser, in which somebody signs in again."""
    token = place.database.write(lambda s: sign_ins.start_session(s, user, now()))
    with client.session_transaction() as session:
        session[SESSION_TOKEN], session[OWNER] = token, user.id.hex()
    return client


def send(client: FlaskClient, **data: str):
    return client.post(PAGE, data=TYPED | data, headers={"Referer": "http://localhost" + PAGE})


def sealed(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / FOLDER).iterdir()) if (tmp_path / FOLDER).exists() else []


@pytest.fixture
def late(place: County, administrator: FlaskClient) -> FlaskClient:
    run_out(place)
    answer = send(administrator)
    assert answer.location.endswith("/login?next=" + PAGE.replace("/", "%2F")) or PAGE in answer.location
    return administrator


def test_what_was_typed_comes_back_after_signing_in(place: County, late: FlaskClient, tmp_path: Path) -> None:
    assert "刚才填的内容会回来" in late.get("/login").text
    for _ in range(2):  # reloading does not lose it
        page = back(place, late, place.administrator).get(PAGE).text
        for text in TYPED.values():
            assert f'value="{text}"' in page
    assert "刚才填的内容还在" in page
    send(late)
    assert sealed(tmp_path) == [], "once it was sent again, it is deleted"
    assert 'value="王五"' not in late.get(PAGE).text


def test_on_another_page_and_for_somebody_else_it_does_not(place: County, late: FlaskClient) -> None:
    other = place.add_user("另一位管理员", Role.ADMINISTRATOR)
    assert "填到一半" not in back(place, late, other).get(PAGE).text
    mine = back(place, late, place.administrator)
    assert "填到一半" not in mine.get("/admin/rounds/new").text
    assert "填到一半" in mine.get(PAGE).text


def test_it_is_sealed_and_gone_after_half_an_hour(place: County, late: FlaskClient, tmp_path: Path) -> None:
    (file,) = sealed(tmp_path)
    assert file.stat().st_mode & 0o077 == 0
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert "填到一半".encode() not in everything
    assert b"\\u586b" not in everything
    os.utime(file, (time.time() - 1900, time.time() - 1900))
    assert "填到一半" not in back(place, late, place.administrator).get(PAGE).text
    assert sealed(tmp_path) == []


def test_passwords_codes_and_ticks_are_never_kept() -> None:
    names = ["more-proof", "proof", "password", "old", "again", "more-passphrase", "code", "csrf_token"]
    names += ["confirm", "cancel-confirm", "holder-0-passphrase", "token"]
    assert half_filled.without_secrets({name: ["x"] for name in [*names, "credit_code"]}) == {
        "credit_code": ["x"]
    }


def test_a_stranger_makes_no_files(visitor: FlaskClient, tmp_path: Path) -> None:
    assert send(visitor).status_code == 302
    assert sealed(tmp_path) == []


def test_what_is_too_large_or_one_too_many_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = HalfFilled("a", PAGE, PAGE, {"name": ["x" * half_filled.MOST_BYTES]})
    assert half_filled.keep(tmp_path, large) is None
    monkeypatch.setattr(half_filled, "MOST_FILES", 2)
    small = HalfFilled("a", PAGE, PAGE, {"name": ["x"]})
    assert [half_filled.keep(tmp_path, small) is not None for _ in range(3)] == [True, True, False]


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    name, key = half_filled.keep(tmp_path, HalfFilled("a", PAGE, PAGE, {"name": ["x"]})) or ("", "")
    assert half_filled.fetch(tmp_path, name, "00" * 32) is None
    assert half_filled.fetch(tmp_path, "../" + name, key) is None
    assert half_filled.fetch(tmp_path, name, key) is not None
