"""Check of the machine's clock: rounds end by date, and codes of second factors change by the second."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from survey.clock import COUNTY, is_synchronized, now
from survey.config import Settings
from survey.errors import N_
from survey.services.doctor.findings import Finding, bad, ok, warning

# A clock before this program was written is wrong.
WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)


def clock(_settings: Settings) -> Iterator[Finding]:
    """Findings on date and synchronization of the machine's clock."""
    moment = now()
    if moment < WRITTEN:
        yield bad(
            "clock",
            N_("系统时间是 %(now)s，明显不对。"),
            N_("运行：timedatectl set-ntp true"),
            now=moment.date(),
        )
        return
    local = moment.astimezone(COUNTY)
    if is_synchronized() is False:
        yield warning(
            "clock",
            N_("系统时间没有与时间服务器同步（现在是 %(now)s）。"),
            N_("运行：timedatectl set-ntp true，或安装 chrony。两步验证的误差不能超过 30 秒。"),
            now=local.strftime("%Y-%m-%d %H:%M:%S"),
        )
    else:
        yield ok("clock", N_("北京时间 %(now)s。"), now=local.strftime("%Y-%m-%d %H:%M:%S"))
