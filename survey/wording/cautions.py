"""What must be said beside a ranking, for every document and page: nobody should have to open the workbook.

The engine's notes come through whatever their codes: assumptions that failed, careless ballots, statements
that few ballots carry.
"""

from collections.abc import Iterable, Iterator
from typing import Final, Literal

from survey.parts import Part
from survey.wording.ranking import class_name

Language = Literal["zh", "en"]
HEADING: Final = "需要注意的情况"
# Notes with a section of their own, or about letters that many departments do not have.
_TOLD_ELSEWHERE: Final = ("insufficient", "tiers_covered")


def cautions(ranking: Part, language: Language = "zh") -> list[str]:
    """What the engine noted on this ranking and those within groups: assumptions that failed, careless
    ballots, fragile statements; each once, whatever codes there will be."""
    overall = _notes(ranking, language)
    within: dict[str, list[str]] = {}
    for group in ranking.get("groups", ()):
        for note in _notes(group, language):
            within.setdefault(note, []).append(
                group["name"] if language == "en" else class_name(group["name"])
            )
    said = "{}: {}" if language == "en" else "{}：{}"
    joint = ", " if language == "en" else "、"
    return overall + [
        said.format(joint.join(names), note) for note, names in within.items() if note not in overall
    ]


def _notes(ranking: Part, language: Language) -> list[str]:
    notes = ranking.get("notes", ())
    if language == "en":
        notes = ranking.get("notes_en", notes)
    codes = ranking.get("note_codes") or [""] * len(notes)
    return [note for code, note in zip(codes, notes, strict=True) if code not in _TOLD_ELSEWHERE]


def remarks(facts: Part) -> list[str]:
    """Cautions that the facts give beside those of the ranking, which may tell of careless ballots."""
    quality, told = facts["quality"], facts["ranking"].get("note_codes", ())
    careless = quality["summary_zh"] if quality.get("flagged") and "careless" not in told else ""
    return [*([careless] if careless else []), *crowded(facts)]


def crowded(facts: Part) -> Iterator[str]:
    """Strata of which some class has more ballots than the roster has enterprises."""
    part = facts["response"]
    for stratum in part["strata"] if part["possible"] else ():
        found = list(filter(is_crowded, stratum["options"]))
        if found:
            each = "、".join(f"{o['option']}（{o['ballots']} 张，名录 {o['roster']} 家）" for o in found)
            yield (
                f"企业自己填的“{stratum['name']}”里，有的类别选票比名录里的企业还多：{each}，"
                f"至少 {wrong(found)} 张填得与名录不一致。按{stratum['name']}的比较和加权试算请慎用。"
            )


def wrong(options: Iterable[Part]) -> int:
    """At least so many ballots of these classes say something else than the roster."""
    return sum(o["ballots"] - o["roster"] for o in options)


def is_crowded(option: Part) -> bool:
    """Whether more ballots say so than enterprises are on the roster; unknown counts say nothing."""
    return (
        option["ballots"] is not None
        and option["roster"] is not None
        and option["ballots"] > option["roster"]
    )
