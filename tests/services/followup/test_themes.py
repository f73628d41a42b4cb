"""Themes: the list as text, and counts that no enterprise can be worked out from."""

from __future__ import annotations

import itertools

import pytest

from survey.errors import InvalidInput
from survey.services.followup.themes import DEFAULTS, count_themes, publishable, read_themes, write_themes


def test_the_list_survives_being_text() -> None:
    assert read_themes(write_themes(DEFAULTS)) == DEFAULTS
    assert read_themes("拖延: 太慢，太慢、等了\n\n") == read_themes("拖延：太慢 等了")


@pytest.mark.parametrize("text", ["没有冒号", "名称：", "：词", "好：词\n坏"])
def test_a_line_that_is_no_theme_is_named(text: str) -> None:
    with pytest.raises(InvalidInput, match=f"第 {len(text.splitlines())} 行"):
        read_themes(text)


def test_a_comment_may_belong_to_several() -> None:
    counts = count_themes(DEFAULTS, ["窗口态度生硬，等了三个月", "系统打不开", "很好"])
    assert {name for name, n in counts.items() if n} == {"服务态度", "办事拖延", "系统与网办"}


@pytest.mark.parametrize(("n", "shown"), [(9, None), (10, 10), (20, 20), (21, None), (30, None)])
def test_a_count_is_shown_only_between_two_large_groups(n: int, shown: int | None) -> None:
    assert publishable("局", {"拖延": n}, 30, 10).themes[0].n == shown


def test_few_comments_are_not_even_counted() -> None:
    assert publishable("局", {"拖延": 9}, 9, 10).n is None


def test_no_two_shown_counts_give_a_third_group_away() -> None:
    """However 14 comments are about A or B: with both counts known, how many are about both stays open."""
    threshold, total = 4, 14
    for a, b in itertools.product(range(total + 1), repeat=2):
        shown = [t.n for t in publishable("局", {"A": a, "B": b}, total, threshold).themes]
        if None in shown:
            continue
        possible = [both for both in range(total + 1) if both <= min(a, b) and a + b - both <= total]
        assert len(possible) > 1, (a, b)
