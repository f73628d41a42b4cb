"""Whether the site is reached as it should be: through HTTPS, by a proxy that says who is there."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from survey.config import Settings
from survey.errors import N_
from survey.services.findings import Finding, bad, ok, warning

PATIENCE = 8.0
WANTED_HEADERS = ("content-security-policy", "x-content-type-options", "referrer-policy")


def proxies(settings: Settings) -> Iterator[Finding]:
    """Without the proxies' number every visitor has the proxy's address, or one of his own choosing."""
    if settings.is_local:
        return
    if settings.trusted_proxies == 0:
        yield bad(
            "proxies",
            N_("网站走 HTTPS，但 PINGYI_TRUSTED_PROXIES 是 0：程序会把所有人都当作代理服务器。"),
            N_("前面有一层 nginx 就设为 1，并确认它设置 X-Forwarded-For 和 X-Forwarded-Proto。"),
        )
    else:
        message = N_("信任 %(count)s 层代理的 X-Forwarded-* 头。")
        yield ok("proxies", message, count=settings.trusted_proxies)


def https(settings: Settings) -> Iterator[Finding]:
    """The certificate and the headers, as a visitor meets them."""
    if settings.is_local:
        if settings.insecure_http and not settings.demo:
            yield warning(
                "https",
                N_("PINGYI_INSECURE_HTTP=1：登录不加密，只能在本机试用。"),
                N_("正式使用前去掉它，并配好 HTTPS。"),
            )
        return
    try:
        status, headers = _ask(settings.base_url)
    except ssl.SSLCertVerificationError as error:
        yield bad(
            "https",
            N_("证书不被信任：%(why)s"),
            N_("请换用受信任机构签发、包含完整证书链、没有过期的证书。"),
            why=error.verify_message,
        )
    except OSError as error:
        yield warning(
            "https",
            N_("从这台机器连不上 %(url)s：%(why)s"),
            N_("请核对域名解析、防火墙和 nginx 是否在运行；也可在另一台电脑上打开网站确认。"),
            url=settings.base_url,
            why=error,
        )
    else:
        yield from judge(status, headers)


def judge(status: int, headers: Mapping[str, str]) -> Iterator[Finding]:
    """What the answer to GET /login says; header names in lower case."""
    if status != http.client.OK:
        yield bad(
            "https",
            N_("打开登录页得到的是 %(status)s。"),
            N_("请看服务的错误输出（/var/log/pingyi.log）和 nginx 的错误日志。"),
            status=status,
        )
        return
    missing = [name for name in WANTED_HEADERS if name not in headers]
    if missing:
        remedy = N_("代理不能删除这些响应头，请照 deploy/nginx.conf 配置。")
        yield bad("https", N_("响应里缺少 %(names)s。"), remedy, names=", ".join(missing))
    if "strict-transport-security" not in headers:
        yield bad(
            "https",
            N_("响应里没有 Strict-Transport-Security：程序不知道外面是 HTTPS。"),
            N_("请让 nginx 设置 X-Forwarded-Proto（照 deploy/nginx.conf），并设 PINGYI_TRUSTED_PROXIES=1。"),
        )
    elif not missing:
        yield ok("https", N_("HTTPS 证书有效，安全响应头齐全。"))


def _ask(base_url: str) -> tuple[int, dict[str, str]]:
    parts = urlsplit(base_url)
    connection = http.client.HTTPSConnection(
        parts.hostname or "", parts.port, timeout=PATIENCE, context=ssl.create_default_context()
    )
    try:
        connection.request("GET", "/login", headers={"User-Agent": "pingyi-doctor"})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}
    except socket.gaierror as error:
        raise OSError(error.strerror) from error
    finally:
        connection.close()
