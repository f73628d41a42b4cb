"""Command `pingyi results`: complete the steps after an opening, and make failed files again."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from survey.cli.database import data_option, opened, operator
from survey.cli.language import language_option
from survey.errors import N_
from survey.language import translator

EXIT_INCOMPLETE = 1


@click.group()
def results() -> None:
    """结果：补算、重新制作文件。Complete results, make their files again."""


@results.command()
@click.argument("slug", metavar="ROUND")
@data_option
@language_option
def remake(slug: str, data: Path | None, language: str) -> None:
    """补完轮次 ROUND 开箱之后的步骤；都做完的，按现在的部门沿革重算，重新制作图表和文档。不需要钥匙。

    Complete the steps after the opening of ROUND; where that is done, work out its results again with what is
    known of departments today, and make its charts and documents again. Needs no keys.
    """
    from survey.services.opening import opening_job as openings
    from survey.services.operations import audit
    from survey.services.results import ranking
    from survey.services.rounds import lifecycle

    translate = translator(language)
    with opened(data) as (database, _):
        openings.remake(database, slug)
        actor = operator()
        database.write(
            lambda session: audit.record(session, actor=actor, action="results.remake", subject=slug) and None
        )
        with database.read() as session:
            round = lifecycle.get_round(session, slug)
            files, failures = ranking.artifacts(session, round), ranking.not_drawn(session, round)
    click.echo(
        translate(N_("“%(slug)s”的数字都在，做好的文件有 %(count)s 个。"))
        % {"slug": slug, "count": len(files)}
    )
    for failure in failures:
        told = {"name": failure["name"], "why": failure[language]}
        click.echo(translate(N_("没有生成 %(name)s：%(why)s")) % told, err=True)
    if failures:
        sys.exit(EXIT_INCOMPLETE)
