"""Settings of an installation, read once from the environment and frozen; unknown or dangerous values are
refused at start."""

from __future__ import annotations

import os
import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, urlsplit

from survey.database.kinds import address
from survey.errors import N_, InvalidInput
from survey.hosts import is_host, is_loopback
from survey.quiet_log import log_as_json
from survey.secret_file import DIFFERENT_CHARACTERS, MINIMUM_SECRET, secret_of

PREFIX = "PINGYI_"
KEYS = {
    "PINGYI_DATA": "directory of the secret key and of a database in a file (default ./data)",
    "PINGYI_DATABASE_URL": "address of the database, see below; default is a file in the data directory",
    "PINGYI_BASE_URL": "address that links and QR codes carry, such as https://pingyi.example.gov.cn",
    "PINGYI_SECRET_KEY": "at least 32 characters; default is the file secret.key in the data directory",
    "PINGYI_INSECURE_HTTP": "1 lets cookies travel without HTTPS; for a demonstration on this machine only",
    "PINGYI_TRUSTED_PROXIES": "how many proxies in front set X-Forwarded-* (default 0)",
    "PINGYI_CONTACT_DAYS": "days that contacts and telephones are kept after the last round (default 90)",
    "PINGYI_ANALYSIS_MEMORY": "megabytes that working out the results of a round may take (default 4096)",
    "PINGYI_SMTP_URL": "mail server for the daily reminder and for invitations: "
    "smtps://NAME:PASSWORD@HOST?from=ADDRESS&to=ADDRESSES&rate=30",
    "PINGYI_WEBHOOK_URL": "robot of 企业微信, 钉钉 or 飞书 for the daily reminder, or any https address",
    "PINGYI_SCAN_COMMAND": "antivirus program for files of departments, such as clamdscan --no-summary -",
    "PINGYI_LOG": "text or json: how errors are written, one JSON object a line (default text)",
    "PINGYI_DEMO": "1 marks a demonstration: name and password alone sign in; on this machine only",
}
MOST_PROXIES = 8
# Contacts and telephones are kept so long after a round; it can be a year or ten, but not for ever.
CONTACT_DAYS, MOST_DAYS = 90, 3650
# Megabytes of address space of a process that works out results; the libraries alone take half of the least.
ANALYSIS_MEMORY, LEAST_MEMORY, MOST_MEMORY = 4096, 1024, 1 << 20
# Invitations a minute by mail.
MOST_MAILS = 6000
DEMO_MARK = "demo.json"
NEW_SECRET = N_("可以用这条命令生成：python3 -c 'import secrets; print(secrets.token_hex(32))'")


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of this installation; the keys of the environment are explained in `KEYS`."""

    data: Path
    database_url: str
    base_url: str
    secret_key: str
    insecure_http: bool = False
    trusted_proxies: int = 0
    contact_days: int = CONTACT_DAYS
    analysis_memory: int = ANALYSIS_MEMORY
    log_as_json: bool = False
    demo: bool = False
    scan_command: str = ""
    smtp_url: str = ""
    webhook_url: str = ""
    # Whether administrators and reviewers must have one; `load_settings` wants it outside the demonstration.
    second_factor: bool = False

    @property
    def is_local(self) -> bool:
        """Whether `base_url` is an address that only this machine can reach (loopback)."""
        return is_loopback(self.base_url)


def load_settings(environ: Mapping[str, str] | None = None, *, data: Path | None = None) -> Settings:
    """Settings read from the environment; `data` overrides PINGYI_DATA.

    Makes the data directory and the file of the secret key where missing. Raises `InvalidInput` that names
    the key.
    """
    environ = os.environ if environ is None else environ
    for name in environ:
        if name.startswith(PREFIX) and name not in KEYS:
            raise InvalidInput(
                N_("不认识的配置项 %(name)s。"),
                remedy=N_("可用的配置项：%(known)s"),
                name=name,
                known=", ".join(KEYS),
            )
    folder = _data_folder(data or environ.get("PINGYI_DATA", "data"))
    # Serving a demonstration's folder again is still a demonstration, unless PINGYI_DEMO=0 says otherwise.
    marked = "PINGYI_DEMO" not in environ and (folder / DEMO_MARK).exists()
    demo = marked or _flag(environ, "PINGYI_DEMO")
    settings = Settings(
        data=folder,
        database_url=address(environ.get("PINGYI_DATABASE_URL"), folder),
        base_url=_base_url(environ.get("PINGYI_BASE_URL", "http://127.0.0.1:8000")),
        secret_key=_secret_key(environ.get("PINGYI_SECRET_KEY"), folder),
        insecure_http=_flag(environ, "PINGYI_INSECURE_HTTP"),
        trusted_proxies=_count(environ, "PINGYI_TRUSTED_PROXIES", 0, 0, MOST_PROXIES),
        contact_days=_count(environ, "PINGYI_CONTACT_DAYS", CONTACT_DAYS, 1, MOST_DAYS),
        analysis_memory=analysis_memory(environ),
        log_as_json=log_as_json(environ),
        demo=demo,
        scan_command=_scan_command(environ.get("PINGYI_SCAN_COMMAND", "")),
        smtp_url=_smtp_url(environ.get("PINGYI_SMTP_URL", "")),
        webhook_url=_webhook_url(environ.get("PINGYI_WEBHOOK_URL", "")),
        second_factor=not demo,
    )
    _refuse_danger(settings)
    return settings


def analysis_memory(environ: Mapping[str, str]) -> int:
    """Megabytes that a process which works out results may take; raises `InvalidInput`."""
    return _count(environ, "PINGYI_ANALYSIS_MEMORY", ANALYSIS_MEMORY, LEAST_MEMORY, MOST_MEMORY)


def _refuse_danger(settings: Settings) -> None:
    """Raise `InvalidInput` for settings of a demonstration where the site can
    be reached from other machines."""
    if settings.is_local:
        return
    for name, given in (("PINGYI_INSECURE_HTTP", settings.insecure_http), ("PINGYI_DEMO", settings.demo)):
        if given:
            raise InvalidInput(
                N_("%(name)s=1 只能在本机演示时用，而网站地址是 %(value)s。"),
                remedy=N_("请设 %(name)s=0，或把 PINGYI_BASE_URL 改为 http://127.0.0.1:8000。"),
                name=name,
                value=settings.base_url,
            )


def _data_folder(given: str | Path) -> Path:
    if not str(given).strip():  # an empty path would be the directory where the service starts
        raise InvalidInput(N_("%(name)s 是空的，请写明数据目录。"), name="PINGYI_DATA")
    folder = Path(given).resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise InvalidInput(
            N_("%(name)s：数据目录 %(path)s 用不了（%(why)s）。"),
            remedy=N_("请换一个目录，或让运行网站的用户能写它。"),
            name="PINGYI_DATA",
            path=folder,
            why=error.strerror,
        ) from error
    return folder


def _base_url(given: str) -> str:
    if not given.startswith(("http://", "https://")):
        raise InvalidInput(
            N_("%(name)s 应以 http:// 或 https:// 开头，现在是“%(value)s”。"),
            name="PINGYI_BASE_URL",
            value=given,
        )
    try:
        parts = urlsplit(given.rstrip("/"))
        fitting = parts.port != 0 and is_host(parts.hostname or "")
    except ValueError:
        fitting = False
    if not fitting:
        raise InvalidInput(
            N_("%(name)s 的域名或端口不对，现在是“%(value)s”。"),
            remedy=N_("域名只有字母、数字、连字符和点，中文域名写成 xn-- 开头的；端口是 1 到 65535。"),
            name="PINGYI_BASE_URL",
            value=given,
        )
    if parts.path or parts.query or parts.fragment or parts.username is not None:
        raise InvalidInput(
            N_("%(name)s 只写协议和主机，例如 https://pingyi.example.gov.cn，现在是“%(value)s”。"),
            name="PINGYI_BASE_URL",
            value=given,
        )
    if parts.scheme == "http" and not is_loopback(given):
        raise InvalidInput(
            N_("%(name)s 是 %(value)s：邀请链接不能走没有加密的 http。"),
            remedy=N_("请配好 HTTPS 证书，把地址改为 https:// 开头。"),
            name="PINGYI_BASE_URL",
            value=given,
        )
    return given.rstrip("/")


def _scan_command(given: str) -> str:
    """Command of an antivirus program, checked; `pingyi doctor` looks whether it is there."""
    try:
        fitting = bool(shlex.split(given)) or not given
    except ValueError:
        fitting = False
    if not fitting:
        raise InvalidInput(
            N_("%(name)s 写得不对，现在是“%(value)s”。"),
            remedy=N_("应为从标准输入读文件的杀毒命令，例如 /usr/bin/clamdscan --no-summary -；引号要成对。"),
            name="PINGYI_SCAN_COMMAND",
            value=given,
        )
    return given


def _smtp_url(given: str) -> str:
    """Address of a mail server, checked; the message never shows it, since it holds a password."""
    parts, asked = _parts(given, ("smtp", "smtps")), parse_qs(urlsplit(given).query)
    rate = asked.get("rate", ["1"])[0]
    fitting = all("@" in asked.get(name, [""])[0] for name in ("from", "to"))
    fitting = fitting and rate.isascii() and rate.isdecimal() and 1 <= int(rate[:5]) <= MOST_MAILS
    if given and (parts is None or not fitting):
        raise InvalidInput(
            N_("%(name)s 写得不对。"),
            remedy=N_(
                "应为 smtps://用户名:密码@邮件服务器:465?from=发件地址&to=收件地址,收件地址；"
                "后面还可以写 &rate=30（每分钟最多发几封邀请，1 到 6000）。"
            ),
            name="PINGYI_SMTP_URL",
        )
    return given


def _webhook_url(given: str) -> str:
    """Address of a robot, checked; the message never shows it, since whoever knows it can write there."""
    parts = _parts(given, ("https", "http"))
    if given and (parts is None or (parts.scheme == "http" and not is_loopback(given))):
        raise InvalidInput(
            N_("%(name)s 写得不对。"),
            remedy=N_("应为群机器人的 https:// 地址，从企业微信、钉钉或飞书的群里复制。"),
            name="PINGYI_WEBHOOK_URL",
        )
    return given


def _parts(url: str, schemes: Collection[str]) -> SplitResult | None:
    """Parts of an address with one of these schemes and a host; None for any other text."""
    try:
        parts = urlsplit(url)
        fitting = parts.scheme in schemes and is_host(parts.hostname or "") and parts.port != 0
    except ValueError:
        return None
    return parts if fitting else None


def _secret_key(given: str | None, folder: Path) -> str:
    if given is None:
        return secret_of(folder / "secret.key")
    if len(given) < MINIMUM_SECRET:
        raise InvalidInput(N_("%(name)s 至少要有 32 个字符。"), remedy=NEW_SECRET, name="PINGYI_SECRET_KEY")
    if len(set(given)) < DIFFERENT_CHARACTERS:
        raise InvalidInput(
            N_("%(name)s 太容易猜到：不同的字符太少。"), remedy=NEW_SECRET, name="PINGYI_SECRET_KEY"
        )
    return given


def _flag(environ: Mapping[str, str], name: str) -> bool:
    value = environ.get(name, "0")
    if value not in ("0", "1"):
        raise InvalidInput(N_("%(name)s 应为 0 或 1，现在是“%(value)s”。"), name=name, value=value)
    return value == "1"


def _count(environ: Mapping[str, str], name: str, usual: int, least: int, most: int) -> int:
    value = environ.get(name, str(usual))
    if not (value.isascii() and value.isdecimal() and least <= int(value) <= most):
        raise InvalidInput(
            N_("%(name)s 应为 %(least)s 到 %(most)s 的整数，现在是“%(value)s”。"),
            name=name,
            least=least,
            most=most,
            value=value,
        )
    return int(value)
