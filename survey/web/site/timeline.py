"""Timeline of a round for its pages: steps past, present and to come; and the confirmation of early
closing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from survey.language import gettext as _
from survey.models import Round, State
from survey.web.site.codes import planned
from survey.wording.numbers import day


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """Step of the timeline; `place` is "past", "now" or "next"."""

    name: str
    when: str
    place: str


def timeline(a_round: Round, today: date) -> list[TimelineStep]:
    """Six steps of a round from set-up to result; in a cancelled round none is present or past."""
    now = _position(a_round, today)
    names = [
        (_("筹备"), ""),
        (_("签发邀请"), _("签发后设置即冻结")),
        (_("收票"), _("%(day)s开始", day=day(a_round.opens_on))),
        (_("截止"), day(a_round.closes_on) + planned(a_round.planned_closes_on)),
        (_("开箱"), _("持钥人到场")),
        (_("结果"), ""),
    ]
    return [
        TimelineStep(name, when, "past" if i < now else "now" if i == now else "next")
        for i, (name, when) in enumerate(names)
    ]


def early_confirm(a_round: Round, today: date) -> str:
    """Label of the checkbox that the administrator must tick to close before the announced last day; "" from
    that day on, when none is needed."""
    left = (a_round.closes_on - today).days
    if left < 0:
        return ""
    return (
        _(
            "我知道：比公布的截止日期 %(day)s 提前 %(left)s 天截止，尚未投票的企业不能再投。",
            day=day(a_round.closes_on),
            left=left,
        )
        if left
        else ""
    )


def _position(a_round: Round, today: date) -> int:
    if a_round.state == State.DRAFT:
        return 1 if a_round.frozen else 0
    if a_round.state == State.OPEN:
        return 3 if today > a_round.closes_on else 2
    return {State.CLOSED: 4, State.OPENED: 5}.get(State(a_round.state), -1)
