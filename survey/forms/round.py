"""Setting up a round."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Regexp

from survey.ballot.questionnaire import Department
from survey.forms.departments import read_departments
from survey.models import Mode, Period

MAX_HOLDERS = 4


class RoundForm(FlaskForm):
    """Everything that a new round needs; departments and reviewers are offered by `offer`."""

    title = StringField(
        _("标题"),
        [InputRequired(_("请填写标题。")), Length(max=120, message=_("标题最多 120 个字。"))],
        description=_("企业打开链接后最先看到的一行字。"),
    )
    slug = StringField(
        _("网址中的名称"),
        [
            InputRequired(_("请填写网址中的名称。")),
            Regexp(
                r"^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]\Z",
                message=_("只能用小写字母、数字和中间的连字符，3 到 40 个字符，如 2026-q4。"),
            ),
        ],
        description=_("只用小写字母、数字和连字符。链接会印成 /s/名称，签发后不能改。"),
    )
    body = StringField(
        _("主办单位"),
        [InputRequired(_("请填写主办单位。")), Length(max=120, message=_("主办单位最多 120 个字。"))],
    )
    period = SelectField(_("周期"))
    mode = SelectField(_("邀请方式"))
    opens_on = DateField(_("开始收票"), [InputRequired(_("请填写开始日期，如 2026-10-01。"))])
    closes_on = DateField(_("截止日期"), [InputRequired(_("请填写截止日期，如 2026-12-20。"))])
    threshold = IntegerField(
        _("公布门槛（票）"),
        [
            InputRequired(_("请填写公布门槛。")),
            NumberRange(3, 1000, message=_("公布门槛应在 3 到 1000 之间。")),
        ],
        description=_("少于这么多票的数字一律不公布，建议不低于 10。"),
    )
    departments = SelectMultipleField(_("被评部门"), validate_choice=True)
    more_departments = TextAreaField(
        _("补充部门"),
        [Length(max=6000, message=_("补充部门最多 6000 个字。"))],
        description=_("上面没有的部门写在这里，每行一个，写作“类别：名称”，如“行政执法：城市管理局”。"),
    )
    comments = BooleanField(_("请企业写下存在的问题或建议（可不写）"))
    holders = SelectMultipleField(
        _("持钥人"),
        description=_(
            "每位持钥人在自己的浏览器里生成钥匙。建议三位：人大、政协、公证处，任意两位到场即可开箱。"
        ),
    )
    quorum = IntegerField(
        _("开箱需要几位持钥人到场"),
        [InputRequired(_("请填写人数。")), NumberRange(1, MAX_HOLDERS, message=_("人数应在 1 到 4 之间。"))],
    )

    def offer(self, departments: dict[str, list[str]], reviewers: list[tuple[str, str]]) -> None:
        """Fill in the choices: department names by group, reviewers as (id, name)."""
        self.groups = departments
        self.departments.choices = [
            SelectChoice(name, name, optgroup=group) for group, names in departments.items() for name in names
        ]
        self.holders.choices = [SelectChoice(value, name) for value, name in reviewers]
        self.period.choices = _PERIODS
        self.mode.choices = _MODES

    def validate_closes_on(self, field: Any) -> None:
        if self.opens_on.data and field.data and field.data < self.opens_on.data:
            raise ValidationError(gettext("截止日期不能早于开始日期。"))

    def validate_more_departments(self, field: Any) -> None:
        added, wrong = read_departments(field.data or "")
        if wrong:
            raise ValidationError(gettext("这一行看不懂：“%(line)s”。请写作“类别：名称”。", line=wrong[0]))
        names = [*(self.departments.data or []), *(department.name for department in added)]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise ValidationError(gettext("部门“%(name)s”重复了，请删去一个。", name=twice))
        if len(names) < 2:
            raise ValidationError(gettext("至少选两个部门，才能比较。"))

    def validate_holders(self, field: Any) -> None:
        if not 1 <= len(field.data or []) <= MAX_HOLDERS:
            raise ValidationError(gettext("请选 1 到 4 位持钥人。"))

    def validate_quorum(self, field: Any) -> None:
        if field.data and field.data > len(self.holders.data or []):
            raise ValidationError(gettext("到场人数不能多于持钥人数。"))

    @property
    def added_departments(self) -> tuple[Department, ...]:
        """The departments typed by hand."""
        return read_departments(self.more_departments.data or "")[0]


_PERIODS = [
    SelectChoice(Period.MONTH.value, _("月度通报")),
    SelectChoice(Period.QUARTER.value, _("季度分析")),
    SelectChoice(Period.HALF_YEAR.value, _("半年总结")),
    SelectChoice(Period.YEAR.value, _("年度总排名")),
]
_MODES = [
    SelectChoice(Mode.BOTH.value, _("两种都用：记名邀请和无记名票")),
    SelectChoice(Mode.ATTRIBUTED.value, _("记名邀请：每条链接发给一家指定企业")),
    SelectChoice(Mode.SLIP.value, _("无记名票：打印成纸条，由企业自己抽取")),
]
