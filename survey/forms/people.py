"""Adding people and changing what they act for."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from survey.forms.clean import CleanForm
from survey.models import Role


class PlaceForm(CleanForm):
    """What a person acts for."""

    body = StringField(
        _("单位"),
        [Length(max=80, message=_("单位最多 80 个字。"))],
        description=_("例如 县人大常委会。持钥人以它署名。"),
    )
    department = StringField(
        _("所属部门"),
        [Length(max=60, message=_("部门最多 60 个字。"))],
        description=_("只有部门联络员要填，请与评议中的部门名称一致。"),
    )
    role_of: str = ""

    def validate_department(self, field: Any) -> None:
        if self.chosen_role() == Role.LIAISON and not (field.data or "").strip():
            raise ValidationError(gettext("请写明这位联络员属于哪个部门。"))

    def chosen_role(self) -> str:
        return self.role_of


class PersonForm(PlaceForm):
    name = StringField(
        _("姓名或用户名"),
        [InputRequired(_("请填写用户名。")), Length(max=80, message=_("用户名最多 80 个字。"))],
        description=_("登录时用，以后不能改。"),
    )
    role = SelectField(_("角色"), [InputRequired(_("请选择角色。"))])

    def chosen_role(self) -> str:
        return str(self.role.data or "")
