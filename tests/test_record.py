"""The record of what a move of files must not change: what it sees of a page, and what it tells apart."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import fixed_chance
import pytest
import record
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask, redirect, request
from recorded_pages import Page, file_name, walk_all

HTML = """<html><head><title>Ranking</title><style>p { color: red }</style></head>
<body><p class="x">The <b>first</b>
three</p><script>var hidden = 1;</script><img src="/a.png" alt="A chart"><br/>
<input type="hidden" value="token"><input type="submit" value="Send">
<svg><text>42</text></svg><a href="/next#here">Next</a></body></html>"""


def test_a_page_is_read_as_it_is_seen() -> None:
    page = Page(HTML)
    assert page.text.splitlines() == ["Ranking", "The first three", "[A chart]", "[Send]", "42", "Next"]
    assert page.links == ["/a.png", "/next#here"]


def test_markup_alone_changes_nothing_and_a_word_does() -> None:
    assert Page("<p>a <i>b</i></p>").text == Page('<div id="n">a <span class="m">b</span></div>').text
    assert Page("<p>a</p>").text != Page("<p>b</p>").text


def tiny_site() -> Flask:
    site = Flask("tiny")
    site.post("/language", endpoint="language")(lambda: "")
    site.get("/", endpoint="index")(lambda: f'{request.headers["Accept-Language"]} <a href="/d/1?x=2">d</a>')
    site.get("/d/<int:number>", endpoint="d")(
        lambda number: f'{number} <a href="https://other.example/">o</a>'
    )
    site.get("/away", endpoint="away")(lambda: redirect("/"))
    site.get("/data.bin", endpoint="data")(lambda: (b"\0\1", {"Content-Type": "application/octet-stream"}))
    return site


def test_every_page_of_everybody_is_written_down(tmp_path: Path) -> None:
    site = tiny_site()
    people = {"stranger": site.test_client, "reviewer": site.test_client}
    walk_all(site, people, "http://site.example", tmp_path, ["/", "/away", "/data.bin"], lambda _part: None)
    seen = tmp_path / "reviewer" / "en"
    assert (seen / "index.txt").read_text() == "200 OK\nen d\n"
    assert (tmp_path / "stranger" / "zh" / "index.txt").read_text() == "200 OK\nzh-CN d\n"
    assert (seen / f"{file_name('/d/1?x=2')}.txt").read_text() == "200 OK\n1 o\n"
    assert (seen / "data.bin").read_bytes() == b"\0\1"
    assert (seen / "statuses.txt").read_text().splitlines() == [
        "/\t200 OK\ttext/html",
        "/away\t302 FOUND\ttext/html\t/",
        "/d/1?x=2\t200 OK\ttext/html",
        "/data.bin\t200 OK\tapplication/octet-stream",
    ]


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """Two equal records."""
    for side in ("a", "b"):
        (tmp_path / side).mkdir()
        (tmp_path / side / "page.txt").write_text("one\ntwo\nthree\n")
        (tmp_path / side / "chart.png").write_bytes(b"\x89PNG\xff")
        (tmp_path / side / "book.xlsx").write_bytes(packed(sheet="<a>1</a>"))
    return tmp_path / "a", tmp_path / "b"


def packed(**members: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in members.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return buffer.getvalue()


def test_equal_records_do_not_differ(pair: tuple[Path, Path]) -> None:
    assert list(record.differences(*pair)) == []


def test_what_differs_is_named_with_its_first_line(pair: tuple[Path, Path]) -> None:
    (pair[1] / "page.txt").write_text("one\ntwo\n3\nfour\n")
    (pair[1] / "chart.png").write_bytes(b"\x89PNG\xfe\xff")
    (pair[1] / "book.xlsx").write_bytes(packed(sheet="<a>2</a>", more=""))
    (pair[1] / "new.txt").touch()
    assert list(record.differences(*pair)) == [
        "book.xlsx: more only in one; sheet: line 1\n  - <a>1</a>\n  + <a>2</a>",
        "chart.png: bytes differ (5 and 6)",
        f"new.txt: only in {pair[1]}",
        "page.txt: line 3\n  - three\n  + 3",
    ]


def test_a_text_that_ends_earlier_differs(pair: tuple[Path, Path]) -> None:
    (pair[1] / "page.txt").write_text("one\ntwo\n")
    assert list(record.differences(*pair)) == ["page.txt: line 3\n  - three\n  + (ended)"]


def test_keys_of_fixed_chance_are_keys_and_the_same_again() -> None:
    made = []
    for _ in range(2):
        fixed_chance.begin("keys")
        made.append((fixed_chance._rsa_key(65537, 2048), fixed_chance._ec_key(ec.SECP256R1())))
    (rsa_key, ec_key), again = made
    assert rsa_key.private_numbers() == again[0].private_numbers()
    assert rsa_key.key_size == 2048
    assert ec_key.private_numbers() == again[1].private_numbers()
    given = hpke.KEM.P256, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM
    sealed = fixed_chance._Suite(*given).encrypt(b"answers", ec_key.public_key(), b"round")
    assert hpke.Suite(*given).decrypt(sealed, ec_key, b"round") == b"answers"
