"""What county offices write around a heading, set aside once for all tables."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from analysis.answers.signs import without_invisible

HEADER_WITHIN: Final = 20
"""Titles, dates and notes may stand above the headings, within so many rows."""
LONGEST_SHOWN: Final = 40
MOST_SHOWN: Final = 20
_NOISE: Final = re.compile(
    r"[\s*%★☆※#/、，,:：;；._\-()\[\]【】<>《》]|必填项?|选填项?|请填写|单选题?|多选题?"
)
_BRACKETS: Final = re.compile(r"[(\[【][^()\[\]【】]*[)\]】]")
_NUMBER: Final = re.compile(r"^(\d{1,2}|[一二三四五六七八九十]{1,2})[、.．]\s*")


def plain(heading: str) -> str:
    """A heading without marks, brackets, spaces and numbering, in small letters."""
    text = unicodedata.normalize("NFKC", without_invisible(heading)).strip()
    return _NOISE.sub("", _NUMBER.sub("", text)).lower()


def variants(heading: str) -> tuple[str, str]:
    """A heading with and without what stands in brackets."""
    text = unicodedata.normalize("NFKC", without_invisible(heading))
    return plain(text), plain(_BRACKETS.sub("", text))


def places_of(headings: Sequence[str], synonyms: Iterable[str]) -> list[int]:
    """Columns whose heading is one of `synonyms`, by the order of these; exact ones before bracketed ones."""
    read = [variants(heading) for heading in headings]
    wanted = [known for synonym in synonyms if (known := plain(synonym))]
    found = [i for known in wanted for i, (whole, _) in enumerate(read) if whole == known]
    found += [i for known in wanted for i, (_, bare) in enumerate(read) if bare == known]
    return list(dict.fromkeys(found))


def shown(heading: str) -> str:
    """A heading as a message names it: a whole paragraph in its place is cut."""
    return heading if len(heading) <= LONGEST_SHOWN else f"{heading[: LONGEST_SHOWN - 1]}…"


def listed(headings: Iterable[str]) -> str:
    """Headings as a message lists them, not more than a person reads; "" for none."""
    names = [shown(heading) for heading in headings if heading]
    return "、".join(names[:MOST_SHOWN]) + ("……" if len(names) > MOST_SHOWN else "")
