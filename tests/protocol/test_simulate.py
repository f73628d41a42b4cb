"""The simulated phones against a small server that loses replies, is busy and refuses."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ballot_workshop import Workshop
from click.testing import CliRunner

from survey.cli import main
from survey.demo.crowd import Crowd
from survey.demo.phone import PhoneClient, Refused, Unreachable
from survey.errors import InvalidInput
from survey.protocol.answers import AnswerReader
from survey.protocol.ballots import CastBallot
from survey.protocol.box.opening import open_ballots
from survey.protocol.codes import hash_code, hash_of_sent, new_code, parse_code
from survey.protocol.credentials import check_credential, check_proof
from survey.protocol.crypto.encoding import b64u, unb64u
from survey.protocol.crypto.merkle import merkle_root
from survey.protocol.holders.sealing import Opener
from survey.protocol.receipts import format_receipt, receipt_bytes


class Desk:
    """What a server of one round keeps, and how it misbehaves (`faults`, one a request)."""

    def __init__(self, made: Workshop, codes: list[str]) -> None:
        self.made = made
        self.issued = {self.hash_of(code) for code in codes}
        self.collected: dict[bytes, tuple[str, str]] = {}
        self.spent: dict[bytes, bytes] = {}
        self.faults: list[str] = []
        self.lock = threading.Lock()
        self.requests: list[str] = []

    def hash_of(self, code: str) -> bytes:
        return hash_code(parse_code(code), self.made.description.id, 2)

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        self.requests.append(path)
        description = self.made.description
        if path.endswith("/round.json"):
            return 200, description.to_dict()
        if path.endswith("/credential"):
            return self.credential(body)
        message, signature, sealed, proof = (unb64u(body[name]) for name in CastBallot._fields[:4])
        key = check_credential(self.made.key.public, description, message, signature)
        check_proof(description, message, sealed, proof)
        if self.spent.setdefault(key, sealed) != sealed:
            return 409, {"error": "credential_spent", "message": "投过了", "remedy": ""}
        return 200, {"receipt": format_receipt(receipt_bytes(sealed))}

    def credential(self, body: dict[str, Any]) -> tuple[int, Any]:
        code = hash_of_sent(self.made.description, body["code"])
        if code not in self.issued:
            return 404, {"error": "code_unknown", "message": "没有这个邀请码 100%", "remedy": "请检查"}
        signature = b64u(self.made.key.sign_blinded(unb64u(body["blinded"])))
        before, signature = self.collected.setdefault(code, (body["blinded"], signature))
        if before != body["blinded"]:
            return 409, {"error": "invitation_used", "message": "用过了", "remedy": ""}
        return 200, {"blind_signature": signature}


@pytest.fixture
def desk(workshop: Callable[..., Workshop]) -> Desk:
    return Desk(workshop(), [new_code() for _ in range(12)])


@pytest.fixture
def url(desk: Desk) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.serve()

        def do_POST(self) -> None:
            self.serve()

        def serve(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
            with desk.lock:
                fault = desk.faults.pop(0) if desk.faults else ""
                status, value = (503, {"error": "busy"}) if fault == "busy" else desk.answer(self.path, body)
            if fault == "lost":  # stored, but the reply never arrives
                self.close_connection = True
                return
            content = b"<html>" if fault == "html" else json.dumps(value).encode()
            self.send_response(500 if fault == "html" else status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def phone(url: str) -> Iterator[PhoneClient]:
    with PhoneClient(url, "2026-q4", first_wait=0.001) as client:
        yield client


def issue(desk: Desk) -> str:
    code = new_code()
    desk.issued.add(desk.hash_of(code))
    return code


def plaintext(desk: Desk) -> bytes:
    return b"\x01" + bytes(desk.made.questionnaire.plaintext_size - 1)


def test_one_phone(desk: Desk, phone: PhoneClient) -> None:
    description = phone.description()
    assert description == desk.made.description
    receipt = phone.vote(description, issue(desk), plaintext(desk))
    assert [format_receipt(receipt_bytes(sealed)) for sealed in desk.spent.values()] == [receipt]


@pytest.mark.parametrize(
    "faults", [["lost"], ["busy", "busy"], ["html"], ["", "lost"], ["lost", "busy", "lost", "html"]]
)
def test_what_goes_wrong_on_the_way_is_repeated_as_it_was(
    desk: Desk, phone: PhoneClient, faults: list[str]
) -> None:
    code = issue(desk)
    description = desk.made.description
    desk.faults = faults
    phone.vote(description, code, plaintext(desk))
    assert (len(desk.collected), len(desk.spent)) == (1, 1)


def test_giving_up(desk: Desk, phone: PhoneClient) -> None:
    desk.faults = ["busy"] * 20
    with pytest.raises(Unreachable, match="已试 8 次"):
        phone.description()


def test_the_servers_words_are_passed_on(desk: Desk, phone: PhoneClient) -> None:
    with pytest.raises(Refused, match="没有这个邀请码 100%") as caught:
        phone.collect(desk.made.description, new_code())
    assert (caught.value.code, caught.value.say_remedy()) == ("code_unknown", "请检查")


def test_no_phone_uses_a_key_that_is_not_the_published_one(desk: Desk, phone: PhoneClient) -> None:
    served = replace(desk.made.description, blind_key_fingerprint="00" * 32)
    with pytest.raises(InvalidInput):
        phone.collect(served, issue(desk))
    assert desk.requests == []


@pytest.mark.parametrize("address", ["", "ftp://x", "127.0.0.1:8000", "http://"])
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(InvalidInput):
        PhoneClient(address, "2026-q4")


def simulate(url: str, links: Path, *more: str) -> Any:
    arguments = ["simulate", "2026-q4", "--links", str(links), "--url", url, "--workers", "3", *more]
    return CliRunner().invoke(main, arguments)


def links_of(desk: Desk, count: int) -> list[str]:
    return [f"https://h.example/s/2026-q4#{issue(desk)}" for _ in range(count)]


def opened_rows(desk: Desk) -> bytes:
    opener, reader = Opener(desk.made.description, desk.made.keys), AnswerReader(desk.made.questionnaire)
    return b"".join(sorted(reader.read(opener.open(sealed))[0] for sealed in desk.spent.values()))


def test_a_crowd_casts_what_its_seed_says(desk: Desk, url: str, tmp_path: Path) -> None:
    links = tmp_path / "links.json"
    links.write_text(json.dumps(links_of(desk, 12)))
    receipts = tmp_path / "receipts.txt"
    result = simulate(url, links, "--seed", "7", "--receipts", str(receipts))
    assert result.exit_code == 0, result.output
    assert "投出 12 张选票" in result.output
    assert "12/12" in result.output
    assert len(desk.spent) == len(set(receipts.read_text().split())) == 12
    crowd = Crowd(desk.made.questionnaire, 7)
    rows = [
        bytes(rating for department in answers.ratings for rating in department) + bytes(answers.strata)
        for answers in map(crowd.answers, range(12))
    ]
    assert opened_rows(desk) == b"".join(sorted(rows))


def test_links_from_text_and_excel(desk: Desk, url: str, tmp_path: Path) -> None:
    from openpyxl import Workbook

    text = tmp_path / "links.txt"
    text.write_text("\n".join(["# 说明", *links_of(desk, 2)]), encoding="utf-8")
    assert simulate(url, text).exit_code == 0
    book = Workbook()
    assert book.active is not None
    book.active.append(["企业", "链接"])
    for link in links_of(desk, 2):
        book.active.append(["某企业", link])
    book.save(tmp_path / "links.xlsx")
    assert simulate(url, tmp_path / "links.xlsx").exit_code == 0
    assert len(desk.spent) == 4


def test_used_links_are_told_and_exit_with_two(desk: Desk, url: str, tmp_path: Path) -> None:
    links = tmp_path / "links.txt"
    links.write_text("\n".join(links_of(desk, 2)))
    assert simulate(url, links).exit_code == 0
    again = simulate(url, links)
    assert again.exit_code == 2
    assert "2 × 服务器没有接受：用过了" in again.output
    assert len(desk.spent) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "没有邀请链接"),
        ("https://h/s/2025-q4#" + new_code(), "属于轮次 2025-q4"),
        ("https://h/s/2026-q4#ABCD-1234", "不完整或有误"),
    ],
    ids=["empty", "another round", "mistyped"],
)
def test_files_without_usable_links(url: str, tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "links.txt"
    path.write_text(content)
    result = simulate(url, path)
    assert result.exit_code == 2
    assert words in result.output


@pytest.mark.parametrize("name", ["links.xlsx", "links.json"])
def test_files_that_cannot_be_read(url: str, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x00\xff{")
    result = simulate(url, tmp_path / name)
    assert result.exit_code == 2
    assert "读不出来" in result.output


# --- the crowd ------------------------------------------------------------------------------------------


def test_the_crowd_is_plausible(desk: Desk) -> None:
    crowd = Crowd(replace(desk.made.questionnaire, comment_chars=200, comment_bytes=4096), 3)
    everybody = [crowd.answers(number) for number in range(400)]
    assert everybody == [crowd.answers(number) for number in range(400)]
    given = [rating for answers in everybody for row in answers.ratings for rating in row if rating]
    shares = {level: given.count(level) / len(given) for level in (1, 2, 3, 4, 5, 255)}
    assert all(0.02 < share < 0.5 for share in shares.values())
    assert 0.75 < sum(answers.strata[0] > 0 for answers in everybody) / 400 < 0.95
    remarks = [text for answers in everybody for text in answers.comments.values()]
    assert 40 < len(remarks) < 600
    assert len(set(remarks)) > 15


def test_no_remark_identifies_anybody() -> None:
    from survey.demo import remarks

    texts = [*remarks.PROBLEMS, *remarks.PRAISE, *(t for own in remarks.ABOUT.values() for t in own)]
    assert len(set(texts)) >= 60
    assert not [text for text in texts if re.search(r"\d|有限公司|先生|女士|经理", text)]


def test_what_the_crowd_casts_is_counted(desk: Desk, url: str, tmp_path: Path) -> None:
    links = tmp_path / "links.txt"
    links.write_text("\n".join(links_of(desk, 6)))
    assert simulate(url, links, "--count", "5").exit_code == 0
    made = desk.made
    assert len(desk.spent) == 5
    # The server keeps message and signature as well; here they are made anew for the opening.
    ballots = [made.ballot(sealed) for sealed in desk.spent.values()]
    root = merkle_root(sorted(receipt_bytes(sealed) for sealed in desk.spent.values()))
    opened = open_ballots(made.description, ballots, made.keys, merkle_root=root)
    assert (opened.scores.valid, opened.invalid) == (5, [])


def test_enterprises_say_what_the_roster_says_of_them(desk: Desk) -> None:
    """Attack: 11 large enterprises on the roster, and 22 ballots that said large."""
    strata = desk.made.questionnaire.strata
    facts = [{s.name: s.options[number % len(s.options)] for s in strata} for number in range(40)]
    crowd = Crowd(desk.made.questionnaire, 7, facts)
    said = 0
    for number in range(40):
        for stratum, answer in zip(strata, crowd.answers(number).strata, strict=True):
            said += answer > 0
            assert answer in (0, 1 + number % len(stratum.options))
    assert said > 20
    unknown = Crowd(desk.made.questionnaire, 7, [{}] * 3)
    assert all(answer == 0 for number in range(3) for answer in unknown.answers(number).strata)
