"""`strings` over everything on disk: database, log, journal, temporary files, backups and server logs.

Looked for: codes, tokens that were not cast yet, what phones asked to have signed, addresses, browsers,
and comments before opening; each as bytes, hexadecimal, base64 and text.
"""

from __future__ import annotations

import base64
import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from county import BASE_URL, SECRET, County, Phone, plain_answers
from flask.testing import FlaskClient

from survey.app import create_app
from survey.config import Settings
from survey.database import storage_order
from survey.protocol.codes import parse_code
from survey.protocol.crypto.encoding import b64u, unb64u
from survey.services.opening import opening_job as openings
from survey.services.voting import collecting as credentials

ADDRESS, AGENT = "203.0.113.77", "MicroMessenger/8.0.99 Nosy"
COMMENT = "窗口态度生硬让我跑了三趟"
PHONES = 6


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    """Everything that any library says, down to debugging."""
    path, root = tmp_path / "everything.log", logging.getLogger()
    handler, level = logging.FileHandler(path, encoding="utf-8"), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    loud = [logging.getLogger(name) for name in ("sqlalchemy.engine", "sqlalchemy.pool", "pingyi")]
    levels = [one.level for one in loud]
    for one in loud:
        one.setLevel(logging.DEBUG)
    yield path
    for one, before in zip(loud, levels, strict=True):
        one.setLevel(before)
    root.setLevel(level)
    root.removeHandler(handler)
    handler.close()


@pytest.fixture
def browser(place: County, tmp_path: Path, log_file: Path) -> FlaskClient:
    settings = Settings(tmp_path, place.database.url, BASE_URL, SECRET, insecure_http=True)
    client = create_app(settings, place.database).test_client()
    client.environ_base |= {"REMOTE_ADDR": ADDRESS, "HTTP_USER_AGENT": AGENT, "HTTP_X_FORWARDED_FOR": ADDRESS}
    return client


def needles(phones: list[Phone]) -> dict[str, bytes]:
    """Name → what must not be found."""
    secret: dict[str, bytes] = {"address": ADDRESS.encode(), "agent": AGENT.encode()}
    for number, phone in enumerate(phones):
        raw = {
            "code": parse_code(phone.code),
            "box code": unb64u(phone.sent),
            "token": phone.message[-65:],
            "blinded": phone.blinded[:48],
        }
        secret[f"code text {number}"] = phone.code.encode()
        secret[f"code without hyphens {number}"] = phone.code.replace("-", "").encode()
        for name, value in raw.items():
            forms = (value, value.hex().encode(), b64u(value).encode()[:-2], base64.b64encode(value)[:-4])
            secret |= {f"{name} {number} as {form}": v for form, v in enumerate(forms)}
    return secret


def found_in(folders: list[Path], secret: dict[str, bytes]) -> list[str]:
    """ "<what> in <file>" for everything found under `folders`."""
    found = []
    for path in (p for folder in folders for p in folder.rglob("*") if p.is_file()):
        content = path.read_bytes()
        found += [f"{name} in {path.name}" for name, value in secret.items() if value in content]
    return found


def post(browser: FlaskClient, place: County, phones: list[Phone], *, cast: int) -> None:
    """All collect over HTTP; the first `cast` of them vote, with a comment."""
    for phone in phones:
        answer = browser.post(
            f"/s/{place.slug}/credential", json={"code": phone.sent, "blinded": b64u(phone.blinded)}
        )
        assert answer.status_code == 200
        phone.collect()  # the same again, to finalize
    for phone in phones[:cast]:
        phone.seal(plain_answers(phone.description.questionnaire, comments={0: COMMENT}))
        assert browser.post(f"/s/{place.slug}/ballot", json=_ballot(phone)).status_code == 200


def _ballot(phone: Phone) -> dict[str, str]:
    return {name: b64u(part) for name, part in phone.ballot().parts().items()}


def go_wrong(browser: FlaskClient, place: County, phone: Phone, patch: pytest.MonkeyPatch) -> None:
    """A mistyped code, a refused ballot, and an exception that carries what was sent."""
    address = f"/s/{place.slug}"
    wrong = {"code": phone.sent[:-1] + "*", "blinded": b64u(phone.blinded)}
    assert browser.post(f"{address}/credential", json=wrong).status_code == 400
    assert browser.post(f"{address}/ballot", json=_ballot(phone) | {"sealed": "AA"}).status_code == 400

    def broken(_database: object, slug: str, code: str, blinded: bytes) -> bytes:
        raise RuntimeError(f"{slug} {code} {blinded!r} {phone.message!r}")

    with patch.context() as temporary:
        temporary.setattr(credentials, "collect", broken)
        sent = {"code": phone.sent, "blinded": b64u(phone.blinded)}
        assert browser.post(f"{address}/credential", json=sent).status_code == 500


def places(place: County, tmp_path: Path, request: pytest.FixtureRequest) -> list[Path]:
    if place.database.kind.NAME == "sqlite":
        return [tmp_path]
    server = request.getfixturevalue("postgresql")
    return [tmp_path, server._folder]


def test_what_is_left_while_collecting(
    place: County,
    browser: FlaskClient,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the log not yet emptied, as a power cut or a careless copy would leave it."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    place.collecting(slips=PHONES)
    phones = [place.phone() for _ in range(PHONES)]
    post(browser, place, phones, cast=0)
    go_wrong(browser, place, phones[0].seal(), monkeypatch)
    secret = needles(phones) | {"comment": COMMENT.encode()}
    assert found_in(places(place, tmp_path, request), secret) == []
    for phone in phones:
        phone.seal(plain_answers(phone.description.questionnaire, comments={0: COMMENT})).cast()
    # A ballot carries its token: it is spent, and says nothing of the code that it was signed for.
    secret = {name: value for name, value in secret.items() if not name.startswith("token")}
    if place.database.kind.NAME == "sqlite":
        with sqlite3.connect(str(place.database.engine.url.database)) as connection:
            connection.execute("VACUUM INTO ?", (str(tmp_path / "backup.sqlite3"),))
        connection.close()
    assert found_in(places(place, tmp_path, request), secret) == []


def test_what_is_left_after_closing(
    place_on_sqlite: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal, the free list and dead rows of SQLite, when all is over."""
    monkeypatch.setattr(openings, "analyse_round", lambda *_: None)
    place = place_on_sqlite.collecting(slips=PHONES)
    phones = [place.phone() for _ in range(PHONES)]
    for phone in phones:
        phone.answer(plain_answers(phone.description.questionnaire, comments={0: COMMENT}))
    answers = {
        f"answer {n}": credentials.collect(place.database, place.slug, p.sent, p.blinded)[:64]
        for n, p in enumerate(phones)
    }
    assert len(found_in([tmp_path], answers)) >= PHONES, (
        "while open, the signatures are kept for lost replies"
    )
    place.close()
    storage_order.erase_traces(place.database, place.slug)
    secret = {n: v for n, v in needles(phones).items() if not n.startswith("token")} | answers
    assert found_in([tmp_path], secret | {"comment": COMMENT.encode()}) == []
    openings.open_round(place.database, place.slug, place.key_files, "人大")
    place.database.close()
    assert found_in([tmp_path], secret) == []
    assert found_in([tmp_path], {"comment": COMMENT.encode()}), "what was opened is kept, and is found"


def test_the_search_finds_what_a_naive_server_leaves(
    place: County, browser: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: an access log, an error with its values, and a table of codes."""
    place.collecting(slips=1)
    phone = place.phone()
    log = logging.getLogger("naive")

    def naive(_database: object, slug: str, code: str, blinded: bytes) -> bytes:
        log.warning("%s %s POST /s/%s/credential", ADDRESS, AGENT, slug)
        log.error("could not sign %s for %s", blinded.hex(), code)
        raise RuntimeError

    monkeypatch.setattr(credentials, "collect", naive)
    browser.post(f"/s/{place.slug}/credential", json={"code": phone.sent, "blinded": b64u(phone.blinded)})
    with sqlite3.connect(tmp_path / "naive.sqlite3") as connection:
        connection.execute("CREATE TABLE invitation (code BLOB)")
        connection.execute("INSERT INTO invitation VALUES (?)", (parse_code(phone.code),))
        connection.execute("CREATE TABLE comment (text TEXT)")
        connection.execute("INSERT INTO comment VALUES (?)", (COMMENT,))
        connection.commit()
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("DELETE FROM comment")  # deleted is not gone
    connection.close()
    found = {
        hit.split(" in ")[0] for hit in found_in([tmp_path], needles([phone]) | {"comment": COMMENT.encode()})
    }
    assert found >= {"address", "agent", "box code 0 as 2", "code 0 as 0", "blinded 0 as 1", "comment"}


def test_errors_say_nothing_of_what_was_sent(place_on_sqlite: County) -> None:
    """Exceptions of the database carry no values, whatever prints them."""
    place = place_on_sqlite.collecting(slips=1)
    phone = place.phone()
    phone.collect()
    phone.seal()
    with place.database.engine.execution_options(pingyi_write=True).begin() as connection:
        connection.exec_driver_sql("DROP TABLE ballot")
    with pytest.raises(Exception, match="no such table") as caught:
        phone.cast()
    said = str(caught.value) + repr(caught.value)
    assert not any(part in said for part in (repr(phone.message)[2:40], phone.message.hex()[:16]))
