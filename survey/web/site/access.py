"""Access control of views: role, second factor where it is compulsory, recent proof for grave steps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from survey.clock import now
from survey.language import gettext as _
from survey.models import Role, User
from survey.services.people import failed_attempts, sign_ins
from survey.web.site import request as context
from survey.web.site.forms.half_filled import forget_typed, keep_typed, page_of_form

P = ParamSpec("P")
R = TypeVar("R")
OWN_PAGES = "account"
WITH_SECOND_FACTOR = (Role.ADMINISTRATOR, Role.REVIEWER)


def requires(
    *roles: Role, fresh: str = "", within: timedelta = sign_ins.RECENT
) -> Callable[[Callable[P, R]], Callable[P, R | Response]]:
    """Decorator that lets only these roles use a view; others are sent to sign in, or get 403.

    A person who must have a second factor is sent to set it up first. fresh: for a grave step, endpoint of
    the page to come back to after proving again who one is; within: how old the last proof may be. A form
    that was sent too late comes back as it was typed (`half_filled`).
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R | Response]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
            user = context.current_user()
            if user is None:
                return _sent_to_sign_in()
            if user.role not in roles:
                context.database().write(
                    lambda s: failed_attempts.count(s, user.name, failed_attempts.AttemptKind.PAGE, now())
                )
                abort(403)
            if (missing := _missing_proof(fresh, within)) is not None:
                return missing
            if request.method == "POST":
                forget_typed(request.path)
            return view(*args, **kwargs)

        guarded.__dict__["fresh"] = fresh
        return guarded

    return decorate


def _sent_to_sign_in() -> Response:
    """Redirect to the sign-in page; what was typed is kept for who was signed in before."""
    if request.method == "GET":
        return redirect(url_for("auth.login", next=request.full_path.rstrip("?")))
    page = page_of_form()
    if page and keep_typed(page):
        flash(_("登录已过期，什么都没有提交。重新登录后，刚才填的内容会回来。"), "error")
    return redirect(url_for("auth.login", next=page or None))


def _missing_proof(fresh: str, within: timedelta) -> Response | None:
    """Redirect to setting up the second factor or to a new proof; None when nothing is missing."""
    login, own = context.current_login(), request.blueprint == OWN_PAGES
    if login is None:
        return None
    if not own and owes_second_factor(login[1]):
        return redirect(url_for("account.second_factor"))
    if not fresh or sign_ins.is_recent(login[0], now(), within):
        return None
    values: dict[str, Any] = {} if own else dict(request.view_args or {})
    back = url_for(fresh, **values)
    if request.method == "POST":
        keep_typed(back)
        flash(_("还没有执行。请先确认是您本人，再按一次。"), "error")
    return redirect(url_for("account.prove", next=back))


def owes_second_factor(user: User) -> bool:
    """Whether `user` must have a second factor and has none."""
    settings = context.settings()
    return settings.second_factor and user.role in WITH_SECOND_FACTOR and user.totp_secret is None
