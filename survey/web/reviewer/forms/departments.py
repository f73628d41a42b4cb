"""Form for what became of a department."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import DateField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from survey.models import SuccessionKind
from survey.web.site.forms.clean import CleanForm


class SuccessionForm(CleanForm):
    before = SelectField(
        _("原部门"),
        [InputRequired(_("请选择原部门。"))],
        choices=[],
        description=_("各轮评议的部门，和这里登记过的部门。"),
    )
    kind = RadioField(
        _("怎样变的"),
        [InputRequired(_("请选择是更名、合并还是拆分。"))],
        choices=[
            SelectChoice(SuccessionKind.RENAMED.value, _("更名：职责没有变，得分照旧比较")),
            SelectChoice(SuccessionKind.MERGED.value, _("合并：并入另一个部门，几个并成一个的逐条登记")),
            SelectChoice(SuccessionKind.SPLIT.value, _("拆分：从它拆出一个部门，拆成几个的逐条登记")),
        ],
    )
    after = StringField(
        _("新部门"),
        [InputRequired(_("请填写新部门的名称。")), Length(max=60, message=_("部门名称最多 60 个字。"))],
        description=_("可以是已有的部门，也可以是新的名称；请与今后问卷里的写法一致。"),
    )
    on = DateField(_("从哪天起"), [InputRequired(_("请填写日期，如 2026-12-31。"))])
    reason = StringField(
        _("依据"),
        [InputRequired(_("请写明依据。")), Length(max=200, message=_("最多 200 个字。"))],
        description=_("如机构改革方案的文号。会写进操作日志。"),
    )

    def offer(self, departments: Iterable[str]) -> None:
        """Set the choices of departments that were rated."""
        self.before.choices = [SelectChoice("", gettext("请选择"))]
        self.before.choices += [SelectChoice(name, name) for name in departments]
