"""What the facts of a round allow to be said, part by part; nothing beyond the joint confidence."""

from __future__ import annotations

from collections.abc import Iterator

from survey.language import current_language
from survey.language import gettext as _
from survey.parts import Part
from survey.wording import page_numbers
from survey.wording.cautions import is_crowded, wrong
from survey.wording.ranking_page import first_place, last_place, listed


def why(part: Part) -> str:
    """Why a part could not be worked out."""
    english = part.get("reason_en") if current_language() == "en" else None
    return str(english or part["reason_zh"])


def summary(part: Part) -> str:
    """A part's own paragraph, which the analysis wrote."""
    return str(part["summary_en" if current_language() == "en" else "summary_zh"])


def response(facts: Part) -> Iterator[str]:
    counts = facts["counts"]
    if counts["invited"]:
        yield _(
            "发出邀请 %(invited)s 份，收到有效选票 %(valid)s 张，回收率 %(share)s。",
            invited=counts["invited"],
            valid=counts["valid"],
            share=page_numbers.percent(counts["valid"] / counts["invited"]),
        )
    for stratum in facts["response"]["strata"]:
        furthest = next((o for o in stratum["options"] if o["option"] == stratum["gap_option"]), None)
        if furthest is not None:
            yield _(
                "按%(stratum)s看，差得最多的是“%(option)s”：名录里占 %(roster)s，答卷里占 %(share)s。",
                stratum=_named(stratum, "name"),
                option=_named(furthest, "option"),
                roster=page_numbers.percent(furthest["roster_share"]),
                share=page_numbers.percent(furthest["share"]),
            )
    yield from crowded(facts)


def crowded(facts: Part) -> Iterator[str]:
    """Strata of which some class has more ballots than the roster has enterprises."""
    for stratum in facts["response"]["strata"]:
        found = list(filter(is_crowded, stratum["options"]))
        if found:
            each = [
                _(
                    "%(option)s（%(ballots)s 张，名录 %(firms)s 家）",
                    option=_named(o, "option"),
                    ballots=o["ballots"],
                    firms=o["roster"],
                )
                for o in found
            ]
            yield _(
                "企业自己填的“%(stratum)s”里，有的类别选票比名录里的企业还多：%(each)s，"
                "至少 %(wrong)s 张填得与名录不一致。按%(stratum)s的比较和加权试算请慎用。",
                stratum=_named(stratum, "name"),
                each=_("、").join(each),
                wrong=wrong(found),
            )


def _named(entry: Part, name: str) -> str:
    english = entry.get(f"{name}_en")
    return str(english if english and current_language() == "en" else entry[name])


def _stratum_named(facts: Part, name: str) -> str:
    return next((_named(s, "name") for s in facts["response"]["strata"] if s["name"] == name), name)


def weighting(facts: Part) -> Iterator[str]:
    part, resolution = facts["weighting"], facts["resolution"]
    if not part["possible"]:
        yield _("没有按名录加权试算：%(why)s", why=why(part))
        return
    yield _(
        "公布的得分不加权。如果按名录里%(strata)s的比例加权，%(n)s 张选票只有 %(effective)s 张的分量。",
        strata=listed([_stratum_named(facts, name) for name in part["strata"]]),
        n=part["n"],
        effective=page_numbers.whole(part["effective_n"]),
    )
    for name, count in part.get("not_said", {}).items():
        if count:
            yield _(
                "有 %(count)s 张没有填%(stratum)s，这一项不调整它们的权重。",
                count=count,
                stratum=_stratum_named(facts, name),
            )
    yield _(
        "加权后变动最大的是%(name)s，相对得分变动 %(difference)s 分。",
        name=part["largest"]["name"],
        difference=page_numbers.signed(part["largest"]["difference"]),
    )
    margin = resolution["observed"]["median_margin"] if resolution["possible"] else None
    if margin is not None and abs(part["largest"]["difference"]) < margin:
        yield _(
            "这比本轮两个部门通常要相差的 %(margin)s 分小。",
            margin=page_numbers.points(margin),
        )
    elif margin is not None:
        yield _(
            "这超过了本轮能分辨的 %(margin)s 分，引用这个部门的得分时要说明。",
            margin=page_numbers.points(margin),
        )


def resolution(facts: Part) -> Iterator[str]:
    part = facts["resolution"]
    if not part["possible"]:
        yield why(part)
        return
    observed = part["observed"]
    if observed["median_margin"] is not None:
        yield _(
            "两个部门通常要相差 %(margin)s 分以上，这一轮才分得出先后。",
            margin=page_numbers.points(observed["median_margin"]),
        )
    yield _(
        "两两相比共 %(pairs)s 对，分得出的有 %(different)s 对，其余 %(same)s 对不应分先后。",
        pairs=observed["pairs"],
        different=observed["different"],
        same=observed["pairs"] - observed["different"],
    )
    for wanted in part["needed"]:
        if wanted["enterprises"] > part["raters"]:
            yield _(
                "要较有把握地分辨相差 %(difference)s 分的两个部门，"
                "约需 %(wanted)s 家企业作答（本轮 %(had)s 家）。",
                difference=wanted["difference"],
                wanted=wanted["enterprises"],
                had=part["raters"],
            )


def within_group(group: Part) -> Iterator[str]:
    """First and last place within a group, as far as rank sets go."""
    if group.get("method", {}).get("n_components", 1) == 1 and len(group["departments"]) > 1:
        yield first_place(group["departments"])
        yield last_place(group["departments"])


def line(facts: Part) -> Iterator[str]:
    """Departments against the warning line: certain above, certain below, and the others."""
    by_side: dict[str, list[str]] = {"above": [], "below": [], "undecided": []}
    for profile in facts["profiles"]:
        if profile["line"]:
            by_side[profile["line"]].append(profile["name"])
    words = {
        "above": _("确定高于 %(line)s 分的有 %(count)s 个：%(names)s。"),
        "below": _("确定低于 %(line)s 分的有 %(count)s 个：%(names)s。"),
        "undecided": _("是否达到 %(line)s 分还说不准的有 %(count)s 个：%(names)s。"),
    }
    mark = f"{facts['scale']['warning_line']:g}"
    for side, names in by_side.items():
        if names:
            yield words[side] % {"line": mark, "count": len(names), "names": listed(names)}


def quality(facts: Part) -> Iterator[str]:
    part, threshold = facts["quality"], facts["round"]["threshold"]
    if not part["possible"]:
        yield why(part)
        return
    if part["flagged"] is None:
        yield _("看起来没有认真作答的选票不足 %(threshold)s 张，不单列；一张也没有删。", threshold=threshold)
    elif part["flagged"] == 0 and part.get("one_mark"):
        yield _(
            "%(n)s 张选票里有 %(count)s 张从头到尾是同一个等级；评的内容不多，看不出是不是没有认真作答。",
            n=part["n"],
            count=part["one_mark"],
        )
    elif part["flagged"] == 0:
        yield _("没有发现看起来未认真作答的选票。")
    else:
        yield _(
            "%(n)s 张选票里有 %(flagged)s 张（%(share)s）看起来没有认真作答；一张也没有删。",
            n=part["n"],
            flagged=part["flagged"],
            share=page_numbers.percent(part["share"]),
        )
    if part["sensitivity"]:
        yield summary(part["sensitivity"])


def driver_order(facts: Part) -> list[Part]:
    """Items by importance, the most important first."""
    part = facts["drivers"]
    return sorted(part["items"], key=lambda d: -d["importance"]) if part["possible"] else []


def compared(facts: Part, first: str, second: str) -> str:
    """One sentence on two departments; order of naming follows the ranking."""
    for pair in facts["ranking"]["pairs"]:
        if {pair["a"], pair["b"]} == {first, second}:
            return _pair(pair, facts["ranking"].get("level", 0.95))
    return _("这两个部门这一轮不能比较：有的样本不足，或者没有企业同时评过它们。")


def _pair(pair: Part, level: float) -> str:
    values = {
        "a": pair["a"],
        "b": pair["b"],
        "size": page_numbers.size(pair["difference"]),
        "low": page_numbers.signed(pair["ci"][0]),
        "high": page_numbers.signed(pair["ci"][1]),
    }
    if pair["significant"]:
        return _("%(a)s高于%(b)s：相差 %(size)s 分（联合区间 %(low)s 至 %(high)s）。", **values)
    if pair["ci"][0] <= 0 <= pair["ci"][1]:
        return _(
            "%(a)s和%(b)s分不出高低：相差 %(size)s 分，"
            "而联合区间是 %(low)s 至 %(high)s，包含 0。不要分先后。",
            **values,
        )
    if pair.get("p_latent") is not None and pair["p_latent"] >= 1 - level:
        return _(
            "%(a)s和%(b)s分不出高低：虽然相差 %(size)s 分（联合区间 %(low)s 至 %(high)s），"
            "但不把等级当作等距时就分不出。不要分先后。",
            **values,
        )
    return _(
        "%(a)s和%(b)s分不出高低：虽然相差 %(size)s 分（联合区间 %(low)s 至 %(high)s），"
        "但和全部比较放在一起，还不能算超出偶然。不要分先后。",
        **values,
    )
