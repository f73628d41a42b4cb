"""Word and Excel files packed anew under limits; macros, controls, files inside and what is fetched from
elsewhere are refused."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final

from survey.documents.attachments.kinds import FileKind, FileRefused

MOST_ENTRIES: Final = 2_000
MOST_UNPACKED: Final = 100 << 20
_CHUNK: Final = 1 << 20
_TYPES: Final = "[Content_Types].xml"
_PARTS: Final = (("word/document.xml", FileKind.DOCX), ("xl/workbook.xml", FileKind.XLSX))
_MACROS: Final = re.compile(r"vba(project|data)|/(macrosheets|dialogsheets)/", re.IGNORECASE)
_INSIDE: Final = re.compile(r"/(embeddings|activex|ctrlprops)/|oleobject", re.IGNORECASE)
_ELSEWHERE: Final = re.compile(r"/(externallinks|querytables|connections)\b", re.IGNORECASE)
_TEXTS: Final = re.compile(r"word/[^/]+\.xml", re.IGNORECASE)
# Fields that start a program, or take in a file of whoever opens the document.
_FIELDS: Final = re.compile(r"\b(DDE|DDEAUTO|INCLUDETEXT)\b", re.IGNORECASE)
_FIXED_TIME: Final = (1980, 1, 1, 0, 0, 0)


def packed_anew(content: bytes) -> tuple[FileKind, bytes]:
    """Kind of a Word or Excel file, and the same parts in a new archive with nothing before, between or after
    them. Raises `FileRefused`."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as source:
            kind, parts = _unpacked(source)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise FileRefused("damaged") from error
    for name, part in parts.items():
        if name.lower().endswith(".rels"):
            _check_relations(part)
        elif _TEXTS.fullmatch(name):
            _check_fields(part)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(parts, key=lambda name: (name != _TYPES, name)):
            target.writestr(zipfile.ZipInfo(name, _FIXED_TIME), parts[name], zipfile.ZIP_DEFLATED)
    return kind, made.getvalue()


def _unpacked(source: zipfile.ZipFile) -> tuple[FileKind, dict[str, bytes]]:
    entries = [entry for entry in source.infolist() if not entry.is_dir()]
    names = [entry.filename for entry in entries]
    kind = next((kind for part, kind in _PARTS if part in names), None)
    if kind is None or _TYPES not in names:
        raise FileRefused("kind")
    if len(entries) > MOST_ENTRIES:
        raise FileRefused("large")
    if any(entry.flag_bits & 1 for entry in entries):
        raise FileRefused("locked")
    if len({name.lower() for name in names}) < len(names) or any(map(_leads_away, names)):
        raise FileRefused("damaged")
    for pattern, why in ((_MACROS, "macros"), (_INSIDE, "inside"), (_ELSEWHERE, "elsewhere")):
        if any(pattern.search(name) for name in names):
            raise FileRefused(why)
    parts = dict(_contents(source, entries))
    if b"macroenabled" in parts[_TYPES].lower():
        raise FileRefused("macros")
    return kind, parts


def _leads_away(name: str) -> bool:
    return name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/")


def _contents(source: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Iterator[tuple[str, bytes]]:
    """Contents by name; counted while they are unpacked, whatever size the archive says."""
    left = MOST_UNPACKED
    for entry in entries:
        found = []
        with source.open(entry) as stream:
            while piece := stream.read(_CHUNK):
                left -= len(piece)
                if left < 0:
                    raise FileRefused("large")
                found.append(piece)
        yield entry.filename, b"".join(found)


def _check_relations(part: bytes) -> None:
    """Refuse what is fetched from elsewhere when the file is opened; a link that one presses may stay."""
    from defusedxml.ElementTree import fromstring

    for relation in fromstring(part, forbid_dtd=True):
        kind = str(relation.get("Type", "")).rpartition("/")[2].lower()
        if str(relation.get("TargetMode", "")).lower() == "external" and kind != "hyperlink":
            raise FileRefused("elsewhere")
        if kind in ("vbaproject", "control", "oleobject", "package"):
            raise FileRefused("inside")


def _check_fields(part: bytes) -> None:
    """Refuse fields of `_FIELDS`; the text of one may be cut into several runs."""
    from defusedxml.ElementTree import fromstring

    said = []
    for element in fromstring(part, forbid_dtd=True).iter():
        name = str(element.tag).rpartition("}")[2]
        if name == "instrText":
            said.append(element.text or "")
        elif name == "fldSimple":
            said += [" ", *(value for key, value in element.items() if key.endswith("instr")), " "]
        elif name == "fldChar":
            said.append(" ")
    if _FIELDS.search("".join(said)):
        raise FileRefused("elsewhere")
