"""Sentences on how many ballots carry the statements of a ranking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analysis.explain import counted, listed, pick

if TYPE_CHECKING:
    from analysis.influence.ballots import Carried

NOTHING = (
    "没有分得出高低的结论，所以不必检查结论靠几张选票支撑。",
    "No statement tells departments apart: there was none of which to ask how many ballots carry it.",
)
TOO_MUCH = (
    "数据太多，没有检查结论靠几张选票支撑。",
    "There are too many ratings to look at how many ballots carry the statements.",
)
SCOPE = (
    "这项检查看的是与平均、两两和警戒线比较的结论；前几后几、等次、同类部门之间、各类企业之间和各轮之间的比较没有检查。",
    (
        "Looked at were statements against the average, in pairs and against the warning line; not those of "
        "first and last, grades, within groups, between kinds of raters and between rounds."
    ),
)
TOO_MANY = (
    "部门超过 {most} 个，结论靠几张选票支撑、有没有雷同的选票，都没有检查。",
    "With over {most} departments, ballots that carry statements and identical ones were not looked for.",
)
_LISTED = 8
_KINDS = {
    "above": ("{}高于平均", "{} above average"),
    "below": ("{}低于平均", "{} below average"),
    "above_line": ("{}高于警戒线", "{} above the warning line"),
    "below_line": ("{}低于警戒线", "{} below the warning line"),
}


def summary(statements: Sequence[Carried], least: int, omitted: int, language: str) -> str:
    """Sentences on fragile statements, and on the others: proven firm, or merely not found to be fragile."""
    if not statements:
        return pick(language, *(TOO_MUCH if omitted else NOTHING))
    found = [s for s in statements if s.fragile]
    parts = [_fragile(found, least, language)] if found else []
    others = [s for s in statements if not s.fragile]
    firm = sum(s.at_least >= least for s in others)
    if others and firm == len(others):
        parts.append(_firm(len(others), least, bool(found), language))
    elif others:
        parts.append(_not_found(len(others), firm, least, bool(found), language))
    survived = min(s.at_least for s in statements) - 1
    if survived and not (others and firm == len(others)):
        zh = f"无论去掉哪 {survived} 张选票，每一条都仍然成立。"
        en = f"Every statement holds whichever {_ballots(survived)} taken away."
        parts.append(pick(language, zh, en))
    if omitted:
        parts.append(pick(language, f"另有 {omitted} 条没有检查。", f"{omitted} more were not looked at."))
    return pick(language, "", " ").join(parts)


def _fragile(found: Sequence[Carried], least: int, language: str) -> str:
    guessed = sum(not s.verified for s in found)
    names = list(dict.fromkeys(_name(s, language) for s in found))
    shown = listed(names[:_LISTED], language)
    shown += "" if len(names) <= _LISTED else pick(language, "等", " …")
    return pick(
        language,
        f"有 {len(found)} 条结论易变：去掉不到 {least} 张选票就不再成立"
        + (f"（其中 {guessed} 条是估算，没有重算）" if guessed else "")
        + f"，涉及{shown}。",
        f"Fragile, undone by fewer than {counted(least, 'ballot')}: {counted(len(found), 'statement')}"
        + (f" ({guessed} of them by estimate only)" if guessed else "")
        + f", about {shown}.",
    )


def _name(statement: Carried, language: str) -> str:
    if statement.kind == "pair":
        return statement.a + pick(language, "高于", " above ") + statement.b
    return pick(language, *_KINDS[statement.kind]).format(statement.a)


def _statements(count: int, rest: bool) -> str:
    return counted(count, "other statement" if rest else "statement")


def _ballots(count: int) -> str:
    return f"{count} ballots are" if count > 1 else "ballot is"


def _firm(count: int, least: int, rest: bool, language: str) -> str:
    which = ("其余" if rest else "看过的") + f" {count} 条结论"
    return pick(
        language,
        f"{which}：无论去掉哪 {least - 1} 张选票都仍然成立，所有选法都重算过。",
        f"{_statements(count, rest)} still hold{'s' * (count == 1)}, whichever {_ballots(least - 1)} taken "
        "away: all choices were computed.",
    )


def _not_found(count: int, firm: int, least: int, rest: bool, language: str) -> str:
    which = ("其余" if rest else "看过的") + f" {count} 条结论"
    zh = f"{which}没有找到去掉不到 {least} 张就不成立的选法"
    en = f"For {_statements(count, rest)} no choice of fewer than {counted(least, 'ballot')} "
    if firm:
        zh += f"；其中 {firm} 条所有选法都试过，其他的没有试遍。"
        en += f"was found that undoes them; for {firm} of them all choices were tried, for the rest not."
    else:
        zh += "；但没有试遍所有选法，不能保证没有。"
        en += "was found that undoes them; not all choices were tried, so there may be one."
    return pick(language, zh, en)
