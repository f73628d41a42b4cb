"""The protocol of the count: handed out, returned, not counted, cast; signed by two people and published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from survey.clock import day_text, today
from survey.errors import LANGUAGE, N_, InvalidInput
from survey.paper.scans.reading import PageFinding
from survey.paper.station.casting import CAST, EMPTY, NOT_COUNTED, OPEN, REFUSED, state_of
from survey.paper.station.folder import Station
from survey.paper.station.forms import answers_of, forms_of, is_empty
from survey.paper.station.settling import Settling

READY = "ready"


@dataclass(frozen=True, slots=True)
class PaperCount:
    """Forms by end; `pages` read, `aside` pages that are no page of a form of this round."""

    returned: int
    cast: int
    refused: int
    empty: int
    not_counted: int
    undecided: int
    ready: int
    settled_by_people: int
    pages: int
    aside: int


def count(station: Station) -> PaperCount:
    """Count everything in a station."""
    settled, casts, pages = Settling(station).settled(), station.casts(), station.pages()
    forms, ends = forms_of(station.description.questionnaire, pages), Counter[str]()
    for number, form in forms.items():
        said = settled.get(number, {})
        end = state_of(form, said, casts.get(number, {}))
        if not end:
            answers = answers_of(station.description.questionnaire, form, said)
            end = EMPTY if is_empty(answers) else READY
        ends[end] += 1
    return PaperCount(
        returned=len(forms),
        cast=ends[CAST],
        refused=ends[REFUSED],
        empty=ends[EMPTY],
        not_counted=ends[NOT_COUNTED],
        undecided=ends[OPEN],
        ready=ends[READY],
        settled_by_people=sum(map(len, settled.values())),
        pages=len(pages),
        aside=sum(isinstance(page.found, PageFinding) for page in pages),
    )


def report(station: Station, handed_out: int, translate: Callable[[str], str]) -> str:
    """Text of the protocol in the language of `translate`; raises `InvalidInput` when it cannot be true."""
    counted = count(station)
    if handed_out < counted.returned:
        raise InvalidInput(
            N_("发出 %(out)s 份，收回却有 %(back)s 份。"),
            remedy=N_("请核对发出的份数。"),
            out=handed_out,
            back=counted.returned,
        )
    rows = [
        (N_("发出"), handed_out),
        (N_("收回"), counted.returned),
        (N_("已投入票箱"), counted.cast),
        (N_("邀请码已在手机上用过或无效，不计"), counted.refused),
        (N_("没有填写，不计"), counted.empty),
        (N_("两人认定无法计入"), counted.not_counted),
        (N_("尚待认定"), counted.undecided),
        (N_("待投"), counted.ready),
        (N_("由两人认定的项"), counted.settled_by_people),
        (N_("扫描页数"), counted.pages),
        (N_("其中空白、重拍或不是本轮评议表的页"), counted.aside),
    ]
    about = station.description
    language = translate(LANGUAGE)
    lines = [
        translate(N_("纸质评议表计票记录")),
        about.title,
        f"{translate(N_('核对号'))} {about.check_number}",
        "",
    ]
    lines += [f"{translate(name)}  {number}" for name, number in rows]
    lines += ["", translate(N_("阅表人看得到表上的内容，看不到是谁填的。")), ""]
    people = [*Settling(station).people, "", ""][:2]
    lines += [f"{translate(N_('阅表人'))} {name}  {translate(N_('签名'))} ____________" for name in people]
    lines += [day_text(today(), language), ""]
    return "\n".join(lines)
