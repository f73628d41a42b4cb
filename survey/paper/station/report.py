"""The protocol of the count: handed out, returned, not counted, cast; signed by two people and published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from survey.clock import day_text, today
from survey.errors import LANGUAGE, N_, InvalidInput
from survey.paper.scans.reading import PageFinding
from survey.paper.station.ends import CAST, EMPTY, NOT_COUNTED, OPEN, REFUSED, is_late, state_of
from survey.paper.station.folder import Station
from survey.paper.station.forms import answers_of, is_empty
from survey.paper.station.people import TWO, People
from survey.paper.station.settling import Settling
from survey.protocol.paper_count import PaperCount, check_handed_out
from survey.texts import grouped

READY = "ready"


@dataclass(frozen=True, slots=True)
class StationCount:
    """Forms by end; `late`: of those refused, for which the round had closed; `pages` read, `aside` pages
    that are no page of a form of this round."""

    returned: int
    cast: int
    refused: int
    empty: int
    not_counted: int
    undecided: int
    ready: int
    late: int
    settled_by_people: int
    pages: int
    aside: int


def count(station: Station, settling: Settling | None = None) -> StationCount:
    """Count everything in a station; `settling`: the station's, where it is at hand with the pages read."""
    settling = settling or Settling(station)
    settled, casts, (pages, forms) = settling.settled(), station.casts(), settling.contents()
    ends = Counter[str]()
    for number, form in forms.items():
        said = settled.get(number, {})
        end = state_of(form, said, casts.get(number, {}))
        if not end:
            answers = answers_of(station.description.questionnaire, form, said)
            end = EMPTY if is_empty(answers) else READY
        ends[end] += 1
    return StationCount(
        returned=len(forms),
        cast=ends[CAST],
        refused=ends[REFUSED],
        empty=ends[EMPTY],
        not_counted=ends[NOT_COUNTED],
        undecided=ends[OPEN],
        ready=ends[READY],
        late=sum(is_late(casts.get(number, {})) for number in forms),
        settled_by_people=sum(map(len, settled.values())),
        pages=len(pages),
        aside=sum(isinstance(page.found, PageFinding) for page in pages),
    )


def require_ended(counted: StationCount) -> None:
    """Raise `InvalidInput` while a form is to be settled or cast."""
    if counted.undecided or counted.ready:
        raise InvalidInput(
            N_("还有 %(open)s 份待认定、%(ready)s 份待投，不能作记录。"),
            remedy=N_("请先认定完、投完。"),
            open=counted.undecided,
            ready=counted.ready,
        )


def final(station: Station, handed_out: int, settling: Settling | None = None) -> PaperCount:
    """The count to be published; raises `InvalidInput` while something is open, or when it cannot be true."""
    counted, people = count(station, settling), People(station)
    require_ended(counted)
    if len(people.names) != TWO:
        raise InvalidInput(N_("记录要由两个人签名。"), remedy=N_("请第二人先登记。"))
    made = PaperCount(
        round=station.description.id,
        check_number=station.description.check_number,
        station=people.letters,
        day=today().isoformat(),
        people=(people.names[0], people.names[1]),
        handed_out=handed_out,
        returned=counted.returned,
        cast=counted.cast,
        refused=counted.refused,
        empty=counted.empty,
        not_counted=counted.not_counted,
    )
    made.check_sums()
    return made


def rows(counted: StationCount, handed_out: int | None) -> list[tuple[str, int]]:
    """Rows of the protocol, (message id, number); the first only where it is known."""
    return [
        *([] if handed_out is None else [(N_("发出"), handed_out)]),
        (N_("收回"), counted.returned),
        (N_("已投入票箱"), counted.cast),
        (N_("票箱没有收（邀请码已在手机上用过或无效，或者已经截止），不计"), counted.refused),
        (N_("没有填写，不计"), counted.empty),
        (N_("两人认定无法计入"), counted.not_counted),
        (N_("尚待认定"), counted.undecided),
        (N_("待投"), counted.ready),
        (N_("由两人认定的项"), counted.settled_by_people),
        (N_("扫描页数"), counted.pages),
        (N_("其中空白、读不出或不是本轮评议表的页"), counted.aside),
    ]


def report(
    station: Station, handed_out: int, translate: Callable[[str], str], signed: PaperCount | None = None
) -> str:
    """Text of the protocol in the language of `translate`, to be signed by hand; `signed`: the count as both
    people confirmed it, whose keys are named. Raises `InvalidInput` when it cannot be true."""
    station.require_unerased()
    counted, about = count(station), station.description
    check_handed_out(handed_out, counted.returned)
    lines = [
        translate(N_("纸质评议表计票记录")),
        about.title,
        f"{translate(N_('核对号'))} {about.check_number}",
        "",
    ]
    lines += [f"{translate(name)}  {number}" for name, number in rows(counted, handed_out)]
    lines += ["", translate(N_("阅表人看得到表上的内容，看不到是谁填的。")), ""]
    people = [*People(station).names, "", ""][:TWO]
    keys = map(grouped, signed.fingerprints) if signed else ["____"] * TWO
    for name, key in zip(people, keys, strict=False):
        lines += [f"{translate(N_('阅表人'))} {name}", f"{translate(N_('签名码'))} {key}"]
        lines += [f"{translate(N_('签名'))} ________________", ""]
    lines += [day_text(today(), translate(LANGUAGE)), ""]
    return "\n".join(lines)
