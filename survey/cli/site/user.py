"""Commands `pingyi user …`: staff accounts, for the first administrator and for emergencies."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.cli.database import data_option, opened, operator
from survey.cli.language import language_option
from survey.errors import N_, InvalidInput, NotFound
from survey.language import translator

if TYPE_CHECKING:
    from survey.config import Settings
    from survey.database.engine import Database
    from survey.models import User


@click.group()
def user() -> None:
    """账号。Accounts."""


@user.command()
@click.argument("name")
@click.option("--role", required=True, help="administrator | reviewer | liaison")
@click.option("--body", default="", help="所属单位，持钥人以它署名 / the body that a key holder acts for")
@click.option("--department", default="", help="联络员所属部门 / the department that a liaison belongs to")
@click.option(
    "--password-stdin", is_flag=True, help="从标准输入读取密码 / read the password from standard input"
)
@click.option("--link", is_flag=True, help="不设密码，给出登录链接 / no password, print an enrolment link")
@data_option
@language_option
def add(
    name: str,
    role: str,
    body: str,
    department: str,
    password_stdin: bool,
    link: bool,
    data: Path | None,
    language: str,
) -> None:
    """新建账号 NAME。Add an account."""
    from survey.services.people.accounts import create_user

    if link and password_stdin:
        raise InvalidInput(N_("--link 和 --password-stdin 只能用一个。"))
    translate = translator(language)
    place = {"role": role, "body": body, "department": department}
    with opened(data) as (database, settings):
        password = None if link else _password(translate(N_("密码")), from_stdin=password_stdin)
        who = operator()
        database.write(lambda s: create_user(s, name=name, password=password, actor=who, **place) and None)
        made = _link(database, settings, name, reset=False) if link else ""
        printed = _fingerprint(database, name)
    click.echo(translate(N_("已新建账号“%(name)s”。")) % {"name": name})
    if made:
        click.echo(made)
    if printed:
        click.echo(translate(N_("登记指纹，请抄在登记表上：%(print)s")) % {"print": printed})


@user.command(name="list")
@data_option
@language_option
def list_(data: Path | None, language: str) -> None:
    """列出账号。List accounts."""
    from survey.services.people.accounts import list_users
    from survey.services.people.enrolment import fingerprint
    from survey.texts import grouped

    translate = translator(language)
    with opened(data) as (database, _settings), database.read() as session:
        for entry in list_users(session, inactive=True):
            state = "" if entry.active else translate(N_("已停用"))
            second = translate(N_("两步验证")) if entry.totp_secret else ""
            prints = grouped(fingerprint(entry)) if entry.role != "liaison" else ""
            values = (entry.name, entry.role, entry.department or entry.body, second, state, prints)
            click.echo("\t".join(values).rstrip())


@user.command()
@click.argument("name")
@data_option
@language_option
def reset(name: str, data: Path | None, language: str) -> None:
    """作废 NAME 的密码和验证器，给出登录链接。Void password and second factor, print an enrolment link."""
    translate = translator(language)
    with opened(data) as (database, settings):
        made = _link(database, settings, name, reset=True)
        printed = _fingerprint(database, name)
    click.echo(
        translate(N_("“%(name)s”的密码和验证器已作废。登录链接只能用一次，三天内有效：")) % {"name": name}
    )
    click.echo(made)
    if printed:
        click.echo(translate(N_("登记指纹，请抄在登记表上：%(print)s")) % {"print": printed})


@user.command()
@click.argument("name")
@data_option
@language_option
def deactivate(name: str, data: Path | None, language: str) -> None:
    """停用账号 NAME。Switch an account off."""
    from survey.services.people.accounts import set_active

    with opened(data) as (database, _settings):
        person, who = _find(database, name), operator()
        database.write(lambda s: set_active(s, person, active=False, actor=who) and None)
    click.echo(translator(language)(N_("已停用“%(name)s”，并让其退出登录。")) % {"name": name})


def _link(database: Database, settings: Settings, name: str, *, reset: bool) -> str:
    from survey.clock import now
    from survey.services.people import enrolment

    person, who = _find(database, name), operator()
    make = enrolment.reset if reset else enrolment.make_link
    return database.write(lambda s: make(s, person, settings.base_url, now(), actor=who))


def _fingerprint(database: Database, name: str) -> str:
    """Enrolment fingerprint to be written on paper; "" for a liaison."""
    from survey.services.people.enrolment import fingerprint
    from survey.texts import grouped

    person = _find(database, name)
    return grouped(fingerprint(person)) if person.role != "liaison" else ""


def _find(database: Database, name: str) -> User:
    from survey.services.people.accounts import list_users

    with database.read() as session:
        found = [entry for entry in list_users(session, inactive=True) if entry.name == name.strip()]
    if not found:
        raise NotFound(N_("没有账号“%(name)s”。"), remedy=N_("用 pingyi user list 查看现有账号。"), name=name)
    return found[0]


def _password(prompt: str, *, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt(prompt, hide_input=True, confirmation_prompt=True))
