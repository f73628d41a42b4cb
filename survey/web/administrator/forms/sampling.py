"""Form for drawing a sample: strata, allocation, size, minimum, seed, and the assumptions of the plan."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import FloatField, IntegerField, RadioField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from survey.services.invitations.sampling import SampleDesign
from survey.web.site.forms.clean import CleanForm

MOST = 1_000_000


class SampleForm(CleanForm):
    strata = SelectMultipleField(
        _("按什么分层"),
        validators=[Optional()],
        description=_("不选就在整个名录里随机抽。可以选几项，交叉成层；层太多时每层抽到的很少。"),
    )
    method = RadioField(
        _("各层怎么分配"),
        choices=[
            SelectChoice("proportional", _("按比例：大层多抽，每家机会相同")),
            SelectChoice("power", _("折中：按企业数的平方根，兼顾小层")),
            SelectChoice("equal", _("平均：每层一样多，便于层与层比较")),
        ],
        default="proportional",
    )
    size = IntegerField(
        _("一共抽几家"),
        [InputRequired(_("请填写家数。")), NumberRange(1, MOST, message=_("家数应至少为 1。"))],
    )
    minimum = IntegerField(
        _("每层至少"),
        [
            InputRequired(_("请填写每层至少几家，可以是 0。")),
            NumberRange(0, MOST, message=_("每层下限不能为负。")),
        ],
        default=0,
        description=_("比这还小的层全部抽中。"),
    )
    seed = StringField(
        _("随机种子"),
        [InputRequired(_("请填写种子。")), Length(max=64, message=_("种子最多 64 个字符。"))],
        description=_(
            "会印在抽样说明里；同一份名录、同一个种子，谁来抽都是同样的结果。可以用公开摇出的号码。"
        ),
    )
    response = FloatField(
        _("预计回收率（%）"),
        [
            InputRequired(_("请填写预计回收率。")),
            NumberRange(1, 100, message=_("回收率应在 1 到 100 之间。")),
        ],
    )
    ratings = FloatField(
        _("每家预计评几个部门"),
        [InputRequired(_("请填写部门数。")), NumberRange(1.5, 200, message=_("应在 1.5 个以上。"))],
    )

    def offer(self, strata: list[tuple[str, str]]) -> None:
        """Set the choices of strata, from pairs (name, label)."""
        self.strata.choices = [SelectChoice(name, label) for name, label in strata]

    @property
    def design(self) -> SampleDesign:
        """Sample design that the valid form asks for."""
        return SampleDesign(
            strata=tuple(self.strata.data or ()),
            method=self.method.data,
            size=self.size.data,
            seed=self.seed.data.strip(),
            minimum=self.minimum.data,
            response_rate=self.response.data / 100,
            ratings=self.ratings.data,
        )
