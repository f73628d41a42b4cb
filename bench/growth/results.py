"""Results of an opened round, stage by stage: processor seconds and greatest memory of each.

`python -m bench results`, or `python -m bench.growth.results 10000` for so many ballots of 30 departments.
Stages are those that the job's page names.
"""

from __future__ import annotations

import hashlib
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from analysis.threads import blas_threads
from bench.ballot import describe, round_key
from survey.demo.crowd import Crowd
from survey.facts.round import BallotCounts
from survey.protocol.answers import Answers
from survey.protocol.box.scoretable import ScoreTable
from survey.protocol.description import RoundDescription
from survey.services.results.analysing import _draw, _work_out
from survey.services.rounds.defaults import default_questionnaire

SIZE = 100_000
ROSTER = 1.2
"""Enterprises on the roster for each ballot."""


class Stages:
    """Seconds and megabytes by the name of a stage; called as the progress of a job."""

    def __init__(self) -> None:
        self.figures: list[dict[str, Any]] = []
        self._begin("")

    def __call__(self, name: object, *_: object) -> None:
        self._end()
        self._begin(str(name))

    def done(self) -> None:
        self._end()

    def _begin(self, name: str) -> None:
        # Linux forgets the greatest memory so far, so that each stage has its own.
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        self._name, self._started = name, time.process_time()

    def _end(self) -> None:
        seconds = time.process_time() - self._started
        status = Path("/proc/self/status").read_text(encoding="ascii")
        megabytes = int(status.split("VmHWM:")[1].split()[0]) / 1024
        print(f"{self._name or '(before)':<30}{seconds:9.2f} s{megabytes:9.0f} MB", flush=True)
        self.figures.append({"name": self._name, "CPU": seconds, "MB": megabytes})


def opened(size: int) -> tuple[RoundDescription, ScoreTable]:
    """A round of the demonstration's crowd, and its scores."""
    holders = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    questionnaire = default_questionnaire()
    description = replace(
        describe(round_key(), holders),
        id=hashlib.sha256(b"bench").hexdigest()[:32],
        opens_on="2026-10-01",
        closes_on="2026-10-31",
        threshold=10,
        questionnaire=questionnaire,
    )
    crowd = Crowd(questionnaire, 7)
    return description, ScoreTable.build(description, (_row(crowd.answers(n)) for n in range(size)))


def _row(answers: Answers) -> bytes:
    return b"".join(map(bytes, answers.ratings)) + bytes(answers.strata)


def _roster(description: RoundDescription, scores: ScoreTable) -> dict[str, dict[str, int]]:
    """Enterprises by stratum and option, in proportion to the ballots."""
    said = scores.strata_columns()
    return {
        stratum.name: {
            option: round(ROSTER * int((said[:, place] == code).sum()))
            for code, option in enumerate(stratum.options, start=1)
        }
        for place, stratum in enumerate(description.questionnaire.strata)
    }


def main(size: int = SIZE) -> list[dict[str, Any]]:
    """Measure and print; the figures as dictionaries with `name`, `CPU` (s) and `MB`."""
    description, scores = opened(size)
    margins = _roster(description, scores)
    counts = BallotCounts(
        invited=round(ROSTER * size), collected=size, cast=size, replaced=0,
        valid=size, invalid=0, merkle_root="00" * 32,
    )  # fmt: skip
    stages = Stages()
    # As in a process of its own (survey/services/operations/own_process.py).
    with blas_threads(0):
        _ranking, (_name, _kind, facts) = _work_out(
            description, scores, margins, [], counts, "quarter", None, stages
        )
        print(f"facts: {hashlib.sha256(facts).hexdigest()[:16]}, {len(facts):,} bytes")
        files, failures = _draw(description, facts, counts, scores.digest, stages)
    stages.done()
    assert not failures, failures
    print(f"files: {len(files)}; in all {sum(f['CPU'] for f in stages.figures):.1f} s")
    return stages.figures


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
