"""Forms for issuing invitations, each with a tick that whoever has the pickup code has the file."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    Field,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from survey.errors import PingyiError
from survey.services.invitations.issuing_job import BOOKLET, DUPLEX, FORMS, LARGE, SINGLE
from survey.web.people.forms.people import kinds_of
from survey.web.site.forms.clean import CleanForm
from survey.web.site.forms.proof import ProvenForm
from survey.web.site.forms.state import REASON

MOST_SLIPS = 50_000
PER_PAGE = (8, 10, 12, 20)
ONCE = _("我知道：系统不留底，取件码和文件由我保管，不给别人。")
NOT_CONFIRMED = _("请先勾选确认。")


class AttributedForm(CleanForm):
    """Form for one link to every enterprise, of the roster or of the sample, that has none in this round."""

    not_drawn = frozenset({"message"})  # a message is sent, not drawn
    whom = RadioField(_("邀请谁"), validators=[Optional()])
    message = TextAreaField(
        _("发给企业的短信或微信文字"),
        [Length(max=1000, message=_("文字最多 1000 个字。"))],
        description=_(
            "每家企业一条，花括号里的会自动换成：{enterprise} 企业名称，{contact} 联系人，{title} 标题，"
            "{body} 主办单位，{day} 截止日期，{date} 不带年份的截止日期，"
            "{office} 评议办公室的电话，{link} 链接；不用 {link} 的，要有 {address} 网址和 {code} 邀请码，"
            "{check} 是核对号。"
        ),
    )
    confirm = BooleanField(ONCE, [InputRequired(NOT_CONFIRMED)])

    def offer(self, everybody: str, sampled: str) -> None:
        """Set the choices: the whole roster, and the sample if one was drawn (`sampled` not empty)."""
        choices = [SelectChoice("sample", sampled)] if sampled else []
        self.whom.choices = [*choices, SelectChoice("all", everybody)]
        if self.whom.data is None:
            self.whom.data = self.whom.choices[0].value

    def validate_message(self, field: Field) -> None:
        from survey.documents.lists.links_xlsx import check_message

        if not (field.data or "").strip():
            return
        try:
            check_message(field.data)
        except PingyiError as error:
            raise ValidationError(error.say(gettext)) from error


class SlipsForm(CleanForm):
    """Form for a PDF of printed slips, each with a link that belongs to no particular enterprise."""

    count = IntegerField(
        _("张数"),
        [
            InputRequired(_("请填写张数。")),
            NumberRange(1, MOST_SLIPS, message=_("一次可以签发 1 到 50000 张；更多请分几次。")),
        ],
        description=_("超过 5000 张时分成几个 PDF，装在一个压缩包里。"),
    )
    per_page = SelectField(
        _("每页张数"), coerce=int, choices=[SelectChoice(str(count)) for count in PER_PAGE], default=10
    )
    printed = SelectField(
        _("印成"),
        choices=[
            SelectChoice("", _("裁开的票，用手机填")),
            SelectChoice(FORMS, _("纸质评议表，用笔填，也可以扫码")),
            SelectChoice(LARGE, _("纸质评议表，大字版")),
        ],
        default="",
        description=_("纸质评议表每份一至几页，收回以后扫描，在阅表站上读；不看“每页张数”。"),
    )
    comments = BooleanField(_("纸质评议表留意见栏"))
    sides = SelectField(
        _("纸质评议表怎样印"),
        choices=[
            SelectChoice(DUPLEX, _("A4 双面，每份另起一张")),
            SelectChoice(SINGLE, _("A4 单面")),
            SelectChoice(BOOKLET, _("A3 双面，对折成册")),
        ],
        default=DUPLEX,
    )
    confirm = BooleanField(ONCE, [InputRequired(NOT_CONFIRMED)])


class PickupForm(CleanForm):
    """Form for the code that opens a file in another browser, or after signing out."""

    code = StringField(
        _("取件码"),
        [Length(max=40, message=_("取件码是 20 位字母和数字。"))],
        description=_("20 位，在点“签发”的人那里；大小写、横线都不计较。"),
    )


class ReissueForm(ProvenForm):
    """Form for proposing that the unused invitations of a lost list be replaced as a whole."""

    kind = SelectField(_("哪一份丢了"))
    reason = StringField(
        _("怎么丢的"), REASON, description=_("会写在公示页和公布的结果里，例如“电脑损坏，链接表没有备份”。")
    )

    def offer(self, mode: str) -> None:
        """Set the choices of kinds that the round's mode allows."""
        self.kind.choices = kinds_of(mode, gettext("记名邀请的链接表"), gettext("无记名票"))
