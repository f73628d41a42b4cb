"""Forms put together from the pages of a station: what is plain, and what two people must look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from survey.documents.paper.layout import Question, QuestionKind
from survey.documents.paper.setting_out import form_layout
from survey.paper.scans.judge import Doubt, ReadAnswer
from survey.paper.scans.reading import PageRead
from survey.paper.station.folder import StoredPage
from survey.protocol.answers import Answers
from survey.protocol.questionnaire import Questionnaire

CODE, MISSING, COPIES = "code", "missing", "copies"
UNREADABLE = "unreadable"
"""Decision that a mark cannot be made out (nothing is counted), or that a form cannot be counted."""
COUNTED = "counted"
"""Decision that a form is counted although pages are missing."""


@dataclass(frozen=True, slots=True)
class OpenItem:
    """What people must settle on a form: `key` names it, no other item of the form has it; `doubt` says why.

    `page` and `further` show it: none for what is missing, several where a question stands on two pages or
    images of one page differ.
    """

    form: str
    key: str
    doubt: str
    page: StoredPage | None = None
    question: Question | None = None
    department: int = -1
    further: tuple[StoredPage, ...] = ()

    @property
    def pages(self) -> tuple[StoredPage, ...]:
        """All images that show it."""
        return () if self.page is None else (self.page, *self.further)


@dataclass(slots=True)
class Form:
    """Form: its pages by number, those missing, the invitation on it, plain answers, and open items."""

    number: str
    pages: dict[int, StoredPage] = field(default_factory=dict)
    missing: tuple[int, ...] = ()
    invitation: str = ""
    values: dict[Question, int] = field(default_factory=dict)
    items: list[OpenItem] = field(default_factory=list)
    copies: list[StoredPage] = field(default_factory=list)


def forms_of(questionnaire: Questionnaire, pages: Iterable[StoredPage]) -> dict[str, Form]:
    """Forms by number, from all pages that were read, and those of which a page was seen and could not be."""
    forms: dict[str, Form] = {}
    found: dict[str, dict[int, list[StoredPage]]] = defaultdict(lambda: defaultdict(list))
    unlocated: dict[str, set[int]] = defaultdict(set)
    for page in pages:
        if isinstance(page.found, PageRead):
            found[page.found.code.form][page.found.code.page].append(page)
        else:
            for sheet in page.found.sheets:
                if sheet.returned:
                    unlocated[sheet.form].add(sheet.page - 1)
    for number in sorted({*found, *unlocated}):
        if number in found:
            forms[number] = _form(questionnaire, number, found[number])
        else:
            missing, item = tuple(sorted(unlocated[number])), OpenItem(number, MISSING, MISSING)
            forms[number] = Form(number, missing=missing, items=[item])
    return forms


def _form(questionnaire: Questionnaire, number: str, by_page: dict[int, list[StoredPage]]) -> Form:
    form = Form(number)
    style = _read(next(iter(by_page.values()))[0]).code.style
    count = len(form_layout(questionnaire, style).pages)
    form.missing = tuple(n for n in range(count) if n not in by_page)
    for at, copies in sorted(by_page.items()):
        form.pages[at] = copies[0]
        form.copies += copies[1:]
        form.invitation = form.invitation or next((c for p in copies if (c := _read(p).invitation)), "")
    _take_answers(form, by_page)
    _take_comments(form, by_page)
    if form.missing:
        form.items.append(OpenItem(number, MISSING, MISSING))
    if not form.invitation:
        form.items.append(OpenItem(number, CODE, CODE, form.pages.get(0)))
    return form


def _take_answers(form: Form, by_page: dict[int, list[StoredPage]]) -> None:
    """Answers of all pages, one for each question: a fact's options may stand on two pages."""
    shown: dict[Question, dict[int, list[StoredPage]]] = {}
    said: dict[Question, dict[int, list[ReadAnswer]]] = {}
    for at, copies in sorted(by_page.items()):
        for page in copies:
            for answer in _read(page).answers:
                shown.setdefault(answer.question, {}).setdefault(at, []).append(page)
                said.setdefault(answer.question, {}).setdefault(at, []).append(answer)
    for question, found in said.items():
        doubt, value = _of_pages(list(found.values()))
        if not doubt:
            form.values[question] = value
            continue
        images = [image for copies in shown[question].values() for image in _differing(copies, doubt)]
        form.items.append(
            OpenItem(form.number, key_of(question), doubt, images[0], question, further=tuple(images[1:]))
        )


def _of_pages(pages: list[list[ReadAnswer]]) -> tuple[str, int]:
    """Doubt and value of a question from its answers on each page, each from all images of that page.

    What images of one page say differently is a doubt, as are marks on two pages.
    """
    if any(len({(a.value, a.doubt) for a in copies}) > 1 for copies in pages):
        return COPIES, 0
    firsts = [copies[0] for copies in pages]
    if doubt := next((str(a.doubt) for a in firsts if a.doubt), ""):
        return doubt, 0
    marked = [a.value for a in firsts if a.value]
    return (str(Doubt.SEVERAL), 0) if len(marked) > 1 else ("", sum(marked))


def _differing(copies: list[StoredPage], doubt: str) -> list[StoredPage]:
    """The images of a page to look at."""
    return copies if doubt == COPIES else copies[:1]


def _take_comments(form: Form, by_page: dict[int, list[StoredPage]]) -> None:
    """Areas in which any image of the page shows writing."""
    for copies in by_page.values():
        seen: dict[int, StoredPage] = {}
        for page in copies:
            for department in _read(page).written:
                seen.setdefault(department, page)
        form.items += [
            OpenItem(form.number, f"comment:{department}", "comment", page, department=department)
            for department, page in sorted(seen.items())
        ]


def _read(page: StoredPage) -> PageRead:
    assert isinstance(page.found, PageRead)  # noqa: S101 - `forms_of` takes no others
    return page.found


def key_of(question: Question) -> str:
    """Name of a question in decisions."""
    return f"{question.kind}:{question.index}:{question.item}"


def answers_of(questionnaire: Questionnaire, form: Form, settled: dict[str, str]) -> Answers:
    """Answers to cast: plain ones, and what was settled for the items, by key."""
    values = dict(form.values)
    comments = {}
    for item in form.items:
        said = settled.get(item.key, "")
        if item.question is not None:
            values[item.question] = int(said) if said.isdigit() else 0
        elif item.department >= 0 and said not in ("", UNREADABLE):
            comments[item.department] = said
    items = range(len(questionnaire.items))
    ratings = tuple(
        tuple(values.get(Question(QuestionKind.RATING, d, i), 0) for i in items)
        for d in range(len(questionnaire.departments))
    )
    strata = tuple(values.get(Question(QuestionKind.STRATUM, n), 0) for n in range(len(questionnaire.strata)))
    return Answers(ratings, strata, comments)


def is_empty(answers: Answers) -> bool:
    """Whether nobody marked anything that counts."""
    return not any(map(any, answers.ratings)) and not answers.comments
