"""What is wrong in a template: each name or tag in braces that cannot be filled in, with where it stands."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Final

import docx
from docx.document import Document
from docx.oxml.ns import qn
from docx.oxml.text.paragraph import CT_P
from jinja2 import TemplateError, nodes

from survey.documents.edition.office_template.template_problem import TemplateProblem
from survey.documents.layout.word_template import (
    FieldEnvironment,
    NotInTemplate,
    Vocabulary,
    set_blocks_apart,
    text_of,
)

_TAG: Final = re.compile(r"\{\{(?:p|tr|tc|r)?[ \u00a0\u3000].*?\}\}|\{\{\w.*?\}\}|\{%.*?%\}|\{#.*?#\}")
_STATEMENT: Final = re.compile(r"\{%-?\s*(?:(?:p|tr|tc|r)\s+)?(\w+)\s*(.*?)\s*-?%\}")
_PREFIX: Final = re.compile(r"\{\{(?:p|tr|tc|r)[ \u00a0\u3000]")
_WIDE: Final = re.compile(r"｛\s*[｛%％]|[｝%％]\s*｝")
_BRACES: Final = re.compile(r"\{\{|\}\}|\{%|%\}")
_ENDS: Final = frozenset({"endfor", "endif", "else"})
_SHOWN: Final = 40
MOST: Final = 20


def problems_of(content: bytes, vocabulary: Vocabulary) -> list[TemplateProblem]:
    """All problems of a template, in the order in which they stand; at most `MOST`."""
    document = docx.Document(io.BytesIO(content))
    apart = set_blocks_apart(document, vocabulary.blocks)
    often = Counter(name for name, _ in apart)
    found = [TemplateProblem("twice", name) for name, count in often.items() if count > 1]
    found += _Reader(vocabulary, [paragraph for _, paragraph in apart]).problems(document)
    if not found and (open_ended := _whole(document, vocabulary)):
        found.append(open_ended)
    return found[:MOST]


def _whole(document: Document, vocabulary: Vocabulary) -> TemplateProblem | None:
    """Loops and conditions that do not end, or names of a row outside its loop; tags each for itself are
    right."""
    tags = "".join(
        _PREFIX.sub("{{ ", _STATEMENT.sub(r"{% \1 \2 %}", tag))
        for _, paragraph in _paragraphs(document)
        for tag in _TAG.findall(text_of(paragraph))
    )
    try:
        FieldEnvironment(vocabulary).parse(tags)
    except NotInTemplate as error:
        return TemplateProblem(error.why, error.about)
    except TemplateError:
        return TemplateProblem("unfinished")
    return None


class _Reader:
    """Reader of the tags, paragraph by paragraph; keeps the names that loops have given."""

    def __init__(self, vocabulary: Vocabulary, apart: Sequence[CT_P]) -> None:
        self._vocabulary, self._apart = vocabulary, apart
        self._rows: dict[str, str] = {}

    def problems(self, document: Document) -> Iterator[TemplateProblem]:
        for place, paragraph in _paragraphs(document):
            text = text_of(paragraph)
            if _WIDE.search(text):
                yield TemplateProblem("wide", "", _near(text, 0), place)
            elif _BRACES.search(_TAG.sub("", text)):
                yield TemplateProblem("braces", "", _near(text, 0), place)
            for tag in _TAG.finditer(text):
                wrong = self._wrong(tag[0], alone=paragraph in self._apart)
                if wrong is not None:
                    why, about = wrong
                    near = _near(text, tag.start())
                    yield TemplateProblem(why, about or tag[0], near, place, self._meant(why, about))

    def _wrong(self, tag: str, *, alone: bool) -> tuple[str, str] | None:
        """Why a tag cannot be, and the name that is meant; None where nothing is wrong."""
        if tag.startswith("{#"):
            return None
        statement = _STATEMENT.fullmatch(tag)
        rows = dict(self._rows)
        if statement:
            word, rest = statement.groups()
            if word in _ENDS:
                return None
            word = "if" if word == "elif" else word
            source = f"{{% {word} {rest} %}}{{% end{word} %}}"
            looped = re.fullmatch(r"(\w+)\s+in\s+(\w+)", rest)
            if word == "for":
                rows = {}
                if looped:
                    self._rows[looped[1]] = looped[2]
        else:
            source = _PREFIX.sub("{{ ", tag)
        try:
            tree = FieldEnvironment(self._vocabulary, rows).parse(source)
        except NotInTemplate as error:
            return error.why, error.about
        except TemplateError:
            return "grammar", ""
        blocks = {name.name for name in tree.find_all(nodes.Name)} & self._vocabulary.blocks
        return ("block", min(blocks)) if blocks and not alone else None

    def _meant(self, why: str, about: str) -> str:
        known = self._vocabulary.fields | self._vocabulary.blocks | self._vocabulary.lists.keys()
        if why == "member":
            known = frozenset().union(*self._vocabulary.lists.values())
        return next(iter(get_close_matches(about, sorted(known), 1, 0.4)), "") if about else ""


def _paragraphs(document: Document) -> Iterator[tuple[str, CT_P]]:
    """Paragraphs of the body and of heads and feet, with their place."""
    for paragraph in document.element.body.iter(qn("w:p")):
        in_table = next(paragraph.iterancestors(qn("w:tc")), None) is not None
        yield "table" if in_table else "body", paragraph
    for relation in document.part.rels.values():
        kind = relation.reltype.rpartition("/")[2]
        if kind in ("header", "footer"):
            for paragraph in relation.target_part.element.iter(qn("w:p")):
                yield kind, paragraph


def _near(text: str, start: int) -> str:
    first = max(0, start - _SHOWN // 3)
    shown = text[first : first + _SHOWN]
    return ("…" if first else "") + shown + ("…" if first + _SHOWN < len(text) else "")
