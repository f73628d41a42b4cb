"""Command `pingyi restore FILE`: restore a backup into an empty place, and compare it table by table."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.cli.database import data_option, operator
from survey.cli.language import language_option
from survey.config import load_settings
from survey.errors import N_
from survey.language import translator

if TYPE_CHECKING:
    from survey.database.backups.parts import Compared

EXIT_DIFFERENT = 1
STILL_OPEN = N_(
    "“%(title)s”正在收票。备份以后投的选票没有了，回执也查不到；备份以后领过票的邀请可以再领一次，"
    "所以选票可能多于领走的凭证，那时只能取消本轮。请先不要开放网站，照 docs/operations.md 的"
    "“Restoring into an open round”办。"
)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--any-secret", is_flag=True, help="密钥与备份时不同也恢复 / restore under another secret")
@data_option
@language_option
def restore(file: Path, any_secret: bool, data: Path | None, language: str) -> None:
    """把备份 FILE 恢复到空的数据目录或数据库。Restore a backup into an empty place."""
    from survey.services.operations.backup import mark_open_rounds, restore_backup

    translate = translator(language)
    settings = load_settings(data=data)
    compared = restore_backup(settings, file, any_secret=any_secret)
    for entry in compared:
        click.echo(_line(entry, translate(N_("相同")), translate(N_("不同"))))
    different = [entry.table for entry in compared if not entry.equal]
    if different:
        said = translate(N_("有 %(count)s 个表与备份不同，什么都没有恢复。请改用另一份备份。"))
        click.echo(said % {"count": len(different)}, err=True)
        sys.exit(EXIT_DIFFERENT)
    click.echo(translate(N_("%(count)s 个表逐一核对，与备份完全相同。")) % {"count": len(compared)})
    for title in mark_open_rounds(settings, operator()):
        click.echo(translate(STILL_OPEN) % {"title": title}, err=True)


def _line(entry: Compared, equal: str, different: str) -> str:
    saved, restored = (digest.sha256[:16] if digest else "-" for digest in (entry.saved, entry.restored))
    rows = entry.restored.rows if entry.restored else 0
    return f"{entry.table:<20} {rows:>9}  {saved:<16}  {restored:<16}  {equal if entry.equal else different}"
