"""Pages for a key holder's key: made in the browser, registered, and proven by opening a test message."""

from __future__ import annotations

import json

from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue

from survey.errors import N_, Forbidden, Malformed
from survey.models import KeyHolder, Role, Round
from survey.protocol.crypto.encoding import b64u, unb64u
from survey.services.rounds import descriptions, keyholders, lifecycle
from survey.web.site.access import requires
from survey.web.site.blueprints import review
from survey.web.site.request import database, signed_in_user

POINT_BYTES = 65
PROOF_BYTES = 32


@review.get("/<slug>/key")
@requires(Role.REVIEWER)
def key(slug: str) -> ResponseReturnValue:
    with database().read() as session:
        found = lifecycle.get_round(session, slug)
        holder = _own(keyholders.holders(session, found))
        number = descriptions.describe(session, found).check_number
    about = {"round": found, "holder": holder, "changeable": _changeable(found), "check_number": number}
    return render_template("reviewer/key.html", **about)


@review.post("/<slug>/key/register")
@requires(Role.REVIEWER)
def register_key(slug: str) -> ResponseReturnValue:
    public_key, user = _bytes_field("public_key", POINT_BYTES), signed_in_user()
    challenge = database().write(
        lambda s: keyholders.register_key(s, lifecycle.get_round(s, slug), user, public_key)
    )
    return jsonify(challenge=b64u(challenge))


@review.post("/<slug>/key/prove")
@requires(Role.REVIEWER)
def prove_key(slug: str) -> ResponseReturnValue:
    proof, user = _bytes_field("proof", PROOF_BYTES), signed_in_user()
    database().write(lambda s: keyholders.prove_key(s, lifecycle.get_round(s, slug), user, proof))
    return jsonify(proven=True)


def _own(holders: list[KeyHolder]) -> KeyHolder:
    holder = next((h for h in holders if h.user_id == signed_in_user().id), None)
    if holder is None:
        raise Forbidden(N_("您不是本轮评议的持钥人。"), remedy=N_("持钥人由管理员在建轮次时指定。"))
    return holder


def _changeable(found: Round) -> bool:
    return found.state == "draft" and not found.frozen


def _bytes_field(name: str, length: int) -> bytes:
    """Value of the base64url field `name` in the JSON body, of exactly `length` bytes; raises `Malformed`."""
    try:
        value = unb64u(json.loads(request.get_data())[name])
    except (ValueError, KeyError, TypeError) as error:
        raise Malformed(
            N_("请求里的 %(name)s 无法识别。"), remedy=N_("请刷新页面重试。"), name=name
        ) from error
    if len(value) != length:
        raise Malformed(N_("请求里的 %(name)s 长度不对。"), remedy=N_("请刷新页面重试。"), name=name)
    return value
