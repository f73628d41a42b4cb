"""Stations whose program is killed (SIGKILL) at any moment: a later run goes on, nothing is done twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from county import County
from flask import Flask
from served import running

from survey.documents.paper.layout import Question, QuestionKind, Style
from survey.paper.scans.judge import Doubt
from survey.paper.scans.reading import PageRead
from survey.paper.station.ends import CAST
from survey.paper.station.folder import CASTS, IMAGES, PAGES, Station
from survey.paper.station.settling import Settling
from tests.paper.printed import clean_form
from tests.paper.rounds import described, invited, questionnaire
from tests.paper.stations import begun, keep_form
from tests.paper.test_casting import receipts

TRIALS = 30 if os.environ.get("NIGHTLY") else 3
SHAPE = (30, 2, 5)


@pytest.fixture
def url(site: Flask, place: County) -> Iterator[str]:
    with running(site) as address:
        yield f"{address}/s/{place.slug}"


def started(*arguments: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "survey.cli", "paper", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def killed(process: subprocess.Popen[bytes], begun: Callable[[], bool], delay: float) -> bool:
    """Kill a process `delay` seconds after it began to do something; whether it was still at work."""
    while process.poll() is None and not begun():
        time.sleep(0.001)
    time.sleep(delay)
    process.kill()
    return process.wait() == -signal.SIGKILL


def changed(folder: Path) -> Callable[[], bool]:
    """Whether a file came to a folder, or was replaced, since now."""

    def seen() -> set[tuple[str, int]]:
        return {(entry.name, entry.inode()) for entry in os.scandir(folder)}

    before = seen()
    return lambda: seen() != before


@pytest.mark.timeout(600)
def test_nothing_is_cast_twice(place: County, url: str, tmp_path: Path) -> None:
    station = begun(tmp_path / "station", place.description(), url)
    forms = [keep_form(station, code) for code in place.codes[: TRIALS + 3]]
    chance, ended = random.Random(17), 0
    for _ in range(TRIALS):
        process = started("cast", station.folder)
        ended += killed(process, changed(station.folder / CASTS), chance.uniform(0, 0.06))
    assert ended >= TRIALS * 0.8, "most were killed at work"
    assert started("cast", station.folder).wait() == 0
    casts = Station(station.folder).casts()
    assert {form: known["state"] for form, known in casts.items()} == dict.fromkeys(forms, CAST)
    assert sorted(known["receipt"] for known in casts.values()) == receipts(place)


def descendants(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task/{process}/children").read_text("ascii").split()
    return [one for child in map(int, children) for one in (child, *descendants(child))]


def lives(process: int) -> bool:
    """Whether a process runs; one that only waits for somebody to ask after it does not."""
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text("utf-8")
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
@pytest.mark.timeout(600)
def test_reading_goes_on_and_leaves_no_process_behind(tmp_path: Path) -> None:
    _, clean = clean_form(*SHAPE, Style())
    small = [page.resize((page.width // 2, page.height // 2)) for page in clean] * 8
    small[0].save(tmp_path / "scan.pdf", save_all=True, append_images=small[1:], resolution=120)
    station = begun(tmp_path / "station", described(questionnaire(*SHAPE)))
    command, chance = ("read", station.folder, tmp_path / "scan.pdf", "--workers", 2), random.Random(4)
    for _ in range(3):
        process, began = started(*command), changed(station.folder / PAGES)
        while process.poll() is None and not began():
            time.sleep(0.001)
        workers = descendants(process.pid)
        killed(process, lambda: True, chance.uniform(0, 0.1))
        until = time.monotonic() + 20
        while any(map(lives, workers)) and time.monotonic() < until:
            time.sleep(0.05)
        assert not [worker for worker in workers if lives(worker)]
    assert started(*command).wait() == 0
    found = Station(station.folder).pages()
    assert [page.number for page in found] == list(range(1, len(small) + 1))
    assert all(isinstance(page.found, PageRead) for page in found)
    assert len(list((station.folder / IMAGES).glob("*.jpg"))) == len(small)


DECIDING = """
import sys
from pathlib import Path
from survey.paper.station.folder import Station
from survey.paper.station.settling import Settling
settling, mine = Settling(Station(Path(sys.argv[1]))), int(sys.argv[2])
for item in settling.waiting(0):
    if sum(item.form.encode()) % 2 == mine:
        settling.decide(0, item, "3")
        print(item.form, item.key, flush=True)
"""


@pytest.mark.timeout(600)
def test_no_decision_is_lost_that_was_confirmed(tmp_path: Path) -> None:
    """Two programs, as two windows, write decisions of one person at once, and both are killed."""
    round = described(questionnaire(8, 2, 5))
    station = begun(tmp_path / "station", round)
    doubtful = {Question(QuestionKind.RATING, d, i): Doubt.FAINT for d in range(8) for i in range(2)}
    for each in invited(round, 12):
        keep_form(station, each.code, doubts=doubtful)
    command, chance = [sys.executable, "-c", DECIDING, station.folder], random.Random(8)
    for _ in range(max(1, TRIALS // 3)):
        both = [
            subprocess.Popen([*map(str, command), str(n)], stdout=subprocess.PIPE, text=True) for n in (0, 1)
        ]
        killed(both[0], changed(station.folder), chance.uniform(0.05, 0.3))
        both[1].kill()
        told = {tuple(line.split()) for each in both for line in each.communicate()[0].splitlines()}
        found = {(form, key) for form, keys in Settling(station).decisions(0).items() for key in keys}
        assert told <= found
        assert told
    assert not list(station.folder.glob("decisions-[12].json"))
