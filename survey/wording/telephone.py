"""Sentences on a check by telephone: what was said, and what that rules out."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.sampling.discovery import most_false
from survey.facts.publication import TelephoneFacts
from survey.language import gettext as _


def telephone_check(
    population: int, took_part: int, did_not: int, not_reached: int, waiting: int
) -> Iterator[str]:
    """Sentences, in the current language, on calls to some of `population` enterprises that collected.

    Who was not reached counts as one who did not take part: whoever collects in the name of others chooses
    firms that nobody reaches.
    """
    drawn = took_part + did_not + not_reached + waiting
    yield _(
        "领了票的 %(population)s 家企业里，按公开的办法抽出 %(drawn)s 家打电话，问有没有参加："
        "%(yes)s 家说参加了，%(no)s 家说没有，%(missed)s 家没有联系上。",
        population=population,
        drawn=drawn,
        yes=took_part,
        no=did_not,
        missed=not_reached,
    )
    if waiting:
        yield _("还有 %(waiting)s 家没有记结果，记完才能下结论。", waiting=waiting)
        return
    yield _ruled_out(population, drawn, did_not + not_reached)
    if not_reached:
        yield _("没有联系上的都当作没有参加。")
    if not_reached and drawn > not_reached:
        yield _(
            "如果没有联系上的与其他企业一样：%(said)s",
            said=_ruled_out(population, drawn - not_reached, did_not),
        )
    if did_not:
        yield _("说没有参加的，可能是别人用了它的邀请，也可能是不愿意说；请逐家核实。")


def stated(facts: TelephoneFacts | None) -> list[str]:
    """The sentences of an edition; none without a check."""
    if facts is None:
        return []
    said = (facts.took_part, facts.did_not, facts.not_reached)
    return list(telephone_check(facts.population, *said, waiting=0))


def _ruled_out(population: int, drawn: int, found: int) -> str:
    most = most_false(population, drawn, found)
    if most >= population:
        return _("这样少的电话什么也排除不了。")
    return _(
        "有 95%% 的把握排除：没有参加而被人领了票的企业有 %(false)s 家或更多。",
        false=most + 1,
    )
