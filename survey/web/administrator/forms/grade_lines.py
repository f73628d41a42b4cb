"""Form field for a round's grade lines: three falling numbers, typed as 90、80、70."""

from __future__ import annotations

import re
from itertools import pairwise

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, StringField, ValidationError
from wtforms.validators import InputRequired

SEPARATOR = re.compile(r"[、，,;；/\s]+")


def grade_lines(text: str | None) -> tuple[float, ...]:
    """Numbers between 0 and 100, falling, read from `text`; empty where the text holds anything else."""
    try:
        lines = tuple(float(part) for part in SEPARATOR.split((text or "").strip()))
    except ValueError:
        return ()
    falling = all(a > b for a, b in pairwise((100.0, *lines, 0.0)))
    return lines if falling else ()


def _three(_form: FlaskForm, field: Field) -> None:
    if len(grade_lines(field.data)) != 3:
        raise ValidationError(gettext("等次线应是 0 到 100 之间从高到低的三个数，如 90、80、70。"))


def grade_lines_field() -> StringField:
    """New form field for grade lines."""
    return StringField(
        _("等次线（分）"),
        [InputRequired(_("请填写等次线，如 90、80、70。")), _three],
        description=_("优秀、良好、一般最低各是多少分，从高到低三个数；更低的是较差。"),
    )
