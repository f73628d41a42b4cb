"""The witness asks the box for its lists and its clock, before what cannot be taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner
from pretended_day import pretend
from sqlalchemy import text

from survey.cli import main
from survey.clock import COUNTY, today
from survey.errors import Conflict
from survey.protocol.description import RoundDescription
from survey.protocol.witness.code_lists import CodeList
from survey.protocol.witness.imported_lists import ImportedLists
from survey.witness import box, rounds
from survey.witness.clock import HandingOverClock
from survey.witness.handing_over import gather
from survey.witness.status import statuses
from tests.witness.witnessed import Place, Witness, codes, known_keys, lists

ROUND_ID = "ab" * 16


class Box(ThreadingHTTPServer):
    """A site that publishes lists and its description, with a clock of its own."""

    daemon_threads = True
    late = timedelta()
    says: str | None = None
    taken = 0
    pairs: tuple[tuple[str, str], ...] = ()
    description: RoundDescription

    @property
    def date(self) -> str:
        """`says`, or the moment by this clock."""
        late = format_datetime(datetime.now(UTC) - self.late, usegmt=True)
        return late if self.says is None else self.says

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def has(self, *of_box: CodeList) -> None:
        self.pairs = tuple(sorted((each.digest, each.other) for each in of_box))


class Answers(BaseHTTPRequestHandler):
    server: Box

    def do_GET(self) -> None:
        known = {"lists.json": ImportedLists(ROUND_ID, self.server.pairs).to_json()}
        if self.path.endswith("round.json"):
            known["round.json"] = json.dumps(self.server.description.to_dict())
        self._answer(known.get(self.path.rpartition("/")[2]))

    def do_POST(self) -> None:
        batch = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.taken += len(batch["blobs"])
        self._answer(json.dumps({"number": batch["number"], "kept": len(batch["blobs"]), "refused": 0}))

    def _answer(self, found: str | None) -> None:
        self.send_response_only(200 if found else 404)
        if self.server.date:
            self.send_header("Date", self.server.date)
        self.end_headers()
        self.wfile.write((found or "").encode())

    def log_message(self, *_args: object) -> None:
        """Nothing."""


@pytest.fixture
def site() -> Iterator[Box]:
    server = Box(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def there(
    tmp_path: Path, site: Box, plain: RoundDescription, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    monkeypatch.delenv("PINGYI_DATABASE_URL", raising=False)
    with known_keys():
        witness = Witness(tmp_path / "data", ROUND_ID).begin(box=site.url)
    place = Place(witness, plain)
    site.description = place.description
    witness.import_codes(place.description, place.lists[1])
    site.has(place.lists[0])
    yield place
    witness.store.close()


def run(place: Place, *words: object) -> tuple[int, str]:
    command = ["witness", *map(str, words), "--data", str(place.witness.folder)]
    result = CliRunner().invoke(main, command)
    assert "Traceback" not in result.output
    return result.exit_code, result.output


def close(place: Place, *more: str) -> tuple[int, str]:
    return run(place, "close", ROUND_ID, "--early", *more)


def failed(place: Place) -> str:
    return "\n".join(words.say() for passed, words in statuses(place.witness.store) if not passed)


def test_equal_lists_close(there: Place) -> None:
    assert close(there)[0] == 0
    assert there.witness.round.closed


@contextmanager
def refused(place: Place, *more: str) -> Iterator[list[str]]:
    """Closing is refused, and the keys are still there."""
    said: list[str] = []
    yield said
    exit_code, output = close(place, *more)
    said.append(output)
    assert exit_code == 2
    assert not place.witness.round.closed
    rounds.blind_keys.cache_clear()
    rounds.blind_keys(place.witness.store, place.witness.round.id)


def test_a_list_that_one_machine_does_not_have_is_named(there: Place, site: Box) -> None:
    more = lists(there.description, codes(3, 40))
    site.has(there.lists[0], more[0])
    with refused(there) as said:
        assert more[1].digest[:12] in failed(there)
    assert "codes-witness.json" in said[0]
    there.witness.import_codes(there.description, more[1])
    assert "名单" not in failed(there)
    site.has(there.lists[0])
    with refused(there) as said:
        assert more[1].digest[:12] in failed(there)
    assert "withdraw-codes" in said[0]


@pytest.mark.parametrize("edit", ["cut", "exchanged"])
def test_an_edited_list_of_the_box_is_named(there: Place, site: Box, edit: str) -> None:
    whole = there.lists[0]
    changed = whole.codes[1:] if edit == "cut" else tuple(sorted((*whole.codes[1:], "0" * 64)))
    site.has(replace(whole, codes=changed))
    with refused(there) as said:
        assert "codes-box.json 不是签发人制作的那一份" in failed(there)
    assert "codes-box.json 不是签发人制作的那一份" in said[0]


@pytest.mark.parametrize("late", [timedelta(days=1), timedelta(days=-1), timedelta(minutes=5)])
def test_with_another_clock_nothing_is_closed(there: Place, site: Box, late: timedelta) -> None:
    """A witness that is a day ahead believes that the last day is over."""
    site.late = late
    with refused(there) as said:
        assert "时钟" in failed(there)
    assert "timedatectl" in said[0]


@pytest.mark.parametrize("says", ["", "soon", "Mon, 30 Nov 2026 25:00:00 GMT"])
def test_a_box_that_does_not_say_the_time_does_not_agree(there: Place, site: Box, says: str) -> None:
    site.says = says
    with refused(there) as said:
        assert "（Date）" in failed(there)
    assert "（Date）" in said[0]
    assert close(there, "--uncompared")[0] == 0


def test_a_time_without_a_zone_is_that_of_greenwich(there: Place, site: Box) -> None:
    site.says = format_datetime(datetime.now(UTC)).replace("+0000", "-0000")
    assert "时钟" not in failed(there)
    assert close(there)[0] == 0


@pytest.mark.parametrize("apart", ["clock", "silent", "list"])
def test_handing_over_tells_what_differs(
    there: Place, site: Box, caplog: pytest.LogCaptureFixture, apart: str
) -> None:
    """By the command and by the clock; what waits is handed over all the same."""
    if apart == "list":
        site.has()
    else:
        site.late, site.says = timedelta(minutes=5), "" if apart == "silent" else None
    named = "名单" if apart == "list" else "时钟"
    there.posted(1)
    exit_code, said = run(there, "hand-over", ROUND_ID, "--all")
    assert (exit_code, named in said.partition("! ")[2], site.taken) == (0, True, 1)
    ticking = HandingOverClock(there.witness.store, "03:00")
    morning = datetime.combine(today(), time(4), COUNTY)
    ticking.turn(morning)
    assert [named in message for message in caplog.messages] == [True]  # though nothing waits
    ticking.turn(morning + timedelta(minutes=5))
    assert len(caplog.messages) == 1  # once a day
    there.posted(1)
    gather(there.witness.store, there.witness.round.id, everything=True)
    ticking.turn(morning + timedelta(minutes=10))
    assert (len(caplog.messages), site.taken) == (2, 2)  # and with every hand-over
    caplog.clear()
    site.late, site.says = timedelta(), None
    site.has(there.lists[0])
    ticking.turn(morning + timedelta(days=1))
    assert "✓" in run(there, "hand-over", ROUND_ID)[1]
    assert caplog.messages == []


def test_a_closed_round_that_has_nothing_to_hand_over_is_not_compared(
    there: Place, site: Box, caplog: pytest.LogCaptureFixture
) -> None:
    assert close(there)[0] == 0
    site.late = timedelta(minutes=5)
    HandingOverClock(there.witness.store, "03:00").turn(datetime.combine(today(), time(4), COUNTY))
    assert caplog.messages == []


def test_a_day_ahead_does_not_close_without_early_either(there: Place, site: Box) -> None:
    site.late = timedelta(days=1)
    with pretend(today() + timedelta(days=1)):
        exit_code, said = run(there, "close", ROUND_ID)
    assert (exit_code, "时钟" in said, there.witness.round.closed) == (2, True, False)


def test_a_box_that_does_not_answer_is_waited_for_or_said_to_be_gone(there: Place, site: Box) -> None:
    site.shutdown()
    site.server_close()
    with refused(there) as said:
        pass
    assert "--uncompared" in said[0]
    assert close(there, "--uncompared")[0] == 0
    assert there.witness.round.closed


def test_after_an_early_end_the_last_day_is_no_fault(there: Place, site: Box) -> None:
    """The box sets its last day back when it closes early."""
    assert close(there)[0] == 0
    site.description = replace(there.description, opens_on="2020-01-01", closes_on="2020-01-02")
    assert "截止日期" not in failed(there)


def test_importing_says_how_the_box_stands(there: Place, site: Box, tmp_path: Path) -> None:
    more = lists(there.description, codes(3, 40))
    described, file = tmp_path / "round.json", tmp_path / "codes-witness.json"
    described.write_text(json.dumps(there.description.to_dict()))
    file.write_text(more[1].to_json())
    exit_code, said = run(there, "import-codes", described, file)
    assert (exit_code, "票箱机没有" in said) == (0, True)
    site.has(there.lists[0], more[0])
    assert "✓" in run(there, "import-codes", described)[1]


def test_a_list_is_withdrawn_unless_the_box_has_it(there: Place, site: Box, tmp_path: Path) -> None:
    more = lists(there.description, codes(3, 40))
    there.witness.import_codes(there.description, more[1])
    file = tmp_path / "codes-witness.json"
    file.write_text(more[1].to_json())
    site.has(there.lists[0], more[0])
    exit_code, said = run(there, "withdraw-codes", file)
    assert (exit_code, "不能撤回" in said) == (2, True)
    site.has(there.lists[0])
    assert run(there, "withdraw-codes", file)[0] == 0
    assert (there.witness.statement.codes, there.witness.statement.lists) == (10, (there.lists[1].digest,))
    assert "名单" not in failed(there)


def test_a_database_of_an_older_program_is_taken_on(there: Place, site: Box) -> None:
    """It does not know the other halves' digests: what it knows is compared."""
    with there.witness.store.engine.begin() as connection:
        connection.execute(text("ALTER TABLE witness_list DROP COLUMN other"))
    there.witness.again()
    assert failed(there).count("名单") == 0
    site.has()
    with pytest.raises(Conflict):
        box.require_same(there.witness.store, there.witness.round)


def test_a_code_twice_or_replaced_twice_is_named_by_its_row(there: Place) -> None:
    old, new, third = there.codes[0], codes(1, 90)[0], codes(1, 91)[0]
    described = there.description
    there.witness.import_codes(described, lists(described, [new], {new: old})[1])
    again = lists(described, [third], {third: old})[1]
    with pytest.raises(Conflict, match=f"replaces 第 1 个 {again.replaces[0][:12]}… 已经换发过"):
        there.witness.import_codes(described, again)
    back = lists(described, [third, old])[1]  # brings the replaced code back
    row = back.codes.index(lists(described, [old])[1].codes[0]) + 1
    with pytest.raises(Conflict, match=f"codes 第 {row} 个"):
        there.witness.import_codes(described, back)
