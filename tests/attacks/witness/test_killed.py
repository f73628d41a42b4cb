"""kill -9 at every step of either machine: nothing acknowledged is lost, nothing is doubled.

A child process does what both machines do and is killed; then another does it all again, as phones and the
witness do. The suite kills one round after every commit and every send; NIGHTLY=1 adds a round for each step,
before and after, and thirty whose children are killed at moments of chance.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from county import SECRET

from survey.database.engine import Database
from survey.protocol.receipts import format_receipt, receipt_bytes
from survey.protocol.witness.batches import Batch
from survey.protocol.witness.posting import blob_hash, seal_post
from survey.services.opening import box_files
from survey.services.voting import batches
from survey.witness import handing_over, rounds
from survey.witness.store import METADATA, Store
from tests.witness.two_machines import TwoMachines, TwoPhone
from tests.witness.witnessed import Witness

PHONES = 3
STEPS = [f"{when} write {n}" for n in range(1, 12) for when in ("before", "after")]
STEPS += ["before send 1", "after send 1"]
NIGHTLY = os.environ.get("NIGHTLY") == "1"
# Two phones, the first batch; the third, the second batch before anything else is done again; closing.
COMMIT, SEND = "after change 1", "after send 1"
BATCH = [COMMIT, SEND, COMMIT]  # put together, sent, acknowledged
ONE_AFTER_ANOTHER = [*[COMMIT] * 4, *BATCH, COMMIT, COMMIT, *BATCH, COMMIT]
LONGEST = 1.0
"""Seconds after which a child is killed by chance; one that is left alone needs about half of them."""


def killing(step: str, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
    """`work`, but the process dies before or after its n-th call."""
    when, what, number = step.split()
    calls = [0]

    def counted(*given: Any, **named: Any) -> Any:
        calls[0] += 1
        due = what == name and calls[0] == int(number)
        if due and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = work(*given, **named)
        if due and when == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return counted


def watching_changes(step: str, store: Store, work: Callable[..., Any]) -> Callable[..., Any]:
    """`work`, but the process dies after its n-th call that changed something in the store."""
    changed = killing(step, "change", lambda: None)

    def content() -> list[Any]:
        with store.read() as connection:
            return [connection.execute(table.select()).all() for table in METADATA.sorted_tables]

    def watched(*given: Any) -> Any:
        before = content()
        result = work(*given)
        if content() != before:
            changed()
        return result

    return watched


@contextlib.contextmanager
def nothing_open(place: TwoMachines) -> Iterator[None]:
    """Close the box's database meanwhile: a child would take over the locks that SQLite holds at the fork."""
    place.database.close()
    yield
    place.database = Database(place.database.url, secret_key=SECRET)


def in_child(work: Callable[[], None], patience: float | None = None) -> int:
    """Run `work` in a process of its own, killed after `patience` seconds; its status, -9 when killed."""
    child = os.fork()
    if not child:
        status = 1
        try:
            work()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    if patience is not None:
        time.sleep(patience)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class Scenario:
    """Three phones that stamp, post and are acknowledged; then a batch, closing, the last batch."""

    def __init__(self, place: TwoMachines, folder: Path) -> None:
        self.place, self.folder = place, folder
        self.phones = [place.phone() for _ in range(PHONES)]
        for phone in self.phones:
            super(type(phone), phone).collect()  # from the box
            phone.other.signature = phone.signature
            phone.seal()
        place.witness.store.close()

    def run(self, step: str = "never write 0") -> None:
        rounds.signing_key.cache_clear()
        rounds.blind_keys.cache_clear()
        witness = replace(self.place.witness)
        write = killing(step, "write", witness.store.write)
        witness.store.write = watching_changes(step, witness.store, write)  # type: ignore[method-assign]
        database = Database(self.place.database.url, secret_key=SECRET)

        def send(_round: Any, batch: Batch) -> dict[str, Any]:
            return batches.take_batch(database, self.place.slug, Batch.from_dict(batch.to_dict()))

        send = killing(step, "send", send)
        for number, phone in enumerate(self.phones):
            blob = self.kept(witness, number, phone)
            phone.other.post(witness, blob)
            self.note(f"post {number} {blob_hash(blob).hex()}")
            if number == 1:
                witness.hand_over(send)
        witness.close(send)
        (self.folder / "statement").write_text(witness.round.statement)

    def kept(self, witness: Witness, number: int, phone: TwoPhone) -> bytes:
        """The blob to post, which a phone keeps with its ticket before it posts; made once."""
        path = self.folder / f"phone{number}"
        if path.exists():
            phone.other.ticket, blob = path.read_bytes()[:384], path.read_bytes()[384:]
            return blob
        answer = phone.other.take_stamp(witness)
        self.note(f"stamp {number} {answer[0].hex()[:32]}")
        blob = seal_post(phone.description, phone.ballot())
        path.with_suffix(".new").write_bytes(phone.other.ticket + blob)
        path.with_suffix(".new").replace(path)
        return blob

    def note(self, line: str) -> None:
        """What a phone was told, and remembers."""
        with (self.folder / "told").open("a") as file:
            file.write(line + "\n")

    def told(self) -> list[str]:
        path = self.folder / "told"
        return path.read_text().splitlines() if path.exists() else []


def check(scenario: Scenario, before: list[str]) -> None:
    """Run what is left to the end; every answer is the same again, and every ballot is in the box once."""
    place = scenario.place
    assert before == scenario.told()[: len(before)]
    assert len(set(scenario.told())) == 2 * PHONES
    place.witness.again()
    statement = place.witness.statement
    assert (statement.posted, statement.handed_over, statement.waiting) == (PHONES, PHONES, 0)
    place.take_statement()
    super(TwoMachines, place).close()
    assert place.look(box_files.receipts) == sorted(receipt_bytes(phone.sealed) for phone in scenario.phones)
    assert all(format_receipt(receipt_bytes(phone.sealed)) for phone in scenario.phones)
    place.database.close()


def test_after_every_commit_and_every_send(place: TwoMachines, tmp_path: Path) -> None:
    scenario = Scenario(place, tmp_path)
    with nothing_open(place):
        for step in ONE_AFTER_ANOTHER:
            assert in_child(lambda step=step: scenario.run(step)) == -signal.SIGKILL
        before = scenario.told()
        assert in_child(lambda: scenario.run(COMMIT)) == 0  # nothing was left to be committed
    check(scenario, before)


@pytest.mark.parametrize("step", STEPS if NIGHTLY else [])
def test_at_one_step(place: TwoMachines, tmp_path: Path, step: str) -> None:
    scenario = Scenario(place, tmp_path)
    with nothing_open(place):
        assert in_child(lambda: scenario.run(step)) == -signal.SIGKILL
        before = scenario.told()
        assert in_child(scenario.run) == 0
    check(scenario, before)


@pytest.mark.parametrize("seed", range(30) if NIGHTLY else [])
def test_at_any_moment(place: TwoMachines, tmp_path: Path, seed: int) -> None:
    """Three children of a round are killed by chance, in the middle of a commit as well as between two."""
    scenario, chance = Scenario(place, tmp_path), random.Random(seed)
    with nothing_open(place):
        for _ in range(3):
            in_child(scenario.run, LONGEST * chance.random())
        before = scenario.told()
        assert in_child(scenario.run) == 0
    check(scenario, before)


def test_the_box(place: TwoMachines) -> None:
    for _ in range(PHONES):
        place.phone().answer()
    sent: list[Batch] = []

    def keep(_round: Any, batch: Batch) -> dict[str, Any]:
        sent.append(batch)
        raise OSError("away")

    with pytest.raises(OSError, match="away"):
        place.witness.hand_over(keep)

    def take(when: str) -> None:
        database = Database(place.database.url, secret_key=SECRET)
        write = killing(f"{when} write 1", "write", database.write)
        database.write = write  # type: ignore[method-assign]
        batches.take_batch(database, place.slug, sent[0])

    with nothing_open(place):
        for when in ("before", "after"):
            assert in_child(lambda when=when: take(when)) == -signal.SIGKILL
    assert handing_over.hand_over(place.witness.store, place.witness.round.id, send=place.send) == (PHONES, 0)
    assert json.loads(place.witness.round.statement)["handed_over"] == PHONES
    assert place.close().round().cast_count == PHONES
    place.database.close()
