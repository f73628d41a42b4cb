"""What has to be proved beyond having signed in: a second factor at all, and freshly before grave steps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import flash, redirect, request, url_for

from survey.clock import now
from survey.models import Role
from survey.services import sign_ins
from survey.views import context
from survey.views.translating import gettext as _

# The page to come back to, by the endpoint that issues, hands out, closes, ends or opens, and by those of
# one's own account that ask for no password themselves.
GRAVE = {
    "admin.issue_attributed": "admin.invitations",
    "admin.issue_slips": "admin.invitations",
    "admin.download_issued": "admin.issuing_job",
    "admin.replace_invitation": "admin.replacements",
    "admin.propose_closing": "admin.overview",
    "admin.extend": "admin.overview",
    "admin.cancel": "admin.overview",
    "review.confirm_closing": "review.round",
    "review.opening": "review.opening",
    "review.open_box": "review.opening",
    "review.confirm_publication": "review.publication",
    "account.second_factor": "account.second_factor",
    "account.end_session": "account.overview",
    "account.end_other_sessions": "account.overview",
}
# Two holders with files and passphrases take longer than five minutes from the page to its button.
FILLED_IN = {"review.open_box": timedelta(minutes=20)}
# What was typed comes back with the page; a tick has to be set again.
TYPED = {"admin.extend": ("extend-closes_on", "extend-reason"), "admin.cancel": ("cancel-reason",)}
OWN_PAGES = "account"
WITH_SECOND_FACTOR = (Role.ADMINISTRATOR, Role.REVIEWER)


def missing_proof() -> Any:
    """Where to send the person who is signed in, or None when nothing is missing."""
    login, endpoint = context.current_login(), request.endpoint or ""
    own = request.blueprint == OWN_PAGES
    if login is None:
        return None
    if not own and owes_second_factor(login[1]):
        return redirect(url_for("account.second_factor"))
    if endpoint not in GRAVE:
        return None
    if sign_ins.is_recent(login[0], now(), FILLED_IN.get(endpoint, sign_ins.RECENT)):
        return None
    if request.method == "POST":
        flash(_("还没有执行。请先确认是您本人，再按一次。"), "error")
    values: dict[str, Any] = {} if own else dict(request.view_args or {})
    values |= {n: request.form[n] for n in TYPED.get(endpoint, ()) if request.form.get(n)}
    back = url_for(GRAVE[endpoint], **values)
    return redirect(url_for("account.prove", next=back))


def owes_second_factor(user: Any) -> bool:
    """Whether `user` must set one up before anything else."""
    settings = context.settings()
    return settings.second_factor and user.role in WITH_SECOND_FACTOR and user.totp_secret is None
