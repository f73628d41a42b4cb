"""Form field for the bodies that hold a round, chosen from the list of bodies that two people maintain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import SelectMultipleField, ValidationError
from wtforms.fields.choices import SelectChoice

from survey.services.people.bodies import of_text

LONGEST = 120


class HeldByField(SelectMultipleField):
    """Form field for several bodies: `data` is the list of names, `text` the names joined as the round shows
    them."""

    def offer(self, listed: Iterable[str], present: str = "") -> None:
        """Set the choices: the bodies in `listed`, and those in `present`, which a draft already names."""
        self.choices = [SelectChoice(name, name) for name in dict.fromkeys([*listed, *of_text(present)])]

    @property
    def text(self) -> str:
        return "、".join(self.data or ())

    def process_data(self, value: str | Sequence[str] | None) -> None:
        self.data = of_text(value) if isinstance(value, str) else value

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = [name for value in valuelist for name in of_text(value)]

    def pre_validate(self, form: FlaskForm) -> None:  # noqa: ARG002
        offered = {choice.value for choice in self.choices or ()}
        if not self.data:
            raise ValidationError(gettext("请选择主办单位。"))
        if strange := [name for name in self.data if name not in offered]:
            raise ValidationError(gettext("机构名单里没有“%(name)s”。", name=strange[0]))
        if len(self.text) > LONGEST:
            raise ValidationError(gettext("主办单位合起来最多 120 个字。"))
