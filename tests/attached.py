"""Files as a department attaches them, and as somebody makes them who means harm."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping

from docx import Document
from PIL import Image, PngImagePlugin
from pypdf import PdfWriter

GPS, MAKE = 0x8825, 0x010F
RELATIONS = "word/_rels/document.xml.rels"


def picture(size: tuple[int, int] = (40, 20)) -> bytes:
    """JPEG lying on its side, as a telephone makes it, with the place where it was taken."""
    image = Image.new("RGB", size, "red")
    exif = Image.Exif()
    exif[MAKE], exif[0x0112] = "Telephone", 6
    exif.get_ifd(GPS)[2] = (31.0, 12.0, 5.0)
    made = io.BytesIO()
    image.save(made, "JPEG", exif=exif, comment=b"taken at the bureau")
    return made.getvalue()


def png() -> bytes:
    notes, made = PngImagePlugin.PngInfo(), io.BytesIO()
    notes.add_text("Author", "Telephone")
    Image.new("RGBA", (8, 4), (0, 0, 255, 128)).save(made, "PNG", pnginfo=notes)
    return made.getvalue()


def pdf(change: Callable[[PdfWriter], object] = lambda writer: None) -> bytes:
    """PDF of one page, after `change`."""
    writer, made = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    change(writer)
    writer.write(made)
    return made.getvalue()


def docx(changes: Mapping[str, bytes] | None = None) -> bytes:
    """Word file with these parts added or put in place of its own."""
    plain, made = io.BytesIO(), io.BytesIO()
    document = Document()
    document.add_paragraph("窗口已增设两个。")
    document.save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        parts = {name: source.read(name) for name in source.namelist()} | dict(changes or {})
        for name, content in parts.items():
            target.writestr(name, content)
    return made.getvalue()


def part(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        return source.read(name)


def related(kind: str, target: str) -> dict[str, bytes]:
    """The relations of a Word file with one more, to something elsewhere."""
    more = (
        f'<Relationship Id="rId99" TargetMode="External" Target="{target}" Type="http://schemas.'
        f'openxmlformats.org/officeDocument/2006/relationships/{kind}"/></Relationships>'
    )
    return {RELATIONS: part(docx(), RELATIONS).replace(b"</Relationships>", more.encode())}


def with_field(*runs: str) -> dict[str, bytes]:
    """The text of a Word file with a field, its text cut into these runs."""
    said = "".join(f"<w:r><w:instrText>{run}</w:instrText></w:r>" for run in runs)
    paragraph = f'<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>{said}</w:p>'
    before = part(docx(), "word/document.xml")
    return {"word/document.xml": before.replace(b"<w:sectPr", paragraph.encode() + b"<w:sectPr", 1)}
