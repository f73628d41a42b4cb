"""Base classes of all forms: typed text is cleaned, and refused where it cannot be drawn."""

from __future__ import annotations

from typing import ClassVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, Form, HiddenField, PasswordField, StringField, TextAreaField, ValidationError
from wtforms.fields.core import UnboundField
from wtforms.meta import DefaultMeta

from analysis.answers.spelling import clean_line, clean_text
from survey.errors import in_full
from survey.texts import odd_sign
from survey.web.site.forms.half_filled import typed_here

ONLY_INVISIBLE = _("这里只有看不见的字符，请重新填写。")


class CleanMeta(DefaultMeta):
    """Form settings that add cleaning and the check of characters to every text field, except passwords and
    hidden fields."""

    def bind_field(self, form: FlaskForm, unbound_field: UnboundField, options: dict[str, object]) -> Field:
        field: Field = super().bind_field(form, unbound_field, options)
        if isinstance(field, StringField) and not isinstance(field, PasswordField | HiddenField):
            clean = clean_text if isinstance(field, TextAreaField) else clean_line
            field.filters = (*field.filters, lambda value: clean(value) if value else value)
            if field.short_name not in getattr(form, "not_drawn", ()):
                field.validators = (*field.validators, _can_be_drawn)
        return field


class CleanForm(FlaskForm):
    """Base of sent forms: cleans typed text and refuses characters that cannot be drawn; its rows are
    `CleanPart`s. `not_drawn`: names of fields spared the refusal, since no document prints them."""

    not_drawn: ClassVar[frozenset[str]] = frozenset()

    class Meta(CleanMeta, FlaskForm.Meta):
        def wrap_formdata(self, form: FlaskForm, formdata: object) -> object:
            """Formdata as Flask-WTF takes it; on a page to which somebody comes back, what was typed."""
            given = super().wrap_formdata(form, formdata)
            if given is not None:
                return given
            names = [field.name for field in form]
            typed = typed_here()
            own = any(one == name or one.startswith(f"{name}-") for one in typed or () for name in names)
            return typed if own else None


class CleanPart(Form):
    """Base of the rows of a `CleanForm`; cleans and refuses as the form does."""

    class Meta(CleanMeta):
        pass


def _can_be_drawn(_form: FlaskForm, field: Field) -> None:
    if not field.data and field.flags.required:
        raise ValidationError(str(ONLY_INVISIBLE))
    if refusal := odd_sign(field.data or "", str(field.label.text)):
        raise ValidationError(in_full(refusal, gettext))
