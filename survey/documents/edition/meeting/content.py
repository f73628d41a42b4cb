"""Contents of the documents for the meeting, one list of parts for brief, slides and sentences to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from survey.clock import day_text
from survey.documents.edition.content import Edition
from survey.language import current_language
from survey.language import gettext as _
from survey.wording import briefing, cautions, cells, respondents
from survey.wording import ranking as ranking_words
from survey.wording import round as words
from survey.wording.numbers import department_satisfaction, points, satisfaction, signed, whole

MOST_BELOW: Final = 8
MOST_THEMES: Final = 5
MOST_CORRECTIONS: Final = 4  # sentences; the bulletin has all
MOST_DEPARTMENTS: Final = 40  # whose rows a slide can show; of more the ranking table tells


@dataclass(frozen=True, slots=True)
class MeetingTable:
    """Table with `widths` as shares of the whole."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class MeetingPart:
    """Part of a document for the meeting: sentences and, under them, a table."""

    key: str
    sentences: tuple[str, ...]
    table: MeetingTable | None = None

    @property
    def heading(self) -> str:
        return briefing.heading(self.key)

    @property
    def empty(self) -> bool:
        return not self.sentences and self.table is None


def parts(edition: Edition, most_below: int = MOST_BELOW) -> list[MeetingPart]:
    """Parts in the order of the meeting, in the current language; those without content are left out.
    `most_below`: rows of the table of items below average."""
    before = (_corrected, _response, _certain, _grades, _items, _departments, _changes, _problems)
    made = [
        *(make(edition) for make in before),
        _typical(edition, most_below),
        _classes(edition),
        _terms(edition),
    ]
    return [part for part in made if not part.empty]


def subtitle(edition: Edition) -> str:
    """Issuers and days of the round on one line."""
    language = current_language()
    days = _(
        "%(first)s至%(last)s",
        first=day_text(edition.opens_on, language),
        last=day_text(edition.closes_on, language),
    )
    return _("%(body)s　%(days)s", body=edition.body, days=days)


def spoken(edition: Edition) -> Iterator[MeetingPart]:
    """Parts with the sentences to read aloud: no intervals, no tables."""
    facts = edition.facts
    if edition.before:
        yield _corrected(edition)
    yield MeetingPart("response", (respondents.counted(facts.counts, facts.ranking),))
    if not edition.ranked:
        yield MeetingPart("certain", facts.ranking.notes)
        return
    yield MeetingPart("certain", (*_told(edition), *words.line(facts)))
    yield MeetingPart("items", tuple(words.item_ends(facts)))
    if facts.changes:
        yield MeetingPart("changes", (words.change_of(facts.changes[0]),))
    yield MeetingPart("problems", _problems(edition).sentences)
    yield MeetingPart("terms", tuple(said for _term, said in briefing.terms(facts)))


def _corrected(edition: Edition) -> MeetingPart:
    return MeetingPart("corrected", tuple(edition.correction_in_short(MOST_CORRECTIONS)))


def _response(edition: Edition) -> MeetingPart:
    facts = edition.facts
    return MeetingPart(
        "response", (respondents.counted(facts.counts, facts.ranking), *respondents.response(facts))
    )


def _told(edition: Edition) -> tuple[str, ...]:
    ranking = edition.facts.ranking
    return tuple(dict.fromkeys([*ranking_words.certain(ranking), *ranking_words.places(ranking)]))


def _certain(edition: Edition) -> MeetingPart:
    facts = edition.facts
    if not edition.ranked:
        return MeetingPart("certain", facts.ranking.notes)
    return MeetingPart("certain", (*_told(edition), *words.line(facts), *cautions.remarks(facts)))


def _grades(edition: Edition) -> MeetingPart:
    found = briefing.grades(edition.facts)
    if not found:
        return MeetingPart("grades", ())
    rows = tuple((grade, str(len(names)), _("、").join(names)) for grade, names in found)
    noted = edition.facts.ranking.meeting
    said = [n.text(current_language()) for n in noted.notes if n.code == "grades"] if noted else []
    # The note names every department again; its first sentence says where the lines are.
    rule = tuple(text.partition(_("。"))[0] + _("。") for text in said[:1])
    return MeetingPart("grades", rule, MeetingTable((_("等次"), _("部门数"), _("部门")), rows, (2, 1.5, 8.5)))


def _items(edition: Edition) -> MeetingPart:
    items = edition.facts.items
    language = current_language()
    rows = tuple((i.named(language), whole(i.n), points(i.mean), satisfaction(i)) for i in items)
    table = MeetingTable((_("指标"), _("评分数"), _("平均分"), _("满意率")), rows, (4, 1.4, 1.4, 1.4))
    return MeetingPart("items", (words.items_scope(),), table)


def _departments(edition: Edition) -> MeetingPart:
    if len(edition.profiles) > MOST_DEPARTMENTS:
        return MeetingPart("departments", ())
    rows = tuple(
        (
            p.name,
            department_satisfaction(p),
            cells.against_average(p.overall.vs_average) if p.overall else _("没有排名"),
            cells.against_line(p.line),
        )
        for p in edition.profiles
    )
    head = (_("部门"), _("满意率"), _("与平均相比"), _("与警戒线相比"))
    widths = (4.4, 1.4, 2.1, 2.0) if current_language() == "zh" else (3.4, 1.3, 3.2, 2.4)
    return MeetingPart("departments", (), MeetingTable(head, rows, widths))


def _changes(edition: Edition) -> MeetingPart:
    changes = edition.facts.changes
    return MeetingPart(
        "changes", tuple(map(words.change_of, changes)) if changes else (words.nothing_earlier(),)
    )


def _problems(edition: Edition) -> MeetingPart:
    listed = edition.content.problems
    said = words.problems_listed(len(listed)) if listed else words.no_problems()
    return MeetingPart("problems", (said, *briefing.mended(edition.content.mended)))


def _typical(edition: Edition, most: int) -> MeetingPart:
    below = words.items_below(edition.profiles)
    shown = below[:most]
    said = (
        words.items_below_told(len(below), len(shown)),
        *briefing.typical(edition.content.themes, MOST_THEMES),
    )
    language = current_language()
    rows = tuple(
        (name, item.named(language), points(item.mean), signed(gap.difference)) for name, item, gap in shown
    )
    head = (_("部门"), _("指标"), _("平均分"), _("与同类平均之差"))
    return MeetingPart("typical", said, MeetingTable(head, rows, (5, 2, 1.2, 2)) if rows else None)


def _classes(edition: Edition) -> MeetingPart:
    language = current_language()
    return MeetingPart(
        "classes",
        tuple(
            _("按%(stratum)s：%(said)s", stratum=part.named(language), said=words.summary(part))
            for part in edition.facts.treatment
        ),
    )


def _terms(edition: Edition) -> MeetingPart:
    rows = tuple(briefing.terms(edition.facts))
    return MeetingPart("terms", (), MeetingTable((_("名词"), _("意思")), rows, (1, 6)))


def fitted(texts: Sequence[str], size: float, width: float) -> int:
    """Lines that the texts take in type of `size` points on a line `width` points wide."""
    return sum(max(1, -(-round(ems(text) * size) // round(width))) for text in texts)


def ems(text: str) -> float:
    """Width of `text` in Chinese characters; Latin letters and digits take a little more than half."""
    return sum(0.56 if c.isascii() else 1.0 for c in text)
