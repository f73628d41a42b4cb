"""One item to settle at a time: its image, and a key for each answer."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey.documents.paper.layout import QuestionKind
from survey.errors import N_, Conflict, InvalidInput, NotFound, Phrase, in_full
from survey.facts.base import in_language
from survey.language import current_language
from survey.language import gettext as _
from survey.paper.station.crops import crop
from survey.paper.station.findings import missing
from survey.paper.station.forms import CODE, MISSING, UNREADABLE, OpenItem
from survey.paper.web.room import BOTH, Room, blueprint, room, somebody, who
from survey.paper.web.work import CASTING
from survey.protocol.questionnaire import Department, Item, Stratum

KEYS = "0123456789abcdefghijklmnopqrstuvwxyz"
DOUBTS = {
    "several": N_("不止一个标记"),
    "faint": N_("标记太淡"),
    "filled": N_("只有一个涂满的方框：是选它，还是作废？"),
    "beside": N_("方框旁边有墨迹"),
    "frame": N_("方框看不清"),
    "joined": N_("笔画穿过了方框，或者连到了别的题的方框"),
    "hole": N_("方框上好像打了孔"),
    "skipped": N_("打了“没办过事”，又评了分：“没办过事”算不算打了？"),
    "copies": N_("同一页的两份图像读出来不一样"),
    CODE: N_("邀请码的二维码读不出来，请照下面的字母输入"),
    "comment": N_("意见：照抄，两人要一字不差；不录就按“不录”"),
}


@dataclass(frozen=True, slots=True)
class Button:
    """Answer, the key that gives it where there are keys enough, and whose it is where two people differ."""

    key: str
    value: str
    label: str
    by: str = ""


@blueprint.get("/settle")
@somebody
def settle() -> ResponseReturnValue:
    return _page(_number("at"))


@blueprint.post("/settle")
@somebody
def decide() -> ResponseReturnValue:
    here, place, given = room(), who() or 0, request.form
    _require_seat(place)
    with here.lock:
        if given.get("do") == "undo":
            return redirect(url_for("station.settle", at=_undo(here, place)), 303)
        item = _item(here, given.get("form", ""), given.get("key", ""))
        if item not in here.settling.waiting(place):
            _require_same(here, place, item)
            return redirect(url_for("station.settle"), 303)
        try:
            here.settling.decide(place, item, given.get("said", ""))
        except InvalidInput as error:
            words = in_full(error, gettext)
            return _page(_number("at"), words, given.get("said", "")), 400
        here.taken.setdefault(place, []).append((item.form, item.key))
    return redirect(url_for("station.settle", at=_number("at")), 303)


def _require_seat(place: int) -> None:
    """Raise `Conflict` when another sat down since the page was opened, as in a second window: whoever still
    looks at it would decide in the other's name."""
    if request.form.get("by") != str(place):
        raise Conflict(
            N_("这一页打开以后换了人，这次选的没有记。"), remedy=N_("请现在登录的人照这一页认定。")
        )


def _require_same(here: Room, place: int, item: OpenItem) -> None:
    """Raise `Conflict` for another answer than the one decided before, as from a second window; the same may
    be sent twice."""
    known = here.settling.decisions(place).get(item.form, {}).get(item.key)
    if known is not None and here.settling.checked(item, request.form.get("said", "")) != known:
        raise Conflict(
            N_("表号 %(form)s 的这一项已经认定过，这次选的没有记。"),
            remedy=N_("要改，请用退格键撤销到这一项。"),
            form=item.form,
        )


@blueprint.get("/settle/<form>/<key>.png")
@somebody
def image(form: str, key: str) -> ResponseReturnValue:
    here = room()
    item = _item(here, form, key)
    keys = {int(button.value): button.key for button in _buttons(here, item) if button.value.isdigit()}
    return Response(crop(here.station, item, keys), content_type="image/png")


def _number(name: str) -> int:
    given = request.values.get(name, "0")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 7 else 0


def _item(here: Room, form: str, key: str) -> OpenItem:
    found = here.settling.forms().get(form)
    item = next((item for item in found.items if item.key == key), None) if found else None
    if item is None:
        raise NotFound(N_("没有这一项。"))
    return item


def _undo(here: Room, place: int) -> int:
    """Take the last decision of this sitting back; where it stands now."""
    taken = here.taken.get(place, [])
    if not taken:
        raise Conflict(N_("这次登录以来没有可以撤销的。"))
    if here.work.runs(CASTING):
        raise Conflict(N_("正在投票，不能撤销。"))
    form, key = taken.pop()
    here.settling.withdraw(place, form, key)
    items = here.settling.waiting(place)
    return next((n for n, item in enumerate(items) if (item.form, item.key) == (form, key)), 0)


def _page(at: int, problem: str = "", typed: str = "") -> str:
    here, place = room(), who() or 0
    items = here.settling.waiting(place)
    at = min(at, max(0, len(items) - 1))
    item = items[at] if items else None
    return render_template(
        "station/settle.html",
        item=item,
        place=place,
        at=at,
        left=len(items),
        title=item and _title(here, item),
        doubt=item and _doubt(here, item),
        buttons=_buttons(here, item) if item else [],
        both_said=_both_said(here, item) if item and place == BOTH else [],
        is_text=item is not None and not here.settling.options(item),
        nothing=UNREADABLE if item and item.key == CODE else "",
        can_undo=bool(here.taken.get(place)),
        problem=problem,
        typed=typed,
    )


def _doubt(here: Room, item: OpenItem) -> str:
    if item.key == MISSING:
        return missing(here.settling.forms()[item.form]).say(gettext)
    return Phrase(DOUBTS[item.doubt]).say(gettext)


def _buttons(here: Room, item: OpenItem) -> list[Button]:
    options, language = here.settling.options(item), current_language()
    return [
        Button(key, option.value, in_language(language, option.zh, option.en))
        for key, option in zip((*KEYS, *[""] * len(options)), options, strict=False)
    ]


def _both_said(here: Room, item: OpenItem) -> list[Button]:
    """What each of the two said, for the look that they take together."""
    labels = {button.value: button.label for button in _buttons(here, item)} | {UNREADABLE: _("认不出")}
    said = (here.settling.decisions(place)[item.form][item.key] for place in (0, 1))
    return [
        Button("", text, labels.get(text, text) or _("不录"), name)
        for name, text in zip(here.people.names, said, strict=True)
    ]


def _title(here: Room, item: OpenItem) -> str:
    asked, question = here.station.description.questionnaire, item.question
    if item.department >= 0:
        return _named(asked.departments[item.department])
    if question is None:
        return _("整份表") if item.key == MISSING else _("邀请码")
    if question.kind == QuestionKind.STRATUM:
        return _named(asked.strata[question.index])
    name = _named(asked.departments[question.index])
    if question.kind == QuestionKind.SKIP:
        return name
    return f"{name} · {_named(asked.items[question.item])}"


def _named(thing: Department | Item | Stratum) -> str:
    return in_language(current_language(), thing.name, thing.name_en)
