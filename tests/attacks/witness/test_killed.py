"""kill -9 at every step of either machine: nothing acknowledged is lost, nothing is doubled.

A child process does what a machine does and is killed before or after one of its commits, or of its sends;
then another does it all again, as phones and the witness do.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import traceback
from collections.abc import Callable, Iterator
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
from survey.witness.store import Store
from tests.witness.two_machines import TwoMachines, TwoPhone
from tests.witness.witnessed import Witness

PHONES = 3
STEPS = [f"{when} write {n}" for n in range(1, 12) for when in ("before", "after")]
STEPS += ["before send 1", "after send 1"]
NIGHTLY = os.environ.get("NIGHTLY") == "1"
# In a short run the commits that acknowledge: a stamp, a post, a batch put together, a batch acknowledged.
FEW = ["after write 1", "before write 2", "after write 4", "after write 7", "before write 8", "after send 1"]


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


@contextlib.contextmanager
def nothing_open(place: TwoMachines) -> Iterator[None]:
    """Close the box's database meanwhile: a child would take over the locks that SQLite holds at the fork."""
    place.database.close()
    yield
    place.database = Database(place.database.url, secret_key=SECRET)


def in_child(work: Callable[[], None]) -> int:
    """Run `work` in a process of its own; its exit status, -9 when it was killed."""
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
        witness = Witness(self.place.witness.folder, self.place.witness.round_id)
        witness.store.write = killing(step, "write", witness.store.write)  # type: ignore[method-assign]
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


@pytest.mark.parametrize("step", STEPS if NIGHTLY else FEW)
def test_the_witness(place: TwoMachines, tmp_path: Path, step: str) -> None:
    scenario = Scenario(place, tmp_path)
    with nothing_open(place):
        assert in_child(lambda: scenario.run(step)) == -signal.SIGKILL
        before = scenario.told()
        assert in_child(scenario.run) == 0
    assert before == scenario.told()[: len(before)]
    assert len(set(scenario.told())) == 2 * PHONES  # every answer was the same again
    place.witness.store = Store(place.witness.folder)
    statement = place.witness.statement
    assert (statement.posted, statement.handed_over, statement.waiting) == (PHONES, PHONES, 0)
    place.take_statement()
    super(TwoMachines, place).close()
    assert place.look(box_files.receipts) == sorted(receipt_bytes(phone.sealed) for phone in scenario.phones)
    assert all(format_receipt(receipt_bytes(phone.sealed)) for phone in scenario.phones)
    place.database.close()


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_box(place: TwoMachines, when: str) -> None:
    for _ in range(PHONES):
        place.phone().answer()
    sent: list[Batch] = []

    def keep(_round: Any, batch: Batch) -> dict[str, Any]:
        sent.append(batch)
        raise OSError("away")

    with pytest.raises(OSError, match="away"):
        place.witness.hand_over(keep)

    def take() -> None:
        database = Database(place.database.url, secret_key=SECRET)
        write = killing(f"{when} write 1", "write", database.write)
        database.write = write  # type: ignore[method-assign]
        batches.take_batch(database, place.slug, sent[0])

    with nothing_open(place):
        assert in_child(take) == -signal.SIGKILL
    assert handing_over.hand_over(place.witness.store, place.witness.round.id, send=place.send) == (PHONES, 0)
    assert json.loads(place.witness.round.statement)["handed_over"] == PHONES
    assert place.close().round().cast_count == PHONES
    place.database.close()
