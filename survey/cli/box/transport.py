"""Commands `pingyi box export` and `import`: the ballot box on its way to an offline computer and back."""

from __future__ import annotations

from pathlib import Path

import click

from survey.cli.database import data_option, opened, operator
from survey.cli.language import language_option
from survey.cli.progress import by_stage
from survey.errors import N_
from survey.language import translator


@click.group()
def box() -> None:
    """票箱：导出、导入。Export or import a round's ballot box."""


@box.command(name="export")
@click.argument("slug", metavar="ROUND")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@data_option
@language_option
def export_command(slug: str, path: Path, data: Path | None, language: str) -> None:
    """把已截止轮次 ROUND 的票箱写到 FILE（.jsonl）。Write the box of a closed round."""
    from survey.services.opening.box_files import export_box, record_export

    with opened(data) as (database, _):
        export_box(database, slug, path, by_stage(translator(language)))
        database.write(lambda session: record_export(session, slug, operator()))
    click.echo(translator(language)(N_("票箱已导出到 %(path)s。")) % {"path": path})


@box.command(name="import")
@click.argument("slug", metavar="ROUND")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@data_option
@language_option
def import_command(slug: str, path: Path, data: Path | None, language: str) -> None:
    """把 pingyi open 的结果 FILE 收回轮次 ROUND，并算出排名。Take an opened box back in."""
    from survey.services.opening.box_files import import_opened

    translate = translator(language)
    with opened(data) as (database, _):
        import_opened(database, slug, path, operator(), progress=lambda step, *_: click.echo(translate(step)))
    click.echo(translate(N_("开箱结果已收回，排名已算好。")))
