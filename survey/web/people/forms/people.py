"""Forms for adding people and changing the body or department they act for; bodies come from a list that two
people maintain."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import Field, IntegerField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from survey.models import Mode, Role
from survey.services.people.proposals import MOST_SLIPS_MORE
from survey.web.site.forms.proof import ProvenForm
from survey.web.site.forms.state import REASON


class PlaceForm(ProvenForm):
    """Form for the body and department that a person acts for."""

    body = SelectField(
        _("单位"),
        default="",
        description=_("评议员必选，持钥人以它署名。没有的单位，先在“变更确认”页加进机构名单。"),
    )
    department = SelectField(
        _("所属部门"),
        default="",
        description=_("只有部门联络员要选。名单来自各轮评议的部门和“部门沿革”；没有的，请先加进一轮评议。"),
    )
    role_of: str = ""

    def offer(self, bodies: Iterable[str], departments: Iterable[str], present: str = "") -> None:
        """Set the choices; `present`, the person's body now, stays possible."""
        names = [*bodies]
        kept = [present] if present and present not in names else []
        self.body.choices = [SelectChoice("", gettext("（不填）"))]
        self.body.choices += [SelectChoice(name, name) for name in [*kept, *names]]
        self.department.choices = [SelectChoice("", gettext("（不填）"))]
        self.department.choices += [SelectChoice(name, name) for name in departments]

    def validate_department(self, field: Field) -> None:
        if self.chosen_role() == Role.LIAISON and not field.data:
            raise ValidationError(gettext("请选择这位联络员属于哪个部门。"))

    def validate_body(self, field: Field) -> None:
        if self.chosen_role() == Role.REVIEWER and not field.data:
            raise ValidationError(gettext("请选择评议员代表的单位。"))

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


class BodyForm(ProvenForm):
    """Form for a body to be added to the list, or removed."""

    name = StringField(
        _("机构名称"),
        [InputRequired(_("请填写机构名称。")), Length(max=80, message=_("机构名称最多 80 个字。"))],
    )


def kinds_of(mode: str, attributed: str, slips: str) -> list[SelectChoice]:
    """Choices of the kinds of invitations that a round's mode allows, in the words `attributed`, `slips`."""
    choices = [(Mode.ATTRIBUTED, attributed), (Mode.SLIP, slips)]
    return [SelectChoice(str(kind), text) for kind, text in choices if mode in (kind, Mode.BOTH)]


class MoreForm(ProvenForm):
    """Form for invitations to be added while a round is collecting."""

    kind = SelectField(_("增发哪一种"))
    count = IntegerField(
        _("无记名票的张数"),
        [Optional(), NumberRange(1, MOST_SLIPS_MORE, message=_("张数应在 1 到 50000 之间。"))],
        description=_("记名邀请不用填：就是名录里还没有邀请的企业。"),
    )
    reason = StringField(_("为什么增发"), REASON, description=_("会写在公示页和公布的结果里。"))

    def offer(self, mode: str, attributed: str, slips: str) -> None:
        """Set the choices of kinds that the round's mode allows, with the words `attributed` and `slips`."""
        self.kind.choices = kinds_of(mode, attributed, slips)

    def validate_count(self, field: Field) -> None:
        if self.kind.data == Mode.SLIP and not field.data:
            raise ValidationError(gettext("请填写张数。"))
