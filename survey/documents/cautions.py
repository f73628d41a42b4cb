"""What must be said beside a ranking, for every document and page: nobody should have to open the workbook.

The engine's notes come through whatever their codes: assumptions that failed, careless ballots, statements
that few ballots carry.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

Part = Mapping[str, Any]
HEADING: Final = "需要注意的情况"
# Notes with a section of their own, or about letters that many departments do not have.
_TOLD_ELSEWHERE: Final = ("insufficient", "tiers_covered")


def cautions(ranking: Part) -> list[str]:
    """What the engine noted on this ranking and those within groups: assumptions that failed, careless
    ballots, fragile statements; each once, whatever codes there will be."""
    told = _notes(ranking)
    for group in ranking.get("groups", ()):
        told += [f"{group['name']}类：{note}" for note in _notes(group) if note not in told]
    return told


def _notes(ranking: Part) -> list[str]:
    notes = ranking.get("notes", ())
    codes = ranking.get("note_codes") or [""] * len(notes)
    return [note for code, note in zip(codes, notes, strict=True) if code not in _TOLD_ELSEWHERE]


def remarks(facts: Part) -> list[str]:
    """Cautions that the facts give beside those of the ranking, which may tell of careless ballots."""
    quality, told = facts["quality"], facts["ranking"].get("note_codes", ())
    careless = quality["summary_zh"] if quality.get("flagged") and "careless" not in told else ""
    return [*([careless] if careless else []), *crowded(facts)]


def crowded(facts: Part) -> Iterator[str]:
    """Classes from which more ballots came than the roster has enterprises."""
    part = facts["response"]
    for stratum in part["strata"] if part["possible"] else ():
        for option in stratum["options"]:
            if is_crowded(option):
                ballots, firms = option["ballots"], option["roster"]
                yield (
                    f"自己填“{stratum['name']}：{option['option']}”的选票有 {ballots} 张，"
                    f"名录里这一类只有 {firms} 家：至少 {ballots - firms} 张的填法与名录不一致。"
                    f"按{stratum['name']}的比较和加权试算请慎用。"
                )


def is_crowded(option: Part) -> bool:
    """Whether more ballots say so than enterprises are on the roster; unknown counts say nothing."""
    return (
        option["ballots"] is not None
        and option["roster"] is not None
        and option["ballots"] > option["roster"]
    )
