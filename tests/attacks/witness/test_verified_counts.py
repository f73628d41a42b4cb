"""An export of a round with a witness: `verify` names ballots, stamps and invitations added or dropped.

The forger has the box's database and keys, and even the witness's stamp key, but not what it signs statements
with: without the check that is tested here, every forged export would pass.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from keys_of_examples import stamp_key
from test_stuffing import made_by_the_box, signed

from survey.cli import main
from survey.database.engine import Database
from survey.errors import InvalidInput
from survey.protocol.ballots import CastBallot
from survey.protocol.box.export import write_box
from survey.protocol.box.format import Box
from survey.protocol.box.scan import scan_box
from survey.protocol.box.verify import Check, verify_box
from survey.protocol.box.witness_account import WitnessAccount
from survey.protocol.witness.statements import Statement
from survey.services.opening.box_files import export_box
from survey.witness.rounds import signing_key
from tests.witness.two_machines import TwoMachines

VOTED, INVITED = 3, 8


@dataclass
class Export:
    """The true export, a ballot that the box could have made, and the witness's key."""

    path: Path
    forged: CastBallot
    key: Any
    statement: Statement

    def again(self, ballots: int = VOTED, account: dict[str, Any] | None = None, **counts: int) -> io.BytesIO:
        """The export as somebody writes it who changes counts and account, with `ballots` ballots."""
        with self.path.open("rb") as file:
            box = scan_box(file)
            cast = [*box.ballots, self.forged][:ballots] if ballots < VOTED else list(box.ballots)
            cast += [self.forged] * (ballots - VOTED)
        assert box.witness
        made = io.BytesIO()
        write_box(
            made,
            box.description,
            replace(box.counts, **({"cast": ballots} | counts)),
            cast,
            audit=box.audit,  # type: ignore[arg-type]
            witness=replace(box.witness, **(account or {})),
        )
        return made


@pytest.fixture
def export(sqlite_database: Database, tmp_path: Path, _cheap_keys: None) -> Iterator[Export]:
    place = TwoMachines(sqlite_database, folder=tmp_path).collecting(slips=INVITED)
    for _ in range(VOTED):
        place.phone().answer()
    forged = made_by_the_box(place)
    forged = forged._replace(stamp=signed(stamp_key(), stamp_key().public, forged.stamp_message))
    place.close()
    export_box(place.database, place.slug, tmp_path / "box.jsonl")
    key = signing_key(place.witness.store, place.witness.round.id)
    yield Export(tmp_path / "box.jsonl", forged, key, place.witness.statement)
    place.witness.store.close()


def checked(file: io.BytesIO, statement: Statement | None = None) -> Check:
    """The check of the witness; every other one passes, forged or not."""
    report = verify_box(file, statement=statement)
    others = [check for check in report.checks if check.name != "witness"]
    assert [check.name for check in others if check.passed is False] == []
    [found] = [check for check in report.checks if check.name == "witness"]
    return found


def problem(check: Check) -> str:
    return check.problem.say() if check.problem else ""


def test_the_true_export_passes(export: Export) -> None:
    assert checked(export.again()).passed is True
    assert checked(export.again(), export.statement).passed is True
    own = export.path.parent / "statement.json"
    own.write_text(export.statement.to_json())
    run = CliRunner().invoke(main, ["verify", str(export.path), "--statement", str(own)])
    assert run.exit_code == 0, run.output
    assert "✓ 监票机的声明由它签名" in run.output


def test_a_ballot_that_the_box_added(export: Export) -> None:
    found = checked(export.again(VOTED + 1, collected=VOTED + 1))
    assert found.passed is False
    assert "票箱里有 4 张选票，由监票机移交的是 3 张" in problem(found)


def test_a_ballot_that_the_box_added_and_counted(export: Export) -> None:
    found = checked(export.again(VOTED + 1, {"kept": VOTED + 1}, collected=VOTED + 1))
    assert found.passed is False
    assert "声明移交了 3 张（1 批），票箱说收到 4 张（1 批）" in problem(found)


def test_the_same_hidden_behind_an_invented_batch(export: Export) -> None:
    found = checked(export.again(VOTED + 1, {"kept": VOTED + 1, "batches": 2}, collected=VOTED + 1))
    assert "票箱说收到 4 张（2 批）" in problem(found)


def test_a_ballot_that_the_box_dropped(export: Export) -> None:
    assert "有 2 张选票，由监票机移交的是 3 张" in problem(checked(export.again(VOTED - 1)))
    hidden = checked(export.again(VOTED - 1, {"kept": VOTED - 1}))
    assert "声明移交了 3 张（1 批），票箱说收到 2 张" in problem(hidden)
    # Said to be refused, it is at least told.
    told = checked(export.again(VOTED - 1, {"kept": VOTED - 1, "refused": 1}))
    assert (told.passed, problem(told)) == (None, "监票机移交的选票有 1 张作废：少了印章，或内容不合规定。")


def test_a_statement_that_the_witness_did_not_sign(export: Export) -> None:
    more = replace(export.statement, stamped=4, posted=4, handed_over=4)
    found = checked(export.again(4, {"statement": more, "kept": 4}, collected=4))
    assert found.passed is False
    assert "不是本轮的监票机签的" in problem(found)


def test_an_older_statement_of_the_witness(export: Export) -> None:
    """What it signed before closing says less; its own last one shows that the box keeps it back."""
    older = replace(export.statement, number=2, closed=False).signed(export.key)
    found = checked(export.again(4, {"statement": older, "kept": 4}, collected=4))
    assert found.passed is None
    assert "只核对了它最后一份声明（第 2 号）" in problem(found)
    found = checked(export.again(4, {"statement": older, "kept": 4}, collected=4), export.statement)
    assert found.passed is False
    assert "是第 2 号，监票机自己给出的是第" in problem(found)


def test_stamps_that_the_witness_added(export: Export) -> None:
    """They cast nothing by themselves, and are told."""
    more = replace(export.statement, stamped=VOTED + 2).signed(export.key)
    found = checked(export.again(account={"statement": more}))
    assert found.passed is None
    assert "监票机盖了 5 个章，领走的票只有 3 张" in problem(found)


def test_stamps_that_the_witness_kept_quiet_about(export: Export) -> None:
    """It stamps for the box's forged ballot and hands it over, but does not count the stamp."""
    quiet = replace(export.statement, posted=4, handed_over=4).signed(export.key)
    found = checked(export.again(4, {"statement": quiet, "kept": 4}, collected=4))
    assert found.passed is False
    assert "票箱里有 4 张选票，监票机只盖了 3 个章" in problem(found)


@pytest.mark.parametrize("counts", [{"invited": INVITED + 5}, {"invited": INVITED + 1, "replaced": 1}])
def test_invitations_that_the_box_added(export: Export, counts: dict[str, int]) -> None:
    found = checked(export.again(**counts))
    assert found.passed is False
    assert "监票机有 8 个邀请码（换发 0）" in problem(found)


def test_only_both_together_pass(export: Export) -> None:
    """What SECURITY.md admits: box and witness together cast a ballot for who collected and did not cast."""
    both = replace(export.statement, stamped=4, posted=4, handed_over=4).signed(export.key)
    assert checked(export.again(4, {"statement": both, "kept": 4}, collected=4)).passed is True


def test_an_account_that_is_missing_or_has_more_is_no_export(export: Export) -> None:
    first, rest = export.path.read_bytes().split(b"\n", 1)
    value = json.loads(first)
    for other in (None, value["witness"] | {"more": 1}, value["witness"] | {"kept": -1}, []):
        lines = {name: part for name, part in value.items() if name != "witness" or other is not None}
        lines |= {} if other is None else {"witness": other}
        file = io.BytesIO(json.dumps(lines).encode() + b"\n" + rest)
        with pytest.raises(InvalidInput, match="第一行已被改动"):
            scan_box(file)


def test_a_round_of_one_machine_has_none(export: Export) -> None:
    account = WitnessAccount(export.statement, 1, 3, 0)
    assert WitnessAccount.from_dict(account.to_dict()) == account
    assert "witness" in {check.name for check in verify_box(export.again()).checks}
    assert Box.__dataclass_fields__["witness"].default is None
