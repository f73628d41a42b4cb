"""Through the shipped nginx and gunicorn: where a request ends, and what the proxy's own refusals carry."""

from __future__ import annotations

import re
import socket
import ssl
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import cheap
import pytest
from county import BASE_URL, SECRET, County

from survey.database.engine import Database
from survey.database.migrations import upgrade
from survey.services.people import throttle
from survey.web.site.security import HEADERS, HSTS

sys.path.append(str(Path(__file__).parents[1] / "deploy"))
from stack import HOST, PATIENCE, Stack, running

pytestmark = pytest.mark.slow

TO = f"Host: {HOST}\r\n".encode()
POST = b"POST /s/2026-q4/ballot HTTP/1.1\r\n" + TO + b"Content-Type: application/json\r\n"
LAST = b"Connection: close\r\n\r\n"
# What the attacker wants to be answered in the place of somebody else's next request.
HIDDEN = b"GET /hidden HTTP/1.1\r\n" + TO + LAST
END = b"0\r\n\r\n"
AS_CHUNK = b"%x\r\n" % len(HIDDEN) + HIDDEN + b"\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
WHOLE = b"Content-Length: %d\r\n" % len(END + HIDDEN)
# RFC 9112 §11.2; the ways in which two servers have disagreed about where a request ends.
AMBIGUOUS = {
    "length and chunks": POST + WHOLE + CHUNKED + b"\r\n" + END + HIDDEN,
    "chunks and length": POST
    + CHUNKED
    + b"Content-Length: 4\r\n\r\n%x\r\n" % len(HIDDEN)
    + HIDDEN
    + b"\r\n"
    + END,
    "two lengths": POST + b"Content-Length: 0\r\n" + WHOLE + b"\r\n" + END + HIDDEN,
    "a list of lengths": POST + b"Content-Length: 0, %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "a signed length": POST + b"Content-Length: +%d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "a negative length": POST + b"Content-Length: -1\r\n\r\n" + HIDDEN,
    "a length in hex": POST + b"Content-Length: 0x10\r\n\r\n" + HIDDEN,
    "a coding misspelt": POST + WHOLE + b"Transfer-Encoding: xchunked\r\n\r\n" + END + HIDDEN,
    "a space before the colon": POST + WHOLE + b"Transfer-Encoding : chunked\r\n\r\n" + END + HIDDEN,
    "a vertical tab": POST + WHOLE + b"Transfer-Encoding:\x0bchunked\r\n\r\n" + END + HIDDEN,
    "two codings": POST + WHOLE + b"Transfer-Encoding: identity\r\n" + CHUNKED + b"\r\n" + END + HIDDEN,
    "chunked not last": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n" + END + HIDDEN,
    "chunks in HTTP/1.0": POST.replace(b"1.1", b"1.0") + CHUNKED + b"\r\n" + END + HIDDEN,
    "a folded line": POST + WHOLE + b"X: y\r\n " + CHUNKED + b"\r\n" + END + HIDDEN,
    "a lone carriage return": POST + WHOLE + b"X: y\r" + CHUNKED + b"\r\n" + END + HIDDEN,
    "a zero byte": POST + WHOLE + b"X: y\0z\r\n\r\n" + END + HIDDEN,
    "a signed chunk": POST + CHUNKED + b"\r\n+0\r\n\r\n" + HIDDEN,
    "a chunk in hex notation": POST + CHUNKED + b"\r\n0x0\r\n\r\n" + HIDDEN,
    "a chunk past all numbers": POST + CHUNKED + b"\r\n10000000000000000\r\n" + HIDDEN,
    "two hosts": b"GET /s/2026-q4 HTTP/1.1\r\n" + TO + b"Host: evil.example\r\n\r\n",
}
SWALLOWED = {
    "a body that a page ignores": b"GET /s/2026-q4 HTTP/1.1\r\n" + TO + WHOLE + b"\r\n" + END + HIDDEN,
    "a body that a file ignores": b"GET /static/none HTTP/1.1\r\n" + TO + WHOLE + b"\r\n" + END + HIDDEN,
    "a length called hop by hop": POST + b"Connection: Content-Length\r\n" + WHOLE + b"\r\n" + END + HIDDEN,
    "a coding with an underscore": POST + WHOLE + b"Transfer_Encoding: chunked\r\n\r\n" + END + HIDDEN,
}
REFUSALS = {
    400: POST + WHOLE + CHUNKED + b"\r\n",
    405: b"TRACE / HTTP/1.1\r\n" + TO + LAST,
    413: POST + b"Content-Length: 9999999\r\n" + LAST,
    414: b"GET /s/" + b"a" * 20000 + b" HTTP/1.1\r\n" + TO + b"\r\n",
    501: POST + b"Transfer-Encoding: xchunked\r\n\r\n",
}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("proxy")
    database = Database(f"sqlite:///{folder / 'pingyi.sqlite3'}", secret_key=SECRET)
    upgrade(database.engine)
    with pytest.MonkeyPatch.context() as patched:
        cheap.keys(patched)
        County(database).collecting(slips=1)
    database.close()
    environment = {
        "PINGYI_DATA": str(folder),
        "PINGYI_DATABASE_URL": database.url,
        "PINGYI_BASE_URL": BASE_URL,
        "PINGYI_SECRET_KEY": SECRET,
        "PINGYI_TRUSTED_PROXIES": "1",
    }
    with running(folder, "survey.wsgi:create()", environment) as started:
        yield started


def talk(stack: Stack, sent: bytes) -> bytes:
    """All that comes back on one connection until the server ends it."""
    context = ssl.create_default_context(cafile=str(stack.folder / "cert.pem"))
    plain = socket.create_connection(("127.0.0.1", stack.port), PATIENCE)
    with context.wrap_socket(plain, server_hostname=HOST) as connection:
        got = b""
        try:
            connection.sendall(sent)
            while piece := connection.recv(1 << 16):
                got += piece
        except (ConnectionError, ssl.SSLError):
            pass
        return got


def statuses(answers: bytes) -> list[int]:
    return [int(found) for found in re.findall(rb"HTTP/1\.[01] (\d{3})", answers)]


def headers(answer: bytes) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in answer.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]:
        name, _, value = line.partition(": ")
        found.setdefault(name.lower(), []).append(value)
    return found


def others_are_served(stack: Stack) -> bool:
    """The next people, whose requests go through the connections that the attacker's went through."""
    answers = [stack.send("GET", "/s/2026-q4/round.json", None, {}, "127.0.0.1") for _ in range(3)]
    return all(status == 200 and b'"slug":"2026-q4"' in body for status, body in answers)


def test_the_search_sees_a_second_answer(stack: Stack) -> None:
    assert statuses(talk(stack, b"GET /s/2026-q4 HTTP/1.1\r\n" + TO + b"\r\n" + HIDDEN)) == [200, 404]


@pytest.mark.parametrize("what", AMBIGUOUS)
def test_a_request_of_doubtful_length_is_refused(stack: Stack, what: str) -> None:
    """Attack: request smuggling, so that a stranger gets the answer that the attacker chose."""
    found = statuses(talk(stack, AMBIGUOUS[what]))
    assert len(found) == 1, found
    assert found[0] in (400, 501)
    assert others_are_served(stack)


@pytest.mark.parametrize("what", SWALLOWED)
def test_a_body_that_nobody_wants_is_no_request(stack: Stack, what: str) -> None:
    """The next answer on the connection is that to the next request, not to what the body said."""
    after = b"GET /s/2026-q4/round.json HTTP/1.1\r\n" + TO + LAST
    found = statuses(talk(stack, SWALLOWED[what] + after))
    assert len(found) == 2
    assert found[1] == 200
    assert others_are_served(stack)


@pytest.mark.parametrize("status", REFUSALS)
def test_what_the_proxy_refuses_has_the_same_headers(stack: Stack, status: int) -> None:
    answer = talk(stack, REFUSALS[status])
    assert statuses(answer) == [status]
    found = headers(answer)
    for name, value in (HEADERS | {"Strict-Transport-Security": HSTS}).items():
        assert found[name.lower()] == [value], name
    assert found["content-type"] == ["text/html; charset=utf-8"]
    assert "再试" in answer.decode()


def test_a_forwarded_address_of_ones_own_choice_is_not_believed(stack: Stack) -> None:
    """Attack: guessing passwords under another address each time; making a page speak plain HTTP."""
    lies = {"X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"}
    said = []
    for number in range(throttle.FREE + 1):
        liar = lies | {"X-Forwarded-For": f"203.0.113.{number}", "X-Real-IP": f"203.0.113.{number}"}
        page = talk(stack, request("GET /login", liar))
        token = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert token
        [cookie] = headers(page)["set-cookie"]
        assert "Secure" in cookie
        assert headers(page)["strict-transport-security"] == [HSTS]
        form = urlencode(
            {"csrf_token": token[1].decode(), "name": "管理员", "password": "wrong password"}
        ).encode()
        liar |= {"Cookie": cookie.partition(";")[0], "Referer": f"https://{HOST}/login"}
        liar |= {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(form))}
        said += statuses(talk(stack, request("POST /login", liar) + form))
    assert said == [403] * throttle.FREE + [429]


def request(line: str, fields: dict[str, str]) -> bytes:
    lines = [
        f"{line} HTTP/1.1",
        f"Host: {HOST}",
        "Connection: close",
        *(f"{name}: {value}" for name, value in fields.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_tls_is_refused_by_the_server(stack: Stack, version: ssl.TLSVersion) -> None:
    assert agreed(stack, ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
    assert agreed(stack, ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
    with pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"):
        agreed(stack, version)


@pytest.mark.parametrize("cipher", ["ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384"])
def test_ciphers_that_age_badly_are_refused(stack: Stack, cipher: str) -> None:
    """CBC, which nginx takes by default."""
    assert agreed(stack, ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES128-GCM-SHA256") == "TLSv1.2"
    with pytest.raises(ssl.SSLError, match="HANDSHAKE_FAILURE"):
        agreed(stack, ssl.TLSVersion.TLSv1_2, cipher)


def agreed(stack: Stack, version: ssl.TLSVersion, ciphers: str = "DEFAULT") -> str | None:
    """The version that client and server settle on when the client knows no other."""
    context = ssl.create_default_context(cafile=str(stack.folder / "cert.pem"))
    context.set_ciphers(f"{ciphers}:@SECLEVEL=0")  # else the client itself would not speak the old ones
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        context.minimum_version = context.maximum_version = version
    plain = socket.create_connection(("127.0.0.1", stack.port), 5)
    with plain, context.wrap_socket(plain, server_hostname=HOST) as connection:
        return connection.version()


def test_an_application_that_is_away(stack: Stack) -> None:
    """Last: it stops the application."""
    stack.gunicorn.terminate()
    stack.gunicorn.wait(timeout=30)
    answer = talk(stack, b"GET /s/2026-q4 HTTP/1.1\r\n" + TO + LAST)
    assert statuses(answer) == [502]
    assert headers(answer)["content-security-policy"] == [HEADERS["Content-Security-Policy"]]
