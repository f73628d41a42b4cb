"""Closing record of a round as a PDF, for administrators and reviewers: printed, signed and brought to the
opening."""

from __future__ import annotations

from flask import Response, url_for
from flask.typing import ResponseReturnValue

from survey.documents.lists.closing_record import Words, write_closing_record
from survey.language import current_language
from survey.language import gettext as _
from survey.models import Role, Round
from survey.services.opening.closing_record import ClosingRecord, closing_record
from survey.services.rounds import keyholders, lifecycle
from survey.web.site import codes
from survey.web.site.access import requires
from survey.web.site.blueprints import admin, review
from survey.web.site.downloads import PDF, attachment
from survey.web.site.request import database, settings
from survey.wording.numbers import day


@admin.get("/rounds/<slug>/closing-record.pdf", endpoint="closing_record")
@requires(Role.ADMINISTRATOR)
def for_administrators(slug: str) -> ResponseReturnValue:
    return _record(slug)


@review.get("/<slug>/closing-record.pdf", endpoint="closing_record")
@requires(Role.REVIEWER)
def for_reviewers(slug: str) -> ResponseReturnValue:
    return _record(slug)


def _record(slug: str) -> Response:
    with database().read() as session:
        found = lifecycle.get_round(session, slug)
        record = closing_record(session, found)
        people = keyholders.people(session, found)
        holders = [codes.holder(h.name, people[h.user_id]) for h in keyholders.holders(session, found)]
    content = write_closing_record(_words(found, record, holders), record.root, record.log_hash)
    return attachment(content, f"{found.slug}-{_('截止记录')}.pdf", PDF)


def _words(round: Round, record: ClosingRecord, holders: list[str]) -> Words:
    return Words(
        language=current_language(),
        title=_("截止记录"),
        subtitle=round.title,
        facts=_facts(round, record),
        root_name=_("票箱校验根的前 8 位"),
        root_use=_("开箱时，每位持钥人照自己这一页输入，不要照屏幕抄。对不上，就不能开箱。"),
        root_whole=_("校验根全文："),
        log_name=_("截止时操作日志共 %(count)s 条，最后一条的摘要：", count=record.log_number),
        checks_title=_("怎样核对"),
        checks=_checks(round),
        signatures_title=_("签名（各存一份）"),
        signatures=[
            (_("提出截止"), record.proposed_by),
            (_("确认截止"), record.confirmed_by),
            *((_("持钥人"), holder) for holder in holders),
        ],
        signature=_("签名"),
        date=_("日期"),
    )


def _facts(round: Round, record: ClosingRecord) -> list[tuple[str, str]]:
    last = day(round.closes_on) + codes.planned(round.planned_closes_on)
    when = f"{day(record.closed_at.date())} {record.closed_at:%H:%M}"
    issued = {"count": record.invited, "replaced": record.replaced}
    return [
        (_("主办单位"), round.body),
        (_("收票日期"), f"{day(round.opens_on)} — {last}"),
        (_("办理截止"), when),
        (_("邀请"), _("%(count)s 份，其中换发 %(replaced)s 份", **issued)),
        *([(_("电话填写"), _("%(count)s 份", count=record.interviews))] if record.interviews else []),
        (_("领票"), _("%(count)s 份", count=record.collected)),
        (_("投票"), _("%(count)s 张", count=record.cast)),
        *_of_witness(record),
    ]


def _of_witness(record: ClosingRecord) -> list[tuple[str, str]]:
    """What the witness stated last beside what arrived; nothing in a round of one machine."""
    if not record.witness:
        return []
    if not record.reason:
        said = _(
            "盖章 %(stamped)s 个，收下选票 %(posted)s 张；票箱收到 %(batches)s 批 %(kept)s 张，"
            "作废 %(refused)s 张，没有移交到 %(missing)s 张",
            **record.witness,
        )
        return [(_("监票机"), said)]
    said = _(
        "最后的声明：盖章至少 %(stamped)s 个，收下选票至少 %(posted)s 张；"
        "票箱收到 %(batches)s 批 %(kept)s 张，作废 %(refused)s 张，没有移交到至少 %(missing)s 张",
        **record.witness,
    )
    return [(_("监票机"), said), (_("不等监票机"), record.reason)]


def _checks(round: Round) -> list[str]:
    page = settings().base_url + url_for("public.round", slug=round.slug)
    return [
        _("公示页 %(address)s 上的票数和校验根应与本页相同。", address=page),
        _("评议员导出的票箱，用 pingyi verify 加 --root 和上面的校验根核验。"),
        _("有一处不同，就是截止以后有人改过。请不要开箱，保留服务器原样，告诉各位持钥人。"),
    ]
