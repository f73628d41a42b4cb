"""Command `pingyi paper print`: slips of a round, issued and printed as forms."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.cli.database import data_option, opened, operator
from survey.cli.files import written
from survey.cli.language import language_option
from survey.cli.progress import ProgressLine
from survey.errors import N_, InvalidInput
from survey.language import Language, translator

if TYPE_CHECKING:
    from survey.database.engine import Database
    from survey.documents.paper.layout import Style


@click.command("print")
@click.argument("slug", metavar="ROUND")
@click.option("--count", type=click.IntRange(1, 2000), required=True, help="份数 / how many forms")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="forms.pdf")
@click.option("--large", is_flag=True, help="大字版 / large print")
@click.option("--comments", is_flag=True, help="留意见栏 / areas for comments")
@click.option("--duplex", is_flag=True, help="双面，每份另起一张 / each form begins on a new sheet")
@click.option("--booklet", is_flag=True, help="A3 双面，对折成册 / A3 sides, to be folded")
@click.option(
    "--form-language", type=click.Choice(["zh", "en"]), default="zh", help="表的语言 / of the forms"
)
@data_option
@language_option
def print_forms(
    slug: str,
    count: int,
    out: Path,
    large: bool,
    comments: bool,
    duplex: bool,
    booklet: bool,
    form_language: Language,
    data: Path | None,
    language: Language,
) -> None:
    """签发无记名票，印成纸质评议表。Issue slips as forms to fill in with a pen; this freezes the round."""
    from survey.documents.paper.layout import Style

    if out.suffix != ".pdf":
        raise InvalidInput(N_("--out 应以 .pdf 结尾。"))
    if out.exists():
        raise InvalidInput(N_("文件 %(path)s 已经存在，不会覆盖。"), path=out)
    style = Style(large=large, comments=comments)
    with opened(data) as (database, settings):
        printing = _Printing(database, settings.base_url, slug, style)
        printing.make(out, count, form_language, duplex=duplex, booklet=booklet)
    said = N_("已签发 %(count)s 份纸质评议表，写入 %(path)s。只有这一份：印完即删，打散后发放。")
    click.echo(translator(language)(said) % {"count": count, "path": out})


class _Printing:
    """Issuing of slips as forms: the file gets its name when the invitations are valid."""

    def __init__(self, database: Database, base_url: str, slug: str, style: Style) -> None:
        self._database, self._base_url, self._slug, self._style = database, base_url, slug, style

    def make(self, out: Path, count: int, language: Language, *, duplex: bool, booklet: bool) -> None:
        from survey.documents.paper.printing import write_forms
        from survey.services.invitations import issuing
        from survey.services.rounds import contacts
        from survey.services.rounds.descriptions import describe
        from survey.services.rounds.lifecycle import get_round

        with self._database.read() as session:
            round = get_round(session, self._slug)
            issued = issuing.prepare_slips(session, round, self._base_url, count)
            description, contact = describe(session, round), contacts.of_round(session, round)
        line = ProgressLine(translator("zh")(N_("排版")), count)
        forms = write_forms(
            description,
            issued,
            style=self._style,
            language=language,
            duplex=duplex,
            booklet=booklet,
            contact=contact,
            progress=lambda _stage, done, _total: line.show(done),
        )
        with written(out, forms):
            self._database.write(lambda s: issuing.store(s, get_round(s, self._slug), issued, operator()))
