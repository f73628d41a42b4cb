"""`kill -9` in the middle of an opening, at every stage: nothing half opened, the same score table after."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from county import County, plain_answers
from sqlalchemy import func, select

from survey.models import Comment, OpenedBox, State
from survey.services.opening import opening_job as openings
from survey.services.results import ranking

PHONES = 6
# Stops itself at the named place, as a power cut would, having done everything before it.
CHILD = """
import json, os, signal, sys
sys.path[:0] = {path!r}
from survey.protocol.box import opening
from survey.database.engine import Database
from survey.services.opening import opening_job as openings
from survey.database import storage_order as reordering
stage, count = {stage!r}, {count!r}

def die(*_args, **_named):
    os.kill(os.getpid(), signal.SIGKILL)

seen = 0
def progress(step, done, total):
    global seen
    seen += 1
    if stage == "progress" and seen == count:
        die()

opening.PROGRESS_STEP = 1
openings.analyse_round = die if stage == "analyse" else (lambda *_: None)
if stage == "commit":
    openings.record = die
if stage == "erase":
    openings.erase_traces = die
if stage == "mark":
    reordering._mark = die
key_files = [tuple(pair) for pair in json.load(open({keys!r}))]
database = Database({url!r})
openings.open_round(database, {slug!r}, key_files, "人大", progress)
database.close()
"""
STAGES = [("progress", 1), ("progress", 4), ("commit", 0), ("erase", 0), ("mark", 0), ("analyse", 0)]


@pytest.fixture
def closed(place: County) -> County:
    place.collecting(slips=PHONES)
    questionnaire = place.description().questionnaire
    for number in range(PHONES):
        place.phone().answer(plain_answers(questionnaire, 1 + number % 3, {0: f"意见{number}"}))
    return place.close()


def run(place: County, folder: Path, stage: str, count: int) -> int:
    keys = folder / "keys.json"
    keys.write_text(json.dumps(place.key_files), encoding="utf-8")
    program = CHILD.format(
        path=sys.path, stage=stage, count=count, keys=str(keys), url=place.database.url, slug=place.slug
    )
    environment = dict(os.environ)
    return subprocess.run([sys.executable, "-c", program], env=environment, check=False).returncode


def kept(place: County) -> tuple[str, int, int]:
    with place.database.read() as session:
        boxes = session.scalar(select(func.count()).select_from(OpenedBox)) or 0
        comments = session.scalar(select(func.count()).select_from(Comment)) or 0
    return place.round().state, boxes, comments


@pytest.mark.parametrize(("stage", "count"), STAGES)
def test_killed(
    closed: County, tmp_path: Path, stage: str, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(closed, tmp_path, stage, count) == -signal.SIGKILL
    before = kept(closed)
    if stage in ("progress", "commit"):
        assert before == (State.CLOSED, 0, 0)
    else:
        assert before == (State.OPENED, 1, PHONES)
    monkeypatch.setattr(openings, "analyse_round", lambda *_: None)
    openings.open_round(closed.database, closed.slug, closed.key_files, "人大")
    assert kept(closed) == (State.OPENED, 1, PHONES)
    assert closed.round().reordered
    table = closed.look(ranking.score_table)
    rows = [table.rows[n : n + 9] for n in range(0, len(table.rows), 9)]
    assert rows == sorted(bytes([level] * 8 + [0]) for level in (1, 1, 2, 2, 3, 3))
