"""Forms that come back as they were typed after signing in, or proving who one is, again."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import flash, g, request, session
from werkzeug.datastructures import MultiDict

from survey.language import gettext as _
from survey.services.people import half_filled
from survey.services.people.half_filled import HalfFilled
from survey.web.site.local_paths import local_path
from survey.web.site.request import current_user, settings

KEY, OWNER = "half-filled", "whose"
NOT_KEPT = ("account", "auth")
"""Blueprints of passwords and codes."""


def keep_typed(page: str) -> bool:
    """Keep the form of this request for its page; returns whether that was possible.

    Only for a browser in which somebody has signed in, who gets it back: nobody else makes files here.
    """
    user = current_user()
    owner = user.id.hex() if user else session.get(OWNER, "")
    fields = {name: request.form.getlist(name) for name in request.form}
    if not owner or request.blueprint in NOT_KEPT or not half_filled.without_secrets(fields):
        return False
    forget_typed()
    kept = half_filled.keep(settings().data, HalfFilled(owner, urlsplit(page).path, request.path, fields))
    if kept is not None:
        session[KEY] = list(kept)
    return kept is not None


def page_of_form() -> str:
    """Page on which the form of this request stands, by the referrer; "" without one."""
    referrer = urlsplit(request.referrer or "")
    query = f"?{referrer.query}" if referrer.query else ""
    return local_path(referrer.path + query, "") if referrer.netloc == request.host else ""


def typed_here() -> MultiDict[str, str] | None:
    """Values to fill into the forms of the page that is asked for; None where none are kept."""
    if request.method != "GET" or KEY not in session:
        return None
    if "half_filled" not in g:
        g.half_filled = _typed()
        if g.half_filled is not None:
            flash(_("刚才填的内容还在，请核对后再提交。密码、口令和文件要重新填，没有勾着的请重新勾。"))
    values: MultiDict[str, str] | None = g.half_filled
    return values


def forget_typed(action: str = "") -> None:
    """Delete what is kept for this browser; with `action`, only a form that is sent there."""
    name, key = session.get(KEY, ("", ""))
    if not name:
        return
    kept = half_filled.fetch(settings().data, name, key) if action else None
    if not action or kept is None or kept.action == action:
        half_filled.drop(settings().data, name)
        session.pop(KEY, None)


def _typed() -> MultiDict[str, str] | None:
    user, kept = current_user(), half_filled.fetch(settings().data, *session[KEY])
    if kept is None:
        session.pop(KEY, None)
        return None
    if user is None or kept.owner != user.id.hex() or kept.page != request.path:
        return None
    return MultiDict([(name, value) for name, values in kept.fields.items() for value in values])
