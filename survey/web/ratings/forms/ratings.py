"""Forms of an analysis of a file of ratings: upload, how the file is read, and what is ranked."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from survey.services.ratings.analyses import LONGEST
from survey.services.ratings.labels import LABELS
from survey.web.site.forms.clean import CleanForm

MOST_TEXT = 20_000
SAID = {name: _(text) for name, text in LABELS.items()}
MOST_RATERS = 1_000_000


class RatingsForm(CleanForm):
    file = FileField(
        _("评分文件"),
        [FileRequired(_("请选择一个文件。"))],
        description=_(
            "问卷工具导出的表、一行一个评议人或一行一个部门的表、一行一条评分的长表都可以："
            "Excel、CSV、SPSS 等。最大 32 MB。"
        ),
    )


class ChoicesForm(CleanForm):
    """How a file is to be read; empty fields leave it to the reader. Its texts are compared with the file and
    printed nowhere."""

    not_drawn = frozenset(
        {"departments", "levels", "missing", "items", "rater", "department", "score", "item"}
    )

    tool = SelectField(SAID["tool"])
    best = RadioField(
        SAID["best"],
        choices=[
            SelectChoice("", _("由文件看出")),
            SelectChoice("high", SAID["high"]),
            SelectChoice("low", SAID["low"]),
        ],
        default="",
    )
    departments = TextAreaField(
        SAID["departments"],
        [Length(max=MOST_TEXT)],
        description=_("一行一个，写法与表头里一样；看得出的不用填。"),
    )
    levels = TextAreaField(
        SAID["levels"],
        [Length(max=MOST_TEXT)],
        description=_("如 很好=100,好=80,没去过=none；none 不算评分。"),
    )
    missing = StringField(
        SAID["missing"], [Length(max=200)], description=_("如 -3；几个用逗号隔开，没有就填 none。")
    )
    scale = StringField(
        SAID["scale"],
        [Length(max=40)],
        description=_("如 0,100：所有人都在这个范围内打分。"),
    )
    items = TextAreaField(
        SAID["items"], [Length(max=MOST_TEXT)], description=_("一行一个，写法与文件里一样；都算的不用填。")
    )
    rater = StringField(SAID["rater"], [Length(max=200)], description=_("填表头；看得出的不用填。"))
    department = StringField(SAID["department"], [Length(max=200)])
    score = StringField(SAID["score"], [Length(max=200)])
    item = StringField(SAID["item"], [Length(max=200)], description=_("没有分项的不用填。"))


class MappingForm(CleanForm):
    mapping = FileField(
        _("改好的对应表"),
        [FileRequired(_("请选择一个文件。"))],
        description=_("改动会逐条列出；写错的地方会指出来，原来的读法不变。"),
    )


class RankForm(CleanForm):
    title = StringField(
        _("标题"),
        [InputRequired(_("请填写标题。")), Length(max=LONGEST)],
        description=_("印在图表和文档上。"),
    )
    threshold = IntegerField(
        _("至少要有多少个评议人"),
        [InputRequired(_("请填写一个数。")), NumberRange(min=1, max=MOST_RATERS)],
        default=10,
        description=_("评议人少于此数的部门不参加排名。"),
    )
