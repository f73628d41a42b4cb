"""Sentences on the parts of a round's facts, claiming no more than the joint confidence allows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from analysis.explain import significant
from survey.facts.base import Impossible, Language
from survey.facts.comparisons import ChangesFacts, CombinedFacts, RoundNotCompared
from survey.facts.items import AgainstGroup, DriverFacts, ItemFacts, ItemTotal
from survey.facts.profiles import Profile
from survey.facts.ranking import ComparedPair
from survey.facts.whole import Facts
from survey.language import current_language
from survey.language import gettext as _
from survey.wording import reasons
from survey.wording.names import listed, with_names
from survey.wording.numbers import confidence, points, satisfaction, signed, size

_STORED_WORDS: Final = (("标准误", "误差"), ("Median standard error", "Median error"))
_P_VALUE: Final = re.compile(r"\s*(?:（p\b[^（）]*）|\(p\b[^()]*\))")


class Explained(Protocol):
    """Part of the facts with a summary that the analysis wrote."""

    def summary(self, language: Language) -> str: ...


def why(part: Impossible | Profile) -> str:
    """Reason why a part could not be worked out, or why a department is not
    ranked, in the current language."""
    return part.reason(current_language())


def summary(part: Explained | Impossible) -> str:
    """Paragraph that the analysis wrote on a part, without its p-values, which only the method needs; or the
    reason why the part could not be worked out."""
    return why(part) if isinstance(part, Impossible) else without_p(part.summary(current_language()))


def without_p(text: str) -> str:
    """`text` without p-values in brackets, and with plain words where earlier versions stored others."""
    for stored, plain in _STORED_WORDS:
        text = text.replace(stored, plain)
    return _P_VALUE.sub("", text)


def resolution(facts: Facts) -> Iterator[str]:
    """Sentences on how far two departments must be apart to be told apart, and how many enterprises smaller
    differences would need."""
    part = facts.resolution
    if not part.possible:
        yield why(part)
        return
    if part.observed.median_margin is not None:
        yield _(
            "本轮两个部门通常要相差 %(margin)s 分以上，才分得出高低。",
            margin=points(part.observed.median_margin),
        )
    for wanted in part.needed:
        if wanted.enterprises > part.raters:
            yield _(
                "要较有把握地分辨相差 %(difference)s 分的两个部门，"
                "约需 %(wanted)s 家企业作答（本轮 %(had)s 家）。",
                difference=wanted.difference,
                wanted=wanted.enterprises,
                had=part.raters,
            )


def line(facts: Facts) -> Iterator[str]:
    """Sentences naming the departments certainly below the warning line,
    certainly above it, and undecided."""
    mark = f"{facts.scale.warning_line:g}"
    sides: dict[str, list[str]] = {"below": [], "above": [], "undecided": []}
    for profile in facts.profiles:
        if profile.line:
            sides[profile.line].append(profile.name)
    below, above, undecided = sides.values()
    if below:
        yield with_names(_("确定低于 %(line)s 分警戒线的有 %(count)s 个", line=mark, count=len(below)), below)
    else:
        yield _("没有哪个部门确定低于 %(line)s 分警戒线。", line=mark)
    if above:
        yield with_names(_("确定高于 %(line)s 分警戒线的有 %(count)s 个", line=mark, count=len(above)), above)
    else:
        yield _("没有哪个部门确定高于 %(line)s 分警戒线。", line=mark)
    if undecided:
        said = _("是否达到 %(line)s 分警戒线还说不准的有 %(count)s 个", line=mark, count=len(undecided))
        yield with_names(said, undecided)


def item_ends(facts: Facts) -> Iterator[str]:
    """Sentence on the items with the best and the worst mean, saying that the difference was not tested."""
    known = sorted((i.mean, n) for n, i in enumerate(facts.items) if i.mean is not None)
    if len(known) > 1:
        yield _(
            "平均分最高的指标是%(best)s，最低的是%(worst)s。%(scope)s",
            best=_rated(facts.items[known[-1][1]]),
            worst=_rated(facts.items[known[0][1]]),
            scope=items_scope(),
        )


def items_scope() -> str:
    """Sentence on which departments the figures of an item cover."""
    return _("每项是公布了该项得分的部门合计；指标之间的差别没有检验，高低只供了解。")


def _rated(item: ItemTotal) -> str:
    return _(
        "“%(name)s”（%(mean)s 分，满意率 %(satisfied)s）",
        name=item.name,
        mean=points(item.mean),
        satisfied=satisfaction(item),
    )


def items_below(profiles: Sequence[Profile]) -> list[tuple[str, ItemFacts, AgainstGroup]]:
    """Triples (department, item, difference from the group) of items certainly below the average of the
    group, largest gap first."""
    found = [
        (p.name, item, item.group)
        for p in profiles
        for item in p.items
        if item.group is not None and item.group.direction == "below"
    ]
    return sorted(found, key=lambda entry: entry[2].difference)


def items_below_told(count: int, shown: int) -> str:
    """Sentence on how many items are certainly below average, before a table of the first `shown`."""
    if not count:
        return _("没有哪个部门的哪项指标能够确定低于同类部门的平均。")
    if count > shown:
        return _(
            "确定低于同类部门平均的部门指标共 %(count)s 项，下表列出差距最大的 %(shown)s 项。",
            count=count,
            shown=shown,
        )
    return _("确定低于同类部门平均的部门指标共 %(count)s 项，见下表。", count=count)


def driver_order(facts: Facts) -> list[DriverFacts]:
    """Items by their importance for the overall rating, largest first; empty where it could not be worked
    out."""
    part = facts.drivers
    return sorted(part.items, key=lambda d: -(d.importance or 0.0)) if part.possible else []


def change_of(part: ChangesFacts | RoundNotCompared) -> str:
    """Sentence on what changed since one earlier round, or why the rounds cannot be compared."""
    return _("与“%(round)s”相比：%(said)s", round=part.title, said=summary(part))


def nothing_ranked() -> str:
    return _(reasons.NOTHING_RANKED)


def nothing_earlier() -> str:
    return _("没有更早开始的轮次可以比较。")


def combined(part: CombinedFacts) -> Iterator[str]:
    """Sentences on which rounds of the year were combined, and how."""
    yield _(
        "总排名合并了 %(count)s 轮评议：%(rounds)s。%(said)s",
        count=len(part.rounds),
        rounds=listed([_("“%(name)s”", name=one.title) for one in part.rounds]),
        said=summary(part),
    )
    yield _(
        "各轮的票箱是分开的，不知道哪些企业几轮都参加了；合并时各轮同等看待，区间和名次范围按各轮的误差合并计算，"
        "同时成立的把握不低于 %(level)s。",
        level=confidence(part.ranking.level),
    )


def problems_listed(count: int) -> str:
    return _("列入问题清单的问题共 %(count)s 个，请有关部门在期限内办理、回复，接受回访核实。", count=count)


def not_combined(names: str) -> str:
    return _("没有在每一轮都达到公布门槛、不参加总排名：%(names)s。", names=names)


def no_problems() -> str:
    return _("本轮没有列入问题清单的问题。")


def compared(facts: Facts, first: str, second: str) -> str:
    """Sentence on which of two departments is certainly better, if any, or that they cannot be compared."""
    for pair in facts.ranking.pairs:
        if {pair.a, pair.b} == {first, second}:
            return pair_told(pair, facts.ranking.level)
    return _("这两个部门这一轮不能比较：有的样本不足，或者没有企业同时评过它们。")


def pair_told(pair: ComparedPair, level: float) -> str:
    """Sentence on a pair of the ranking; department `a` is ranked above `b`."""
    values = {
        "a": pair.a,
        "b": pair.b,
        "size": size(pair.difference),
        "low": signed(pair.ci[0]),
        "high": signed(pair.ci[1]),
    }
    if pair.significant:
        return _("%(a)s确定高于%(b)s：相差 %(size)s 分（联合区间 %(low)s 至 %(high)s）。", **values)
    low, high = pair.ci
    if low is not None and high is not None and low <= 0 <= high:
        return _(
            "%(a)s和%(b)s不能区分高低：相差 %(size)s 分，"
            "而联合区间是 %(low)s 至 %(high)s，包含 0。不要分先后。",
            **values,
        )
    if pair.p_latent is not None and not significant(pair.p_latent, level):
        return _(
            "%(a)s和%(b)s不能区分高低：虽然相差 %(size)s 分（联合区间 %(low)s 至 %(high)s），"
            "但不把等级当作等距时就分不出。不要分先后。",
            **values,
        )
    return _(
        "%(a)s和%(b)s不能区分高低：虽然相差 %(size)s 分（联合区间 %(low)s 至 %(high)s），"
        "但和全部比较放在一起，还不能算超出偶然。不要分先后。",
        **values,
    )
