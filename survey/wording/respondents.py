"""Sentences on who answered, how well they represent the roster, and how carefully they answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from survey.facts.quality import QualityFacts
from survey.facts.ranking import RankingFacts
from survey.facts.response import OptionFacts, StratumFacts
from survey.facts.round import BallotCounts
from survey.facts.whole import Facts
from survey.language import current_language
from survey.language import gettext as _
from survey.wording.names import listed
from survey.wording.numbers import percent, points, signed, whole
from survey.wording.round import summary, why


def counted(counts: BallotCounts, ranking: RankingFacts) -> str:
    """Sentence on how many were invited and answered; unknown counts are left out."""
    parts = []
    if counts.invited is not None:
        parts.append(_("发出邀请 %(count)s 份", count=counts.invited))
    if counts.replaced:
        parts.append(_("其中换发 %(count)s 份", count=counts.replaced))
    if counts.collected is not None:
        parts.append(_("领取选票 %(count)s 张", count=counts.collected))
    if counts.cast is not None:
        parts.append(_("投出选票 %(count)s 张", count=counts.cast))
    parts.append(_("有效选票 %(valid)s 张、无效 %(invalid)s 张", valid=counts.valid, invalid=counts.invalid))
    if counts.response_rate is not None:
        parts.append(_("回收率 %(share)s", share=percent(counts.response_rate)))
    ranked = [_("参加排名的部门 %(count)s 个", count=len(ranking.departments))]
    if ranking.n_ratings is not None:
        ranked.append(_("用于排名的评分 %(count)s 条", count=ranking.n_ratings))
    return _("本轮%(ballots)s；%(ranked)s。", ballots=_("，").join(parts), ranked=_("，").join(ranked))


def response(facts: Facts) -> Iterator[str]:
    """Sentences on the blanking of declared facts, on how the respondents differ from the roster by stratum,
    and on classes with more ballots than enterprises."""
    yield from blanked(facts)
    for stratum in facts.strata:
        furthest = next((o for o in stratum.options if o.option == stratum.gap_option), None)
        if furthest is not None:
            yield _(
                "按%(stratum)s看，答卷与名录相差最大的是“%(option)s”："
                "名录里占 %(roster)s，写有这一项的答卷里占 %(share)s。",
                stratum=stratum.named(current_language()),
                option=furthest.named(current_language()),
                roster=percent(furthest.roster_share),
                share=percent(furthest.share),
            )
            yield from _mostly_silent(facts, stratum)
    yield from crowded(facts)


def _mostly_silent(facts: Facts, stratum: StratumFacts) -> Iterator[str]:
    """Sentence where most ballots state no option of the stratum: the others are no sample of all."""
    silent = stratum.not_said.ballots
    if silent is not None and facts.response.possible and 2 * silent > facts.response.ballots:
        yield _(
            "写有%(stratum)s的答卷不到一半，说明不了全部答卷的情况。",
            stratum=stratum.named(current_language()),
        )


def blanked(facts: Facts) -> Iterator[str]:
    """Sentences on the rule by which rare declared facts were blanked at opening, and on how many ballots
    state no option of each stratum."""
    if facts.round.at_least == 1 or not facts.strata:
        return
    yield _(
        "企业自己填的情况，至少 %(count)s 家相同才保留；"
        "没有保留的，连同没有填的，都不参加按情况的比较和加权试算。",
        count=facts.round.at_least,
    )
    silent = [(s.named(current_language()), s.not_said.ballots) for s in facts.strata if s.not_said.ballots]
    if silent:
        each = [_("%(stratum)s %(count)s 张", stratum=name, count=count) for name, count in silent]
        yield _("没有保留或没有填的答卷：%(each)s。", each=listed(each))


def crowded(facts: Facts) -> Iterator[str]:
    """Sentences on strata in which a class has more ballots than enterprises on the roster."""
    for stratum in facts.strata:
        found = list(filter(is_crowded, stratum.options))
        if found:
            yield _(
                "企业自己填的“%(stratum)s”里，有的类别选票比名录里的企业还多：%(each)s，"
                "至少 %(wrong)s 张填得与名录不一致。按%(stratum)s的比较和加权试算请慎用。",
                stratum=stratum.named(current_language()),
                each=listed([_crowd(option) for option in found]),
                wrong=_wrong(found),
            )


def _crowd(option: OptionFacts) -> str:
    return _(
        "%(option)s（%(ballots)s 张，名录 %(firms)s 家）",
        option=option.named(current_language()),
        ballots=option.ballots,
        firms=option.roster,
    )


def _wrong(options: Iterable[OptionFacts]) -> int:
    """Least number of ballots that must contradict the roster: ballots of these crowded classes
    (`is_crowded`) less their enterprises on the roster."""
    return sum((o.ballots or 0) - (o.roster or 0) for o in options)


def is_crowded(option: OptionFacts) -> bool:
    """Whether this class has more ballots than enterprises on the roster; False where a count is unknown."""
    return option.ballots is not None and option.roster is not None and option.ballots > option.roster


def _stratum_named(facts: Facts, name: str) -> str:
    return next((s.named(current_language()) for s in facts.strata if s.name == name), name)


def weighting(facts: Facts) -> Iterator[str]:
    """Sentences on what weighting by the roster would do to the scores, which are published unweighted."""
    part, resolution = facts.weighting, facts.resolution
    if not part.possible:
        yield _("没有按名录加权试算：%(why)s", why=why(part))
        return
    yield _(
        "公布的得分不加权。如果按名录里%(strata)s的比例加权，%(n)s 张选票只有 %(effective)s 张的分量。",
        strata=listed([_stratum_named(facts, name) for name in part.strata]),
        n=part.n,
        effective=whole(part.effective_n),
    )
    for name, count in part.not_said.items():
        if count:
            yield _(
                "有 %(count)s 张没有写%(stratum)s（没有填，或者没有保留），这一项不调整它们的权重。",
                count=count,
                stratum=_stratum_named(facts, name),
            )
    largest = part.largest
    yield _(
        "加权后变动最大的是%(name)s，相对得分变动 %(difference)s 分。",
        name=largest.name,
        difference=signed(largest.difference),
    )
    margin = resolution.observed.median_margin if resolution.possible else None
    if margin is not None and abs(largest.difference) < margin:
        yield _("这比本轮两个部门通常要相差的 %(margin)s 分小。", margin=points(margin))
    elif margin is not None:
        yield _("这超过了本轮能分辨的 %(margin)s 分，引用这个部门的得分时要说明。", margin=points(margin))


def quality(facts: Facts) -> Iterator[str]:
    """Sentences on careless-looking ballots: how many (a count below the threshold is not told), and what
    leaving them out would change; or why this cannot be said."""
    part, threshold = facts.quality, facts.round.threshold
    if not part.possible:
        yield why(part)
        return
    if part.flagged is None:
        yield _("看起来没有认真作答的选票不足 %(threshold)s 张，不单列；一张也没有删。", threshold=threshold)
    elif part.flagged == 0 and part.one_mark:
        yield _(
            "%(n)s 张选票里有 %(count)s 张从头到尾是同一个等级；评的内容不多，看不出是不是没有认真作答。",
            n=part.n,
            count=part.one_mark,
        )
    elif part.flagged == 0:
        yield _("没有发现看起来未认真作答的选票。")
    else:
        yield careless(part)
    if part.sensitivity:
        yield summary(part.sensitivity)


def careless(part: QualityFacts) -> str:
    """Sentence on how many of the ballots look careless."""
    return _(
        "%(n)s 张选票里有 %(flagged)s 张（%(share)s）看起来没有认真作答；一张也没有删。",
        n=part.n,
        flagged=part.flagged,
        share=percent(part.share),
    )
