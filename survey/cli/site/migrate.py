"""Command `pingyi migrate`: create the database, or migrate it to the newest schema."""

from __future__ import annotations

from pathlib import Path

import click

from survey.cli.database import data_option
from survey.cli.language import language_option
from survey.config import load_settings
from survey.database.engine import open_database
from survey.errors import N_
from survey.language import translator


@click.command()
@data_option
@language_option
def migrate(data: Path | None, language: str) -> None:
    """建立或升级数据库。Create or upgrade the database."""
    from survey.database.migrations import current, head, upgrade

    database = open_database(load_settings(data=data))
    try:
        before = current(database.engine)
        upgrade(database.engine)
    finally:
        database.close()
    done = N_("数据库已是最新版本 %(head)s。") if before == head() else N_("数据库已升级到版本 %(head)s。")
    click.echo(translator(language)(done) % {"head": head()})
