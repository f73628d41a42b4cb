"""Addresses for phones: the survey page (the same bytes for everybody), and the two posts of the ballot
protocol."""

from __future__ import annotations

import re
import unicodedata

import orjson
from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import MethodNotAllowed, RequestEntityTooLarge

from survey.errors import N_, Malformed, NotFound
from survey.protocol.ballots import CastBallot
from survey.protocol.crypto.encoding import b64u, unb64u
from survey.protocol.description import SLUG
from survey.protocol.plain_json import strict_json
from survey.services.voting import casting, collecting
from survey.web.phone.page import page_sources, survey_page
from survey.web.site.repeatable import repeatable, told_receipt
from survey.web.site.request import database
from survey.web.site.security import content_policy

blueprint = Blueprint("respond", __name__)

REVALIDATE = "public, no-cache"
BODY_LIMIT = 256 * 1024
GROUPED_CODE = re.compile(
    r"(?<![0-9A-Z])(?:[0-9A-Z]{4}[^0-9A-Z]?){7}|(?:[0-9A-Z]{4}-){6}[0-9A-Z]{4}", re.IGNORECASE
)


@blueprint.get("/s/<slug>")
@blueprint.get("/s/<path:slug>")
def page(slug: str) -> Response:
    """Survey page, also under an address that a messenger mangled; the page's script finds the code in it."""
    found = slug_in(slug)
    served = survey_page(found)
    if found == slug:  # another address may hold a code: the front must not remember it
        repeatable(served.until)
    response = served.page.response(REVALIDATE)
    response.headers["Content-Security-Policy"] = content_policy(page_sources(served.public.description))
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.get("/s/<slug>/round.json")
def description(slug: str) -> Response:
    served = survey_page(slug)
    repeatable(served.until)
    return served.description.response(REVALIDATE)


@blueprint.post("/s/<slug>/credential")
def collect(slug: str) -> Response:
    body = json_object(posted_json())
    blinded = _bytes_of(body, "blinded")
    signature = collecting.collect(database(), slug, _text_of(body, "code"), blinded)
    return unstored(jsonify(blind_signature=b64u(signature)))


@blueprint.post("/s/<slug>/ballot")
def cast(slug: str) -> Response:
    receipt = told_receipt() or casting.cast(database(), slug, ballot_of(posted_json()))
    return unstored(Response(ballot_reply(receipt), content_type="application/json"))


def slug_in(path: str) -> str:
    """Slug of the round that an address below /s/ means, even where a messenger mangled it, such as
    `2026-q4#7K3M-…`.

    Raises `NotFound`, without a word of the address, which may hold a code.
    """
    if SLUG.fullmatch(path):
        return path
    head, *codes = GROUPED_CODE.split(unicodedata.normalize("NFKC", path), maxsplit=1)
    written = re.match(r"[\w-]*", head, re.ASCII)
    slug, rest = (written[0], head[written.end() :]) if written else ("", head)
    slug = slug.strip("-_").lower()
    if rest in ("/credential", "/ballot", "/batch"):
        raise MethodNotAllowed(["POST", "OPTIONS"])
    if not SLUG.fullmatch(slug) or (not codes and rest.strip("/") and rest.startswith("/")):
        raise NotFound(N_("没有这个轮次。"), remedy=N_("请检查网址是否完整。"))
    return slug


def ballot_of(posted: bytes) -> CastBallot:
    """Ballot in the body of a post; raises `Malformed`. Only rounds from version 2 on have a proof."""
    body = json_object(posted)
    proof = _bytes_of(body, "proof") if "proof" in body else b""
    return CastBallot(
        _bytes_of(body, "message"), _bytes_of(body, "signature"), _bytes_of(body, "sealed"), proof
    )


def ballot_reply(receipt: str) -> bytes:
    """Body of the answer to a stored ballot: JSON with the receipt."""
    return b'{"receipt":"%s"}' % receipt.encode()


def posted_json() -> bytes:
    """Body of the present post, which must be JSON within the limit of size; raises `Malformed` or
    `RequestEntityTooLarge`."""
    if request.mimetype != "application/json":
        raise Malformed(N_("请求的类型应为 application/json。"))
    if (request.content_length or 0) > BODY_LIMIT:
        raise RequestEntityTooLarge
    request.max_content_length = BODY_LIMIT  # for a body that does not say its length
    return request.get_data()


def json_object(posted: bytes) -> dict[str, object]:
    """JSON object in the body `posted`; raises `Malformed`, also for a name that stands twice."""
    try:
        body = orjson.loads(posted)
        # Phones send only texts. With n names and n texts there are 4n quotes; more mean a repeated name.
        if posted.count(b'"') != 4 * len(body) or not all(isinstance(value, str) for value in body.values()):
            body = strict_json(posted)
    except (ValueError, TypeError, AttributeError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Malformed(N_("请求不是 JSON 对象，或者有字段写了两次。"))
    return body


def _text_of(body: dict[str, object], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise Malformed(N_("请求缺少“%(name)s”。"), name=name)
    return value


def _bytes_of(body: dict[str, object], name: str) -> bytes:
    try:
        return unb64u(_text_of(body, name))
    except ValueError as error:
        raise Malformed(N_("“%(name)s”不是 base64url。"), name=name) from error


def unstored(response: Response) -> Response:
    """`response` marked so that no cache stores it."""
    response.headers["Cache-Control"] = "no-store"
    return response
