"""Command `pingyi backup FILE`: back up the database while the site runs."""

from __future__ import annotations

from pathlib import Path

import click

from survey.cli.database import data_option
from survey.cli.language import language_option
from survey.config import load_settings
from survey.errors import N_
from survey.language import translator


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@data_option
@language_option
def backup(file: Path, data: Path | None, language: str) -> None:
    """把数据库备份到 FILE，网站不必停。Back up the running database to FILE."""
    from survey.services.operations.backup import make_backup

    translate = translator(language)
    settings = load_settings(data=data)
    manifest = make_backup(settings, file)
    for name, digest in manifest.tables.items():
        click.echo(f"{name:<20} {digest.rows:>9}  {digest.sha256[:32]}")
    click.echo(translate(N_("已备份到“%(file)s”。")) % {"file": file})
    click.echo(
        translate(N_("密钥不在备份里：请把 secret.key（或 PINGYI_SECRET_KEY）另存一处，与备份分开保管。"))
    )
