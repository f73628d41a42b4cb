"""Sentences on one department that its figures allow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from analysis.explain import NOT_CARRIED, pick
from survey.facts.items import AgainstGroup, ItemFacts
from survey.facts.profiles import ChangeSince, Predecessor, Profile, Standing, TreatmentDifference
from survey.language import current_language, speaking
from survey.language import gettext as _
from survey.wording.names import class_name, listed
from survey.wording.numbers import (
    day,
    department_satisfaction,
    interval,
    rank_set,
    score,
    signed,
    signed_interval,
    size,
    whole,
)
from survey.wording.ranking import position
from survey.wording.round import why


def standing(profile: Profile, line: float, digits: int = 1) -> Iterator[str]:
    """Sentences on the department's place among all and within the group, and on the score against average
    and warning line; or why it is not ranked."""
    if profile.overall is None:
        yield not_ranked(profile)
    yield from places(profile)
    if profile.overall is not None:
        yield scored(profile.overall, digits)
    if profile.line:
        yield _("校正得分%(line)s。", line=against_line(profile.line, line))


def not_ranked(profile: Profile) -> str:
    return _("没有参加排名：%(why)s", why=why(profile))


def places(profile: Profile) -> Iterator[str]:
    """Sentences on the department's rank among all and within the group, each with the range of ranks."""
    overall, within = profile.overall, profile.in_group
    if overall is not None:
        yield _(
            "在参加排名的 %(count)s 个部门中，按校正得分列第 %(rank)s。%(position)s",
            count=overall.of,
            rank=overall.rank,
            position=position(overall.rank_set, overall.of),
        )
    if within is not None and (overall is None or within.of < overall.of):
        yield _(
            "在%(group)s %(count)s 个部门中，只比较企业对本类部门的评分，列第 %(rank)s。%(position)s",
            group=class_name(profile.group),
            count=within.of,
            rank=within.rank,
            position=position(within.rank_set, within.of),
        )


def scored(overall: Standing, digits: int = 1) -> str:
    """Sentence on the adjusted score against the average; the difference in points is left out where only a
    bound of the score is published."""
    values = {
        "score": score(overall, digits),
        "interval": interval(overall.ci, digits),
        "average": against_average(overall.vs_average),
    }
    if overall.average_difference is None or overall.bound:
        return _("校正得分 %(score)s 分（联合区间 %(interval)s），%(average)s。", **values)
    return _(
        "校正得分 %(score)s 分（联合区间 %(interval)s），"
        "%(average)s（相差 %(difference)s 分，联合区间 %(ci)s）。",
        difference=signed(overall.average_difference),
        ci=signed_interval(overall.average_ci),
        **values,
    )


def against_average(side: str) -> str:
    """Clause on a score against the average, for "above", "below" or "same"."""
    return {
        "above": _("确定高于平均"),
        "below": _("确定低于平均"),
        "same": _("与平均不能区分"),
    }[side]


def against_line(side: str | None, line: float) -> str:
    """Clause on the adjusted score against the warning line, for "above", "below", "undecided" or None (not
    compared)."""
    mark = f"{line:g}"
    return {
        "above": _("确定高于 %(line)s 分警戒线", line=mark),
        "below": _("确定低于 %(line)s 分警戒线", line=mark),
        "undecided": _("是否达到 %(line)s 分警戒线还说不准", line=mark),
    }.get(side or "", _("没有与 %(line)s 分警戒线比较", line=mark))


def card(profile: Profile, line: float, digits: int) -> str:
    """One line on a department, for long lists: places, score against the line, satisfaction, number of
    ballots; or why it is not ranked."""
    overall, within = profile.overall, profile.in_group
    if overall is None:
        return not_ranked(profile)
    placed = _("总排名第 %(place)s", place=_short(overall))
    if within is not None and within.of < overall.of:
        placed += _("，同类第 %(place)s", place=_short(within))
    return _(
        "%(placed)s；校正得分 %(score)s，%(line)s；满意率 %(satisfied)s，评议数 %(count)s。",
        placed=placed,
        score=score(overall, digits),
        line=against_line(profile.line, line),
        satisfied=department_satisfaction(profile),
        count=whole(profile.n),
    )


def _short(place: Standing) -> str:
    return _(
        "%(rank)s（范围 %(ranks)s，共 %(count)s 个）",
        rank=place.rank,
        ranks=rank_set(place.rank_set),
        count=place.of,
    )


def items(profile: Profile) -> Iterator[str]:
    """Sentences naming the department's items certainly below or above the average of the group."""
    known = [(item, item.group) for item in profile.items if item.group]
    if not known:
        yield _("这个部门的指标不能与同类比较。")
        return
    below = [_gap(item, found) for item, found in known if found.direction == "below"]
    above = [_gap(item, found) for item, found in known if found.direction == "above"]
    if below:
        yield _("确定低于同类平均的指标：%(items)s。", items=listed(below))
    if above:
        yield _("确定高于同类平均的指标：%(items)s。", items=listed(above))
    if not below and not above and len(known) < len(profile.items):
        yield _("比较了的指标里，没有哪个能确定高于或低于同类平均。")
    elif not below and not above:
        yield _("没有哪个指标能确定高于或低于同类平均。")


def _gap(item: ItemFacts, found: AgainstGroup) -> str:
    return _(
        "%(name)s（%(difference)s 分，联合区间 %(interval)s）",
        name=item.name,
        difference=signed(found.difference),
        interval=signed_interval(found.ci),
    )


def importance(profile: Profile) -> str:
    """Sentence naming the department's low items that certainly weigh more than the average item, else the
    low items, else that there are none.

    Empty for editions from before intervals of weights were worked out.
    """
    known = [entry for entry in profile.importance if entry.low is not None]
    first = [entry.item for entry in known if entry.quadrant == "improve"]
    low = [entry.item for entry in known if entry.low]
    if first:
        return _(
            "在总体评价里分量确定较大，又低于警戒线或者确定低于同类平均的指标：%(items)s。可先从这里改。",
            items=listed(first),
        )
    if low:
        return _(
            "低于警戒线或者确定低于同类平均的指标：%(items)s。它们在总体评价里的分量都不能确定较大，不排先后。",
            items=listed(low),
        )
    return _("公布了得分的指标里，没有低于警戒线的，也没有确定低于同类平均的。") if known else ""


def change(entry: ChangeSince) -> str:
    """Sentence on the change of one department since one earlier round."""
    values = {
        "round": entry.title,
        "size": size(entry.change),
        "interval": signed_interval(entry.ci),
    }
    if entry.direction == "up":
        return _(
            "与“%(round)s”相比确有上升：比各部门的平均变化高 %(size)s 分（联合区间 %(interval)s）。", **values
        )
    if entry.direction == "down":
        return _(
            "与“%(round)s”相比确有下降：比各部门的平均变化低 %(size)s 分（联合区间 %(interval)s）。", **values
        )
    return _("与“%(round)s”相比，变化未超出偶然（联合区间 %(interval)s）。", **values)


def former(name: str, predecessors: Sequence[Predecessor]) -> str:
    """Name of a department with the name that it had before, where it was renamed: 县水务局（原县水利局）."""
    old = next((p.name for p in predecessors if p.kind == "renamed"), "")
    return _("%(name)s（原%(old)s）", name=name, old=old) if old else name


def life(name: str, predecessors: Sequence[Predecessor]) -> Iterator[str]:
    """Sentences on whether the scores of a department are compared with those of before."""
    called = former(name, predecessors)
    if called != name:
        yield _("%(name)s只是改了名称，与改名前的结果连起来看。", name=called)
    if parted := [_parted(name, p) for p in predecessors if p.kind != "renamed"]:
        yield _(
            "%(what)s；%(name)s职责有变，得分不与在这以前开始的轮次比较。",
            name=name,
            what=_("，").join(parted),
        )


def lives_in_both(predecessors: Mapping[str, Sequence[Predecessor]]) -> tuple[str, str]:
    """Sentences on all departments whose life goes on under another name or was broken, in Chinese and in
    English; "" where there are none."""
    return _lives(predecessors, "zh"), _lives(predecessors, "en")


def _lives(predecessors: Mapping[str, Sequence[Predecessor]], language: str) -> str:
    with speaking("en" if language == "en" else "zh"):
        told = [said for name, found in predecessors.items() for said in life(name, found)]
    return (" " if language == "en" else "").join(told)


def _parted(name: str, step: Predecessor) -> str:
    values = {"name": name, "day": day(step.on), "other": step.name}
    if step.kind == "merged":
        return _("%(other)s于%(day)s并入%(name)s", **values)
    if step.kind == "merged_into":
        return _("%(name)s于%(day)s并入%(other)s", **values)
    if step.kind == "split":
        return _("%(name)s于%(day)s由%(other)s拆分而来", **values)
    return _("%(name)s于%(day)s拆分出%(other)s", **values)


def changes(profile: Profile) -> Iterator[str]:
    """Sentences on the change of the department since each earlier round, and on what became of it."""
    yield from life(profile.name, profile.predecessors)
    yield from map(change, profile.changes)
    if any(entry.direction != "same" for entry in profile.changes):
        yield not_carried()


def not_carried() -> str:
    """Sentence saying that nobody worked out how many ballots carry these statements."""
    return pick(current_language(), *NOT_CARRIED)


def treatment(profile: Profile) -> Iterator[str]:
    """Sentences on kinds of enterprises that certainly rate the department differently, or that none were
    found."""
    told = [entry for entry in profile.treatment if entry.direction != "same"]
    yield from map(_different, told)
    if told:
        yield not_carried()
    if profile.treatment and not told:
        strata = dict.fromkeys(entry.stratum for entry in profile.treatment)
        yield _("按%(strata)s比较，没有发现各类企业对这个部门的评价有差别。", strata=listed(list(strata)))


def _different(entry: TreatmentDifference) -> str:
    values = {
        "stratum": entry.stratum,
        "first": entry.first,
        "second": entry.second,
        "size": size(entry.difference),
        "interval": signed_interval(entry.ci),
    }
    if entry.direction == "above":
        return _(
            "按%(stratum)s看：“%(first)s”企业的评价比“%(second)s”企业相对高 %(size)s 分"
            "（联合区间 %(interval)s）。",
            **values,
        )
    return _(
        "按%(stratum)s看：“%(first)s”企业的评价比“%(second)s”企业相对低 %(size)s 分"
        "（联合区间 %(interval)s）。",
        **values,
    )
