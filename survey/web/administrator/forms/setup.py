"""Forms of the steps that set up a round; errors that concern the whole
questionnaire stand above the form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    Field,
    FloatField,
    Form,
    IntegerField,
    SelectField,
    StringField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from analysis.answers.spelling import name_key
from survey.documents.uploads.departments_table import MOST as MAX_DEPARTMENTS
from survey.documents.uploads.departments_table import DepartmentEntry
from survey.web.administrator.forms.grade_lines import grade_lines_field
from survey.web.administrator.forms.held_by import HeldByField
from survey.web.administrator.forms.round import MODES, PERIODS
from survey.web.site.forms.clean import CleanForm, CleanPart
from survey.web.site.forms.reserved import not_reserved
from survey.web.site.forms.rows import Rows

MAX_ITEMS, MAX_STRATA, LEVELS = 12, 8, 5
SHORT = Length(max=30, message=_("最多 30 个字。"))
NAME = Length(max=60, message=_("最多 60 个字。"))
SEPARATOR = re.compile(r"[、，,;；/\n]+")


class BasicsForm(CleanForm):
    title = StringField(
        _("标题"),
        [InputRequired(_("请填写标题。")), Length(max=120, message=_("标题最多 120 个字。"))],
        description=_("企业打开链接后最先看到的一行字。"),
    )
    body = HeldByField(
        _("主办单位"), description=_("从机构名单里选，联合主办就选几个。没有的，先在“变更确认”页加进名单。")
    )
    slug = StringField(
        _("网址中的名称"),
        [
            InputRequired(_("请填写网址中的名称。")),
            Regexp(
                r"^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]\Z",
                message=_("只能用小写字母、数字和中间的连字符，3 到 40 个字符，如 2026-q4。"),
            ),
            not_reserved,
        ],
        description=_("只用小写字母、数字和连字符。链接会印成 /s/名称，签发后不能改。"),
    )
    period = SelectField(_("周期"), choices=PERIODS)
    opens_on = DateField(_("开始收票"), [InputRequired(_("请填写开始日期，如 2026-10-01。"))])
    closes_on = DateField(_("截止日期"), [InputRequired(_("请填写截止日期，如 2026-12-20。"))])
    mode = SelectField(_("邀请方式"), choices=MODES)

    def refuse_titles(self, taken: Mapping[str, str]) -> None:
        """Make validation refuse the titles of other rounds in `taken` (`name_key` → title)."""
        self.taken = taken

    def validate_title(self, field: Field) -> None:
        if same := getattr(self, "taken", {}).get(name_key(field.data or "")):
            raise ValidationError(gettext("已有一轮叫“%(title)s”，请改一个能分清的标题。", title=same))

    def validate_closes_on(self, field: Field) -> None:
        if self.opens_on.data and field.data and field.data < self.opens_on.data:
            raise ValidationError(gettext("截止日期不能早于开始日期。"))


class NewRoundForm(BasicsForm):
    trial = BooleanField(
        _("这是练习轮"),
        description=_(
            "和真的一样走一遍。标题、网址和文件都标明“练习，不计入”，不公布，用完整轮删除；不能改成正式的。"
        ),
    )


class DepartmentRow(CleanPart):
    group = StringField(_("类别"), [SHORT])
    name = StringField(_("部门"), [NAME])
    name_en = StringField(_("英文名"), [NAME])
    common = BooleanField(_("常打交道"))

    def validate_group(self, field: Field) -> None:
        if (self.name.data or "").strip() and not (field.data or "").strip():
            raise ValidationError(gettext("请填写类别。"))


class DepartmentsForm(CleanForm):
    """Form for the table of departments; a row without a name is dropped, so clearing a name removes the
    department."""

    rows = Rows(DepartmentRow, MAX_DEPARTMENTS)

    def validate_rows(self, field: Field) -> None:
        names = _mark_repeated(field, "name")
        _mark_repeated(field, "name_en")
        if len(names) < 2:
            raise ValidationError(gettext("至少要有两个部门，才能比较。"))

    @property
    def departments(self) -> list[DepartmentEntry]:
        """Departments typed, one for each row with a name."""
        rows = [row.form for row in self.rows if _named(row.form)]
        return [
            DepartmentEntry(
                r.group.data.strip(), r.name.data.strip(), (r.name_en.data or "").strip(), r.common.data
            )
            for r in rows
        ]


class DepartmentsFileForm(CleanForm):
    file = FileField(
        _("部门表"),
        [FileRequired(_("请选择一个文件。"))],
        description=_(
            "Excel 或 CSV，表头为“类别、部门、英文名、常打交道”，英文名可以不填。会替换现在的全部部门。"
        ),
    )


class ItemRow(CleanPart):
    name = StringField(_("指标"), [SHORT])
    name_en = StringField(_("英文名"), [NAME])
    weight = FloatField(
        _("权重"), [Optional(), NumberRange(0, 100, message=_("权重应在 0 到 100 之间。"))], default=1.0
    )
    overall = BooleanField(_("总体评价"))


class LevelRow(CleanPart):
    label = StringField(_("等级"), [SHORT])
    label_en = StringField(_("英文"), [NAME])
    points = FloatField(_("分值"), [Optional(), NumberRange(0, 100, message=_("分值应在 0 到 100 之间。"))])


class QuestionsForm(CleanForm):
    """Form for items, scale and the question for comments; a row without a name is dropped."""

    items = Rows(ItemRow, MAX_ITEMS)
    levels = Rows(LevelRow, LEVELS, naming="label")
    satisfied = IntegerField(
        _("前几级算满意"),
        [InputRequired(_("请填写级数。")), NumberRange(1, LEVELS, message=_("应在 1 到等级数之间。"))],
        description=_("计算满意率用，如五级中的前三级。"),
    )
    warning_line = FloatField(
        _("警戒线（分）"),
        [
            InputRequired(_("请填写警戒线，如 70。")),
            NumberRange(0, 100, message=_("警戒线应在 0 到 100 之间。")),
        ],
    )
    grade_lines = grade_lines_field()
    not_known = StringField(
        _("不了解"),
        [InputRequired(_("请填写“不了解”的说法。")), SHORT],
        description=_("不打分的选项，不计入任何分子分母。"),
    )
    not_known_en = StringField(_("不了解的英文"), [NAME])
    comments = BooleanField(_("请企业写下存在的问题或建议（可不写）"))
    comment_chars = IntegerField(
        _("每条意见最多几个字"),
        [InputRequired(_("请填写字数。")), NumberRange(20, 1000, message=_("应在 20 到 1000 之间。"))],
    )

    def validate_items(self, field: Field) -> None:
        names = _mark_repeated(field, "name")
        if not names:
            raise ValidationError(gettext("至少要有一个指标。"))
        rows = [row.form for row in field if _named(row.form)]
        _need((row.weight for row in rows), gettext("请填写权重，如 1。"))
        if sum(row.overall.data for row in rows) > 1:
            raise ValidationError(gettext("总体评价最多一项。"))
        if not sum(row.weight.data or 0 for row in rows) > 0:
            raise ValidationError(gettext("权重不能全为零。"))

    def validate_levels(self, field: Field) -> None:
        rows = [row.form for row in field if (row.form.label.data or "").strip()]
        if len(rows) not in (3, LEVELS):
            raise ValidationError(gettext("应为 3 级或 5 级，现在是 %(count)s 级。", count=len(rows)))
        _need((row.points for row in rows), gettext("请填写分值。"))
        for above, below in pairwise(rows):
            high, low = above.points.data, below.points.data
            if low >= high:
                _complain(below.points, gettext("应低于上一级的 %(points)g 分。", points=high))
                raise ValidationError(gettext("分值应从高到低。"))

    def validate_satisfied(self, field: Field) -> None:
        count = sum(bool((row.form.label.data or "").strip()) for row in self.levels)
        if field.data and count and field.data > count:
            raise ValidationError(gettext("不能多于等级数 %(count)s。", count=count))


class StratumRow(CleanPart):
    name = StringField(_("分层"), [SHORT])
    name_en = StringField(_("英文名"), [NAME])
    options = StringField(_("选项"), [Length(max=600, message=_("最多 600 个字。"))])
    options_en = StringField(_("英文选项"), [Length(max=1200, message=_("最多 1200 个字符。"))])

    def validate_options(self, field: Field) -> None:
        if not (self.name.data or "").strip():
            return
        options = split(field.data)
        if len(options) < 2:
            raise ValidationError(gettext("至少写两个选项，用顿号隔开，如“大、中、小、微”。"))
        if len(set(options)) != len(options):
            raise ValidationError(gettext("选项有重复。"))

    def validate_options_en(self, field: Field) -> None:
        english, wanted = split(field.data), split(self.options.data)
        if (self.name.data or "").strip() and english and len(english) != len(wanted):
            raise ValidationError(gettext("英文选项应有 %(count)s 个，或者全部留空。", count=len(wanted)))


class StrataForm(CleanForm):
    rows = Rows(StratumRow, MAX_STRATA)

    def validate_rows(self, field: Field) -> None:
        _mark_repeated(field, "name")


def split(text: str | None) -> list[str]:
    """Options typed on one line, separated by 、 or a comma."""
    return [part.strip() for part in SEPARATOR.split(text or "") if part.strip()]


def _named(row: Form) -> bool:
    return bool((row.name.data or "").strip())


def _mark_repeated(field: Field, name: str) -> list[str]:
    """Names in all rows; raises `ValidationError` for a repeated one, and puts
    the error at that field too."""
    seen: list[str] = []
    for row in field:
        text = (row.form[name].data or "").strip()
        if text in seen:
            _complain(row.form[name], gettext("“%(name)s”重复了，请删去一个。", name=text))
            raise ValidationError(gettext("“%(name)s”重复了，请删去一个。", name=text))
        if text:
            seen.append(text)
    return seen


def _need(fields: Iterable[Field], message: str) -> None:
    """Raise `ValidationError` for the first of `fields` without a number, and put the error at that field."""
    for field in fields:
        if field.data is None:
            _complain(field, message)
            raise ValidationError(message)


def _complain(field: Field, message: str) -> None:
    field.errors = [*field.errors, message]
