"""Closing as a job: phones go on until the round is closed, and whatever stops it leaves one or the other."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from county import SECRET, County, plain_answers, without_guards
from sqlalchemy import text, update

from survey.clock import now
from survey.errors import Conflict
from survey.models import Job, State
from survey.protocol.crypto.merkle import merkle_root
from survey.protocol.receipts import parse_receipt
from survey.services.opening import closing_job
from survey.services.operations import job_threads, jobs
from survey.services.operations.job_kinds import Workplace
from survey.services.rounds import closing

BALLOTS = 4
STEPS = (closing_job.CHECKING, closing_job.CLOSING, closing_job.ERASING, closing_job.LISTING)
# Ends like a machine without power when the job says that it begins this step.
DIES = """
import os, signal, sys
from pathlib import Path
from survey.database.engine import Database
from survey.models import Job
from survey.services.opening import closing_job
from survey.services.operations.job_kinds import Running, Workplace

class Dies(Running):
    def __call__(self, step, done=0, total=0):
        super().__call__(step, done, total)
        if step == sys.argv[3]:
            os.kill(os.getpid(), signal.SIGKILL)

database = Database(sys.argv[1], secret_key=sys.argv[4])
with database.read() as session:
    job = session.query(Job).one()
asked = closing_job.KIND.asked(job)
closing_job.KIND.run(Dies(Workplace(database, Path(sys.argv[2])), job.id, job.round_id, asked))
"""


@pytest.fixture
def voted(place: County) -> tuple[County, list[str]]:
    """A round with ballots whose closing was proposed, and their receipts."""
    place.collecting(slips=BALLOTS + 2)
    receipts = place.cast_all([plain_answers(place.description().questionnaire)] * BALLOTS)
    place.act(lambda s, r: closing.propose_closing(s, r, place.administrator))
    return place, receipts


def root_of(receipts: list[str]) -> bytes:
    return merkle_root(sorted(parse_receipt(receipt) for receipt in receipts))


def confirm(place: County, folder: Path) -> Job:
    """What a reviewer's press does, to its end."""
    work = Workplace(place.database, folder)
    key = closing_job.start(work, place.slug, place.reviewers[0])
    job_threads.finish()
    with place.database.read() as session:
        return session.get_one(Job, key)


def test_a_confirmed_round_is_closed_erased_and_listed(
    voted: tuple[County, list[str]], tmp_path: Path
) -> None:
    place, receipts = voted
    assert confirm(place, tmp_path).state == "done"
    found = place.round()
    assert (found.state, found.cast_count, found.merkle_root) == (State.CLOSED, BALLOTS, root_of(receipts))
    assert found.blind_key_private is None
    assert found.reordered
    assert len(list((tmp_path / "receipts").iterdir())) == 1
    with place.database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM invitation WHERE blinded_hash IS NOT NULL")) == 0
        assert session.scalar(text("SELECT count(*) FROM invitation WHERE collected_reported")) == BALLOTS


def test_a_ballot_cast_while_others_are_checked_counts(
    voted: tuple[County, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, receipts = voted
    check = closing.check_ballots

    def late(session, round, checked, progress=None):
        found = check(session, round, checked, progress)
        if not checked.receipts:
            receipts.append(place.phone().answer())
        return found

    monkeypatch.setattr(closing, "check_ballots", late)
    assert confirm(place, tmp_path).state == "done"
    assert place.round().merkle_root == root_of(receipts)
    assert place.round().cast_count == BALLOTS + 1


def test_phones_do_not_wait_for_the_root_of_what_was_checked(
    voted: tuple[County, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, receipts = voted
    with place.database.read() as session:
        checked = closing.check_ballots(session, place.round(), closing.CheckedBallots())
    monkeypatch.setattr(closing, "merkle_root", None)
    place.act(lambda s, r: closing.confirm_closing(s, r, place.reviewers[0], checked))
    assert place.round().merkle_root == root_of(receipts)


def test_a_proposal_withdrawn_meanwhile_is_not_closed(
    voted: tuple[County, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two administrators: one withdraws, and proposes anew, while the other's proposal is being confirmed."""
    place, _ = voted
    check = closing_job._check

    def withdrawn(*given):
        found = check(*given)
        place.act(lambda s, r: closing.withdraw_closing(s, r, place.administrator))
        place.act(lambda s, r: closing.propose_closing(s, r, place.administrator))
        return found

    monkeypatch.setattr(closing_job, "_check", withdrawn)
    job = confirm(place, tmp_path)
    assert job.state == "failed"
    assert "撤回过" in job_threads.why(job)[0]
    assert (place.round().state, place.round().merkle_root) == (State.OPEN, None)
    work = Workplace(place.database, tmp_path)
    assert closing_job.following(work, place.round()) is None, (
        "it is not told of the proposal that stands now"
    )
    monkeypatch.undo()
    assert confirm(place, tmp_path).state == "done"
    assert place.round().state == State.CLOSED


def test_what_fails_changes_nothing_and_is_told(voted: tuple[County, list[str]], tmp_path: Path) -> None:
    place, _ = voted
    with without_guards(place.database) as connection:
        connection.execute(text("UPDATE ballot SET signature = :none"), {"none": bytes(384)})
    job = confirm(place, tmp_path)
    assert "凭证不是本轮签发的" in job_threads.why(job)[0]
    assert place.round().state == State.OPEN
    assert place.round().blind_key_private is not None
    told = closing_job.following(Workplace(place.database, tmp_path), place.round())
    assert told is not None
    assert told.state == "failed"
    assert place.phone().answer(), "phones go on"


def test_a_ballot_that_is_gone_after_it_was_checked_is_noticed(voted: tuple[County, list[str]]) -> None:
    place, _ = voted
    checked = place.look(lambda s, r: closing.check_ballots(s, r, closing.CheckedBallots()))
    with without_guards(place.database) as connection:
        connection.execute(text("DELETE FROM ballot WHERE spent = (SELECT spent FROM ballot LIMIT 1)"))
    with pytest.raises(Conflict, match="不见了"):
        place.act(lambda s, r: closing.confirm_closing(s, r, place.reviewers[0], checked))
    assert place.round().state == State.OPEN


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_it_is_open_or_closed_and_goes_on(
    voted: tuple[County, list[str]], tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, receipts = voted
    work = Workplace(place.database, tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(jobs, "launch", lambda *_: None)  # the process that dies does it
        closing_job.start(work, place.slug, place.reviewers[0])
    command = [sys.executable, "-c", DIES, place.database.url, str(tmp_path), step, SECRET]
    died = subprocess.run(command, env=os.environ, capture_output=True, check=False)
    assert died.returncode == -9, died.stderr.decode()
    found = place.round()
    if step in (closing_job.CHECKING, closing_job.CLOSING):
        assert (found.state, found.merkle_root) == (State.OPEN, None)
        assert found.blind_key_private is not None
    else:
        assert (found.state, found.merkle_root) == (State.CLOSED, root_of(receipts))
    place.database.write(
        lambda s: s.execute(update(Job).values(beat_at=now() - jobs.DEAD_AFTER * 2)) and None
    )
    jobs.resume_all(work, closing_job.KIND)
    job_threads.finish()
    found = place.round()
    assert (found.state, found.cast_count, found.merkle_root) == (State.CLOSED, BALLOTS, root_of(receipts))
    assert found.reordered
    with place.database.read() as session:
        assert session.query(Job).one().state == "done"
        assert session.scalar(text("SELECT count(*) FROM audit_event WHERE action = 'round.close'")) == 1
