"""Blocks that report.typ typesets, as plain dictionaries."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from survey.facts.base import Fact, plain
from survey.language import current_language
from survey.language import gettext as _

Block = dict[str, object]
_WIDTH_MM, _HEIGHT_MM, _MM_PER_POINT = 162, 215, 25.4 / 72
UNDER_HEADINGS_MM: Final = 185  # what a page has left under the headings and the paragraph of a chapter
_LEAST_SCALE: Final = 0.5  # of charts that are set in 8.5 points
_SIZE: Final = re.compile(rb'<svg [^>]*?height="([\d.]+)pt"[^>]*?width="([\d.]+)pt"', re.DOTALL)
_SIZE_TURNED: Final = re.compile(rb'<svg [^>]*?width="([\d.]+)pt"[^>]*?height="([\d.]+)pt"', re.DOTALL)


def heading(text: str, level: int = 1) -> Block:
    """Heading block; level 1 begins a page."""
    return {"kind": "heading", "level": level, "text": text}


def paragraphs(texts: Iterable[str]) -> list[Block]:
    return [{"kind": "paragraph", "text": text} for text in texts if text]


def items(texts: Iterable[str]) -> list[Block]:
    """Blocks of a bulleted list."""
    return [{"kind": "item", "text": text} for text in texts if text]


def note(text: str, *, sticky: bool = False) -> Block:
    """Note block in small type; one that is `sticky` stays with what follows."""
    return {"kind": "note", "text": text, "sticky": sticky}


def code(label: str, text: str) -> Block:
    """Block with a digest, in groups of eight so that it can be compared by eye."""
    grouped = " ".join(text[i : i + 8] for i in range(0, len(text), 8))
    return {"kind": "code", "label": label, "text": grouped or "—"}


def table(
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    widths: Sequence[float],
    *,
    caption: str = "",
    aligns: str = "",
    size: float = 9,
    inset: float = 1.35,
    side: float = 1.6,
) -> Block:
    """Table block. `widths` are shares; `aligns` a letter a column: l, c or r; `size` in pt; `inset` above
    and below, `side` beside each cell in mm."""
    names = {"l": "left", "c": "center", "r": "right"}
    return {
        "kind": "table",
        "caption": caption,
        "head": [text[:1].upper() + text[1:] for text in head],
        "rows": [list(row) for row in rows],
        "widths": list(widths),
        "aligns": [names[letter] for letter in aligns or "l" * len(head)],
        "size": size,
        "inset": inset,
        "side": side,
    }


def card(text: str, parts: Sequence[Block]) -> Block:
    """Block of a heading with its `parts`, never divided between pages."""
    return {"kind": "card", "text": text, "parts": list(parts)}


def picture(file: str, svg: bytes | None, text: str, high: float = _HEIGHT_MM) -> list[Block]:
    """Picture block, as wide as the text and at most `high` millimetres high; a note instead where it is
    missing or too small to read."""
    if svg is None:
        return [note(_("“%(chart)s”一图没有画成。", chart=text))]
    width, height = _dimensions(svg)
    drawn = min(_WIDTH_MM, high * width / height)
    if drawn < _LEAST_SCALE * width * _MM_PER_POINT:
        name = file.removesuffix(".svg").removesuffix("-overall")
        said = _(
            "部门较多，“%(chart)s”一图印在这里看不清，请看另附的“%(file)s”。",
            chart=text,
            file=chart_file(name),
        )
        return [note(said)]
    return [{"kind": "picture", "file": file, "width": round(drawn, 1), "text": text}]


def paged(pictures: Mapping[str, bytes], file: str, pages: str, text: str) -> list[Block]:
    """Picture block of the chart `file` with the caption `text`; where it is too small to read, a note that
    names the charts on A4 pages instead: the files whose names begin with `pages`."""
    found = picture(file, pictures.get(file), text)
    names = sorted(name for name in pictures if name.startswith(pages) and name.endswith(".svg"))
    if found[0]["kind"] == "picture" or not names:
        return found
    first, last = (names[place].removesuffix(".svg") for place in (0, -1))
    values = {"chart": text, "count": len(names), "first": chart_file(first), "last": chart_file(last)}
    return [
        note(
            _(
                "部门较多，“%(chart)s”一图分印在 %(count)s 页 A4 纸上：另附的“%(first)s”至“%(last)s”。",
                **values,
            )
        )
    ]


def chart_file(chart: str) -> str:
    """Name of the chart's file in the zip, beside the report."""
    return f"charts/{chart}.svg" if current_language() == "en" else f"图表/{chart}.pdf"


def _dimensions(svg: bytes) -> tuple[float, float]:
    head = svg[:2000]
    if found := _SIZE_TURNED.search(head):
        return float(found[1]), float(found[2])
    found = _SIZE.search(head)
    if found is None:
        raise ValueError("an SVG without width and height in points")
    return float(found[2]), float(found[1])


def texts_of(value: object) -> Iterable[str]:
    """All strings inside nested dictionaries, lists and facts."""
    if isinstance(value, Fact):
        value = plain(value)
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from texts_of(inner)
    elif isinstance(value, Sequence):
        for inner in value:
            yield from texts_of(inner)
