"""Command `pingyi worker`: scheduled work in a process of its own beside several servers."""

from __future__ import annotations

from pathlib import Path

import click

from survey import quiet_log
from survey.cli.database import data_option, opened
from survey.cli.language import language_option
from survey.cli.stopping import asked_to_stop
from survey.errors import N_, InvalidInput
from survey.language import translator

EVERY_SECONDS = 300


@click.command()
@click.option("--once", is_flag=True, help="只做一遍 / do it once and end")
@click.option(
    "--every", default=EVERY_SECONDS, show_default=True, type=click.IntRange(1, 86_400), help="秒 / seconds"
)
@data_option
@language_option
def worker(once: bool, every: int, data: Path | None, language: str) -> None:
    """每日汇总、重排存放次序、清理过期登录和文件、接着做中断的签发、名录导入和文件制作。

    Daily batches, mixing, expired sign-ins and files; issuing, rosters and documents that were interrupted.
    """
    from survey.services.operations.job_threads import finish
    from survey.services.waiting.telling import channels_of
    from survey.worker import do_duties

    translate = translator(language)
    stop = asked_to_stop()
    with opened(data) as (database, settings):
        quiet_log.install(settings.data, as_json=settings.log_as_json)
        if not (database.kind.MANY_PROCESSES or once):
            raise InvalidInput(
                N_("%(kind)s 只能有一个写入进程，这些工作由 pingyi serve 自己按时做。"),
                remedy=N_("不必运行 worker；不开网站时要做一遍，请加 --once。"),
                kind=database.kind.TITLE,
            )
        click.echo(translate(N_("后台工作已启动。")))
        channels, days = channels_of(settings), settings.contact_days
        while True:
            for failed in do_duties(database, settings.data, channels, days):
                click.echo(translate(N_("“%(duty)s”没有做成，下一次再试。")) % {"duty": failed}, err=True)
            if once or stop.wait(every):
                break
        if once:
            finish()
    click.echo(translate(N_("后台工作已停止。")))
