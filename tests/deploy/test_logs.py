"""After a run through the shipped nginx and gunicorn, no file says who collected or cast, where or when."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from county import BASE_URL, SECRET, County, Phone
from stack import Stack, running

from survey.database.engine import Database
from survey.protocol.codes import parse_code
from survey.protocol.crypto.blind import finalize
from survey.protocol.crypto.encoding import b64u, unb64u

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("_cheap_keys")]

SOURCE = "127.0.0.77"
AGENT = "MicroMessenger-of-Old-Wang/8.0.55"
FORWARDED = "203.0.113.77"
PHONE = {
    "Content-Type": "application/json",
    "Accept-Language": "zh-CN",
    "User-Agent": AGENT,
    "Cookie": "somebody=cookie-of-wang",
    "Referer": "https://wx.example/chat-of-wang",
    "X-Forwarded-For": FORWARDED,
    "X-Real-IP": FORWARDED,
}
TRACES = {
    "address": SOURCE,
    "agent": AGENT,
    "forwarded": FORWARDED,
    "cookie": "cookie-of-wang",
    "referrer": "chat-of-wang",
}
# A factory that fails on one code as a careless programmer's would: with everything in the message.
FAULTY = """
from survey import wsgi
from survey.services.voting import collecting as credentials
original = credentials.collect

def collect(database, slug, code, blinded):
    if code == {code!r}:
        raise RuntimeError(f"cannot collect with {{code}}: {{blinded!r}}")
    return original(database, slug, code, blinded)

def create():
    credentials.collect = collect
    return wsgi.create()
"""


@pytest.fixture
def place(sqlite_database: Database) -> County:
    return County(sqlite_database).collecting(slips=8)


@pytest.fixture
def stack(place: County, tmp_path: Path) -> Iterator[Stack]:
    (tmp_path / "faulty.py").write_text(FAULTY.format(code=place.sent(place.codes[-1])))
    place.database.close()  # from here on it belongs to the served process
    environment = {
        "PINGYI_DATA": str(tmp_path),
        "PINGYI_DATABASE_URL": place.database.url,
        "PINGYI_BASE_URL": BASE_URL,
        "PINGYI_SECRET_KEY": SECRET,
        "PINGYI_TRUSTED_PROXIES": "1",
        "PINGYI_LOG": "json",  # says what plain text says, and more
    }
    place.database = Database(place.database.url, secret_key=SECRET)  # for what a test still looks at before
    with running(tmp_path, "faulty:create()", environment) as started:
        yield started
    place.database.close()


def post(stack: Stack, name: str, body: object, *, naive: bool = False) -> tuple[int, bytes]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return stack.send("POST", f"/s/2026-q4/{name}", content, PHONE, SOURCE, naive)


def vote(stack: Stack, phone: Phone) -> None:
    """Look at the page, collect, cast: everything over TLS through nginx."""
    assert stack.send("GET", "/s/2026-q4", None, PHONE, SOURCE)[0] == 200
    status, reply = post(stack, "credential", {"code": phone.sent, "blinded": b64u(phone.blinded)})
    assert status == 200, reply
    signature = unb64u(json.loads(reply)["blind_signature"])
    phone.signature = finalize(phone.public, phone.message, signature, phone._state)
    phone.seal()
    fields = phone.ballot().parts()
    status, reply = post(stack, "ballot", {name: b64u(value) for name, value in fields.items()})
    assert status == 200, reply


def go_wrong(stack: Stack, place: County, codes: list[str]) -> None:
    """What errors are logged for elsewhere: nonsense, too much, an exception, a server that is away."""
    assert post(stack, "credential", b"{" + codes[-2].encode())[0] == 400
    assert post(stack, "credential", {"code": place.sent(codes[-2]), "blinded": "AQ"})[0] == 400
    assert post(stack, "ballot", codes[-3].encode() * 20_000)[0] == 413
    status, reply = post(
        stack, "credential", {"code": place.sent(codes[-1]), "blinded": b64u(bytes(383) + b"\x02")}
    )
    assert status == 500
    assert codes[-1].encode() not in reply


def forms_of(secret: bytes) -> list[bytes]:
    return [secret, secret.hex().encode(), b64u(secret).encode()]


def traces_of(phones: list[Phone], codes: list[str]) -> dict[str, bytes]:
    """Everything that must not be found, by what it is."""
    found = {name: text.encode() for name, text in TRACES.items()}
    for number, code in enumerate(codes):
        found |= {f"code {number}": code.encode(), f"code {number} plain": code.replace("-", "").encode()}
        found |= {f"code {number} bytes {i}": form for i, form in enumerate(forms_of(parse_code(code)))}
    for number, phone in enumerate(phones):
        found |= {f"token {number} {i}": form for i, form in enumerate(forms_of(phone.message[-65:]))}
        found |= {f"blinded {number} {i}": form for i, form in enumerate(forms_of(phone.blinded))}
    return found


def in_place(name: str, what: str) -> bool:
    """The box itself keeps each ballot's message, which ends in the token: part of the ballot, no trace."""
    return name.startswith("pingyi.sqlite3") and what.startswith("token")


def test_no_file_tells_who_voted_or_when(stack: Stack, place: County) -> None:
    codes = list(place.codes)
    phones = [Phone(place, code) for code in codes[:5]]
    for phone in phones:
        vote(stack, phone)
    go_wrong(stack, place, codes)
    place.database.close()
    assert stack.send("GET", "/login", None, PHONE, SOURCE)[0] == 200
    stack.gunicorn.terminate()
    stack.gunicorn.wait(timeout=30)
    assert post(stack, "ballot", {"message": codes[-4]})[0] == 502
    stack.stop()
    files = stack.files()
    desk = files.pop("pingyi-desk.log")
    assert b"GET /login" in desk, "the desk's log works, so the others are silent on purpose"
    found = [
        f"{what} in {name}"
        for name, content in files.items()
        for what, trace in traces_of(phones, codes).items()
        if trace in content and not in_place(name, what)
    ]
    assert found == []
    assert b"/s/" not in desk
    logs = {name: content for name, content in files.items() if name.endswith(".log")}
    assert {name for name, content in logs.items() if b"/s/" in content} == set()
    # The exception was reported: its type and place, without a time.
    (told,) = [line for line in logs["gunicorn.log"].splitlines() if b"RuntimeError" in line]
    said = json.loads(told)
    assert said.keys() == {"level", "logger", "message"}
    assert said["message"].startswith("unexpected RuntimeError in collect line")
    assert not re.search(rb"\d\d:\d\d:\d\d", logs["gunicorn.log"])
    assert not any(
        re.search(rb"\d\d:\d\d:\d\d", logs[name]) for name in ("main-access.log", "http-error.log")
    )


def test_a_proxy_without_our_precautions_would_tell(stack: Stack, place: County) -> None:
    """The same look finds address, agent and time behind a proxy as distributions set it up."""
    assert post(stack, "credential", {"code": place.codes[0], "blinded": "AQ"}, naive=True)[0] == 400
    stack.stop()
    written = stack.files()["main-access.log"]
    assert SOURCE.encode() in written
    assert AGENT.encode() in written
    assert re.search(rb"\d\d:\d\d:\d\d .*POST /s/2026-q4/credential", written)


def test_the_databases_log_ends_with_gunicorn(stack: Stack, place: County) -> None:
    phone = Phone(place, place.codes[0])
    place.database.close()
    vote(stack, phone)
    stack.gunicorn.terminate()
    stack.gunicorn.wait(timeout=30)
    assert [path.name for path in stack.folder.glob("pingyi.sqlite3-*")] == []
