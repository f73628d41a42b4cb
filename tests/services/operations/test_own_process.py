"""Work in a process of its own: what comes back, and what becomes of the server when memory is short."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import cheap
import pytest
import works_apart

from survey.errors import Conflict
from survey.services.operations.job_kinds import JobCancelled
from survey.services.operations.own_process import TooLittleMemory

Said = list[tuple[object, ...]]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    """What the site calls, which other tests replace; its process finds the works of these tests."""
    monkeypatch.setenv("PYTHONPATH", str(Path(works_apart.__file__).parent))
    monkeypatch.setenv("PINGYI_ANALYSIS_MEMORY", "1024")
    return cheap.APART


def test_result_and_reports_come_back_from_another_process(call: Callable[..., object]) -> None:
    said: Said = []
    process, doubled = call(works_apart.doubled, [1, 2, 3], report=lambda *told: said.append(told))  # type: ignore[misc]
    assert doubled == [2, 4, 6]
    assert process != os.getpid()
    assert said == [("doubling", 1, 3), ("doubling", 2, 3), ("doubling", 3, 3)]


def test_a_refusal_comes_back_as_it_was_worded(call: Callable[..., object]) -> None:
    with pytest.raises(Conflict, match="本轮（2026-q4）还没有开箱。") as refused:
        call(works_apart.refused, "2026-q4", report=print)
    assert refused.value.say_remedy() == "请先开箱。"
    assert refused.value.message == "本轮（%(name)s）还没有开箱。", "still to be translated"


@pytest.mark.parametrize(("work", "given"), [(works_apart.greedy, [2048]), (works_apart.killed, [])])
def test_memory_that_is_short_is_said_with_what_to_do(
    call: Callable[..., object], work: Callable[..., object], given: list[int]
) -> None:
    with pytest.raises(TooLittleMemory, match="1024 MB") as refused:
        call(work, *given, report=print)
    assert "PINGYI_ANALYSIS_MEMORY" in refused.value.say_remedy()
    assert call(works_apart.greedy, 100, report=print) == 100 << 20, "less is within the limit"


def test_an_accident_tells_nothing_of_what_was_answered(call: Callable[..., object]) -> None:
    with pytest.raises(Exception) as error:
        call(works_apart.broken, report=print)
    assert "answered" not in repr(error.value)


def test_who_cancels_ends_the_process(call: Callable[..., object]) -> None:
    def cancelled(*_told: object) -> None:
        raise JobCancelled

    with pytest.raises(JobCancelled):
        call(works_apart.endless, report=cancelled)
