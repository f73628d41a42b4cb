"""Examination of an attached file in a process of its own; what is kept is what that process hands back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from analysis.answers.spelling import clean_line
from survey.documents.attachments.confined import run
from survey.documents.attachments.kinds import MOST_BYTES, FileKind, safe_name
from survey.errors import N_, InvalidInput, Phrase

_AS_PDF: Final = N_("请打印或另存为 PDF 再加。")
_KINDS: Final = N_(
    "可以加 PDF、照片（JPEG、PNG）、Word（.docx）和 Excel（.xlsx）；别的文件请另存为 PDF 再加。"
)
_AGAIN: Final = N_("请在电脑上打开看看，另存一份再加。")
# Why a file is refused → what is said, and what to do.
REASONS: Final = {
    "empty": (N_("是空文件"), _AGAIN),
    "kind": (N_("不是能收的文件"), _KINDS),
    "old": (N_("是旧版 Office 文件，或者加了密码"), N_("请去掉密码，另存为 .docx、.xlsx 或 PDF 再加。")),
    "damaged": (N_("打不开，可能没有传完或已经损坏"), _AGAIN),
    "locked": (N_("加了密码"), N_("请去掉密码再加。")),
    "active": (N_("里面有会自己运行的内容，或者夹着别的文件"), N_("请用“打印”另存为一份新的 PDF 再加。")),
    "macros": (N_("里面有宏"), _AS_PDF),
    "inside": (N_("里面嵌着别的文件或控件"), _AS_PDF),
    "elsewhere": (N_("里面有要从别处取来的内容"), _AS_PDF),
    "large": (N_("展开以后太大"), _AS_PDF),
    "pixels": (N_("像素太多"), N_("请把照片缩小再加，最多 6000 万像素。")),
    "template": (N_("不是 Word 文件（.docx）"), N_("请在下载的模板上修改，保存成 .docx 再传。")),
    "bytes": (N_("超过 10 MB"), N_("请压缩照片，或者分成几个文件再加。")),
}


@dataclass(frozen=True, slots=True)
class Attachment:
    """File as it is kept."""

    name: str
    kind: FileKind
    content: bytes


class AttachmentRefused(InvalidInput):
    """Attached file that is not taken; the message names it and says why."""

    code = "attachment_refused"

    def __init__(self, name: str, why: str) -> None:
        said, remedy = REASONS[why]
        super().__init__(N_("“%(name)s”%(why)s，没有收。"), remedy=remedy, name=shown(name), why=Phrase(said))
        self.why = why


def shown(name: str) -> str:
    """Name of a file as a message shows it, with the ending that it came with."""
    ending = Path(clean_line(name)).suffix.lower()
    return safe_name(name, FileKind.PDF).removesuffix(".pdf").removesuffix(ending) + ending[:6]


def examine(name: str, content: bytes) -> Attachment:
    """Attachment of an uploaded file called `name`; raises `AttachmentRefused`, or `Busy` if too many are
    being examined."""
    if len(content) > MOST_BYTES:
        raise AttachmentRefused(name, "bytes")
    said, kept = run("survey.documents.attachments.process", content)
    outcome, _, value = said.partition(" ")
    if outcome != "ok":  # ended by a limit, it says nothing
        raise AttachmentRefused(name, value if outcome == "refused" else "large")
    if len(kept) > MOST_BYTES:
        raise AttachmentRefused(name, "bytes")
    return Attachment(safe_name(name, FileKind(value)), FileKind(value), kept)
