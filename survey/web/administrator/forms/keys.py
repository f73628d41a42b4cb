"""Form for the key holders and quorum of a round, the threshold, and how many enterprises must share their
declared facts for these to be kept."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, Field, IntegerField, SelectMultipleField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange

from survey.protocol.description import MOST_AT_LEAST, MOST_HOLDERS
from survey.services.rounds.keyholders import able_alone
from survey.web.site.forms.clean import CleanForm


class KeysForm(CleanForm):
    holders = SelectMultipleField(
        _("持钥人"),
        description=_(
            "每位持钥人在自己的浏览器里生成钥匙。建议三位：人大、政协、公证处，任意两位到场即可开箱。"
        ),
    )
    quorum = IntegerField(
        _("开箱需要几位持钥人到场"),
        [InputRequired(_("请填写人数。")), NumberRange(1, MOST_HOLDERS, message=_("人数应在 1 到 4 之间。"))],
    )
    alone = BooleanField(_("我知道一家就能开箱，仍然这样设。"))
    threshold = IntegerField(
        _("公布门槛（票）"),
        [
            InputRequired(_("请填写公布门槛。")),
            NumberRange(3, 1000, message=_("公布门槛应在 3 到 1000 之间。")),
        ],
        description=_("少于这么多票的数字一律不公布，建议不低于 10。"),
    )
    at_least = IntegerField(
        _("企业情况至少几家相同才保留"),
        [
            InputRequired(_("请填写家数，1 表示全部保留。")),
            NumberRange(1, MOST_AT_LEAST, message=_("家数应在 1 到 1000 之间。")),
        ],
        description=_(
            "开箱时，规模、行业这些情况相同的不到这么多家，就隐去其中一项或几项，免得哪一家被认出来。建议 5。"
        ),
    )

    def offer(self, reviewers: Sequence[tuple[str, str, str]]) -> None:
        """Set the choices of key holders, from reviewers as (id, name, body)."""
        self.holders.choices = [SelectChoice(value, name) for value, name, _ in reviewers]
        self.bodies = {value: body for value, _, body in reviewers}

    @property
    def able_alone(self) -> list[str]:
        """Chosen bodies that hold enough keys to open the box without another body."""
        chosen = [self.bodies[value] for value in self.holders.data or [] if value in self.bodies]
        return able_alone(chosen, self.quorum.data or len(chosen) + 1)

    def validate_alone(self, field: Field) -> None:
        if self.able_alone and not field.data:
            raise ValidationError(
                gettext(
                    "%(bodies)s：一家单独到场就能开箱。请换持钥人或提高到场人数；一定要这样设，请勾选上面这一项。",
                    bodies="、".join(self.able_alone),
                )
            )

    def validate_holders(self, field: Field) -> None:
        if not 1 <= len(field.data or []) <= MOST_HOLDERS:
            raise ValidationError(gettext("请选 1 到 4 位持钥人。"))

    def validate_quorum(self, field: Field) -> None:
        if field.data and field.data > len(self.holders.data or []):
            raise ValidationError(gettext("到场人数不能多于持钥人数。"))
