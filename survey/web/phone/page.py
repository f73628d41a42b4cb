"""Survey page of a round for phones: rendered once for each description and
state, kept in memory compressed."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from flask import current_app, render_template
from flask_babel import force_locale, gettext
from markupsafe import Markup

from survey.clock import day_text, today
from survey.contact import Contact
from survey.database.engine import FAILED
from survey.errors import RoundClosed, RoundNotOpen
from survey.protocol.description import RoundDescription
from survey.scripts import INDENT
from survey.services.rounds.descriptions import PublicRound, public_description
from survey.services.rounds.keyholders import able_alone
from survey.trial import is_marked
from survey.web.site.assets import Assets, Compressed
from survey.web.site.request import database

PAGE_SECONDS = 1.0


class Notice(NamedTuple):
    """Reason why nothing can be filled in, as the page shows it without a script; `said`: code of the text in
    English."""

    code: str
    title: str
    remedy: str
    public: bool = False
    said: str = ""


class Served(NamedTuple):
    key: tuple[object, ...]
    until: float
    page: Compressed
    description: Compressed
    public: PublicRound


def survey_page(slug: str) -> Served:
    """Page and public description of a round, rendered again when description or state has changed.

    While the database cannot be reached, the last known description is used.
    """
    pages: dict[str, Served] = current_app.extensions.setdefault("pingyi.pages", {})
    known = pages.get(slug)
    if known and time.monotonic() < known.until:
        return known
    try:
        public = public_description(database(), slug)
    except FAILED:
        if known is None:
            raise
        public = known.public
    key = (public.description.digest(), _state_today(public), public.notice, public.contact)
    until = time.monotonic() + (0 if current_app.testing else PAGE_SECONDS)
    if known and known.key == key:
        pages[slug] = known._replace(until=until)
    else:
        pages[slug] = Served(key, until, *_render(public), public)
    return pages[slug]


def _state_today(public: PublicRound) -> str:
    """State of the round as visitors see it today: "due" for a draft past its first day, "closed" for an open
    round past its last."""
    try:
        if public.state == "open":
            public.require_collecting(today())
        if public.state == "draft" and public.description.opens_on <= today().isoformat():
            return "due"
    except RoundNotOpen:
        return "draft"
    except RoundClosed:
        return "closed"
    return str(public.state)


def _render(public: PublicRound) -> tuple[Compressed, Compressed]:
    state = _state_today(public)
    html = rendered(public.description, state, public.notice, planned=public.planned, contact=public.contact)
    page = Compressed(html.encode(), "text/html; charset=utf-8")
    return page, Compressed(_as_json(public.description).encode(), "application/json")


def page_sources(round_: RoundDescription | None = None) -> dict[str, str]:
    """Sources in the content policy of the page of a round, or else of a preview.

    Scripts and styles are those that stand in it or are put there; nobody but the round's witness, where it
    has one, is asked beside the site.
    """
    assets: Assets = current_app.extensions["pingyi.assets"]
    if round_ is None:
        scripts: tuple[str, ...] = ("preview-page.js",)
    else:
        scripts = ("respond-page.js", "ballot-page.js", "later-page.js")
    asked = {}
    if round_ is not None and round_.witness is not None:
        scripts += ("witness-page.js",)
        asked = {"connect-src": f"'self' {round_.witness.origin}"}
    return asked | {
        "script-src": assets.inline_sources(*scripts, "old-browser.js"),
        "style-src": assets.inline_sources("respond.css", "noscript.css"),
    }


def rendered(
    round_: RoundDescription,
    state: str = "open",
    announcement: str = "",
    *,
    preview: bool = False,
    planned: date | None = None,
    contact: Contact | None = None,
    holders: Sequence[str] | None = None,
) -> str:
    """HTML of the survey page; with `preview`, with a script that sends nothing.

    `holders`: names of key holders of a draft, whose keys do not exist yet.
    """
    names = [holder.name for holder in round_.holders] if holders is None else holders
    with force_locale("zh_Hans_CN"):
        html = render_template(
            "phone/page.html",
            round=round_,
            state=state,
            last_day=day_text(round_.closes_on),
            announcement=announcement,
            notice=_notice(round_, state, planned),
            public=not is_marked(round_.title),
            planned=day_text(planned, "en") if planned else "",
            fingerprint=_grouped(round_.blind_key_fingerprint),
            description=_inside_script(_as_json(round_)),
            preview=preview,
            contact=contact,
            holders=len(names),
            able_alone="、".join(able_alone(names, round_.quorum)),
        )
    return INDENT.sub("", html)


def _as_json(round_: RoundDescription) -> str:
    return json.dumps(round_.to_dict(), ensure_ascii=False, separators=(",", ":"))


def _inside_script(text: str) -> Markup:
    """JSON escaped so that no text in it can end the script element around it."""
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - escaped above


def _grouped(fingerprint: str) -> str:
    return " ".join(fingerprint[i : i + 8] for i in range(0, len(fingerprint), 8))


def _notice(round_: RoundDescription, state: str, planned: date | None = None) -> Notice | None:
    """Notice that the page shows instead of 开始填写; None while ballots are collected."""
    if state == "open":
        return None
    days = {"opens": day_text(round_.opens_on), "closes": day_text(round_.closes_on)}
    if state == "closed":
        early = gettext("（原定 %(day)s）", day=day_text(planned)) if planned else ""
        days["closes"] += early
        remedy = gettext("%(closes)s 截止，不再收票。结果公布后可以在公示页查看。", **days)
        said = "closed_early" if planned else "closed_on"
        return Notice("round_closed", gettext("本轮评议已经截止"), remedy, public=True, said=said)
    if state == "cancelled":
        remedy = gettext("不再收票，您不需要做什么。")
        return Notice("round_cancelled", gettext("本轮评议已经取消"), remedy)
    if state == "opened":
        remedy = gettext("不再收票。可以在公示页核对回执、查看结果。")
        return Notice("round_opened", gettext("本轮评议已经开箱"), remedy, public=True)
    if state == "due":
        remedy = gettext("请过些时候再打开这个链接，链接一直有效。")
        return Notice("round_not_open", gettext("本轮评议马上开始"), remedy, said="round_due")
    remedy = gettext("%(opens)s 开始，到时再打开这个链接就可以，链接一直有效。", **days)
    return Notice("round_not_open", gettext("本轮评议还没有开始"), remedy)
