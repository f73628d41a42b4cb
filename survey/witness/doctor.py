"""`pingyi witness doctor`: is this machine fit to be the witness, whatever its rounds say?"""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import stat
from collections.abc import Iterator
from functools import partial
from http.client import HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import inspect

from survey.clock import is_synchronized, now
from survey.errors import N_, InvalidInput, Phrase
from survey.witness.box import TIMEOUT
from survey.witness.rounds import WitnessRound, all_rounds
from survey.witness.status import Line, statuses, tried
from survey.witness.store import NAME, Store

LITTLE_ROOM = 1 << 30
FEW_DAYS = 14
OF_THE_SITE = ("round", "invitation", "ballot")
"""Tables of the site."""
PLACES = (Path("/var/lib/pingyi"), Path("/etc/pingyi/pingyi.env"))
"""Where docs/operations.md puts the site."""


def examination(store: Store) -> Iterator[Line]:
    """Whether each thing of this machine is as it must be, then what `statuses` says."""
    yield tried(_clock)
    yield tried(partial(_alone, store))
    yield tried(partial(_readable, store))
    yield tried(partial(_room, store))
    rounds = all_rounds(store)
    for box in sorted({round.box for round in rounds}):
        yield tried(partial(_elsewhere, box))
    for round in rounds:
        yield tried(partial(_proxy, round))
    yield from statuses(store)


def _clock() -> Phrase:
    if is_synchronized() is False:
        raise InvalidInput(
            N_("系统时间没有与时间服务器同步，截止会早了或晚了。"),
            remedy=N_("运行：timedatectl set-ntp true"),
        )
    return Phrase(N_("系统时间已同步，或由主机管。"))


def _alone(store: Store) -> Phrase:
    """The site's database is not here: its hashes beside the times of stamps would say who took part."""
    found = [str(place) for place in (*PLACES, *store.data.glob("pingyi.*")) if place.exists()]
    if set(OF_THE_SITE) <= set(inspect(store.engine).get_table_names()):
        found.append(NAME)
    if found:
        raise InvalidInput(
            N_("这台机器上有评议网站的文件或数据：%(places)s。"),
            remedy=N_("监票机必须是另一台机器，由另一家单位管，上面不能有网站的数据库和备份。"),
            places="、".join(found),
        )
    return Phrase(N_("这台机器上没有找到评议网站的数据库。"))


def _elsewhere(box: str) -> Phrase:
    """The site answers from another machine."""
    host = urlsplit(box).hostname or ""
    for family, _, _, _, address in socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM):
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((address[0], 0))
            except OSError:
                continue
        raise InvalidInput(
            N_("%(box)s 就是这台机器：一台机器管着两边，等于没有监票机。"),
            remedy=N_("请把监票机装到另一家单位的机器上。"),
            box=box,
        )
    return Phrase(N_("%(box)s 是另一台机器。"), {"box": box})


def _readable(store: Store) -> Phrase:
    if os.geteuid() == 0:
        raise InvalidInput(
            N_("正在以 root 运行。"),
            remedy=N_("请用专门的用户运行，照 deploy/systemd/pingyi-witness.service。"),
        )
    files = sorted(path for path in store.data.iterdir() if path.is_file())
    open_ = [path.name for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if open_:
        raise InvalidInput(
            N_("%(files)s 别的用户也能读。"), remedy=N_("请运行 chmod 600。"), files="、".join(open_)
        )
    return Phrase(N_("密钥和数据库只有本用户能读。"))


def _room(store: Store) -> Phrase:
    free = shutil.disk_usage(store.data).free
    if free < LITTLE_ROOM:
        raise InvalidInput(
            N_("磁盘只剩 %(free)s MB。"),
            remedy=N_("请清理或扩容，至少留出 1 GB：磁盘满了就不能收票。"),
            free=free >> 20,
        )
    return Phrase(N_("磁盘还有 %(free)s GB。"), {"free": free >> 30})


def _proxy(round: WitnessRound) -> Phrase:
    """The published address speaks TLS for a while yet, and passes on what the box's page must see."""
    parts = urlsplit(round.offer.address)
    if parts.scheme != "https":
        raise InvalidInput(
            N_("%(url)s 不是 https，只能在本机试用。"),
            remedy=N_("正式使用请重新生成 witness.json，网址用 https。"),
            url=round.offer.address,
        )
    line = HTTPSConnection(
        parts.hostname or "", parts.port, timeout=TIMEOUT, context=ssl.create_default_context()
    )
    try:
        line.connect()
        ends = ssl.cert_time_to_seconds(str((line.sock.getpeercert() or {})["notAfter"]))
        line.request("GET", f"{parts.path}/{round.id.hex()}/statement.json", headers={"Origin": round.box})
        allowed = line.getresponse().headers.get_all("Access-Control-Allow-Origin")
    finally:
        line.close()
    days = int((ends - now().timestamp()) // 86_400)
    if allowed != [round.box]:
        raise InvalidInput(
            N_("响应里的 Access-Control-Allow-Origin 是 %(found)s，手机读不到回答。"),
            remedy=N_("应当只有 %(box)s。代理不能增删这个响应头，请照 deploy/nginx-witness.conf 配置。"),
            found="、".join(allowed or ["–"]),
            box=round.box,
        )
    if days < FEW_DAYS:
        raise InvalidInput(N_("证书只剩 %(days)s 天。"), remedy=N_("请现在续期。"), days=days)
    return Phrase(N_("%(url)s 的证书有效，代理没有改动响应头。"), {"url": round.offer.address})
