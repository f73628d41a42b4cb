"""Form for the list of themes as text."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from survey.web.site.forms.clean import CleanForm


class ThemesForm(CleanForm):
    not_drawn = frozenset({"themes"})  # words are only searched for; names are checked by `save_themes`
    themes = TextAreaField(
        _("主题和词"),
        [InputRequired(_("请至少写一个主题。")), Length(max=20_000, message=_("最多 20000 个字。"))],
        description=_("每行一个主题，写成“主题：词 词 词”。意见里有其中一个词，就归入这个主题。"),
    )
