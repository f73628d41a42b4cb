"""What a second edition says differently: every kind of value changed alone, and named."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace

from survey.facts.differences import differences
from survey.facts.publication import (
    AddedInvitations,
    EditionContent,
    MendedProblems,
    PaperFacts,
    ReleasedComment,
    TelephoneFacts,
)
from survey.language import speaking
from survey.wording.correction import sentences as corrections
from survey.wording.correction.labels import figure_of
from tests.documents.edition_data import make_edition

Way = tuple[str | int, ...]
SAME = "两版的数字、结论、转给部门的意见和问题清单都相同"


@pytest.fixture(scope="module")
def content() -> EditionContent:
    return replace(
        make_edition(5).content,
        added=(AddedInvitations(day="2026-11-02", kind="slip", count=20, reason="补发"),),
        telephone=TelephoneFacts(population=60, took_part=20, did_not=15, not_reached=25),
        paper=PaperFacts(
            stations=1, handed_out=40, returned=30, cast=25, refused=2, empty=2, not_counted=1, confirmed=1
        ),
        mended=(MendedProblems(slug="2026-q3", title="上一轮", listed=8, verified=6, rate=0.75),),
        restored=0,
    )


def changed(value: Any, way: Way, change: Callable[[Any], Any]) -> Any:
    """`value` with what lies at this way changed, all else as it was."""
    if not way:
        return change(value)
    first, rest = way[0], way[1:]
    if isinstance(value, Struct):
        return replace(value, **{str(first): changed(getattr(value, str(first)), rest, change)})
    if isinstance(value, tuple):
        at = int(first)
        return (*value[:at], changed(value[at], rest, change), *value[at + 1 :])
    return dict(value) | {first: changed(value[first], rest, change)}


def leaves(value: Any, way: Way = ()) -> Iterator[tuple[Way, Any]]:
    if isinstance(value, Struct):
        for name in value.__struct_fields__:
            yield from leaves(getattr(value, name), (*way, name))
    elif isinstance(value, tuple) and value and isinstance(value[0], Struct):
        for at, entry in enumerate(value):
            yield from leaves(entry, (*way, at))
    elif hasattr(value, "items") and value:
        for key, entry in value.items():
            yield from leaves(entry, (*way, key))
    else:
        yield way, value


def other(value: Any) -> Any:
    """A value of the same kind that is another."""
    if value is None:
        return 7
    if value in ("above", "below", "undecided"):
        return "above" if value == "below" else "below"
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 7
    if isinstance(value, str):
        return re.sub(r"^20\d\d-", "2031-", value) if re.match(r"20\d\d-\d\d-\d\d$", value) else value + "改"
    if isinstance(value, tuple):
        return (other(value[0]), *value[1:]) if value else ("新",)
    return {"新": 7}


def kinds(content: EditionContent) -> dict[tuple[str, ...], Way]:
    """One way to each kind of value, by the names of its fields."""
    found: dict[tuple[str, ...], Way] = {}
    for way, _value in leaves(content):
        found.setdefault(tuple(part for part in way if isinstance(part, str)), way)
    return found


def test_every_kind_of_value_changed_alone_is_found_and_named(content: EditionContent) -> None:
    ways = kinds(content)
    assert len(ways) > 250
    unnamed: set[tuple[str, ...]] = set()
    for way in ways.values():
        later = (lambda _old: "2031-01-01") if str(way[-1]).endswith("_on") else other
        found = differences(content, changed(content, way, later))
        assert found, way
        said = corrections.told(found, 2)
        assert len(said) >= 3, way  # the beginning, what differs, and that all else is the same
        assert differences(content, content) == ()
        unnamed |= {e.place for e in found if not figure_of(e.place) and e.place[0] != "comments"}
    assert unnamed == set()


NAMED: list[tuple[Way, Any, str]] = [
    (("facts", "ranking", "departments", 0, "adjusted"), 61.25, "校正得分 "),
    (("facts", "profiles", 1, "items", 0, "mean"), 33.5, "平均分 "),
    (("facts", "counts", "valid"), 12, "邀请和选票数：有效选票 84 → 12。"),
    (("facts", "ranking", "pairs", 0, "significant"), None, "分不分得出高低 分得出 → 分不出"),
    (("themes", 0, "themes", 0, "n"), 15, "评议数 12 → 15"),
    (("problems", 0, "deadline"), "2027-03-31", "期限 2027年1月31日 → 2027年3月31日"),
    (("indicators", 0, "value"), 80.0, "得分 81.25 → 80"),
    (("telephone", "took_part"), 21, "电话核对：说投过的 20 → 21。"),
    (("paper", "returned"), 31, "纸质评议表：收回的表 30 → 31。"),
    (("mended", 0, "rate"), 0.5, "整改完成率 75.0% → 50.0%"),
    (("restored",), 3, "从备份恢复：多出的选票 0 → 3。"),
]


@pytest.mark.parametrize(("way", "value", "said"), NAMED)
def test_what_is_said(content: EditionContent, way: Way, value: Any, said: str) -> None:
    after = changed(content, way, (lambda old: not old) if value is None else lambda _old: value)
    lines = corrections.told(differences(content, after), 2)
    assert any(said in line for line in lines), lines
    assert len(lines) == 3
    assert lines[-1] == f"除以上各项外，{SAME}。"


def test_comments_are_counted_and_not_repeated(content: EditionContent) -> None:
    department = next(iter(content.comments))
    old = content.comments[department]
    new = tuple(ReleasedComment(text=text, themes=()) for text in ("收费不明", "排队太久"))
    found = differences(content, replace(content, comments={department: new}))
    lines = corrections.told(found, 2)
    assert "意见：新转给部门 2 条、收回 1 条。" in lines
    assert not any(old[0].text[:6] in line or "收费" in line or department in line for line in lines)
    gone = corrections.comments(differences(content, replace(content, comments={})))
    assert gone == ["意见：收回 1 条。"]


def test_a_problem_put_on_the_list_and_one_taken_off(content: EditionContent) -> None:
    moved = replace(content.problems[0], number=2)
    lines = corrections.told(differences(content, replace(content, problems=(moved,))), 2)
    name = moved.department
    assert f"问题清单，第 1 号（{name}）：这一项 有 → 没有。" in lines
    assert f"问题清单，第 2 号（{name}）：这一项 没有 → 有。" in lines


def test_many_entries_are_counted_and_another_order_is_not_missed(content: EditionContent) -> None:
    pairs = content.facts.ranking.pairs
    assert len(pairs) == 6
    many = pairs * 3
    ranking = replace(content.facts.ranking, pairs=many)
    after = replace(content, facts=replace(content.facts, ranking=ranking))
    assert len(differences(content, after)) == 12
    longest = corrections._part(
        [corrections.CorrectedValue("两两比较", f"甲{n}", "", "", "") for n in range(70)], False
    )
    assert list(longest)[12:] == ["两两比较：另有 58 处不同，见排名表的“与上一版的不同”。"]
    turned = replace(content.facts, ranking=replace(ranking, pairs=pairs[::-1]))
    assert len(differences(content, replace(content, facts=turned))) == 1


def test_in_english_and_the_same(content: EditionContent) -> None:
    assert corrections.told((), 3) == [f"与第 2 版相比，{SAME}。"]
    after = changed(content, ("facts", "counts", "valid"), other)
    with speaking("en"):
        said = corrections.told(differences(content, after), 2)
    assert all(line.isascii() or "→" in line for line in said), said
    assert "84 → 91" in said[1]


def test_a_long_list_names_ranking_and_problems_and_counts_the_rest(content: EditionContent) -> None:
    facts, ranking = content.facts, content.facts.ranking
    ranked = tuple(replace(d, rank=d.rank + 1) for d in ranking.departments)
    pairs = tuple(replace(p, difference=p.difference + 1) for p in ranking.pairs)
    profiles = tuple(
        replace(p, items=tuple(replace(i, not_known=99) for i in p.items)) for p in facts.profiles
    )
    new = replace(facts, ranking=replace(ranking, departments=ranked, pairs=pairs), profiles=profiles)
    found = differences(content, replace(content, facts=new))
    said = corrections.told(found, 2)
    assert "排名，第2局：名次 2 → 3。" in said
    assert said[-2] == "另有不同：两两比较 6 处、各部门的指标 15 处，见排名表的“与上一版的不同”。"
    on_page = corrections.told(found, 2, on_page=True)
    assert sum("两两比较，" in line for line in on_page) == 6
