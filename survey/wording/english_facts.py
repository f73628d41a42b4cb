"""Facts for English pages and documents: names that were entered with an English name are replaced by it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeVar

from msgspec.structs import replace

from survey.facts.base import Fact
from survey.facts.publication import EditionContent
from survey.facts.ranking import RankingPart
from survey.facts.whole import Facts
from survey.language import current_language, translator

F = TypeVar("F", bound=Fact)
_AS_WRITTEN: Final = frozenset(["text", "task", "correction"])
"""Fields with what people wrote, in which nothing is replaced."""


def in_page_language(facts: Facts) -> Facts:
    """`facts` on a Chinese page; on an English one a copy with English names and notes. What has no English
    name stays as entered."""
    return facts if current_language() != "en" else EnglishNames.of(facts).within(facts)


def content_in_page_language(content: EditionContent) -> EditionContent:
    """`in_page_language` of all that an edition says."""
    if current_language() != "en":
        return content
    names, known = EnglishNames.of(content.facts), translator("en")
    shipped = [theme.name for entry in content.themes for theme in entry.themes]
    shipped += [figure.unit for figure in content.indicators]
    others = dict(names.others) | {name: known(name) for name in shipped}
    return EnglishNames(names.subjects, others).within(content)


@dataclass(frozen=True)
class EnglishNames:
    """English names of a round by the Chinese: `subjects` (departments and their groups), which occur in
    sentences too, and `others` (items, strata, options)."""

    subjects: Mapping[str, str]
    others: Mapping[str, str]

    @classmethod
    def of(cls, facts: Facts) -> EnglishNames:
        """Names of `facts`. An English name that another department has in Chinese is left out, since two
        would be taken for one."""
        taken = {profile.name for profile in facts.profiles}
        known = translator("en")
        groups = {profile.group: known(profile.group) for profile in facts.profiles if profile.group}
        departments = {p.name: p.name_en for p in facts.profiles if p.name_en and p.name_en not in taken}
        return cls(groups | departments, dict(_others(facts)))

    def within(self, fact: F) -> F:
        """Copy of `fact` with English names in all its parts, and with the English notes of rankings."""
        changed = {name: self._of_field(getattr(fact, name), name) for name in fact.__struct_fields__}
        if isinstance(fact, RankingPart):
            changed["notes"] = self._of_field(fact.told("en"), "notes_en")
        return replace(fact, **changed)

    def of_name(self, name: str) -> str:
        """English name of anything that has one; a class of several options, joined by a slash, has the
        names of each."""
        found = self.subjects.get(name) or self.others.get(name)
        if found is None and "/" in name:
            found = "/".join(self.others.get(part, part) for part in name.split("/"))
        return found or name

    def _of_field(self, value: object, field: str) -> object:
        if isinstance(value, str):
            if field in _AS_WRITTEN:
                return value
            return self._in_sentence(value) if field.endswith("en") else self.of_name(value)
        if isinstance(value, Fact):
            return self.within(value)
        if isinstance(value, tuple):
            return tuple(self._of_field(inner, field) for inner in value)
        if isinstance(value, Mapping):
            return {self.of_name(key): self._of_field(inner, field) for key, inner in value.items()}
        return value

    @cached_property
    def _in_sentence(self) -> Callable[[str], str]:
        longest = sorted(self.subjects, key=len, reverse=True)
        if not longest:
            return str
        pattern = re.compile("|".join(map(re.escape, longest)))
        return lambda text: pattern.sub(lambda found: self.subjects[found[0]], text)


def _others(facts: Facts) -> Iterator[tuple[str, str]]:
    for stratum in facts.strata:
        yield from ((option.option, option.named("en")) for option in stratum.options)
        yield stratum.name, stratum.named("en")
    yield from ((item.name, item.named("en")) for item in facts.items)
