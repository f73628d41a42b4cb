"""Sentences for those who hear or read a round's results at a meeting: headings, problems mended, terms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from survey.facts.publication import DepartmentThemes, MendedProblems
from survey.facts.whole import Facts
from survey.language import current_language
from survey.language import gettext as _
from survey.wording import method
from survey.wording.correction import sentences as corrections
from survey.wording.names import listed
from survey.wording.numbers import percent
from survey.wording.ranking import reading

Entry = tuple[str, str]


def counted_cards(facts: Facts) -> list[Entry]:
    """Pairs (what, number) on who answered, for large type; unknown numbers are left out."""
    counts = facts.counts
    rate = "" if counts.response_rate is None else percent(counts.response_rate)
    known = [
        (_("发出邀请"), str(counts.invited) if counts.invited is not None else ""),
        (_("有效选票"), str(counts.valid)),
        (_("回收率"), rate),
        (_("参加排名的部门"), str(len(facts.ranking.departments))),
    ]
    return [(name, number) for name, number in known if number]


def mended(rounds: Sequence[MendedProblems]) -> Iterator[str]:
    """Sentences on how many problems of each earlier round were put right; that there were none is not
    said."""
    for entry in rounds:
        yield _(
            "“%(round)s”列入问题清单的问题 %(listed)s 个，回访核实已解决 %(verified)s 个，"
            "整改完成率 %(rate)s。",
            round=entry.title,
            listed=entry.listed,
            verified=entry.verified,
            rate=percent(entry.rate),
        )


def typical(themes: Sequence[DepartmentThemes], most: int) -> Iterator[str]:
    """Sentences on what comments on a department spoke of most, the departments with most comments first."""
    known = [t for t in themes if t.n is not None and any(c.n is not None for c in t.themes)]
    for entry in sorted(known, key=lambda t: -(t.n or 0))[:most]:
        counted = sorted(((c.n, c.name) for c in entry.themes if c.n is not None), key=lambda c: -c[0])
        yield _(
            "%(department)s：意见 %(total)s 条，说得最多的是%(themes)s。",
            department=entry.department,
            total=entry.n,
            themes=listed([_("%(theme)s %(count)s 条", theme=name, count=n) for n, name in counted[:3]]),
        )


def grades(facts: Facts) -> list[tuple[str, tuple[str, ...]]]:
    """Pairs (grade in words, names of departments) in the order of the ranking; empty without grades."""
    found: dict[str, list[str]] = {}
    meeting = facts.ranking.meeting
    for entry in meeting.departments if meeting else ():
        if entry.grade is not None:
            found.setdefault(entry.graded(current_language()), []).append(entry.name)
    return [(grade, tuple(names)) for grade, names in found.items()]


def terms(facts: Facts) -> list[Entry]:
    """Pairs (term, explanation) that a listener needs."""
    levels = facts.scale.levels[: facts.scale.satisfied]
    satisfied = listed([_("“%(name)s”", name=level.named(current_language())) for level in levels])
    return [
        (_("校正得分"), method.adjusted_score()),
        (_("名次范围"), reading("ranges")),
        (_("确定"), method.certainty(facts.ranking.level)),
        (_("不能区分"), method.alike()),
        (_("满意率"), _("满意率是回答%(levels)s的评分所占的比例。", levels=satisfied)),
    ]


def chart_described(facts: Facts) -> str:
    """Description of the chart of the ranking, for those who do not see it."""
    departments = facts.ranking.departments
    return _(
        "排名图：%(count)s 个部门从上到下按校正得分排列，每个部门有校正得分、联合区间和名次范围。"
        "最上面是%(first)s，最下面是%(last)s；上下相邻不等于分得出高低。",
        count=len(departments),
        first=departments[0].name,
        last=departments[-1].name,
    )


def heading(key: str) -> str:
    """Heading of a part of the documents for the meeting."""
    return {
        "corrected": corrections.heading(),
        "response": _("回收情况"),
        "certain": _("可以说的结论"),
        "ranking": _("排名"),
        "grades": _("等次"),
        "items": _("各项指标"),
        "departments": _("各部门满意率"),
        "changes": _("与以前各轮相比"),
        "problems": _("问题和整改"),
        "typical": _("典型问题"),
        "classes": _("不同企业怎么说"),
        "terms": _("名词解释"),
    }[key]


def spoken_rule() -> str:
    """Note at the top of the sentences to read aloud."""
    return _(
        "以下每句话都可以照读，数字与公布内容一致。不要改动“确定”“可能”“不能区分”这些字，也不要另加名次。"
    )


def titled(key: str, title: str) -> str:
    """Title of a document for the meeting on the round `title`."""
    words = {
        "brief": _("%(round)s结果一页纸", round=title),
        "slides": _("%(round)s结果汇报", round=title),
        "spoken": _("%(round)s结果宣读稿", round=title),
    }
    return words[key]
