"""Access logs for six months: on one machine they tell whose each ballot is, with a witness they do not.

Whoever runs the box also looks into its database after every visitor. What came in with the requests of one
address is that address's.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from county import BASE_URL, SECRET, SLUG, County, Phone
from stack import ROOT, Stack, running, running_witness

from survey.database.engine import Database
from survey.protocol.codes import parse_pinned
from survey.protocol.credentials import token_key, token_of
from survey.protocol.crypto.blind import finalize
from survey.protocol.crypto.encoding import b64u, unb64u
from survey.protocol.receipts import receipt_bytes
from survey.protocol.witness.batches import Batch
from survey.protocol.witness.posting import blob_hash, seal_post
from survey.witness import handing_over
from tests.witness.two_machines import TwoMachines, TwoPhone

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("_cheap_keys")]

WITNESS_ADDRESS = "127.0.0.99"
LINE = re.compile(
    r"^(?P<address>\S+) \[(?P<time>[^\]]+)\] (?P<method>[A-Z]+) (?P<path>\S+) (?P<status>\d{3})$"
)
FIRMS = 5
LOGROTATE = shutil.which("logrotate", path="/usr/sbin:/usr/bin")


def forms_of(secret: bytes) -> list[bytes]:
    """As it may be written; the beginning, since a database divides what is long among its pages."""
    secret = secret[:48]
    return [secret, secret.hex().encode(), b64u(secret).encode()]


def lines(log: Path) -> list[dict[str, str]]:
    """Whole lines of an access log, every one of the form that the configuration gives it."""
    found = [LINE.match(line) for line in log.read_text().split("\n")[:-1]]
    assert all(found), log.read_text()
    return [match.groupdict() for match in found if match]


def wait_for_line(log: Path, source: str, last: str) -> None:
    """Waits until the proxy has logged what `source` posted to a path that ends in `last`."""
    until = time.monotonic() + 20
    while not any(
        line["address"] == source and line["method"] == "POST" and line["path"].endswith(last)
        for line in lines(log)
    ):
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.01)


class Operator:
    """Whoever runs the box: reads log and database after every visitor, and joins what is new in both."""

    def __init__(self, folder: Path) -> None:
        self.log, self.database = folder / "rounds.log", folder / "pingyi.sqlite3"
        self.seen: set[bytes] = set()
        self.read = 0
        self.linked: dict[str, bytes] = {}
        self.came: list[int] = []

    def look(self, source: str, last: str) -> None:
        """After `source` posted to `last`, which the proxy logs only when it has answered."""
        wait_for_line(self.log, source, last)
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            now = {bytes(row[0]) for row in connection.execute("SELECT spent FROM ballot")}
        new, self.seen = now - self.seen, now
        logged = self.new_lines()
        self.read += len(logged)
        addresses = {line["address"] for line in logged}
        self.came.append(len(new))
        if len(new) == 1 and len(addresses) == 1:
            self.linked[addresses.pop()] = new.pop()

    def new_lines(self) -> list[dict[str, str]]:
        return lines(self.log)[self.read :]


def post(stack: Stack, path: str, body: Any, source: str, kind: str = "text/plain") -> dict[str, Any]:
    headers = {"Content-Type": kind, "User-Agent": "MicroMessenger-of-Old-Wang"}
    status, reply = stack.send("POST", path, json.dumps(body).encode(), headers, source)
    assert status == 200, reply
    found: dict[str, Any] = json.loads(reply)
    return found


def collect(box: Stack, phone: Phone, source: str) -> None:
    assert box.send("GET", f"/s/{SLUG}", None, {}, source)[0] == 200
    body = {"code": phone.sent, "blinded": b64u(phone.blinded)}
    reply = post(box, f"/s/{SLUG}/credential", body, source, "application/json")
    signature = unb64u(reply["blind_signature"])
    phone.signature = finalize(phone.public, phone.message, signature, phone._state)
    phone.seal()


def vote_alone(box: Stack, phone: Phone, source: str) -> None:
    collect(box, phone, source)
    fields = {name: b64u(value) for name, value in phone.ballot().parts().items()}
    post(box, f"/s/{SLUG}/ballot", fields, source, "application/json")


def vote_with_both(box: Stack, witness: Stack, phone: TwoPhone, source: str) -> None:
    collect(box, phone, source)
    other, place = phone.other, f"/w/{phone.description.id}"
    other.signature = phone.signature
    body = {"code": b64u(other.half), "description": phone.description.frozen_digest()}
    body |= {"stamp": b64u(other.blinded[0]), "ticket": b64u(other.blinded[1])}
    reply = post(witness, f"{place}/stamp", body, source)
    given = [unb64u(reply[name]) for name in ("stamp", "ticket")]
    other.stamp = finalize(other.keys[0], other.stamp_message, given[0], other.inverses[0])
    other.ticket = finalize(other.keys[1], other.ticket_message, given[1], other.inverses[1])
    other.blob = seal_post(phone.description, phone.ballot())
    body = {"ticket_message": b64u(other.ticket_message), "ticket_signature": b64u(other.ticket)}
    reply = post(witness, f"{place}/ballot", body | {"blob": b64u(other.blob)}, source)
    assert reply["hash"] == blob_hash(other.blob).hex()


@contextmanager
def box_over(place: County, folder: Path) -> Iterator[Stack]:
    """The box with a proxy that keeps its log, whatever kind of round it is."""
    place.database.close()
    environment = {
        "PINGYI_DATA": str(folder),
        "PINGYI_DATABASE_URL": place.database.url,
        "PINGYI_BASE_URL": BASE_URL,
        "PINGYI_SECRET_KEY": SECRET,
        "PINGYI_TRUSTED_PROXIES": "1",
    }
    with running(folder, "survey.wsgi:create()", environment, logged=SLUG) as stack:
        yield stack


def source(number: int) -> str:
    return f"127.0.1.{number + 1}"


def test_one_machine_with_a_log_tells_whose_each_ballot_is(sqlite_database: Database, tmp_path: Path) -> None:
    place = County(sqlite_database).collecting(slips=FIRMS)
    phones = [place.phone() for _ in range(FIRMS)]
    operator = Operator(tmp_path)
    with box_over(place, tmp_path) as box:
        for number, phone in enumerate(phones):
            vote_alone(box, phone, source(number))
            operator.look(source(number), "/ballot")
    spent = {source(n): token_key(token_of(2, phone.message)) for n, phone in enumerate(phones)}
    assert operator.linked == spent


@pytest.fixture
def two(sqlite_database: Database, tmp_path: Path) -> Iterator[tuple[TwoMachines, Stack, Stack]]:
    """A round with both machines running, each with all its files in a folder of its own."""
    (tmp_path / "there").mkdir()
    place = TwoMachines(sqlite_database, folder=tmp_path / "there").collecting(slips=FIRMS + 1)
    with ExitStack() as stack:
        witness = stack.enter_context(running_witness(tmp_path / "there", place.witness.folder))
        phones = [place.phone() for _ in range(FIRMS)]
        place.phones = phones  # type: ignore[attr-defined]
        yield place, stack.enter_context(box_over(place, tmp_path)), witness
        place.witness.store.close()


def test_two_machines_with_logs_do_not(two: tuple[TwoMachines, Stack, Stack], tmp_path: Path) -> None:
    place, box, witness = two
    phones: list[TwoPhone] = place.phones  # type: ignore[attr-defined]
    operator = Operator(tmp_path)
    for number, phone in enumerate(phones):
        vote_with_both(box, witness, phone, source(number))
        operator.look(source(number), "/credential")
        wait_for_line(tmp_path / "there/witness.log", source(number), "/ballot")

    def send(_round: Any, batch: Batch) -> dict[str, Any]:
        return post(box, f"/s/{SLUG}/batch", batch.to_dict(), WITNESS_ADDRESS, "application/json")

    store, round_id = place.witness.store, place.witness.round.id
    held = files_of(witness)
    handing_over.gather(store, round_id, everything=True)
    assert handing_over.hand_over(store, round_id, send=send) == (FIRMS, 0)
    operator.look(WITNESS_ADDRESS, "/batch")
    # All ballots came at once, from one address; none with or after a firm's own request.
    assert operator.came == [0] * FIRMS + [FIRMS]
    assert operator.linked == {}
    logged = lines(tmp_path / "rounds.log")
    firms = [source(n) for n in range(FIRMS)]
    assert [line["address"] for line in logged if line["path"].endswith("/credential")] == firms
    assert {line["address"] for line in logged if line["path"].endswith("/batch")} == {WITNESS_ADDRESS}
    assert not [line for line in logged if line["path"].endswith("/ballot")]
    # The witness knows addresses and times of stamps and posts …
    seen = lines(tmp_path / "there/witness.log")
    for what in ("stamp", "ballot"):
        assert [line["address"] for line in seen if line["path"].endswith(f"/{what}")] == firms
    # … and, before and after handing over, nothing that a ballot in the box consists of, and no whole code.
    for files in (held, files_of(witness)):
        assert named(files, parts_of_ballots(phones) | codes_of(phones)) == []
    # The box has nothing by which the witness knows a firm: no half of a code of its, no ticket, no blob.
    assert named(files_of(box, without="there/"), asked_of_the_witness(phones)) == []
    assert named(files_of(box, without="there/"), codes_of(phones)) == []


def test_the_same_search_finds_them_where_they_are(
    two: tuple[TwoMachines, Stack, Stack], tmp_path: Path
) -> None:
    place, box, witness = two
    [phone, *_] = place.phones  # type: ignore[attr-defined]
    vote_with_both(box, witness, phone, source(0))
    assert named(files_of(witness), {"blob": forms_of(phone.other.blob)}) != []
    naive = f"/w/{phone.description.id}/stamp?code={phone.code}"
    witness.send("GET", naive, None, {}, source(0), naive=True)
    assert {"main-access.log"} <= {
        found.split(" in ")[1] for found in named(files_of(witness), codes_of([phone]))
    }
    witness.send("GET", naive, None, {}, source(0))
    box.send("GET", f"/s/{SLUG}%23{phone.code}", None, {}, source(0))
    box.send("GET", f"/s/{SLUG}?{phone.code}", None, {}, source(0))
    box.send("GET", f"/s/{SLUG}/%23{phone.code}", None, {}, source(0))
    for log in (tmp_path / "rounds.log", tmp_path / "there/witness.log"):
        assert named({log.name: log.read_bytes()}, codes_of([phone])) == []
        assert lines(log)


def files_of(stack: Stack, without: str = "\0") -> dict[str, bytes]:
    return {name: content for name, content in stack.files().items() if not name.startswith(without)}


def named(files: dict[str, bytes], traces: dict[str, list[bytes]]) -> list[str]:
    return [
        f"{what} in {name}"
        for name, content in files.items()
        for what, forms in traces.items()
        if any(form in content for form in forms)
    ]


def codes_of(phones: list[TwoPhone]) -> dict[str, list[bytes]]:
    return {
        f"code {n}": [phone.code.encode(), *forms_of(parse_pinned(phone.code)[0])]
        for n, phone in enumerate(phones)
    }


def parts_of_ballots(phones: list[TwoPhone]) -> dict[str, list[bytes]]:
    found = {}
    for number, phone in enumerate(phones):
        spent, receipt = token_key(token_of(2, phone.message)), receipt_bytes(phone.sealed)
        parts = [*phone.ballot(phone.sealed), phone.message[-65:], spent, receipt]
        for name, part in enumerate(parts):
            found[f"ballot {number} {name}"] = forms_of(part)
    return found


def asked_of_the_witness(phones: list[TwoPhone]) -> dict[str, list[bytes]]:
    found = {}
    for number, phone in enumerate(phones):
        other = phone.other
        for name in ("half", "ticket_message", "ticket", "blob"):
            found[f"{name} {number}"] = forms_of(getattr(other, name))
        found[f"blinded {number}"] = [form for part in other.blinded for form in forms_of(part)]
        found[f"hash {number}"] = forms_of(blob_hash(other.blob))
    return found


@pytest.mark.skipif(LOGROTATE is None, reason="logrotate is not installed")
@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "deploy/logrotate").iterdir()))
def test_logrotate_takes_the_shipped_rules(tmp_path: Path, name: str) -> None:
    rule = str(ROOT / "deploy/logrotate" / name)
    command = [str(LOGROTATE), "--debug", "--state", str(tmp_path / "state"), rule]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "error" not in done.stderr


def test_logs_are_kept_for_six_months() -> None:
    text = (ROOT / "deploy/logrotate/pingyi").read_text()
    assert re.search(r"^/var/log/pingyi/\*\.log \{$", text, re.MULTILINE)
    for word in ("rotate", "maxage"):
        [days] = re.findall(rf"^ +{word} (\d+)$", text, re.MULTILINE)
        assert int(days) >= 184
    assert re.search(r"^ +daily$", text, re.MULTILINE)
