"""Settings of a Word file: compatibility mode, language, fonts to fall back on, and fixed times."""

import io
import zipfile
from datetime import date, datetime
from typing import Any, Final, cast

from docx.document import Document
from docx.opc.oxml import serialize_part_xml
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from analysis.answers.signs import printable
from survey.documents.layout.word_runs import ALTERNATIVES

_LANGUAGE: Final = "zh-CN"
_LATIN: Final = (
    "en-US"  # of Latin letters and digits; as Chinese, LibreOffice would break numbers at their points
)
_MODE: Final = "15"  # Word 2013 and later; with less Word opens the file in compatibility mode
_GB2312: Final = "86"
_ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)


def set_up(document: Document) -> None:
    """Set compatibility mode 15, language zh-CN and the fonts to fall back on."""
    settings = document.settings.element
    for setting in settings.iter(qn("w:compatSetting")):
        if setting.get(qn("w:name")) == "compatibilityMode":
            setting.set(qn("w:val"), _MODE)
    for language in (*settings.iter(qn("w:themeFontLang")), *document.styles.element.iter(qn("w:lang"))):
        language.set(qn("w:val"), _LATIN)
        language.set(qn("w:eastAsia"), _LANGUAGE)
    document.core_properties.language = _LANGUAGE
    for relation in document.part.rels.values():
        if relation.reltype.endswith("/fontTable"):
            part = cast(Any, relation.target_part)
            part._blob = _with_alternatives(part.blob)


def name_document(document: Document, title: str, author: str, created: date) -> None:
    """Set what the file says of itself."""
    properties = document.core_properties
    properties.title, properties.author, properties.comments = printable(title), printable(author), ""
    moment = datetime(created.year, created.month, created.day)  # noqa: DTZ001 - a day without a zone
    properties.created = properties.modified = moment
    properties.last_modified_by = printable(author)


def finished(document: Document) -> bytes:
    """Bytes of the file, the same for the same content."""
    buffer = io.BytesIO()
    document.save(buffer)
    return with_fixed_dates(buffer.getvalue())


def _with_alternatives(font_table: bytes) -> bytes:
    root = parse_xml(font_table)
    for name, others in ALTERNATIVES.items():
        root.append(
            parse_xml(
                f'<w:font {nsdecls("w")} w:name="{name}"><w:altName w:val="{others}"/>'
                f'<w:charset w:val="{_GB2312}"/></w:font>'
            )
        )
    return serialize_part_xml(root)


def with_fixed_dates(data: bytes) -> bytes:
    """The same archive with fixed times, so that equal documents are equal files."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.infolist():
            target.writestr(
                zipfile.ZipInfo(entry.filename, _ZIP_DATE), source.read(entry), zipfile.ZIP_DEFLATED
            )
    return buffer.getvalue()
