"""Word files of an office as templates: names in double braces are filled in by docxtpl.

What stands in braces is read as a tree, of which only names, one kind of loop and conditions are left, and
runs in Jinja's sandbox all the same. A block, several paragraphs and tables in the layout of official
documents, stands alone in a paragraph.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final, cast

import docx
from docx.document import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.text.paragraph import CT_P
from docxtpl import DocxTemplate
from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml import etree

Write = Callable[[Document], object]
_ALONE: Final = re.compile(r"\s*\{\{p?\s*(\w+)\s*\}\}\s*")
_GRID: Final = "Table Grid"
_ALLOWED: Final = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.For, nodes.If,
    nodes.Const, nodes.Compare, nodes.Operand, nodes.Not, nodes.And, nodes.Or,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Names that a template may use: `fields` are text, `blocks` whole parts, each once, `lists` repeat a row
    with these members."""

    fields: frozenset[str]
    blocks: frozenset[str]
    lists: Mapping[str, frozenset[str]]


class NotInTemplate(TemplateSyntaxError):
    """What a template must not say. `why`: "name", "member", "grammar", "nested"; `about`: a name, or ""."""

    def __init__(self, why: str, name: str, line: int) -> None:
        super().__init__(f"{why} {name}", line)
        self.why, self.about = why, name


class FieldEnvironment(ImmutableSandboxedEnvironment):
    """Jinja in which a template only names what is in `vocabulary`; `rows`: names that a loop around it
    gives, with the list's."""

    def __init__(self, vocabulary: Vocabulary, rows: Mapping[str, str] | None = None) -> None:
        super().__init__(autoescape=True)
        self.vocabulary, self.rows = vocabulary, dict(rows or {})
        for known in (self.globals, self.filters, self.tests):
            known.clear()

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        self._look(tree, self.rows)
        return tree

    def _look(self, node: nodes.Node, rows: Mapping[str, str]) -> None:
        if not isinstance(node, _ALLOWED):
            raise NotInTemplate("grammar", "", node.lineno)
        if isinstance(node, nodes.For):
            rows = self._looped(node, rows)
            within: Iterable[nodes.Node] = [*node.body, *node.else_]
        elif isinstance(node, nodes.Getattr):
            self._member(node, rows)
            return
        else:
            within = node.iter_child_nodes()
        known = self.vocabulary.fields | self.vocabulary.blocks | rows.keys()
        if isinstance(node, nodes.Name) and node.name not in known:
            raise NotInTemplate("name", node.name, node.lineno)
        for child in within:
            self._look(child, rows)

    def _looped(self, node: nodes.For, rows: Mapping[str, str]) -> Mapping[str, str]:
        if not isinstance(node.target, nodes.Name) or not isinstance(node.iter, nodes.Name) or node.test:
            raise NotInTemplate("grammar", "", node.lineno)
        if node.iter.name not in self.vocabulary.lists:
            raise NotInTemplate("name", node.iter.name, node.lineno)
        if rows:
            raise NotInTemplate("nested", "", node.lineno)
        return {node.target.name: node.iter.name}

    def _member(self, node: nodes.Getattr, rows: Mapping[str, str]) -> None:
        row = rows.get(node.node.name) if isinstance(node.node, nodes.Name) else None
        if row is None:
            whole = node.node.name if isinstance(node.node, nodes.Name) else ""
            raise NotInTemplate("name" if whole else "grammar", whole, node.lineno)
        if node.attr not in self.vocabulary.lists[row]:
            raise NotInTemplate("member", node.attr, node.lineno)


@dataclass(frozen=True, slots=True)
class _Block:
    """Part of a document that is written where the template names it."""

    document: Document
    write: Write

    def __html__(self) -> str:
        made = docx.Document()
        made._part = self.document.part  # pictures and styles go there
        self.write(made)
        body = made.element.body
        return "".join(etree.tostring(e, encoding="unicode") for e in body if e.tag != qn("w:sectPr"))


def fill(
    template: bytes,
    vocabulary: Vocabulary,
    values: Mapping[str, object],
    blocks: Mapping[str, Write],
) -> Document:
    """Document made of `template` with `values` of fields and lists and what `blocks` write, in the order of
    the template. Raises `TemplateError` of Jinja."""
    whole = DocxTemplate(io.BytesIO(template))
    document = cast(Any, whole).get_docx()
    set_blocks_apart(document, vocabulary.blocks)
    _lend_style(document)
    given = dict(values) | {name: _Block(document, write) for name, write in blocks.items()}
    whole.render(given, FieldEnvironment(vocabulary), autoescape=True)
    return cast(Document, whole.docx)


def set_blocks_apart(document: Document, blocks: frozenset[str]) -> list[tuple[str, CT_P]]:
    """Make docxtpl put a block in place of each paragraph of the body that holds its name alone; returns the
    names with their paragraphs."""
    found = []
    for paragraph in list(document.element.body.iterchildren(qn("w:p"))):
        alone = _ALONE.fullmatch(text_of(paragraph))
        if alone and alone[1] in blocks and paragraph.find(f".//{qn('w:sectPr')}") is None:
            found.append((alone[1], paragraph))
            for child in list(paragraph):
                paragraph.remove(child)
            run, text = OxmlElement("w:r"), OxmlElement("w:t")
            text.text = f"{{{{p {alone[1]} }}}}"
            run.append(text)
            paragraph.append(run)
    return found


def text_of(paragraph: CT_P) -> str:
    """Text of a paragraph as it is typed, whatever runs it is cut into."""
    return "".join(text.text or "" for text in paragraph.iter(qn("w:t")))


def _lend_style(document: Document) -> None:
    """Give a template that was not begun from the default one the style of ruled tables."""
    if _GRID not in [style.name for style in document.styles]:
        lent = deepcopy(docx.Document().styles[_GRID].element)
        document.styles.element.append(lent)
