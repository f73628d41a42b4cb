"""Streaming scan of XML, which refuses document type declarations: nothing is expanded or kept."""

from collections.abc import Callable, Iterable
from xml.parsers import expat

from analysis.tables.refusals import FileDamaged, XmlEntities

Start = Callable[[str, dict[str, str]], None]
Text = Callable[[str], None]


def scan_xml(
    content: bytes | Iterable[bytes],
    start: Start,
    text: Text | None = None,
    *,
    end: Callable[[str], object] | None = None,
    aside: Callable[..., None] | None = None,
) -> None:
    """Parse XML and call `start(tag, attributes)`, `text(characters)`, `end(tag)`; `aside` for comments and
    instructions.

    `content` may come in pieces, each processed before the next is fetched. Tags are `namespace name`. Raises
    `XmlEntities` or `FileDamaged`.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.CharacterDataHandler = text
    parser.EndElementHandler = end
    parser.CommentHandler = parser.ProcessingInstructionHandler = aside
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        for piece in (content,) if isinstance(content, bytes) else content:
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise FileDamaged from error


def _refuse_doctype(*_: object) -> None:
    raise XmlEntities
