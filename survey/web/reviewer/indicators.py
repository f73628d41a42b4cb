"""Pages for importing and showing outside indicators: provincial scores and 12345 hotline figures."""

from __future__ import annotations

import io

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey.errors import N_, NotFound, PingyiError
from survey.language import gettext as _
from survey.models import IndicatorKind, Role
from survey.services.followup import indicators
from survey.web.reviewer.forms.publication import IndicatorForm
from survey.web.site.access import requires
from survey.web.site.blueprints import review
from survey.web.site.downloads import XLSX, attachment
from survey.web.site.form_errors import refused
from survey.web.site.request import database, signed_in_user

SHOWN_PROBLEMS = 100
PAGE = "reviewer/indicators.html"


@review.get("/indicators", endpoint="indicators")
@requires(Role.REVIEWER)
def indicator_list() -> ResponseReturnValue:
    return render_template(PAGE, form=IndicatorForm(), **_listed())


@review.post("/indicators")
@requires(Role.REVIEWER)
def import_indicators() -> ResponseReturnValue:
    from survey.documents.uploads.indicator_table import read_indicators

    form, actor = IndicatorForm(), signed_in_user().name
    if not form.validate():
        return render_template(PAGE, form=form, **_listed()), 400
    kind, period = form.kind.data, form.period.data
    try:
        report = read_indicators(io.BytesIO(form.file.data.read()), kind)
        if report.problems:
            facts = _listed() | {"problems": report.problems[:SHOWN_PROBLEMS]}
            return render_template(PAGE, form=form, **facts), 400
        done = database().write(lambda s: indicators.import_indicators(s, kind, period, report.rows, actor))
    except PingyiError as error:
        return refused(PAGE, form, error, **_listed())
    for remark in report.remarks:
        flash(remark.say(_))
    flash(
        _("已导入 %(added)s 个数，替换原有的 %(replaced)s 个。", added=done.added, replaced=done.replaced),
        "success",
    )
    return redirect(url_for("review.indicators", kind=kind, period=period.strip()))


@review.post("/indicators/remove")
@requires(Role.REVIEWER)
def remove_indicators() -> ResponseReturnValue:
    kind, period = request.form.get("kind", ""), request.form.get("period", "")
    actor = signed_in_user().name
    count = database().write(lambda s: indicators.remove(s, kind, period, actor))
    flash(_("已删除 %(count)s 个数。", count=count), "success")
    return redirect(url_for("review.indicators"))


@review.get("/indicators/template-<name>.xlsx")
@requires(Role.REVIEWER)
def indicator_template(name: str) -> ResponseReturnValue:
    from survey.documents.uploads.indicator_table import indicator_template as template

    if name not in set(IndicatorKind):
        raise NotFound(N_("没有这个模板。"))
    title = _("省市评估模板.xlsx") if name == IndicatorKind.ASSESSMENT else _("12345数据模板.xlsx")
    return attachment(template(name), title, XLSX)


def _listed() -> dict[str, object]:
    """Variables of the page: the import asked for in the address, or the newest of each kind."""
    wanted = (request.args.get("kind", ""), request.args.get("period", ""))
    with database().read() as session:
        known = indicators.periods(session)
        rows = indicators.of_period(session, *wanted) if wanted in known else indicators.latest(session)
    return {"known": known, "rows": rows, "wanted": wanted if wanted in known else None, "problems": ()}
