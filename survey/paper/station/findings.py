"""What is said of pages that were not read, and what to do with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from survey.errors import N_, Phrase
from survey.paper.scans.reading import PageFinding, Sheet
from survey.paper.station.ends import is_over, too_late
from survey.paper.station.folder import Station, StoredPage
from survey.paper.station.forms import Form
from survey.paper.station.settling import Settling

MISSING: Final = N_("表号 %(form)s 缺第 %(pages)s 页。请找到补读；找不到的，由两人认定。")
TOO_LATE: Final = N_("表号 %(form)s 已经投票，后读的第 %(pages)s 页没有计入。请在计票记录上注明。")
READ: Final = N_("已经补读。")
WORDS: Final = {
    "blank": N_("空白页"),
    "foreign": N_("没有找到角码，不是评议表，或者太模糊"),
    "several": N_("一张图里不止一页评议表"),
    "corners": N_("四个角码只认出一两个"),
    "bent": N_("纸面弯折太大"),
    "round": N_("是另一轮或另一份问卷的表"),
    "large": N_("图像太大，超过六千万像素"),
    "unreadable": N_("图像打不开"),
    "copy": N_("同一页读过两次"),
    "copy_of_cast": N_("同一页读过两次"),
}
REMEDIES: Final = {
    "blank": N_("双面表的空白背面可以不管；不是的请重扫。"),
    "foreign": N_("是评议表就平放重扫，200 dpi 以上。"),
    "several": N_("请一张图只放一页（A3 册子先沿折缝裁开），逐页重扫。"),
    "corners": N_("请把整页放进画面，四角不要遮住，重扫；角撕了的，由两人认定。"),
    "bent": N_("请压平重扫，或从正上方重拍。"),
    "round": N_("请挑出来，不计入本轮。"),
    "large": N_("请用 200 或 300 dpi 重扫。"),
    "unreadable": N_("请重扫这一页。"),
    "copy": N_("只算一次；两次不一样的，要两人认定。"),
    "copy_of_cast": N_("这份表已经投票，不再改。"),
}


def said_of(station: Station, settling: Settling | None = None) -> list[Phrase]:
    """A sentence for each page that was not read, was read twice or is missing, one for all blank pages of a
    file and the like; `settling` as for `count`."""
    pages, forms = (settling or Settling(station)).contents()
    alike: dict[tuple[str, str, tuple[Sheet, ...], bool], list[int]] = defaultdict(list)
    for page in sorted(pages, key=lambda page: (page.source, page.number)):
        if isinstance(page.found, PageFinding):
            sheets = page.found.sheets
            alike[page.source, page.found.reason, sheets, _are_read(sheets, forms)].append(page.number)
    said = [_line(numbers, *what) for what, numbers in alike.items()]
    casts = station.casts()
    for form in forms.values():
        known = casts.get(form.number, {})
        copy = "copy_of_cast" if is_over(known) else "copy"
        said += [_line([page.number], page.source, copy, _sheets(page), False) for page in form.copies]
        if form.missing and not is_over(known):
            said.append(missing(form))
        if late := too_late(form, known):
            said.append(
                Phrase(TOO_LATE, {"form": form.number, "pages": _listed([page + 1 for page in late])})
            )
    return said


def missing(form: Form) -> Phrase:
    """Which pages a form lacks."""
    pages = _listed([page + 1 for page in form.missing])
    return Phrase(MISSING, {"form": form.number, "pages": pages})


def _are_read(sheets: Sequence[Sheet], forms: dict[str, Form]) -> bool:
    """Whether all pages that were seen are read by now."""
    seen = [sheet for sheet in sheets if sheet.returned]
    return bool(seen) and all(sheet.page - 1 in forms[sheet.form].pages for sheet in seen)


def _sheets(page: StoredPage) -> Sequence[Sheet]:
    if isinstance(page.found, PageFinding):
        return page.found.sheets
    return [Sheet(page.found.code.form, page.found.code.page + 1, returned=True)]


def _line(
    numbers: Sequence[int], source: str, reason: str, sheets: Sequence[Sheet], are_read: bool
) -> Phrase:
    """The sentence for any reason on pages of a file; `are_read`: nothing is left to do."""
    seen = [Phrase(N_("表号 %(form)s 第 %(page)s 页"), {"form": s.form, "page": s.page}) for s in sheets]
    which = Phrase(N_("（%(sheets)s）"), {"sheets": _listed(seen)}) if seen else ""
    values = {"file": source, "page": _listed(numbers), "which": which}
    values |= {"reason": Phrase(WORDS[reason]), "remedy": Phrase(READ if are_read else REMEDIES[reason])}
    return Phrase(N_("%(file)s 第 %(page)s 页%(which)s：%(reason)s。%(remedy)s"), values)


def _listed(parts: Sequence[Phrase] | Sequence[int]) -> Phrase | int:
    """Parts one after another, in the language of the sentence; halved, for there may be a thousand."""
    half = len(parts) // 2
    if not half:
        return parts[0]
    return Phrase(N_("%(one)s、%(other)s"), {"one": _listed(parts[:half]), "other": _listed(parts[half:])})
