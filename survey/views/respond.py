"""What phones ask for: the page (the same bytes for everybody), and the two posts of the ballot protocol."""

from __future__ import annotations

import json
import time
from typing import Any, NamedTuple

from flask import Blueprint, Response, current_app, jsonify, render_template, request
from flask_babel import force_locale, gettext
from markupsafe import Markup

from survey.assets import Compressed
from survey.ballot.questionnaire import RoundDescription, b64u, unb64u
from survey.errors import Malformed, N_
from survey.services import ballots, credentials, rounds

blueprint = Blueprint("respond", __name__)

REVALIDATE = "public, no-cache"
PAGE_SECONDS = 1.0
BODY_LIMIT = 256 * 1024


class Notice(NamedTuple):
    """Why there is nothing to fill in, on the page itself, so that it needs no script."""

    code: str
    title: str
    remedy: str
    public: bool = False


class Served(NamedTuple):
    key: tuple[str, str]
    until: float
    page: Compressed
    description: Compressed


@blueprint.get("/s/<slug>")
def page(slug: str) -> Response:
    response = _served(slug).page.response(REVALIDATE)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.get("/s/<slug>/round.json")
def description(slug: str) -> Response:
    return _served(slug).description.response(REVALIDATE)


@blueprint.post("/s/<slug>/credential")
def collect(slug: str) -> Response:
    body = _json_body()
    blinded = _bytes_of(body, "blinded")
    signature = credentials.collect(_database(), slug, _text_of(body, "code"), blinded)
    return _unstored(jsonify(blind_signature=b64u(signature)))


@blueprint.post("/s/<slug>/ballot")
def cast(slug: str) -> Response:
    body = _json_body()
    message, signature, sealed = (_bytes_of(body, name) for name in ("message", "signature", "sealed"))
    return _unstored(jsonify(receipt=ballots.cast(_database(), slug, message, signature, sealed)))


def _database() -> Any:
    return current_app.extensions["pingyi"].database


def _json_body() -> dict[str, Any]:
    if request.mimetype != "application/json":
        raise Malformed(N_("请求的类型应为 application/json。"))
    if (request.content_length or 0) > BODY_LIMIT:
        raise Malformed(N_("请求太长。"))
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Malformed(N_("请求不是 JSON 对象。"))
    return body


def _text_of(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise Malformed(N_("请求缺少“%(name)s”。"), name=name)
    return value


def _bytes_of(body: dict[str, Any], name: str) -> bytes:
    try:
        return unb64u(_text_of(body, name))
    except ValueError as error:
        raise Malformed(N_("“%(name)s”不是 base64url。"), name=name) from error


def _unstored(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _served(slug: str) -> Served:
    """The page of a round from memory; rendered again when its description or state has changed."""
    pages: dict[str, Served] = current_app.extensions.setdefault("pingyi.pages", {})
    known = pages.get(slug)
    if known and time.monotonic() < known.until:
        return known
    public = rounds.public_description(_database(), slug)
    key = (public.description.digest(), str(public.state))
    until = time.monotonic() + (0 if current_app.testing else PAGE_SECONDS)
    if known and known.key == key:
        pages[slug] = known._replace(until=until)
    else:
        pages[slug] = Served(key, until, *_render(public.description, str(public.state)))
    return pages[slug]


def _render(round_: RoundDescription, state: str) -> tuple[Compressed, Compressed]:
    text = json.dumps(round_.to_dict(), ensure_ascii=False, separators=(",", ":"))
    with force_locale("zh_Hans_CN"):
        html = render_template(
            "respond/page.html",
            round=round_,
            state=state,
            notice=_notice(round_, state),
            fingerprint=_grouped(round_.blind_key_fingerprint),
            description=_inside_script(text),
        )
    return Compressed(html.encode(), "text/html; charset=utf-8"), Compressed(text.encode(), "application/json")


def _inside_script(text: str) -> Markup:
    """JSON that cannot end the script element it stands in, whatever its strings say."""
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - escaped above


def _grouped(fingerprint: str) -> str:
    return " ".join(fingerprint[i : i + 8] for i in range(0, len(fingerprint), 8))


def _notice(round_: RoundDescription, state: str) -> Notice | None:
    """What the page says instead of 开始填写; `None` while ballots are collected."""
    if state == "open":
        return None
    days = {"opens": round_.opens_on, "closes": round_.closes_on}
    if state == "closed":
        remedy = gettext("%(closes)s 截止，不再收票。结果公布后可以在公示页查看。", **days)
        return Notice("round_closed", gettext("本轮评议已经截止"), remedy, public=True)
    if state == "cancelled":
        remedy = gettext("不再收票，您不需要做什么。")
        return Notice("round_cancelled", gettext("本轮评议已经取消"), remedy)
    if state in ("opened", "published"):
        remedy = gettext("不再收票。可以在公示页核对回执、查看结果。")
        return Notice("round_opened", gettext("本轮评议已经开箱"), remedy, public=True)
    remedy = gettext("%(opens)s 开始，到时再打开这个链接就可以，链接一直有效。", **days)
    return Notice("round_not_open", gettext("本轮评议还没有开始"), remedy)
