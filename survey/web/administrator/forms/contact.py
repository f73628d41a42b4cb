"""Forms for the contact of the office, and for persons and telephones of key holders."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import StringField
from wtforms.validators import Length

from survey.contact import LONGEST_HOURS, LONGEST_NAME
from survey.protocol.description import MOST_HOLDERS
from survey.web.site.forms.clean import CleanForm, CleanPart
from survey.web.site.forms.rows import Rows

SHORT = Length(max=LONGEST_NAME, message=_("最多 30 个字。"))


class OfficeForm(CleanForm):
    name = StringField(_("找谁"), [SHORT], description=_("如“县评议办王主任”。"))
    telephone = StringField(_("电话"), [SHORT], description=_("如 0310-1234567，分机写成 0310-1234567转8。"))
    hours = StringField(
        _("什么时间有人接"),
        [Length(max=LONGEST_HOURS, message=_("最多 40 个字。"))],
        description=_("如“工作日 9:00–17:00”，可以不填。"),
    )


class HolderRow(CleanPart):
    person = StringField(_("联系人"), [SHORT])
    telephone = StringField(_("电话"), [SHORT])


class RoundContactForm(OfficeForm):
    """Form with a row for each key holder, in the order of the round's."""

    holders = Rows(HolderRow, MOST_HOLDERS, naming="person")
