"""Issuing invitations: what is handed out is handed out once."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange

MOST_SLIPS = 5000
ONCE = _("我知道：文件只给这一次，系统不留底；我会当场保存好。")
NOT_CONFIRMED = _("请先勾选确认。")


class AttributedForm(FlaskForm):
    """One link for every enterprise of the roster that has none in this round."""

    confirm = BooleanField(ONCE, [InputRequired(NOT_CONFIRMED)])


class SlipsForm(FlaskForm):
    """A PDF of slips that belong to nobody."""

    count = IntegerField(
        _("张数"),
        [
            InputRequired(_("请填写张数。")),
            NumberRange(1, MOST_SLIPS, message=_("一次可以签发 1 到 5000 张；更多请分几次。")),
        ],
    )
    per_page = SelectField(
        _("每页张数"), coerce=int, choices=[SelectChoice(str(count)) for count in (8, 10, 12, 20)], default=10
    )
    confirm = BooleanField(ONCE, [InputRequired(NOT_CONFIRMED)])
