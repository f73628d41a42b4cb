"""What may be said about one department."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.explain import NOT_CARRIED, pick
from survey.language import current_language
from survey.language import gettext as _
from survey.parts import Part
from survey.wording import page_numbers
from survey.wording.priorities import first_and_low
from survey.wording.ranking_page import class_name, listed, position


def standing(facts: Part, profile: Part) -> Iterator[str]:
    """Position within the group and among all, the average, the line, satisfaction."""
    yield from places(profile)
    overall = profile["overall"]
    if overall is None:
        return
    yield _average(overall)
    if profile["line"]:
        mark = f"{facts['scale']['warning_line']:g}"
        yield {
            "above": _("校正得分确定高于 %(line)s 分警戒线。", line=mark),
            "below": _("校正得分确定低于 %(line)s 分警戒线。", line=mark),
            "undecided": _("是否达到 %(line)s 分警戒线，这一轮说不准。", line=mark),
        }[profile["line"]]


def places(profile: Part) -> Iterator[str]:
    """Position within the group, and among all."""
    within, overall = profile["in_group"], profile["overall"]
    if within is not None and (overall is None or within["of"] < overall["of"]):
        yield _(
            "在%(group)s %(count)s 个部门中：%(position)s。",
            group=class_name(profile["group"]),
            count=within["of"],
            position=position(tuple(within["rank_set"]), within["of"]),
        )
    if overall is not None:
        yield _(
            "在全部 %(count)s 个部门中：%(position)s。",
            count=overall["of"],
            position=position(tuple(overall["rank_set"]), overall["of"]),
        )


def _average(overall: Part) -> str:
    values = {
        "size": page_numbers.size(overall["average_difference"]),
        "interval": page_numbers.signed_interval(overall["average_ci"]),
    }
    if overall["vs_average"] == "above":
        return _("确定高于全部部门的平均：高 %(size)s 分（联合区间 %(interval)s）。", **values)
    if overall["vs_average"] == "below":
        return _("确定低于全部部门的平均：低 %(size)s 分（联合区间 %(interval)s）。", **values)
    return _("与全部部门的平均分不出高低（联合区间 %(interval)s）。", **values)


def items(profile: Part) -> Iterator[str]:
    """Which items differ from the group beyond chance."""
    known = [item for item in profile["items"] if item["group"]]
    if not known:
        yield _("这个部门的指标不能与同类比较。")
        return
    below = [_gap(item) for item in known if item["group"]["direction"] == "below"]
    above = [_gap(item) for item in known if item["group"]["direction"] == "above"]
    if below:
        yield _("确定低于同类平均的指标：%(items)s。", items=listed(below))
    if above:
        yield _("确定高于同类平均的指标：%(items)s。", items=listed(above))
    if not below and not above:
        yield _("没有哪个指标能确定高于或低于同类平均。")


def _gap(item: Part) -> str:
    return _(
        "%(name)s（%(difference)s 分，联合区间 %(interval)s）",
        name=item["name"],
        difference=page_numbers.signed(item["group"]["difference"]),
        interval=page_numbers.signed_interval(item["group"]["ci"]),
    )


def importance(profile: Part) -> str:
    """Which items are low, and which of them certainly weigh more than the average item."""
    first, low = first_and_low(profile)
    if first:
        return _(
            "分量确定较大，又低于警戒线或者确定低于同类平均的指标：%(items)s。可先从这里改。",
            items=listed(first),
        )
    if low:
        return _(
            "低于警戒线或者确定低于同类平均的指标：%(items)s。它们的分量都不能确定较大，不排先后。",
            items=listed(low),
        )
    return _("公布了得分的指标里，没有低于警戒线的，也没有确定低于同类平均的。")


def change(entry: Part) -> str:
    """One department since one earlier round."""
    values = {
        "round": entry["title"],
        "size": page_numbers.size(entry["change"]),
        "interval": page_numbers.signed_interval(entry["ci"]),
    }
    if entry["direction"] == "up":
        return _(
            "与%(round)s相比确有上升：比各部门的平均变化高 %(size)s 分（联合区间 %(interval)s）。", **values
        )
    if entry["direction"] == "down":
        return _(
            "与%(round)s相比确有下降：比各部门的平均变化低 %(size)s 分（联合区间 %(interval)s）。", **values
        )
    return _("与%(round)s相比，变化没有超出偶然（联合区间 %(interval)s）。", **values)


def changes(profile: Part) -> Iterator[str]:
    """The department since every earlier round."""
    yield from map(change, profile["changes"])
    if any(entry["direction"] != "same" for entry in profile["changes"]):
        yield not_carried()


def not_carried() -> str:
    """That nobody looked at how many ballots carry what was said."""
    return pick(current_language(), *NOT_CARRIED)


def treatment(profile: Part) -> Iterator[str]:
    """Kinds of enterprises that judge the department differently beyond chance."""
    told = [entry for entry in profile["treatment"] if entry["direction"] != "same"]
    yield from map(_different, told)
    if told:
        yield not_carried()
    if profile["treatment"] and not told:
        strata = dict.fromkeys(entry["stratum"] for entry in profile["treatment"])
        yield _("按%(strata)s比较，没有发现各类企业受到不同对待。", strata=listed(list(strata)))


def _different(entry: Part) -> str:
    values = {name: entry[name] for name in ("stratum", "first", "second")}
    values |= {
        "size": page_numbers.size(entry["difference"]),
        "interval": page_numbers.signed_interval(entry["ci"]),
    }
    if entry["direction"] == "above":
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


def withheld(reason: str, threshold: int) -> str:
    """Why a figure is not shown."""
    return {
        "threshold": _("不足 %(threshold)s 票，不显示", threshold=threshold),
        "unanimous": _("答案几乎一致，不显示，以免知道每家怎么答"),
        "complementary": _("为防止用其他数推算，不显示"),
        "none": _("没有评价"),
    }.get(reason, _("不能比较"))
