"""Forms for proposing and confirming a publication, and for importing outside indicators."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from survey.models import IndicatorKind
from survey.web.site.forms.clean import CleanForm


class ProposeForm(CleanForm):
    correction = TextAreaField(
        _("更正说明"),
        [Length(max=500, message=_("最多 500 个字。"))],
        description=_("写明这一版更正了什么、为什么，会公布。"),
    )


class PublishForm(CleanForm):
    confirm = BooleanField(
        _("我已逐项看过公布稿，确认公布。公布后不能修改，只能另出更正版。"),
        [InputRequired(_("请先勾选确认。"))],
    )


class IndicatorForm(CleanForm):
    kind = SelectField(
        _("数据来源"),
        choices=[
            SelectChoice(IndicatorKind.ASSESSMENT.value, _("省市评估得分")),
            SelectChoice(IndicatorKind.HOTLINE.value, _("12345 热线数据")),
        ],
    )
    period = StringField(
        _("时期"),
        [InputRequired(_("请写明是哪个时期。")), Length(max=40, message=_("最多 40 个字。"))],
        description=_("如 2026年第三季度。同一来源、同一时期再次导入，会替换原来的。"),
    )
    file = FileField(
        _("文件"),
        [FileRequired(_("请选择一个文件。"))],
        description=_("Excel（.xlsx）或 CSV，第一行是表头。"),
    )
