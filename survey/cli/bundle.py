"""Command `pingyi bundle`: all documents of a published edition as a zip, as on the reviewers' desk."""

from __future__ import annotations

import hashlib
from pathlib import Path

import click

from survey.cli.database import data_option, opened, operator
from survey.cli.files import write_private
from survey.cli.language import language_option
from survey.cli.progress import ProgressLine
from survey.errors import N_, InvalidInput, NotFound
from survey.language import translator


@click.command()
@click.argument("slug", metavar="ROUND")
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--edition",
    "number",
    type=click.IntRange(min=1),
    help="第几版，默认最新 / which edition; the newest by default",
)
@data_option
@language_option
def bundle(slug: str, folder: Path, number: int | None, data: Path | None, language: str) -> None:
    """把轮次 ROUND 一版公布结果的全部文件做成压缩包，写入 FOLDER。

    Write the zip of all documents of a published edition of ROUND to FOLDER.
    """
    from survey.services.publication import bulletin_template
    from survey.services.publication import files as edition_files
    from survey.services.rounds import editions, lifecycle

    translate = translator(language)
    with opened(data) as (database, _):
        with database.read() as session:
            round = lifecycle.get_round(session, slug)
            newest = editions.current(session, round)
            found = newest if number is None else editions.edition(session, round, number)
            before = editions.before(session, found) if found else None
            template = bulletin_template.content(session)
        if found is None:
            raise NotFound(N_("轮次“%(slug)s”还没有公布。"), slug=slug)
        path = _folder(folder) / f"{slug}-v{found.edition}.zip"
        content, failures = edition_files.write(found, before, _Progress(translate(N_("制作文件"))), template)
        write_private(path, content)
        database.write(lambda session: edition_files.record_export(session, round, found, operator()))
    for failure in failures:
        reason = failure.zh if language == "zh" else failure.en
        click.echo(
            translate(N_("没有生成 %(name)s：%(why)s")) % {"name": failure.name, "why": reason}, err=True
        )
    click.echo(translate(N_("已写入 %(path)s，SHA-256 为 %(digest)s。")) % _told(path, content))


class _Progress:
    """Progress line whose total is known only from the first step on."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._line: ProgressLine | None = None

    def __call__(self, _step: str, done: int, total: int) -> None:
        self._line = self._line or ProgressLine(self._label, total)
        self._line.show(done)


def _folder(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(N_("不能写入“%(file)s”：%(why)s"), file=folder, why=error.strerror) from error
    return folder


def _told(path: Path, content: bytes) -> dict[str, str]:
    return {"path": str(path), "digest": hashlib.sha256(content).hexdigest()}
