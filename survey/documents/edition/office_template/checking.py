"""Examination of an uploaded template: as any Word file from outside, then by filling in a specimen."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from survey.documents.attachments.confined import run
from survey.documents.attachments.examining import AttachmentRefused, examine, shown
from survey.documents.attachments.kinds import FileKind
from survey.documents.edition.office_template.template_problem import TemplateProblem
from survey.errors import N_, InvalidInput, Phrase

MOST_BYTES: Final = 2 << 20
_MOST_TEXT: Final = 4 << 20
_PROCESS: Final = "survey.documents.edition.office_template.process"
# Why a tag is refused → what is said, and what to do.
WHY: Final = {
    "name": (N_("没有“%(about)s”这个字段。"), N_("字段名见下面的表。")),
    "member": (N_("循环里没有“%(about)s”这一项。"), N_("能用的各项见下面的表。")),
    "grammar": (N_("“%(about)s”不能这样写。"), N_("花括号里只能写字段名、循环和条件，写法见下面的表。")),
    "nested": (N_("循环里又套了循环。"), N_("请把里面的循环去掉。")),
    "twice": (N_("“%(about)s”出现了不止一次。"), N_("整段内容只能放一处，请留下一处。")),
    "block": (
        N_("“%(about)s”是整段内容，放的地方不对。"),
        N_("请在正文里单独占一段，不要放进句子、表格、页眉或页脚。"),
    ),
    "wide": (N_("花括号或百分号是全角的。"), N_("请切换到英文输入法，重打这一处。")),
    "braces": (N_("花括号没有配对。"), N_("字段前后各要两个半角花括号，请补齐，或者删掉多出来的。")),
    "unfinished": (
        N_("循环或条件没有结束。"),
        N_("每个 for 要有 endfor，每个 if 要有 endif，各自单独占一段或表格的一行。"),
    ),
    "damaged": (N_("这份模板填写不了。"), N_("请重新下载默认模板，在它上面修改。")),
    "large": (N_("这份模板太大。"), N_("模板最大 2 MB，请去掉里面的大图片。")),
}
_PLACES: Final = {"body": N_("正文"), "table": N_("表格"), "header": N_("页眉"), "footer": N_("页脚")}


@dataclass(frozen=True, slots=True)
class CheckedTemplate:
    """Template as it is kept, and the specimen filled in with it."""

    name: str
    content: bytes
    specimen: bytes


class TemplateRefused(InvalidInput):
    """Template that is not taken; `lines`: what is wrong, where, and what to do."""

    code = "template_refused"
    remedy = N_("原来的模板还在用。请在 Word 里改好再上传。")

    def __init__(self, name: str, problems: Sequence[TemplateProblem]) -> None:
        super().__init__(N_("“%(name)s”没有收。"), name=shown(name))
        self.lines = [_line(problem) for problem in problems]


def check(name: str, content: bytes) -> CheckedTemplate:
    """Template of an uploaded Word file called `name`. Raises `AttachmentRefused` for what is refused in any
    Word file, `TemplateRefused` for what cannot be filled in, `Busy`."""
    if len(content) > MOST_BYTES:
        raise TemplateRefused(name, [TemplateProblem("large")])
    given = examine(name, content)
    if given.kind != FileKind.DOCX:
        raise AttachmentRefused(name, "template")
    if _text_bytes(given.content) > _MOST_TEXT:
        raise TemplateRefused(name, [TemplateProblem("large")])
    return CheckedTemplate(given.name, given.content, specimen_of(name, given.content))


def specimen_of(name: str, content: bytes) -> bytes:
    """The specimen filled in with a template that was examined; raises `TemplateRefused`, `Busy`."""
    said, made = run(_PROCESS, content)
    outcome, _, told = said.partition(" ")
    if outcome == "ok":
        return made
    problems = [TemplateProblem(**entry) for entry in json.loads(told or "[]")]
    raise TemplateRefused(name, problems or [TemplateProblem("large")])


def _text_bytes(content: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return sum(p.file_size for p in parts.infolist() if p.filename.endswith((".xml", ".rels")))


def _line(problem: TemplateProblem) -> list[Phrase]:
    """Sentences on one problem: where it stands, what is wrong, what may be meant, what to do."""
    said, remedy = WHY[problem.why]
    line = [Phrase(said, {"about": problem.about})]
    if problem.place:
        place = Phrase(_PLACES[problem.place])
        line.insert(0, Phrase(N_("%(place)s“%(near)s”："), {"place": place, "near": problem.near}))
    if problem.instead:
        line.append(Phrase(N_("是不是“%(name)s”？"), {"name": problem.instead}))
    return [*line, Phrase(remedy)]
