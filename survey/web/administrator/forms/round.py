"""Choices of period and invitation mode in the forms of a round."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms.fields.choices import SelectChoice

from survey.models import Mode, Period

PERIODS = [
    SelectChoice(Period.MONTH.value, _("月度通报")),
    SelectChoice(Period.QUARTER.value, _("季度分析")),
    SelectChoice(Period.HALF_YEAR.value, _("半年总结")),
    SelectChoice(Period.YEAR.value, _("年度总排名")),
]
MODES = [
    SelectChoice(Mode.BOTH.value, _("两种都用：记名邀请和无记名票")),
    SelectChoice(Mode.ATTRIBUTED.value, _("记名邀请：每条链接发给一家指定企业")),
    SelectChoice(Mode.SLIP.value, _("无记名票：打印成纸条，由企业自己抽取")),
]
