"""Two people settle what is doubtful, each without seeing the other; where they differ, a third look decides.

A decision is a text: the value of a box, a comment, a code, or one of the words in `forms.py`.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from survey.documents.paper.codes import form_number
from survey.documents.paper.layout import Question, QuestionKind
from survey.errors import N_, Conflict, InvalidInput, PingyiError
from survey.paper.station.ends import is_over
from survey.paper.station.folder import Station, StoredPage, read_json, write_json
from survey.paper.station.forms import CODE, COUNTED, MISSING, UNREADABLE, Form, OpenItem, forms_of
from survey.protocol.answers import NOT_KNOWN
from survey.protocol.codes import format_code, parse_pinned
from survey.protocol.questionnaire import Questionnaire

THIRD = 2
"""Place of the third look after the two people, 0 and 1."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Decision that can be taken with one key: its text, and how it is called in both languages."""

    value: str
    zh: str
    en: str


class Settling:
    """Decisions of a station's people."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._asked = station.description.questionnaire
        self._known: tuple[list[StoredPage], dict[str, Form]] = ([], {})

    def decisions(self, place: int) -> dict[str, dict[str, str]]:
        """Decisions of one place: form number → key → text."""
        path = self._station.folder / f"decisions-{place}.json"
        return dict(read_json(path)) if path.exists() else {}

    def decide(self, place: int, item: OpenItem, said: str) -> None:
        """Write down a decision; raises `InvalidInput` for one that the item does not allow."""
        said = self.checked(item, said)
        with self._station.deciding():
            found = self.decisions(place)
            found.setdefault(item.form, {})[item.key] = said
            write_json(self._station.folder / f"decisions-{place}.json", found)

    def withdraw(self, place: int, form: str, key: str) -> None:
        """Take a decision back; raises `Conflict` once the form's casting has begun."""
        with self._station.deciding():
            if form in self._station.casts():
                raise Conflict(N_("表号 %(form)s 已经开始投票，不能再改。"), form=form)
            found = self.decisions(place)
            if found.get(form, {}).pop(key, None) is not None:
                write_json(self._station.folder / f"decisions-{place}.json", found)

    def forms(self) -> dict[str, Form]:
        """Forms of the station, put together again only when pages have come."""
        return self.contents()[1]

    def contents(self) -> tuple[list[StoredPage], dict[str, Form]]:
        """All pages of the station, and the forms that they make; read again only when pages have come."""
        if self._station.page_count() != len(self._known[0]):
            pages = self._station.pages()
            self._known = (pages, forms_of(self._asked, pages))
        return self._known

    def waiting(self, place: int) -> list[OpenItem]:
        """Items that the person at a place has still to decide; none of forms that were cast."""
        casts = self._station.casts()
        forms = (form for form in self.forms().values() if not is_over(casts.get(form.number, {})))
        items = [item for form in forms for item in form.items]
        mine = self.decisions(place)
        if place != THIRD:
            return [item for item in items if item.key not in mine.get(item.form, {})]
        first, second = self.decisions(0), self.decisions(1)
        return [
            item
            for item in items
            if (a := first.get(item.form, {}).get(item.key)) is not None
            and (b := second.get(item.form, {}).get(item.key)) is not None
            and a != b
            and item.key not in mine.get(item.form, {})
        ]

    def settled(self) -> dict[str, dict[str, str]]:
        """What holds, form number → key → text: what both said, or else the third look."""
        first, second, third = (self.decisions(place) for place in (0, 1, THIRD))
        settled: dict[str, dict[str, str]] = {}
        for form, said in first.items():
            for key, text in said.items():
                other = second.get(form, {}).get(key)
                if other == text:
                    settled.setdefault(form, {})[key] = text
                elif other is not None and key in third.get(form, {}):
                    settled.setdefault(form, {})[key] = third[form][key]
        return settled

    def options(self, item: OpenItem) -> list[Choice]:
        """Decisions that an item allows; none for a text."""
        if item.key == MISSING:
            counted = Choice(COUNTED, "缺页当作没填，照常计入", "Count it, missing pages as not filled in")
            return [counted, Choice(UNREADABLE, "整份不计", "Do not count the form")]
        if item.question is None:
            return []
        return [*options_of(self._asked, item.question), Choice(UNREADABLE, "认不出", "Cannot be made out")]

    def checked(self, item: OpenItem, said: str) -> str:
        """A decision as it is written down; raises `InvalidInput` for one that the item does not allow."""
        said = unicodedata.normalize("NFC", said).strip().strip("\ufeff").strip()
        if item.key == CODE and said != UNREADABLE:
            return self._code(item, said)
        if item.department >= 0:
            most = self._asked.comment_chars
            if len(said) > most or any(unicodedata.category(c) == "Cc" for c in said if c != "\n"):
                raise InvalidInput(N_("意见最多 %(most)s 个字。"), most=most)
            return said
        if item.key != CODE and said not in {option.value for option in self.options(item)}:
            raise InvalidInput(N_("“%(said)s”不是这一项可以选的。"), said=said)
        return said

    def _code(self, item: OpenItem, said: str) -> str:
        try:
            code = format_code(parse_pinned(said)[0])
        except PingyiError as error:
            raise InvalidInput(N_("邀请码不完整或有误，请对照表上二维码下面的字母。")) from error
        if form_number(code) != item.form:
            raise InvalidInput(N_("这个邀请码不是表号 %(form)s 的。"), form=item.form)
        return code


def options_of(asked: Questionnaire, question: Question) -> list[Choice]:
    """Answers to a question, the empty one first."""
    none = Choice("0", "没有选", "Nothing marked")
    if question.kind == QuestionKind.SKIP:
        return [none, Choice("1", "没办过事", "No dealings")]
    if question.kind == QuestionKind.STRATUM:
        stratum = asked.strata[question.index]
        pairs = list(zip(stratum.options, stratum.options_en, strict=True))
        return [none, *(Choice(str(n), zh, en) for n, (zh, en) in enumerate(pairs, start=1))]
    levels = [(level.label, level.label_en) for level in asked.scale.levels]
    last = Choice(str(NOT_KNOWN), asked.scale.not_known, asked.scale.not_known_en)
    return [none, *(Choice(str(n), zh, en) for n, (zh, en) in enumerate(levels, start=1)), last]
