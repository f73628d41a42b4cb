"""Form of the call list: a row for each enterprise on the page."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from survey.models import Outcome
from survey.services.voting.calling import LONGEST_NOTE, PER_PAGE
from survey.web.site.forms.clean import CleanForm, CleanPart
from survey.web.site.forms.rows import Rows

OUTCOMES = {
    Outcome.WAITS: _("还没有打"),
    Outcome.WILL: _("打过，会参加"),
    Outcome.NO_ANSWER: _("打不通"),
    Outcome.NEW_LINK: _("要换发链接"),
    Outcome.DECLINES: _("不参加"),
}


class CallRow(CleanPart):
    """Row of an enterprise, by its id; what the person saw before goes with it."""

    firm = HiddenField()
    seen_outcome = HiddenField()
    seen_note = HiddenField()
    outcome = SelectField(_("结果"), choices=[SelectChoice(*each) for each in OUTCOMES.items()])
    note = StringField(
        _("备注"),
        [Length(max=LONGEST_NOTE, message=_("最多 %(most)s 个字。", most=LONGEST_NOTE))],
    )


class CallsForm(CleanForm):
    rows = Rows(CallRow, PER_PAGE, naming="firm")
