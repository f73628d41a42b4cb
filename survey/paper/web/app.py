"""Factory of the station's application, and its server on this computer alone."""

from __future__ import annotations

import secrets
import tempfile
from typing import IO, Any

from flask import (
    Flask,
    Request,
    Response,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from survey.config import Settings
from survey.errors import N_, PingyiError, disk_trouble, in_full
from survey.paper.station.folder import INCOMING, Station
from survey.paper.web import casting, counting, people, scans, settling  # noqa: F401 - they add their pages
from survey.paper.web.room import BOTH, Room, blueprint, room, who
from survey.paths import TEMPLATES
from survey.version import __version__
from survey.web.languages import LANGUAGES, install_languages
from survey.web.site.assets import install_assets
from survey.web.site.entered_language import install_marks
from survey.web.site.error_pages import CSRF_TEXT, HTTP_TEXTS
from survey.web.site.security import secure

HOST = "127.0.0.1"
MOST_UPLOAD = (1 << 30) + (1 << 20)
TEXTS = {status: HTTP_TEXTS[status] for status in (400, 404, 405)} | {
    403: (N_("请用启动时给出的网址打开。"), N_("网址在启动阅表站的窗口里，每次启动都不同。")),
    413: (N_("上传的文件太大，没有保存。"), N_("一次最多 1 GB，请分几次上传。")),
    500: (N_("程序出错了，这一步没有完成。"), N_("已经保存的不受影响。请再试一次。")),
}
_INSIDE = "inside"


class StationRequest(Request):
    """Request whose uploads never leave the station's folder, not even for a moment."""

    def _get_file_stream(self, *_given: Any, **_named: Any) -> IO[bytes]:
        return tempfile.TemporaryFile(dir=room().station.folder / INCOMING)


class StationFlask(Flask):
    request_class = StationRequest


def create_app(station: Station, key: str, hosts: frozenset[str]) -> Flask:
    """The application over a station; it answers to `hosts` alone, and `key` opens it."""
    app = StationFlask("survey.paper", template_folder=str(TEMPLATES), static_folder=None)
    app.extensions["station"] = Room(station, key, hosts)
    app.before_request(_admit)
    secret = secrets.token_hex(32)  # who signed on before a restart signs on anew
    secure(app, Settings(station.folder, "", "", secret, insecure_http=True))
    app.config.update(SESSION_COOKIE_SAMESITE="Strict", MAX_CONTENT_LENGTH=MOST_UPLOAD)
    install_languages(app)
    install_marks(app)
    install_assets(app)
    app.register_blueprint(blueprint)
    app.add_url_rule("/enter/<key>", "enter", _enter)
    for kind, handler in ((PingyiError, _ours), (CSRFError, _expired), (HTTPException, _http)):
        app.register_error_handler(kind, handler)
    app.register_error_handler(OSError, _disk)
    app.context_processor(_around)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    return app


def serve(station: Station, port: int = 0) -> tuple[BaseWSGIServer, str]:
    """Server, not yet running, and the address that opens it on this computer."""
    key = secrets.token_urlsafe(16)
    app = create_app(station, key, frozenset())
    server = make_server(HOST, port, app, threaded=True, request_handler=_Quiet)
    found = server.server_address[1]
    # Cookies know no ports: another station on this computer has another cookie.
    app.config["SESSION_COOKIE_NAME"] = f"station-{found}"
    app.extensions["station"].hosts = frozenset({f"{HOST}:{found}", f"localhost:{found}"})
    return server, f"http://{HOST}:{found}/enter/{key}"


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Nothing is logged."""


def _admit() -> ResponseReturnValue | None:
    """Refuse, before anything of the request is read, whoever did not come by the address given."""
    if request.headers.get("Host") not in room().hosts:
        return Response(gettext(TEXTS[403][0]), 403, content_type="text/plain; charset=utf-8")
    if request.endpoint in ("enter", "asset"):
        return None
    if not session.get(_INSIDE):
        abort(403)
    if request.method == "POST" and request.path != url_for("station.people") and who() is None:
        flash(gettext("离开太久，已经退出，刚才这一步没有做。"), "error")
        return redirect(url_for("station.people"), 303)
    if (asked := request.args.get("lang")) in LANGUAGES:
        session["language"] = asked
    return None


def _enter(key: str) -> ResponseReturnValue:
    if not secrets.compare_digest(key.encode(), room().key.encode()):
        abort(403)
    session.clear()
    session[_INSIDE] = True
    return redirect(url_for("station.overview"), 303)


def _around() -> dict[str, object]:
    """What each page's frame shows."""
    here = room()
    names, place = here.people.names, who()
    sitting = "、".join(names) if place == BOTH else names[place] if place is not None else ""
    return {
        "sitting": sitting,
        "round": here.station.description,
        "version": __version__,
        "work": here.work,
        "doing": gettext(here.work.step) if here.work.step else "",
        "both": place == BOTH,
    }


def _ours(error: PingyiError) -> ResponseReturnValue:
    said = in_full(error, gettext)
    if request.method != "POST":
        return _page(error.status, error.say(gettext), error.say_remedy(gettext))
    flash(said, "error")
    return redirect(request.path, 303)


def _expired(_error: CSRFError) -> ResponseReturnValue:
    return _page(400, *map(gettext, CSRF_TEXT))


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if error.response is not None or status < 400:
        return make_response(error.get_response())
    return _page(status, *map(gettext, TEXTS.get(status, TEXTS[400 if status < 500 else 500])))


def _disk(error: OSError) -> ResponseReturnValue:
    current_app.logger.error("disk: %s", error.strerror)
    said = disk_trouble(error)
    return _page(500, said.say(gettext), said.say_remedy(gettext))


def _page(status: int, message: str, remedy: str) -> ResponseReturnValue:
    return render_template("station/error.html", message=message, remedy=remedy, status=status), status
