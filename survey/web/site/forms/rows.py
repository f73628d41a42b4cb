"""Form field for a table whose cells are fields."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from flask_babel import gettext
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import FieldList, FormField
from wtforms.validators import StopValidation

from survey.web.site.forms.clean import CleanPart

# Most rows read from a form; none of our pages sends as many.
ROWS_READ = 1000


class Rows(FieldList):
    """Field list with as many rows as are stored or sent; refuses more than `most` rows that have a name, in
    words.

    WTForms' own limit fails on stored rows, and silently drops sent ones.
    """

    def __init__(self, part: type[CleanPart], most: int, naming: str = "name", **kwargs: object) -> None:
        super().__init__(FormField(part), validators=[_not_too_many], **kwargs)
        self.most, self.naming = most, naming

    def _extract_indices(self, prefix: str, formdata: MultiDict[str, str]) -> Iterator[int]:
        return islice(sorted(set(super()._extract_indices(prefix, formdata))), ROWS_READ)


def _not_too_many(_form: FlaskForm, rows: Rows) -> None:
    count = sum(bool((row.form[rows.naming].data or "").strip()) for row in rows)
    if count > rows.most:
        said = gettext(
            "最多 %(most)s 行，现在有 %(count)s 行，请删去 %(over)s 行。",
            most=rows.most,
            count=count,
            over=count - rows.most,
        )
        raise StopValidation(said)
