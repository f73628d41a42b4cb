"""Checks of an installation, each by itself: a check that fails is a finding and does not stop the others."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from survey.config import Settings
from survey.errors import N_
from survey.services.doctor import antivirus as doctor_antivirus
from survey.services.doctor import clock as doctor_clock
from survey.services.doctor import database as doctor_database
from survey.services.doctor import site as doctor_site
from survey.services.doctor.findings import Finding, bad, ok, warning

Check = Callable[[Settings], Iterator[Finding]]
LITTLE_ROOM = 1 << 30


def examine(settings: Settings) -> Iterator[Finding]:
    """Findings of all checks, in order."""
    for check in CHECKS:
        try:
            yield from check(settings)
        except Exception as error:
            message = N_("检查“%(check)s”没有做成：%(why)s")
            remedy = N_("请把这一行告诉技术人员。")
            name = check.__name__.strip("_")
            yield bad("doctor", message, remedy, check=name, why=f"{type(error).__name__}: {error}"[:300])


def configuration(settings: Settings) -> Iterator[Finding]:
    """Findings on the configured address of the site, and whether it runs as a demo."""
    if settings.demo:
        yield warning(
            "configuration",
            N_("这是演示：只凭用户名和密码就能登录。"),
            N_("正式使用前去掉 PINGYI_DEMO，并换一个新的数据目录。"),
        )
    if settings.is_local:
        yield warning(
            "configuration",
            N_("网站地址是 %(url)s，发出的链接只有本机能打开。"),
            N_("请把 PINGYI_BASE_URL 设为企业访问的地址，例如 https://pingyi.example.gov.cn。"),
            url=settings.base_url,
        )
    else:
        yield ok("configuration", N_("网站地址是 %(url)s。"), url=settings.base_url)


def secret(settings: Settings) -> Iterator[Finding]:
    """Findings on where the installation's secret key comes from, and whether other users can read it."""
    path = settings.data / "secret.key"
    if os.environ.get("PINGYI_SECRET_KEY"):
        yield ok("secret", N_("密钥来自环境变量 PINGYI_SECRET_KEY。"))
    elif _others_read(path):
        yield bad(
            "secret",
            N_("密钥文件 %(path)s 别的用户也能读。"),
            N_("运行：chmod 600 %(path)s；若已外泄，请在两轮之间更换。"),
            path=path,
        )
    else:
        yield ok("secret", N_("密钥文件只有本用户能读。"))
    yield from _readable_data(settings)


def permissions(settings: Settings) -> Iterator[Finding]:
    """Findings on the system user that runs the site, and on free space on the disk."""
    if os.geteuid() == 0:
        yield warning(
            "permissions",
            N_("正在以 root 运行。"),
            N_("请用专门的用户运行，例如 deploy/systemd 里的 pingyi。"),
        )
    if not os.access(settings.data, os.W_OK):
        yield bad(
            "permissions",
            N_("数据目录 %(path)s 不能写。"),
            N_("运行：chown -R 运行网站的用户 %(path)s"),
            path=settings.data,
        )
    free = shutil.disk_usage(settings.data).free
    if free < LITTLE_ROOM:
        yield bad(
            "permissions",
            N_("磁盘只剩 %(free)s MB。"),
            N_("请清理或扩容，至少留出 1 GB：磁盘满了就不能收票。"),
            free=free >> 20,
        )
    else:
        yield ok("permissions", N_("磁盘还有 %(free)s GB。"), free=free >> 30)


def fonts(_settings: Settings) -> Iterator[Finding]:
    """Finding on whether a font with Chinese characters for the charts is installed."""
    from analysis.charts.fonts import font_files

    try:
        yield ok("fonts", N_("中文字体：%(path)s。"), path=font_files()[0].name)
    except Exception as error:
        yield bad(
            "fonts",
            N_("没有找到中文字体，排名图和无记名票做不出来。"),
            N_("运行：pip install zhplot，或 apt-get install fonts-noto-cjk（%(why)s）"),
            why=str(error)[:200],
        )


def _readable_data(settings: Settings) -> Iterator[Finding]:
    if _others_read(settings.data):
        yield bad(
            "permissions",
            N_("数据目录 %(path)s 别的用户也能进。"),
            N_("运行：chmod 700 %(path)s"),
            path=settings.data,
        )
    else:
        yield ok("permissions", N_("数据目录只有本用户能进。"))


def _others_read(path: Path) -> bool:
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


CHECKS: tuple[Check, ...] = (
    configuration,
    secret,
    permissions,
    fonts,
    doctor_database.database,
    doctor_clock.clock,
    doctor_antivirus.antivirus,
    doctor_site.proxies,
    doctor_site.https,
)
