"""`pingyi user add`: accounts of staff."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from survey.cli.database import data_option, opened, operator
from survey.cli.language import language_option, translator
from survey.errors import N_


@click.group()
def user() -> None:
    """账号。Accounts."""


@user.command()
@click.argument("name")
@click.option("--role", required=True, help="administrator | reviewer | liaison")
@click.option("--body", default="", help="所属单位，持钥人以它署名 / the body that a key holder acts for")
@click.option(
    "--password-stdin", is_flag=True, help="从标准输入读取密码 / read the password from standard input"
)
@data_option
@language_option
def add(name: str, role: str, body: str, password_stdin: bool, data: Path | None, language: str) -> None:
    """新建账号 NAME。Add an account."""
    from survey.services.accounts import create_user

    translate = translator(language)
    with opened(data) as (database, _):
        password = _password(translate(N_("密码")), from_stdin=password_stdin)
        who = operator()
        database.write(
            lambda s: create_user(s, name=name, role=role, password=password, body=body, actor=who)
        )
    click.echo(translate(N_("已新建账号“%(name)s”。")) % {"name": name})


def _password(prompt: str, *, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt(prompt, hide_input=True, confirmation_prompt=True))
