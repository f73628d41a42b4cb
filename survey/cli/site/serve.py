"""Command `pingyi serve`: the web server, in one process or, where the database allows it, several."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import click

from survey import quiet_log
from survey.config import Settings, load_settings
from survey.database.kinds import kind_at
from survey.errors import N_, InvalidInput

TARGET = "survey.asgi:create"
# Pause before a worker that died is replaced; the others go on.
RESPAWN_SECONDS = 1.0
STOP_SECONDS = 45
"""How long a process that serves may take to answer what it has begun when the server is stopped; then it is
killed. Shipped units and containers wait 60 s. A signal that it missed would be waited for without end."""


@click.command()
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="数据目录 / data directory")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
def serve(data: Path | None, host: str, port: int, workers: int) -> None:
    """启动网站。Serve the site; migrates the database first."""
    settings = load_settings(data=data)
    kind = kind_at(settings.database_url)
    if workers > 1 and not kind.MANY_PROCESSES:
        raise InvalidInput(
            N_("%(kind)s 只能有一个写入进程，不能用 %(workers)s 个工作进程。"),
            remedy=N_("去掉 --workers，或用 PINGYI_DATABASE_URL 指定 PostgreSQL。"),
            kind=kind.TITLE,
            workers=workers,
        )
    run_server(settings, host, port, workers)


def run_server(settings: Settings, host: str, port: int, workers: int = 1, target: str = TARGET) -> None:
    """Migrate the database, then serve until interrupted."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from survey.database.engine import Database
    from survey.database.migrations import upgrade

    check_port(host, port)
    database = Database(settings.database_url)
    upgrade(database.engine)
    database.close()
    # The workers are processes of their own and read their settings from the environment.
    os.environ["PINGYI_DATA"] = str(settings.data)
    os.environ["PINGYI_BASE_URL"] = settings.base_url
    os.environ["PINGYI_INSECURE_HTTP"] = "1" if settings.insecure_http else "0"
    os.environ["PINGYI_DEMO"] = "1" if settings.demo else "0"
    server = Granian(
        target,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=workers,
        factory=True,
        log_access=False,  # an access line would tie an address to a time
        log_level=LogLevels.error,
        log_dictconfig=quiet_log.of_the_server(as_json=settings.log_as_json),
        respawn_failed_workers=True,
        respawn_interval=RESPAWN_SECONDS,
        workers_kill_timeout=STOP_SECONDS,
    )
    server.serve()


def check_port(host: str, port: int) -> None:
    """Raise `InvalidInput` when the port cannot be used, e.g. because something else listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise InvalidInput(
                N_("%(host)s 的端口 %(port)s 用不了：%(why)s。"),
                remedy=N_("请换一个端口，例如 --port %(other)s；用 make 时写 PORT=%(other)s。"),
                host=host,
                port=port,
                other=port + 1,
                why=error.strerror,
            ) from error
