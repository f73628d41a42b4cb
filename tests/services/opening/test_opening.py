"""Opening: checked first, all at once, repeatable, and leaving no trace of any order."""

from __future__ import annotations

import io
import json
import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import county
import numpy as np
import pytest
from county import County, plain_answers
from sqlalchemy import select, text

from survey.database import storage_order
from survey.errors import Conflict
from survey.models import Ballot, Comment, Invitation, Job, OpenedBox, State
from survey.protocol.answers import Answers
from survey.protocol.box.export import read_box
from survey.protocol.box.opening import open_ballots
from survey.protocol.box.verify import verify_box
from survey.protocol.crypto.encoding import b64u
from survey.protocol.crypto.merkle import merkle_root
from survey.protocol.errors import InvalidBox, InvalidKeyFile, TooFewKeys, WrongPassphrase
from survey.protocol.holders.keys import unlock_keys
from survey.protocol.receipts import format_receipt, receipt_bytes
from survey.services.followup import comments
from survey.services.opening import box_files
from survey.services.opening import opening_job as openings
from survey.services.operations import audit, job_threads, jobs
from survey.services.operations.job_kinds import Workplace
from survey.services.results import ranking as rankings
from tests.attacks.storage import order_in_file, sqlite_file

BALLOTS = 14


@pytest.fixture(autouse=True)
def _plain_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts and documents are tested where they are made."""
    made = [SimpleNamespace(name="ranking.txt", media_type="text/plain", content=b"files")]
    bundle = SimpleNamespace(make_artifacts=lambda *_args, **_named: made)
    monkeypatch.setitem(sys.modules, "survey.documents.edition.opening_files", bundle)


def some_answers(count: int = BALLOTS) -> list[Answers]:
    chance = random.Random(7)
    return [
        Answers(
            ratings=tuple(
                tuple(
                    min(3, 1 + (chance.random() < 0.2 + 0.2 * d) + (chance.random() < 0.3)) for _ in range(2)
                )
                for d in range(4)
            ),
            strata=(chance.randrange(3),),
            comments={n % 4: f"意见{n}", 3: f"另一条{n}"} if n % 2 else {},
        )
        for n in range(count)
    ]


@pytest.fixture
def closed(place: County) -> County:
    place.collecting(slips=BALLOTS)
    place.receipts = place.cast_all(some_answers())
    return place.close()


def opened(place: County, keys: list[tuple[str, str]] | None = None) -> None:
    openings.open_round(place.database, place.slug, keys or place.key_files, "人大")


def kept(place: County) -> tuple[int, int, str]:
    """(score tables, comments, state)."""
    with place.database.read() as session:
        boxes = len(session.scalars(select(OpenedBox.round_id)).all())
        return boxes, len(session.scalars(select(Comment.id)).all()), place.round().state


def test_what_was_answered_is_what_comes_out(closed: County) -> None:
    closed_round = closed.round()
    expected = merkle_root(sorted(_receipt(r) for r in closed.receipts))
    assert closed_round.merkle_root == expected
    opened(closed)
    table = closed.look(rankings.score_table)
    answers = some_answers()
    assert sorted(map(tuple, table.ratings().reshape(BALLOTS, -1).tolist())) == sorted(
        tuple(level for department in entry.ratings for level in department) for entry in answers
    )
    for department in range(4):
        written = [entry.comments[department] for entry in answers if department in entry.comments]
        found = closed.look(lambda s, r, d=department: comments.comments_of(s, r, d))
        assert sorted(found) == sorted(written)
    assert kept(closed)[2] == State.OPENED
    with closed.database.read() as session:
        audit.verify_chain(session)


def test_the_ranking_is_of_the_points_that_were_given(closed: County) -> None:
    opened(closed)
    ranking = closed.look(rankings.version1_of)
    points = {1: 100.0, 2: 60.0, 3: 20.0}
    answers = some_answers()
    means = [np.mean([[points[v] for v in a.ratings[d]] for a in answers]) for d in range(4)]
    by_name = {entry["name"]: entry for entry in ranking["departments"]}
    names = [d.name for d in closed.description().questionnaire.departments]
    # Everybody rated everything, so the adjusted score is the plain mean.
    assert [by_name[name]["adjusted"] for name in names] == pytest.approx(means, abs=1e-9)
    assert [group["name"] for group in ranking["groups"]] == ["执法", "服务"]
    assert {entry["name"] for entry in ranking["groups"][0]["departments"]} == set(names[:2])
    assert json.loads(json.dumps(ranking)) == ranking
    assert [name for name, _, _ in closed.look(rankings.artifacts)] == ["facts.json", "ranking.txt"]
    assert closed.look(lambda s, r: rankings.artifact(s, r, "ranking.txt")).content == b"files"


def test_too_few_ballots_are_opened_but_rank_nothing(place: County) -> None:
    place.collecting(slips=2, threshold=10)
    place.cast_all(some_answers(2))
    place.close()
    opened(place)
    ranking = place.look(rankings.version1_of)
    assert (ranking["departments"], ranking["n_raters"]) == ([], 2)
    assert len(ranking["notes"]) == 1
    assert [name for name, _, _ in place.look(rankings.artifacts)] == ["facts.json"]
    assert place.round().reordered


@pytest.mark.parametrize("attack", ["one key", "wrong passphrase", "key of another round", "no key file"])
def test_wrong_keys_open_nothing(closed: County, attack: str) -> None:
    good = closed.key_files
    if attack == "one key":
        keys, error = good[:1], TooFewKeys
    elif attack == "wrong passphrase":
        keys, error = [good[0], (good[1][0], "错")], WrongPassphrase
    elif attack == "no key file":
        keys, error = [good[0], ("{}", "口令")], InvalidKeyFile
    else:
        other = County(closed.database, slug="other").populate_again(closed).draft()
        keys, error = [good[0], other.key_files[1]], InvalidKeyFile
    with pytest.raises(error):
        opened(closed, keys)
    assert kept(closed) == (0, 0, State.CLOSED)


def test_not_before_closing_and_not_twice(place: County) -> None:
    place.collecting(slips=BALLOTS)
    place.cast_all(some_answers())
    with pytest.raises(Conflict, match="还没有截止"):
        opened(place)
    place.close()
    opened(place)
    with pytest.raises(Conflict, match="已经开过箱"):
        opened(place)


@pytest.mark.parametrize("change", ["drop", "alter", "add"])
def test_a_box_that_was_changed_after_closing_stays_closed(closed: County, change: str) -> None:
    """With plain SQL, as somebody who owns the database and removes its guards would."""
    with county.without_guards(closed.database) as connection:
        ballot = connection.execute(select(Ballot.__table__).limit(1)).mappings().one()
        if change != "add":
            connection.execute(Ballot.__table__.delete().where(Ballot.spent == ballot["spent"]))
        sealed = ballot["sealed"][:-1] + bytes([ballot["sealed"][-1] ^ 1])
        spent = ballot["spent"] if change == "alter" else b"x" * 32
        if change != "drop":
            connection.execute(Ballot.__table__.insert(), dict(ballot) | {"sealed": sealed, "spent": spent})
    with pytest.raises(InvalidBox):
        opened(closed)
    assert kept(closed) == (0, 0, State.CLOSED)


def test_an_invalid_ballot_is_counted_not_dropped(place: County) -> None:
    place.collecting(slips=BALLOTS + 1)
    phone = place.phone()
    place.cast_all(some_answers())
    phone.collect()
    phone.seal()
    phone.sealed = phone.sealed[:-1] + bytes([phone.sealed[-1] ^ 1])
    receipt = phone.cast()
    place.close()
    opened(place)
    table = place.look(rankings.score_table)
    assert (table.valid, table.invalid) == (BALLOTS, 1)
    with place.database.read() as session:
        assert session.scalar(select(OpenedBox.invalid)) == [{"receipt": receipt, "reason": "decryption"}]


@pytest.mark.parametrize("step", ["erase_traces", "analyse_round"])
def test_an_interrupted_opening_is_completed_without_keys(
    closed: County, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def power_cut(*_: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(openings, step, power_cut)
        with pytest.raises(RuntimeError):
            opened(closed)
    digest = closed.look(rankings.score_table).digest
    opened(closed, [])
    assert closed.look(rankings.score_table).digest == digest
    assert closed.look(rankings.version1_of) is not None
    assert closed.round().reordered


def leave_a_dead_job(place: County) -> None:
    """As a process leaves it that was killed while it opened."""
    old, round_id = datetime.now(UTC) - timedelta(minutes=5), place.round().id
    values = {"kind": openings.KIND.name, "state": "running", "created_at": old, "beat_at": old}
    place.database.write(lambda s: s.add(Job(round_id=round_id, **values)))


def state_of_job(place: County) -> str:
    job_threads.finish()
    return place.look(lambda s, r: jobs.newest(s, openings.KIND, r.id)).state


def test_the_clock_completes_what_needs_no_keys(closed: County, monkeypatch: pytest.MonkeyPatch) -> None:
    leave_a_dead_job(closed)
    jobs.resume_all(Workplace(closed.database, Path()), openings.KIND)
    assert (state_of_job(closed), kept(closed)) == ("running", (0, 0, State.CLOSED)), "only holders can open"
    with monkeypatch.context() as patch:
        patch.setattr(openings, "finish_opening", lambda *_: None)  # killed right after the scores were kept
        opened(closed)
    assert not closed.round().reordered
    jobs.resume_all(Workplace(closed.database, Path()), openings.KIND)
    assert state_of_job(closed) == "done"
    assert closed.look(rankings.version1_of) is not None
    assert closed.round().reordered


def test_a_complete_opening_is_not_analysed_again(closed: County, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(closed)
    leave_a_dead_job(closed)
    monkeypatch.setattr(openings, "finish_opening", lambda *_: pytest.fail("again"))
    jobs.resume_all(Workplace(closed.database, Path()), openings.KIND)
    assert state_of_job(closed) == "done"


def test_an_opening_that_breaks_before_the_commit_keeps_nothing(
    closed: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_named: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(openings, "record", broken)
        with pytest.raises(RuntimeError):
            opened(closed)
    assert kept(closed) == (0, 0, State.CLOSED)
    opened(closed)


def test_nothing_of_the_blind_signing_remains(place: County) -> None:
    closed = place.collecting(slips=BALLOTS)
    closed.cast_all(some_answers())
    with closed.database.read() as session:
        signatures = [bytes(s) for s in session.scalars(select(Invitation.blind_signature)) if any(s)]
    assert len(signatures) == BALLOTS
    closed.close()
    storage_order.erase_traces(closed.database, closed.slug)
    with closed.database.read() as session:
        assert not any(session.scalars(select(Invitation.blinded_hash)))
        assert not any(session.scalars(select(Invitation.blind_signature)))
        assert all(session.scalars(select(Invitation.collected)))
        assert len(session.scalars(select(Ballot.spent)).all()) == BALLOTS
    if closed.database.kind.NAME == "sqlite":
        path = closed.database.engine.url.database
        closed.database.close()
        content = b"".join(file.read_bytes() for file in Path(path).parent.glob("pingyi.sqlite3*"))
        assert not any(signature[:40] in content for signature in signatures)


def test_storage_tells_the_order_before_and_not_after(place: County) -> None:
    """PostgreSQL: xmin, ctid and the dead rows in the heap; SQLite: the order of pages."""
    closed = place.collecting(slips=BALLOTS)
    order = _sqlite_order if closed.database.kind.NAME == "sqlite" else _heap_order
    cast = [_receipt(receipt) for receipt in closed.cast_all(some_answers())]
    assert order(closed) == cast, "before mixing, the file does tell"
    opened(closed.close())
    after = order(closed)
    assert after != cast
    assert sorted(after) == sorted(cast)
    if closed.database.kind.NAME != "sqlite":
        with closed.database.read() as session:
            for table in storage_order.TABLES:
                assert len(session.execute(text(f"SELECT DISTINCT xmin::text FROM {table}")).all()) == 1
                assert session.execute(text(f"SELECT pg_relation_size('{table}')")).scalar() < 200_000


def test_the_export_is_what_reviewers_can_verify(closed: County, tmp_path) -> None:
    before = tmp_path / "closed.jsonl"
    box_files.export_box(closed.database, closed.slug, before)
    with before.open("rb") as file:
        box = read_box(file)
        assert [format_receipt(receipt) for receipt in box.receipts] == sorted(closed.receipts)
        assert (box.counts.invited, box.counts.collected, box.counts.cast) == (BALLOTS, BALLOTS, BALLOTS)
        assert verify_box(file).passed
    opened(closed)
    after = tmp_path / "opened.jsonl"
    box_files.export_box(closed.database, closed.slug, after)
    with after.open("rb") as file:
        box = read_box(file)
        assert box.audit is not None
        keys = unlock_keys(box.description, closed.key_files)
        mine = open_ballots(box.description, box.ballots, keys, merkle_root=box.merkle_root)
        report = verify_box(file, rank=rankings.ranking_from_scores, opened=mine)
    assert report.passed
    assert b64u(mine.scores.rows) not in after.read_text(), "rows come from one's own opening alone"
    assert {check.name for check in report.checks if check.passed} >= {
        "scores",
        "ranking",
        "root",
        "credentials",
    }
    edited = after.read_text().replace('"tier":"a"', '"tier":"b"', 1).replace('"rank":1', '"rank":2', 1)
    edited_box = io.BytesIO(edited.encode())
    report = verify_box(edited_box, rank=rankings.ranking_from_scores, opened=mine)
    assert report.failures == ["ranking"]


def test_an_offline_opening_gives_the_same_score_table(closed: County, tmp_path) -> None:
    exported, result = tmp_path / "box.jsonl", tmp_path / "opened.json"
    box_files.export_box(closed.database, closed.slug, exported)
    with exported.open("rb") as file:
        box = read_box(file)
        keys = unlock_keys(box.description, closed.key_files)
        offline = open_ballots(box.description, box.ballots, keys, merkle_root=box.merkle_root)
    result.write_text(offline.to_json())
    foreign = offline.to_json().replace(box.merkle_root.hex(), "00" * 32)
    (tmp_path / "foreign.json").write_text(foreign)
    with pytest.raises(Conflict, match="不是本轮"):
        box_files.import_opened(closed.database, closed.slug, tmp_path / "foreign.json", "人大")
    assert kept(closed) == (0, 0, State.CLOSED)
    box_files.import_opened(closed.database, closed.slug, result, "人大")
    assert closed.look(rankings.score_table).digest == offline.scores.digest
    assert closed.look(rankings.version1_of) is not None
    with pytest.raises(Conflict, match="已经开过箱"):
        box_files.import_opened(closed.database, closed.slug, result, "人大")


def test_export_and_receipts_wait_for_closing(place: County, tmp_path) -> None:
    place.collecting(slips=1).phone().answer(plain_answers(place.description().questionnaire))
    with pytest.raises(Conflict, match="还没有截止"):
        box_files.export_box(place.database, place.slug, tmp_path / "box.jsonl")
    with pytest.raises(Conflict, match="还没有截止"):
        place.look(box_files.receipts)
    assert list(tmp_path.glob("box*")) == []


def _receipt(text_: str) -> bytes:
    from survey.protocol.receipts import parse_receipt

    return parse_receipt(text_)


def _heap_order(place: County) -> list[bytes]:
    with place.database.read() as session:
        rows = session.execute(text("SELECT sealed FROM ballot ORDER BY ctid"))
        return [receipt_bytes(bytes(sealed)) for (sealed,) in rows]


def _sqlite_order(place: County) -> list[bytes]:
    """Ballots in the order in which they stand in the file."""
    with place.database.read() as session:
        sealed = [bytes(s) for s in session.scalars(select(Ballot.sealed))]
    # The last bytes of a ballot stand in its overflow page.
    order = order_in_file(sqlite_file(place.database), [s[-60:] for s in sealed])
    return [receipt_bytes(sealed[n]) for n in order]
