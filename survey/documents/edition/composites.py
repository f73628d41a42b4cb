"""A published composite in documents: how it was made, what it says, and its tables."""

from collections.abc import Iterator, Sequence
from typing import Final

from survey.clock import day_text
from survey.parts import Part
from survey.wording.document_numbers import interval, rank_set, score, signed, signed_interval

HEADINGS: Final = ("综合名次", "部门", "综合名次范围", "综合得分", "区间", "比平均")
MOVED: Final = ("评议方", "部门", "影响", "区间", "没有它时", "综合名次")
_AGAINST: Final = {"above": "高于", "below": "低于", "same": ""}
NOTE: Final = (
    "综合得分由几方的评价合成，和本轮的校正得分不是一把尺子，两处的得分和名次不能互比。比平均一栏，“高于”“低于”"
    "是确定的，空白是与平均不能区分。"
)
MOVED_NOTE: Final = "有这一方与没有这一方的综合得分之差，只列超出偶然的；名次为点估计。"


def title(entry: Part) -> str:
    """What its section is called."""
    return f"综合得分：{entry['name']}"


def told(entry: Part) -> Iterator[str]:
    """How it was put together, then the engine's own sentences, those on every electorate among them."""
    fixed = day_text(entry["fixed_on"])
    shares = "、".join(f"{part['name']} {part['weight']:g}%" for part in entry["parts"])
    rounds = "、".join(f"“{part['title']}”" for part in entry["parts"] if part["title"])
    yield (
        f"“{entry['name']}”的权重于{fixed}、各轮截止之前定下（操作日志第 {entry['event']} 条）：{shares}；"
        f"合成的轮次是{rounds}。"
    )
    yield from str(entry["summary_zh"]).splitlines()


def rows(entry: Part, digits: int = 1) -> list[tuple[str, ...]]:
    """A row a department, as `HEADINGS`."""
    return [
        (
            str(d["rank"]),
            d["name"],
            rank_set(d["rank_set"]),
            score(d, digits),
            interval(d["ci"], digits),
            _AGAINST[d["vs_average"]],
        )
        for d in entry["ranking"]["departments"]
    ]


def moved(entry: Part) -> Sequence[tuple[str, ...]]:
    """What an electorate moved beyond chance, as `MOVED`."""
    return [
        (
            m["electorate"],
            m["department"],
            signed(m["shift"]),
            signed_interval(m["ci"]),
            str(m["rank_without"]),
            str(m["rank"]),
        )
        for m in entry["moves"]
        if m["direction"] != "same"
    ]
