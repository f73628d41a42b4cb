"""What stands around the text of an official document: in Chinese after GB/T 9704-2012, in English plain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from survey.documents.layout.official_docx import OfficialDocument
from survey.documents.layout.titles import title_lines
from survey.language import current_language
from survey.language import gettext as _
from survey.wording.numbers import day as day_words


def begin(
    document: OfficialDocument, body: str, title: tuple[str, str], recipient: str, *, as_letter: bool = False
) -> None:
    """Write head (of a letter or with the issuers' mark), title and recipient; `title`: its two halves,
    between which it may be broken."""
    if current_language() == "zh":
        (document.letterhead if as_letter else document.masthead)(body)
        document.title(title_lines(*title))
        document.recipient(f"{recipient}：")
    else:
        document.title(title_lines("".join(title), ""))
        document.paragraph(_("致：%(recipient)s", recipient=recipient))


def sign(document: OfficialDocument, body: str, day: date | None, *, imprint: bool = False) -> None:
    """Write issuers and day, blank in Chinese where there is none, and 版记 below where asked for."""
    if current_language() == "zh":
        document.signature(body, day)
        if imprint:
            document.imprint(day)
    else:
        signed: Sequence[str] = (body, day_words(day)) if day else (body,)
        document.plain_signature(", ".join(signed))
