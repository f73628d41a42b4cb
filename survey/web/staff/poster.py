"""Poster of a round for the hall, once its questionnaire is frozen."""

from __future__ import annotations

from flask import url_for
from flask.typing import ResponseReturnValue

from survey.documents.lists.poster import PosterTexts, write_poster
from survey.errors import N_, Conflict
from survey.language import current_language
from survey.language import gettext as _
from survey.models import Role, Round
from survey.services.rounds import contacts, descriptions, lifecycle
from survey.web.site.access import requires
from survey.web.site.blueprints import admin
from survey.web.site.downloads import PDF, attachment
from survey.web.site.request import database, settings
from survey.wording.numbers import day


@admin.get("/rounds/<slug>/poster.pdf")
@requires(Role.ADMINISTRATOR)
def poster(slug: str) -> ResponseReturnValue:
    with database().read() as session:
        found = lifecycle.get_round(session, slug)
        if not found.frozen:
            raise Conflict(
                N_("问卷还没有冻结，海报上的核对号还没有定下来。"), remedy=N_("签发第一份邀请以后再来下载。")
            )
        check_number = descriptions.describe(session, found).check_number
        contact = contacts.of_round(session, found)
        words = _words(found, check_number, contact.line if contact else "")
    name = _("海报")
    return attachment(write_poster(words), f"{slug}-{name}.pdf", PDF)


def _words(round: Round, check_number: str, contact: str) -> PosterTexts:
    address = settings().base_url + url_for("respond.page", slug=round.slug)
    return PosterTexts(
        language=current_language(),
        title=round.title,
        body=round.body,
        days=f"{day(round.opens_on)} — {day(round.closes_on)}",
        invited=[
            _("收到短信或邀请单的：点里面的链接，或扫邀请单上的码。"),
            _("手里只有邀请码的：扫上面的码，再输入邀请码。"),
            _("一份邀请只能用一次。"),
        ],
        address=address,
        check=_("网页上的核对号应是 ") if check_number else "",
        check_number=check_number,
        promise_title=_("匿名承诺"),
        promises=[
            _("系统只知道哪些企业领了票，谁也不知道哪一张是谁填的。"),
            _("答案在您的手机上加密，网站、监票机和管理员都看不到内容。")
            if round.witness
            else _("答案在您的手机上加密，服务器和管理员都看不到内容。"),
            _("评分与意见分开存放；家数太少的结果不公布。"),
            _("提交后您得到一个回执号，可以核对自己的选票是否计入。"),
        ],
        contact=_("有疑问请打电话：") + contact if contact else "",
        scanned=_("二维码，打开 %(address)s", address=address),
    )
