"""Form for uploading the roster."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import Field, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from survey.documents.uploads import roster_values
from survey.documents.uploads.roster_row import RosterRow
from survey.errors import worded
from survey.protocol.questionnaire import Stratum
from survey.web.site.forms.clean import CleanForm
from survey.web.site.forms.state import REASON


class RosterForm(CleanForm):
    file = FileField(
        _("企业名录文件"),
        [FileRequired(_("请选择一个文件。"))],
        description=_("Excel（.xlsx）或 CSV，第一行是表头。最大 32 MB。"),
    )


class EnterpriseForm(CleanForm):
    """Form for one enterprise, checked as the cells of an uploaded roster are; strata as select fields
    `stratum-0`, `stratum-1`, …"""

    name = StringField(_("企业名称"), [InputRequired(_("请填写企业名称。"))])
    credit_code = StringField(_("统一社会信用代码"), description=_("营业执照上的 18 位。以后不能改。"))
    contact = StringField(_("联系人"))
    phone = StringField(_("电话"), description=_("手机，或者带区号的固定电话。"))

    email = StringField(_("邮箱"), description=_("可以不填；填了可以用邮件发邀请。"))

    def validate_name(self, field: Field) -> None:
        field.data = _cell(roster_values.enterprise_name, field.data)

    def validate_credit_code(self, field: Field) -> None:
        field.data = _cell(roster_values.valid_credit_code, field.data)

    def validate_contact(self, field: Field) -> None:
        field.data = _cell(roster_values.contact_name, field.data)

    def validate_phone(self, field: Field) -> None:
        field.data = _cell(roster_values.valid_phone, field.data)

    def validate_email(self, field: Field) -> None:
        field.data = _cell(roster_values.valid_email, field.data)

    def row(self, names: Sequence[str], code: str = "") -> RosterRow:
        """What was filled in; `names`: strata in the order of their fields; `code`:
        credit code of an enterprise that is on the roster already, whose field is left out."""
        chosen = {name: self[f"stratum-{n}"].data for n, name in enumerate(names)}
        code, contact = code or self.credit_code.data or "", self.contact.data or ""
        strata = {name: option for name, option in chosen.items() if option}
        return RosterRow(
            code, self.name.data or "", contact, self.phone.data or "", strata, self.email.data or ""
        )


class RetireForm(CleanForm):
    reason = StringField(
        _("原因"), [*REASON, Length(max=200)], description=_("记入操作日志和这家企业的经过，不公布。")
    )


def enterprise_form(
    strata: Sequence[Stratum], values: dict[str, str] | None = None, kept: dict[str, str] | None = None
) -> EnterpriseForm:
    """Form with a field for each stratum; options that an enterprise has (`kept`) stay possible."""
    bound = type("BoundEnterpriseForm", (EnterpriseForm,), {})
    for number, stratum in enumerate(strata):
        present = (kept or {}).get(stratum.name, "")
        options = [*stratum.options, *([present] if present and present not in stratum.options else [])]
        choices = [SelectChoice("", gettext("（不清楚）")), *(SelectChoice(text, text) for text in options)]
        setattr(bound, f"stratum-{number}", SelectField(stratum.name, default=present, choices=choices))
    form: EnterpriseForm = bound(data=values or {})
    return form


def _cell(read: Callable[[str], str], value: str | None) -> str:
    try:
        return read(value or "")
    except roster_values.BadCell as error:
        said = worded(error.message, error.values, gettext) + worded(error.remedy, error.values, gettext)
        raise ValidationError(said) from error
