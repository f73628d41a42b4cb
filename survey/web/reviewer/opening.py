"""Pages for opening the box: a quorum of key holders at one machine, then a job with its progress."""

from __future__ import annotations

from datetime import timedelta

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from survey.errors import N_, Forbidden, InvalidInput, NotFound, in_full
from survey.language import gettext as _
from survey.models import Job, KeyHolder, Role, Round, State
from survey.protocol.box.checks import check_root_start
from survey.protocol.errors import InvalidKeyFile, WrongPassphrase
from survey.protocol.holders.keyfile import open_key_file
from survey.services.opening import opening_job as openings
from survey.services.opening.opening_job import Opening
from survey.services.operations import jobs
from survey.services.operations.audit import record
from survey.services.operations.job_kinds import Nothing, Run
from survey.services.people import round_people
from survey.services.rounds import keyholders, lifecycle
from survey.web.reviewer.forms.opening import KeyForm, OpenForm
from survey.web.site.access import requires
from survey.web.site.blueprints import review
from survey.web.site.forms.half_filled import keep_typed
from survey.web.site.request import database, signed_in_user
from survey.web.staff.jobs import state_of, workplace

# Two holders with files and passphrases take longer than five minutes from the page to its button, and what
# they chose and typed is gone if they are asked again. A quorum of keys proves more than a password does.
FILLED_IN = timedelta(hours=1)


@review.get("/<slug>/open")
@requires(Role.REVIEWER, fresh="review.opening")
def opening(slug: str) -> ResponseReturnValue:
    found, holders = _closed(slug)
    return _page(found, _forms(holders), OpenForm())


@review.post("/<slug>/open")
@requires(Role.REVIEWER, fresh="review.opening", within=FILLED_IN)
def open_box(slug: str) -> ResponseReturnValue:
    found, holders = _closed(slug)
    forms, confirm = _forms(holders), OpenForm()
    keys, problem = _keys(forms, found)
    if not confirm.validate():
        problem = problem or str(next(iter(confirm.errors.values()))[0])
    if problem:
        return _page(found, forms, confirm, problem), 400
    actor = signed_in_user().name
    keep_typed(url_for("review.opening", slug=slug))  # for another try, if this one fails
    _start(found, lambda running: openings.open_round(running.database, slug, keys, actor, running))
    return redirect(url_for("review.job", slug=slug))


@review.post("/<slug>/finish")
@requires(Role.REVIEWER)
def finish(slug: str) -> ResponseReturnValue:
    """Continue an opening whose scores are stored already, or work out its results again; needs no keys."""
    with database().read() as session:
        found = lifecycle.get_round(session, slug)
        anew = openings.is_complete(session, found)
    work, actor = database(), signed_in_user().name
    if found.state == State.OPENED:
        work.write(lambda s: record(s, actor=actor, action="results.remake", subject=slug) and None)
    _start(found, lambda running: openings.remake(running.database, slug, running), anew=anew)
    return redirect(url_for("review.job", slug=slug))


@review.get("/<slug>/job", endpoint="job")
@requires(Role.REVIEWER)
def job_page(slug: str) -> ResponseReturnValue:
    found, job = _job(slug)
    if found.state == State.OPENED and job.state == "done":
        return redirect(url_for("review.ranking", slug=slug))
    asked = openings.KIND.asked(job)
    return render_template("reviewer/job.html", round=found, job=job, anew=asked is not None and asked.anew)


@review.get("/<slug>/job.json")
@requires(Role.REVIEWER)
def job_state(slug: str) -> ResponseReturnValue:
    _found, job = _job(slug)
    return state_of(job)


def _start(found: Round, run: Run[Opening, Nothing], *, anew: bool = False) -> None:
    jobs.start(workplace(), openings.KIND, Opening(anew), found.id, run)


def _job(slug: str) -> tuple[Round, Job]:
    with database().read() as session:
        found = lifecycle.get_round(session, slug)
    job = jobs.latest(workplace(), openings.KIND, found.id)
    if job is None:
        raise NotFound(N_("这一轮还没有开始开箱。"), remedy=N_("请从轮次页面进入开箱。"))
    return found, job


def _closed(slug: str) -> tuple[Round, list[KeyHolder]]:
    with database().read() as session:
        found = lifecycle.get_round(session, slug)
        holders = keyholders.holders(session, found)
        round_people.require(session, found, signed_in_user())
    if found.state != State.CLOSED:
        raise Forbidden(
            N_("只有已截止、还没有开箱的轮次才能开箱。"), remedy=N_("请回到轮次页面查看现在的状态。")
        )
    return found, holders


def _page(found: Round, keys: list[tuple[KeyHolder, KeyForm]], confirm: OpenForm, problem: str = "") -> str:
    with database().read() as session:
        people = keyholders.people(session, found)
    return render_template(
        "reviewer/open.html", round=found, keys=keys, confirm=confirm, problem=problem, people=people
    )


def _forms(holders: list[KeyHolder]) -> list[tuple[KeyHolder, KeyForm]]:
    return [(holder, KeyForm(prefix=f"holder{holder.position}")) for holder in holders]


def _keys(forms: list[tuple[KeyHolder, KeyForm]], round: Round) -> tuple[list[tuple[str, str]], str]:
    """Pairs (key file, passphrase) of the holders present, and an error message ("" if none); what one holder
    has to mend is said at that field too."""
    complete = [form.validate() for _holder, form in forms]
    if not all(complete):
        return [], _("有一位持钥人填得不完整：钥匙文件、口令和校验根都要。")
    given = [(holder, form) for holder, form in forms if form.given]
    if len(given) < round.quorum:
        return [], _(
            "需要 %(quorum)s 位持钥人到场，现在只有 %(given)s 位。", quorum=round.quorum, given=len(given)
        )
    keys = [_key(form, round) for _holder, form in given]
    wrong = [holder.name for holder, form in given if form.errors]
    return keys, _("“%(name)s”填的有一处不对，请看下面。", name=wrong[0]) if wrong else ""


def _key(form: KeyForm, round: Round) -> tuple[str, str]:
    """Key file and passphrase of a holder, tried out; what does not fit becomes an error of its field."""
    try:
        check_root_start(round.merkle_root or b"", form.root.data or "")
    except InvalidInput as error:
        form.root.errors = [in_full(error, _)]
    try:
        text, passphrase = form.read()
        open_key_file(text, passphrase, round_id=round.id.hex())
    except WrongPassphrase as error:
        form.passphrase.errors = [in_full(error, _)]
    except InvalidKeyFile as error:
        form.file.errors = [in_full(error, _)]
    except ValueError:
        form.file.errors = [_("这不是钥匙文件。请选择扩展名为 .key.json 的文件。")]
    else:
        return text, passphrase
    return "", ""
