"""What phones ask the witness: a stamp with a ticket, and to take a ballot; for everybody its statement."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from survey import quiet_log
from survey.errors import N_, Busy, Malformed, NotFound, PingyiError
from survey.language import Language, translator
from survey.protocol.canonical_json import canonical_json
from survey.protocol.crypto.encoding import b64u, unb64u
from survey.protocol.plain_json import hex_bytes, strict_json
from survey.witness import stamping, taking
from survey.witness.clock import HandingOverClock
from survey.witness.rounds import WitnessRound, look
from survey.witness.store import Store

log = logging.getLogger("pingyi.witness")

BODY_LIMIT = 256 * 1024
CODE_BYTES = 32
AT = "WITNESS_HANDS_OVER_AT"


def create() -> Flask:
    """Application for `pingyi witness serve`, from the environment; also starts the clock that hands ballots
    over once a day."""
    data = Path(os.environ["PINGYI_DATA"])
    quiet_log.install(data, as_json=quiet_log.log_as_json(os.environ), name=log.name)
    store = Store(data, os.environ.get("PINGYI_DATABASE_URL"))
    HandingOverClock(store, os.environ[AT]).start()
    return create_app(store)


def create_app(store: Store) -> Flask:
    """Flask application of the witness that keeps its data in `store`."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT

    @app.post("/<round_id>/stamp")
    def stamp(round_id: str) -> Response:
        round, body = _posted(store, round_id)
        code, description = _bytes(body, "code"), str(body.get("description"))
        if len(code) != CODE_BYTES:
            raise Malformed(N_("请求中的邀请码长度不对。"))
        _checked(lambda: hex_bytes(description, 32), "description")
        blinded = (_bytes(body, "stamp"), _bytes(body, "ticket"))
        answer = stamping.stamp(store, round, code, description, blinded)
        return _answer(round, 200, {"stamp": b64u(answer[0]), "ticket": b64u(answer[1])})

    @app.post("/<round_id>/ballot")
    def ballot(round_id: str) -> Response:
        round, body = _posted(store, round_id)
        sent = (_bytes(body, name) for name in ("ticket_message", "ticket_signature", "blob"))
        posted, signature = taking.take(store, round, *sent)
        return _answer(round, 200, {"hash": posted.hex(), "signature": b64u(signature)})

    @app.get("/<round_id>/statement.json")
    def statement(round_id: str) -> Response:
        round = look(store, round_id)
        if not round.statement:
            raise NotFound(N_("监票机还没有导入本轮的邀请码。"))
        return _headed(round, Response(round.statement, content_type="application/json"))

    app.register_error_handler(Exception, partial(_refused, store))
    return app


def _refused(store: Store, error: Exception) -> Response:
    """Response (JSON) for an error, readable also by pages that the box served; neither it nor the log
    repeats anything that was sent."""
    if isinstance(error, HTTPException):
        code = 400 if error.code == 413 else error.code or 400
        name = "malformed" if code == 400 else "not_found" if code == 404 else "http"
        return _answer(_round(store), code, {"error": name, "message": error.name, "remedy": ""})
    if not isinstance(error, PingyiError):
        log.error("failed: %s", type(error).__name__)
        error = Busy()
    said = translator(_language())
    words = {"message": error.say(said), "remedy": error.say_remedy(said)}
    return _answer(_round(store), error.status, {"error": error.code} | words)


def _round(store: Store) -> WitnessRound | None:
    try:
        return look(store, (request.view_args or {}).get("round_id", ""))
    except Exception:  # no such round, or the database is away
        return None


def _posted(store: Store, round_id: str) -> tuple[WitnessRound, dict[str, Any]]:
    """The round and the JSON object that was posted; raises `Malformed` or `NotFound`."""
    if request.mimetype != "text/plain":
        raise Malformed(N_("请求的类型应为 text/plain。"))
    body = _checked(lambda: strict_json(request.get_data()), "JSON")
    if not isinstance(body, dict):
        raise Malformed(N_("请求不是 JSON 对象，或者有字段写了两次。"))
    return look(store, round_id), body


def _bytes(body: dict[str, Any], name: str) -> bytes:
    found: bytes = _checked(lambda: unb64u(body[name]), name)
    return found


def _checked(read: Callable[[], Any], name: str) -> Any:
    try:
        return read()
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Malformed(N_("请求的“%(name)s”缺少或写法不对。"), name=name) from error


def _answer(round: WitnessRound | None, status: int, value: dict[str, Any]) -> Response:
    return _headed(round, Response(canonical_json(value), status, content_type="application/json"))


def _headed(round: WitnessRound | None, response: Response) -> Response:
    """Nobody keeps an answer, and no page but the box's reads it."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if round is not None:
        response.headers["Access-Control-Allow-Origin"] = round.box
        response.headers["Vary"] = "Origin"
    return response


def _language() -> Language:
    asked = request.args.get("lang") or request.accept_languages.best_match(["zh", "en"]) or "zh"
    return "en" if asked == "en" else "zh"
