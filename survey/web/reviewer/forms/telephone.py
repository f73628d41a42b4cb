"""Form of the draw for a check by telephone."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import IntegerField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

from survey.services.voting.telephone_check import LONGEST_WORD
from survey.web.site.forms.clean import CleanForm

MOST = 100_000


class DrawForm(CleanForm):
    word = StringField(
        _("截止以后才公开的数字"),
        [
            InputRequired(_("请填写一个截止以后才公开的数字或词。")),
            Length(max=LONGEST_WORD, message=_("最多 80 个字。")),
        ],
        description=_("如截止次日的上证综指收盘点位。谁也不能事先知道，抽中谁就由不得办公室。"),
    )
    size = IntegerField(
        _("打多少家电话"),
        [
            InputRequired(_("请填写家数。")),
            NumberRange(1, MOST, message=_("家数应是 1 到 100000 的整数。")),
        ],
    )
