"""Answers to errors: a page, or JSON for a script, that says what happened and what to do."""

from __future__ import annotations

import logging
import traceback
from urllib.parse import urlsplit

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from survey.database.engine import UNREACHABLE, is_damaged
from survey.errors import N_, Busy, Malformed, NotFound, PingyiError
from survey.web.languages import PHONE_BLUEPRINT
from survey.web.site.local_paths import local_path
from survey.web.site.request import look_up_login

log = logging.getLogger("pingyi")

HTTP_TEXTS = {
    400: (N_("这个请求无法识别。"), N_("请返回上一页再试一次。")),
    401: (N_("请先登录。"), ""),
    403: (N_("您的账号不能查看这个页面。"), N_("请换用有相应职责的账号登录。")),
    404: (N_("没有这个页面。"), N_("请检查地址是否完整。")),
    405: (N_("这个地址不能这样访问。"), N_("请从页面上的按钮进入。")),
    413: (N_("上传的文件太大，没有保存。"), N_("请把文件控制在 32 MB 以内，或分成几次上传。")),
    415: (N_("这种内容无法识别。"), ""),
    500: (
        N_("服务器出错了，这次操作没有完成。"),
        N_("已经保存的内容不受影响。请稍后再试；如果一直这样，请联系管理员。"),
    ),
}
UNREACHABLE_TEXT = (
    N_("服务器暂时读不到数据。"),
    N_("请过几分钟再打开本页。已经保存的内容不受影响。"),
)
# Blueprints whose addresses may hold a code, which no page repeats.
OPEN_TO_ALL = (PHONE_BLUEPRINT, "public")
CSRF_TEXT = (N_("页面已经过期，这次没有保存。"), N_("请刷新页面后再提交一次。"))


def install_errors(app: Flask) -> None:
    """Register handlers on `app` that turn every exception into an answer in words."""
    app.register_error_handler(PingyiError, _ours)
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(HTTPException, _http)
    for unreachable in UNREACHABLE:
        app.register_error_handler(unreachable, _unreachable)
    app.register_error_handler(Exception, _unexpected)


def _ours(error: PingyiError) -> Response:
    if isinstance(error, NotFound) and "slug" in error.values and request.blueprint in OPEN_TO_ALL:
        return _answer(error.status, error.code, gettext("没有这个轮次。"), error.say_remedy(gettext))
    if isinstance(error, Busy):
        if request.method in ("GET", "HEAD"):
            return _unreachable(error)  # who looks has nothing to save
        log.error("the database takes nothing: %s", type(error.__cause__ or error).__name__)
        g.setdefault("login", None)
    return _answer(error.status, error.code, error.say(gettext), error.say_remedy(gettext))


def _unreachable(error: Exception) -> Response:
    log.error("the database cannot be reached: %s", type(error).__name__)
    g.setdefault("login", None)  # the page must not ask a database that is away once more
    return _answer(503, "busy", *map(gettext, UNREACHABLE_TEXT))


def _expired(_error: CSRFError) -> Response:
    return _answer(400, "expired", *map(gettext, CSRF_TEXT))


def _http(error: HTTPException) -> Response:
    if error.response is not None or (error.code or 500) < 400:
        return make_response(error.get_response())
    status = error.code or 500
    if status == 413 and _is_protocol_post():
        return _ours(Malformed(N_("请求太长，最多 256 KB。")))
    message, remedy = HTTP_TEXTS.get(status, HTTP_TEXTS[400 if status < 500 else 500])
    response = _answer(status, "http", gettext(message), gettext(remedy) if remedy else "")
    allow = dict(error.get_headers()).get("Allow")
    if allow:
        response.headers["Allow"] = allow
    return response


def _unexpected(error: Exception) -> Response:
    if is_damaged(error):
        return _unreachable(error)
    if request.blueprint == PHONE_BLUEPRINT:
        # What a phone sent may be inside the message or the values: say where, never what.
        where = traceback.extract_tb(error.__traceback__)[-1]
        log.error("unexpected %s in %s line %s", type(error).__name__, where.name, where.lineno)
    else:
        log.exception("unexpected error in %s", request.endpoint)
    message, remedy = HTTP_TEXTS[500]
    return _answer(500, "server_error", gettext(message), gettext(remedy))


def _answer(status: int, code: str, message: str, remedy: str) -> Response:
    if _wants_json():
        response = jsonify(error=code, message=message, remedy=remedy)
    else:
        _know_who_is_signed_in()
        page = render_template(
            "site/error.html", status=status, message=message, remedy=remedy, back=_way_back()
        )
        response = make_response(page)
    response.status_code = status
    return response


def _know_who_is_signed_in() -> None:
    """Look up who is signed in, for the page's head, without writing when that was."""
    if "login" not in g:
        try:
            g.login = look_up_login()
        except Exception:  # the page that tells of an error makes no other
            g.login = None


def _way_back() -> str:
    """Path of the page whose form was refused, for staff; "" for public pages and phones, whose address may
    hold a code."""
    if request.method != "POST" or request.blueprint in (None, *OPEN_TO_ALL):
        return ""
    from_page = urlsplit(request.referrer or "")
    return local_path(from_page.path, "") if from_page.netloc == request.host else ""


def _is_protocol_post() -> bool:
    """Whether the request is a post of the ballot protocol, by a phone or the witness, which is answered in
    JSON whatever its headers say."""
    return request.blueprint in (PHONE_BLUEPRINT, "batch") and request.method == "POST"


def _wants_json() -> bool:
    accepts = request.accept_mimetypes
    return _is_protocol_post() or request.is_json or (accepts.accept_json and not accepts.accept_html)
