"""PostgreSQL as an engine: its address and how it is opened. No table is known here."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from survey.database.group_writer import GroupWriter
from survey.errors import N_, InvalidInput, PingyiError
from survey.hosts import is_loopback

NAME = "postgresql"
PREFIXES = ("postgresql+psycopg://", "postgresql://", "postgres://")
# Other values of sslmode allow plain text if the server, or somebody in between, asks for it (libpq, 34.1.2).
ENFORCED_TLS = ("require", "verify-ca", "verify-full")
# Settings of the server that must be on for a committed ballot to survive a power cut.
DURABLE = ("fsync", "full_page_writes")


def address(given: str) -> str:
    url = "postgresql+psycopg://" + given.split("://", 1)[1]
    if not _is_private(url):
        raise InvalidInput(
            N_("%(name)s：数据库在另一台机器上，连接却没有要求加密。"),
            remedy=N_("请在末尾加上 ?sslmode=verify-full&sslrootcert=证书文件；已有问号时把它换成 &。"),
            name="PINGYI_DATABASE_URL",
        )
    return url


def _is_private(url: str) -> bool:
    """Whether nobody between this machine and the server can listen: a socket, this machine, or
    enforced TLS."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    host = options.get("hostaddr") or options.get("host") or parts.netloc.rpartition("@")[2]
    local = not host or host.startswith("/") or is_loopback(f"//{host}")
    return local or options.get("sslmode") in ENFORCED_TLS


def open_engine(url: str) -> Engine:
    return create_engine(
        url,
        pool_size=16,
        max_overflow=48,
        pool_pre_ping=True,
        hide_parameters=True,
        # A server set up for speed must not acknowledge a ballot that a power cut would take back.
        connect_args={"options": "-c synchronous_commit=on"},
    )


writer = GroupWriter


def check(session: Session) -> str:
    off = [name for name in DURABLE if session.execute(text(f"SHOW {name}")).scalar() != "on"]
    if off:
        remedy = N_("请在 postgresql.conf 里设为 on：断电时已确认的选票不能丢。")
        raise PingyiError(N_("PostgreSQL 关闭了 %(names)s。"), remedy=remedy, names=", ".join(off))
    return N_("PostgreSQL 提交后即落盘。")
