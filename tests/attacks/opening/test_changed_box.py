"""One ballot dropped, added or altered after closing, by somebody who owns the database and all guards."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from county import County, without_guards
from sqlalchemy import select, text

from survey.errors import Conflict, InvalidInput
from survey.models import Ballot, State
from survey.protocol.box.checks import check_root_start
from survey.protocol.box.export import read_box
from survey.protocol.box.opening import open_ballots
from survey.protocol.box.verify import verify_box
from survey.protocol.crypto.merkle import merkle_root
from survey.protocol.errors import InvalidBox
from survey.protocol.holders.keys import unlock_keys
from survey.protocol.receipts import parse_receipt, receipt_bytes
from survey.services.opening import box_files
from survey.services.opening import opening_job as openings
from survey.services.operations.audit import event_hash
from survey.services.rounds import closing
from survey.services.rounds.closing import closing_entry, recorded_root

PHONES = 5
TABLE = Ballot.__table__


@pytest.fixture
def closed(place: County) -> County:
    """Five of six enterprises have answered; `spare` has collected but not cast."""
    place.collecting(slips=PHONES + 1)
    place.receipts = [place.phone().answer() for _ in range(PHONES)]
    place.spare = place.phone()
    place.spare.collect()
    place.spare.seal()
    place.close()
    place.published = place.round().merkle_root
    return place


def drop(closed: County, connection: Any) -> None:
    spent = connection.execute(select(TABLE.c.spent).limit(1)).scalar_one()
    connection.execute(TABLE.delete().where(TABLE.c.spent == spent))


def add(closed: County, connection: Any) -> None:
    """A ballot with a true credential, that came too late."""
    import hashlib

    phone = closed.spare
    values = phone.ballot().parts()
    values |= {"round_id": closed.round().id, "spent": hashlib.sha256(phone.message[-65:]).digest()}
    connection.execute(TABLE.insert(), values)


def alter(closed: County, connection: Any) -> None:
    """The same credential under another sealed ballot."""
    spent = connection.execute(select(TABLE.c.spent).limit(1)).scalar_one()
    other = closed.spare.sealed
    connection.execute(TABLE.update().where(TABLE.c.spent == spent).values(sealed=other))


def cover_up(closed: County, connection: Any) -> None:
    """Make root and counts fit what is there now."""
    receipts = sorted(receipt_bytes(s) for s in connection.execute(select(TABLE.c.sealed)).scalars())
    kind = "blob" if closed.database.kind.NAME == "sqlite" else "bytea"
    connection.execute(
        text(f"UPDATE round SET merkle_root = CAST(:root AS {kind}), cast_count = :cast"),
        {"root": merkle_root(receipts), "cast": len(receipts)},
    )


CHANGES = [drop, add, alter]


def forge(closed: County, connection: Any) -> None:
    """One ballot under a credential that the round never signed."""
    spent = connection.execute(select(TABLE.c.spent).limit(1)).scalar_one()
    signature = closed.spare.signature
    connection.execute(TABLE.update().where(TABLE.c.spent == spent).values(signature=signature))


def exported(place: County, folder: Path) -> io.BytesIO:
    """By a server that does not look at what it hands out."""
    path = folder / "box.jsonl"
    with mock.patch.object(box_files, "require_sound"):
        box_files.export_box(place.database, place.slug, path)
    return io.BytesIO(path.read_bytes())


@pytest.mark.parametrize("change", CHANGES)
def test_it_cannot_be_opened(closed: County, change: Callable, tmp_path: Path) -> None:
    with without_guards(closed.database) as owner:
        change(closed, owner)
    with pytest.raises(InvalidBox):
        openings.open_round(closed.database, closed.slug, closed.key_files, "人大")
    assert closed.round().state == State.CLOSED
    assert "root" in verify_box(exported(closed, tmp_path)).failures


@pytest.mark.parametrize("covered", [False, True])
@pytest.mark.parametrize("change", [*CHANGES, forge])
def test_whoever_looks_sees_it(
    closed: County, change: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, covered: bool
) -> None:
    """Export, opening, import and verifying agree: none passes what another refuses."""
    monkeypatch.setattr(openings, "finish_opening", lambda *_: None)
    description, root = closed.description(), closed.published
    keys = unlock_keys(description, closed.key_files)
    honest = list(openings.StoredBallots(closed.database, closed.round().id))
    result = tmp_path / "opened.json"
    result.write_text(open_ballots(description, honest, keys, merkle_root=root).to_json(), encoding="utf-8")
    with without_guards(closed.database) as owner:
        change(closed, owner)
        if covered:
            cover_up(closed, owner)
    assert not verify_box(exported(closed, tmp_path), root=root).passed
    with pytest.raises((InvalidBox, Conflict)):
        openings.open_round(closed.database, closed.slug, closed.key_files, "人大")
    with pytest.raises(Conflict):
        box_files.export_box(closed.database, closed.slug, tmp_path / "refused.jsonl")
    with pytest.raises(Conflict):
        box_files.import_opened(closed.database, closed.slug, result, "人大")
    assert closed.round().state == State.CLOSED
    assert not list(tmp_path.glob("refused*"))


@pytest.mark.parametrize("change", [drop, add])
def test_a_cover_up_fails_against_what_was_published(
    closed: County, change: Callable, tmp_path: Path
) -> None:
    """Naive: a reviewer who compares the box with itself. Ours compares with the root in the minutes."""
    with without_guards(closed.database) as owner:
        change(closed, owner)
        cover_up(closed, owner)
    box = exported(closed, tmp_path)
    assert verify_box(box).passed, "alone, the box contradicts nothing"
    box.seek(0)
    assert verify_box(box, root=closed.published).failures == ["root"]


def test_another_ballot_under_an_existing_credential(closed: County, tmp_path: Path) -> None:
    """Naive: version 1, whose credentials sign nothing (tests/protocol/box/test_version1.py)."""
    with without_guards(closed.database) as owner:
        alter(closed, owner)
        cover_up(closed, owner)
    assert verify_box(exported(closed, tmp_path)).failures == ["credentials"]
    description, root = closed.description(), closed.round().merkle_root
    ballots = openings.StoredBallots(closed.database, closed.round().id)
    keys = unlock_keys(description, closed.key_files)
    with pytest.raises(InvalidBox, match="内容被换过"):
        open_ballots(description, ballots, keys, merkle_root=root)


def test_another_ballot_does_not_close(place: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exchanged while the round collects, past all triggers; without the look at the proof it closes."""
    place.collecting(slips=3)
    for _ in range(2):
        place.phone().answer()
    place.spare = place.phone().seal()
    with without_guards(place.database) as owner:
        alter(place, owner)
    with pytest.raises(Conflict, match="内容被换过"):
        place.close()
    assert place.round().state == State.OPEN
    monkeypatch.setattr(closing, "check_credentials", lambda _key, _about, _ballots, receipts: receipts)
    place.act(lambda s, r: closing.withdraw_closing(s, r, place.administrator))
    assert place.close().round().state == State.CLOSED


@pytest.mark.parametrize("change", [drop, add])
def test_opening_does_not_believe_the_stored_root(
    closed: County, change: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The audit log has the root as well; without that look the box opens to other scores."""
    monkeypatch.setattr(openings, "analyse_round", lambda *_: None)
    with without_guards(closed.database) as owner:
        change(closed, owner)
        cover_up(closed, owner)
    with pytest.raises(Conflict, match="操作日志"):
        openings.open_round(closed.database, closed.slug, closed.key_files, "人大")
    assert closed.round().state == State.CLOSED
    monkeypatch.setattr(openings, "recorded_root", lambda _s, round: round.merkle_root)
    openings.open_round(closed.database, closed.slug, closed.key_files, "人大")
    assert closed.round().state == State.OPENED, "naive: the stored root fits the stored ballots"


def test_a_log_rewritten_with_it_fails_against_the_minutes(closed: County) -> None:
    """Whoever also rewrites the log's chain is left with the paper that the holders read from."""
    with without_guards(closed.database) as owner:
        drop(closed, owner)
        cover_up(closed, owner)
    root = closed.round().merkle_root
    with closed.database.read() as session:
        entry = closing_entry(session, closed.round())
    entry.detail = entry.detail | {"merkle_root": root.hex()}
    kind = ("TEXT", "BLOB") if closed.database.kind.NAME == "sqlite" else ("JSON", "BYTEA")
    with without_guards(closed.database) as owner:
        owner.execute(
            text(
                f"UPDATE audit_event SET detail = CAST(:d AS {kind[0]}), hash = CAST(:h AS {kind[1]})"
                " WHERE number = :n"
            ),
            {"d": json.dumps(entry.detail), "h": event_hash(entry), "n": entry.number},
        )
    assert closed.look(recorded_root) == root, "the database contradicts nothing any more"
    check_root_start(root, root.hex()[:8])
    with pytest.raises(InvalidInput, match="截止记录"):
        check_root_start(root, closed.published.hex()[:8])
    for typed in ("", root.hex()[:7], "00000000"):
        with pytest.raises(InvalidInput):
            check_root_start(root, typed)


@pytest.mark.parametrize("change", [drop, alter])
def test_the_enterprise_whose_ballot_is_gone_finds_out(
    closed: County, change: Callable, tmp_path: Path
) -> None:
    with without_guards(closed.database) as owner:
        change(closed, owner)
        cover_up(closed, owner)
    listed = set(closed.look(box_files.receipts))
    missing = [receipt for receipt in closed.receipts if parse_receipt(receipt) not in listed]
    assert len(missing) == 1
    box = exported(closed, tmp_path)
    assert "receipt" in verify_box(box, receipt=missing[0]).failures


def test_a_mark_in_a_line_of_the_export(closed: County, tmp_path: Path) -> None:
    """Attack: the office marks one firm's ballot in the file, in a field or in how the line is written."""
    lines = exported(closed, tmp_path).readlines()
    first = json.loads(lines[1])
    marks = (
        json.dumps(first | {"mark": "x"}, separators=(",", ":")),
        json.dumps(first),
        json.dumps(dict(reversed(first.items())), separators=(",", ":")),
        lines[1].decode().rstrip().replace('"message":', '"sealed":"AA","message":'),
        lines[1].decode().rstrip().replace("message", "m\\u0065ssage", 1),
        lines[1].decode().rstrip() + " ",
    )
    for mark in marks:
        marked = b"".join([lines[0], mark.encode() + b"\n", *lines[2:]])
        naive = json.loads(marked.splitlines()[1])
        assert all(naive[name] == first[name] for name in first), "a reader of JSON sees the same ballot"
        assert verify_box(io.BytesIO(marked)).failures == ["format"]
        with pytest.raises(InvalidBox, match="第 2 行"):
            read_box(io.BytesIO(marked))


def test_an_audit_log_rewritten_in_the_middle(closed: County) -> None:
    """The root also stands in the chained log; a changed entry breaks the chain from there on."""
    from survey.services.operations import audit

    with closed.database.read() as session:
        audit.verify_chain(session)
    with without_guards(closed.database) as owner:
        row = owner.execute(text("SELECT number, detail FROM audit_event WHERE action = 'round.close'")).one()
        detail = row.detail if isinstance(row.detail, dict) else json.loads(row.detail)
        assert detail["merkle_root"] == closed.published.hex()
        changed = json.dumps(detail | {"merkle_root": "00" * 32})
        kind = "TEXT" if closed.database.kind.NAME == "sqlite" else "JSON"
        owner.execute(
            text(f"UPDATE audit_event SET detail = CAST(:d AS {kind}) WHERE number = :n"),
            {"d": changed, "n": row.number},
        )
    with closed.database.read() as session, pytest.raises(Conflict, match=f"第 {row.number} 条"):
        audit.verify_chain(session)
