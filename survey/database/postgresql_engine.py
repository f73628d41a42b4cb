"""PostgreSQL as an engine: its address and how it is opened. No table is known here."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import msgspec
from sqlalchemy import Engine, create_engine, event, text
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
    url = _with_hosts_as_options("postgresql+psycopg://" + given.split("://", 1)[1])
    if not _is_private(url):
        raise InvalidInput(
            N_("%(name)s：数据库在另一台机器上，连接却没有要求加密。"),
            remedy=N_("请在末尾加上 ?sslmode=verify-full&sslrootcert=证书文件；已有问号时把它换成 &。"),
            name="PINGYI_DATABASE_URL",
        )
    return url


def _with_hosts_as_options(url: str) -> str:
    """The address with several hosts before its path (libpq's a:1,b:2) written as SQLAlchemy reads them."""
    parts = urlsplit(url)
    user, at, hosts = parts.netloc.rpartition("@")
    if "," not in hosts:
        return url
    options = [("host", host) for host in hosts.split(",")] + parse_qsl(parts.query)
    return parts._replace(netloc=user + at, query=urlencode(options, quote_via=quote, safe=":/")).geturl()


def _is_private(url: str) -> bool:
    """Whether nobody between this machine and any of the servers can listen: sockets, this machine, or
    enforced TLS."""
    parts = urlsplit(url)
    options: dict[str, list[str]] = {}
    for name, value in parse_qsl(parts.query):
        options.setdefault(name, []).append(value)
    modes = options.get("sslmode", [])
    return (bool(modes) and all(mode in ENFORCED_TLS for mode in modes)) or _all_local(parts.netloc, options)


def _all_local(netloc: str, options: dict[str, list[str]]) -> bool:
    """Whether every host that the address names is this machine; a service file may name any."""
    named = options.get("hostaddr") or options.get("host") or [netloc.rpartition("@")[2]]
    hosts = [host for value in named for host in value.split(",")]
    local = (not host or host.startswith("/") or is_loopback(f"//{host}") for host in hosts)
    return "service" not in options and all(local)


def open_engine(url: str) -> Engine:
    engine = create_engine(
        url,
        json_deserializer=msgspec.json.decode,
        pool_size=16,
        max_overflow=48,
        pool_pre_ping=True,
        hide_parameters=True,
        # A server set up for speed must not acknowledge a ballot that a power cut would take back.
        connect_args={"options": "-c synchronous_commit=on"},
    )

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: object, _record: object, arguments: Any, parameters: Any) -> Any:
        from survey.database.postgresql_connections import connect  # loads the driver

        return connect(*arguments, **parameters)

    return engine


writer = GroupWriter


def check(session: Session) -> str:
    off = [name for name in DURABLE if session.execute(text(f"SHOW {name}")).scalar() != "on"]
    if off:
        remedy = N_("请在 postgresql.conf 里设为 on：断电时已确认的选票不能丢。")
        raise PingyiError(N_("PostgreSQL 关闭了 %(names)s。"), remedy=remedy, names=", ".join(off))
    if session.execute(_HELD_BY_STANDBYS).scalar():
        raise PingyiError(
            N_("备库开了 hot_standby_feedback：备库上的查询会让旧行留在文件里，投票先后留得更久。"),
            remedy=N_("请在备库关掉 hot_standby_feedback，或不在备库上查询。"),
        )
    return N_("PostgreSQL 提交后即落盘。")


# Standbys that keep the primary's old rows alive, directly or by their slot.
_HELD_BY_STANDBYS = text(
    "SELECT (SELECT count(*) FROM pg_stat_replication WHERE backend_xmin IS NOT NULL)"
    " + (SELECT count(*) FROM pg_replication_slots WHERE slot_type = 'physical' AND xmin IS NOT NULL)"
)
