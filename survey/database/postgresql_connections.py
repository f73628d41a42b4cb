"""Connections to PostgreSQL that notice a server which no longer answers, and commit durably whatever stands
between.

A server that is stopped (a frozen machine) keeps its sockets: the kernel answers for it, and neither TCP nor
the server itself ends the wait. A statement may take long; a new connection may not.
"""

from __future__ import annotations

import threading
import time
from typing import Any

import psycopg
from psycopg.errors import _WaitTimeout

from survey.errors import N_, PingyiError

PATIENCE_SECONDS = 5.0
"""So long a statement may be silent before its server is asked whether it still answers."""
CONNECT_SECONDS = 3
# libpq, 34.1.2: a dead link is noticed after 5 + 3 * 3 seconds, what was sent and not received after ten.
NETWORK = {
    "connect_timeout": CONNECT_SECONDS,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
# A pooler drops what a client asks for while connecting, so that it is looked at afterwards.
DURABLE = ("on", "remote_apply")


class Watched(psycopg.Connection[Any]):
    """Connection whose statements end with `OperationalError` once their server answers nobody any more."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Complete `gen` as `Connection.wait` does; without `timeout`, as long as the server lives."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        while True:
            try:
                return super().wait(gen, interval, PATIENCE_SECONDS)
            except _WaitTimeout:
                if not _answers(self.info):
                    self.pgconn.finish()
                    raise psycopg.OperationalError("the server does not answer") from None


def connect(*arguments: Any, **parameters: Any) -> Watched:
    """Open a connection with the time limits of `NETWORK`, unless the address sets its own.

    Raises `PingyiError` where commits would not be durable.
    """
    connection = Watched.connect(*arguments, **(NETWORK | parameters))
    setting = connection.execute("SHOW synchronous_commit").fetchone()
    connection.rollback()
    if setting is None or setting[0] not in DURABLE:
        connection.close()
        raise PingyiError(
            N_("PostgreSQL 没有按要求打开 synchronous_commit：中间的连接池（PgBouncer）丢掉了这项要求。"),
            remedy=N_("请在服务器上运行：ALTER DATABASE 库名 SET synchronous_commit = on，再重启连接池。"),
        )
    return connection


_LOCK = threading.Lock()
_ASKED: dict[tuple[str, int], tuple[float, bool]] = {}


def _answers(where: psycopg.ConnectionInfo) -> bool:
    """Whether the server of a connection still takes new ones; asked once for all who wait for it."""
    place = (where.hostaddr or where.host, where.port)
    with _LOCK:
        asked, alive = _ASKED.get(place, (0.0, False))
        if time.monotonic() - asked > PATIENCE_SECONDS:
            alive = _connects(where)
            _ASKED[place] = (time.monotonic(), alive)
        return alive


def _connects(where: psycopg.ConnectionInfo) -> bool:
    parameters: dict[str, Any] = where.get_parameters() | {
        "host": where.host,
        "hostaddr": where.hostaddr if not where.host.startswith("/") else "",
        "port": where.port,
        "password": where.password,
        "connect_timeout": CONNECT_SECONDS,
    }
    try:
        psycopg.connect(**parameters).close()
    except psycopg.OperationalError as error:
        # A server that is full, or going down, answers; only silence counts.
        return error.sqlstate is not None or "FATAL" in str(error)
    return True
