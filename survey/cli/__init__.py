"""Command line `pingyi`; the module of a command is imported only when it is called."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, NoReturn

import click

from survey.cli.language import visible
from survey.errors import N_, PingyiError, disk_trouble, is_of_disk
from survey.language import translator
from survey.version import __version__

COMMANDS = {
    "backup": "survey.cli.site.backup:backup",
    "box": "survey.cli.box.transport:box",
    "bundle": "survey.cli.bundle:bundle",
    "demo": "survey.cli.demo:demo",
    "doctor": "survey.cli.site.doctor:doctor",
    "invitations": "survey.cli.invitations:invitations",
    "links": "survey.cli.links:links",
    "metrics": "survey.cli.site.metrics:metrics",
    "migrate": "survey.cli.site.migrate:migrate",
    "open": "survey.cli.box.offline:open_box",
    "paper": "survey.cli.paper.command:paper",
    "rank": "survey.cli.ranking.command:rank",
    "script-hash": "survey.cli.box.script_hash:script_hash",
    "restore": "survey.cli.site.restore:restore",
    "results": "survey.cli.results:results",
    "serve": "survey.cli.site.serve:serve",
    "simulate": "survey.cli.simulate:simulate",
    "telephone": "survey.cli.telephone:telephone",
    "user": "survey.cli.site.user:user",
    "verify": "survey.cli.box.offline:verify",
    "watch": "survey.cli.watch:watch",
    "witness": "survey.cli.witness.command:witness",
    "worker": "survey.cli.site.worker:worker",
}
SUMMARIES = {
    "backup": "备份，网站不必停。Back up the running database.",
    "box": "票箱：导出、导入。Export or import a round's ballot box.",
    "bundle": "公布结果的全部文件。All documents of a published edition.",
    "demo": "建一个示例县并启动网站。Build a demonstration county and serve it.",
    "doctor": "检查安装，逐条给出办法。Check the installation and say how to mend it.",
    "invitations": "有监票机时制作邀请。Make invitations for two machines, offline.",
    "links": "签发邀请。Issue invitations.",
    "metrics": "给监控系统的指标。Figures for Prometheus, on a port of their own.",
    "migrate": "建立或升级数据库。Create or upgrade the database.",
    "open": "离线开箱。Open an exported box, offline.",
    "paper": "现场纸质评议。Reviews on paper, into the same box.",
    "rank": "由评分文件算出排名。Rank departments from a file of ratings.",
    "script-hash": "核对浏览器收到的程序。Compare the scripts that browsers get with these sources.",
    "restore": "恢复备份并证明相同。Restore a backup and prove it equal.",
    "results": "结果：补算、重新制作文件。Complete results, make their files again.",
    "serve": "启动网站。Serve the site.",
    "simulate": "按真实流程投票。Cast ballots over HTTP through the real protocol.",
    "telephone": "电话核对：抽查领了票的企业。Ask a sample of those who collected.",
    "user": "账号。Accounts.",
    "verify": "核验导出的票箱。Verify an exported box.",
    "watch": "从外面看网站有没有变。Watch a site from outside, in a signed log.",
    "witness": "监票机：另一个单位的第二台机器。The second machine, run by another body.",
    "worker": "后台定时工作。Work by the clock beside several servers.",
}
EXIT_REFUSED = 2
DATABASE = N_("数据库出错：%(why)s")
DATABASE_REMEDY = N_("请看磁盘是否已满、数据库服务是否在运行；文件损坏就用备份恢复（pingyi restore）。")


class LazyGroup(click.Group):
    """Command group that imports a command's module when called, so that `pingyi --help` need not import
    numpy."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, attribute = COMMANDS[name].split(":")
        return getattr(import_module(module), attribute)  # type: ignore[no-any-return]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, SUMMARIES[name]) for name in self.list_commands(ctx)])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PingyiError as error:
            _refuse(ctx, error)
        except OSError as error:
            if not is_of_disk(error):
                raise
            _refuse(ctx, disk_trouble(error))
        except ValueError as error:
            if not _is_input_error(error):
                raise
            click.echo(str(error), err=True)
            sys.exit(EXIT_REFUSED)
        except Exception as error:
            from survey.database.kinds_of_store import words_of

            why = words_of(error)
            if why is None:
                raise
            _refuse(ctx, PingyiError(DATABASE, remedy=DATABASE_REMEDY, why=why))


def _refuse(ctx: click.Context, error: PingyiError) -> NoReturn:
    """Say what happened and what to do, and end."""
    translate = translator(ctx.meta.get("language", "zh"))
    for words in (error.say(translate), error.say_remedy(translate)):
        if words:
            click.echo("\n".join(map(visible, words.split("\n"))), err=True)
    sys.exit(EXIT_REFUSED)


def _is_input_error(error: ValueError) -> bool:
    """Whether the analysis refused its input (`InputError`), found without importing `analysis.errors`."""
    errors = sys.modules.get("analysis.errors")
    return errors is not None and isinstance(error, errors.InputError)


@click.group(cls=LazyGroup)
@click.version_option(__version__, prog_name="pingyi")
def main() -> None:
    """Pingyi 评议：企业对政府部门的无记名评议。Anonymous review of departments by enterprises."""
