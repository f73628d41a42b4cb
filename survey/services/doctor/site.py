"""Checks of how the site is reached: through HTTPS, by a proxy that passes on the visitor's address."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from survey.clock import now
from survey.config import Settings
from survey.errors import N_
from survey.services.doctor.findings import Finding, bad, ok, warning

PATIENCE = 8.0
# OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID and …_HAS_EXPIRED; …_HOSTNAME_MISMATCH and …_IP_ADDRESS_MISMATCH.
EXPIRED, OTHER_NAME = (9, 10), (62, 64)
# Automatic renewal starts thirty days before expiry; with fewer days left than these it has failed.
FEW_DAYS = 14
WANTED_HEADERS = ("content-security-policy", "x-content-type-options", "referrer-policy")


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    days_left: int


def proxies(settings: Settings) -> Iterator[Finding]:
    """Findings on the number of trusted proxies; without it every visitor has the proxy's address, or one of
    his own choosing."""
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
    """Findings on certificate and response headers, fetched as a visitor would."""
    if settings.is_local:
        if settings.insecure_http and not settings.demo:
            yield warning(
                "https",
                N_("PINGYI_INSECURE_HTTP=1：登录不加密，只能在本机试用。"),
                N_("正式使用前去掉它，并配好 HTTPS。"),
            )
        return
    try:
        answer = _ask(settings.base_url)
    except ssl.SSLCertVerificationError as error:
        yield _untrusted(settings.base_url, error)
    except (ssl.SSLError, http.client.HTTPException) as error:
        yield bad(
            "https",
            N_("%(url)s 的端口开着，但建立不了 HTTPS 连接：%(why)s"),
            N_("请核对 nginx 的 listen … ssl 和证书两行，照 deploy/nginx.conf 配置，再重新加载 nginx。"),
            url=settings.base_url,
            why=getattr(error, "reason", None) or type(error).__name__,
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
        yield from judge(answer.status, answer.headers)
        yield from _lasting(answer.days_left)


def _untrusted(base_url: str, error: ssl.SSLCertVerificationError) -> Finding:
    host = urlsplit(base_url).hostname
    if error.verify_code in EXPIRED:
        remedy = N_("请续期证书，再重新加载 nginx（systemctl reload nginx）；也请核对系统时间。")
        return bad("https", N_("证书已经过期，或者还没有生效。"), remedy)
    if error.verify_code in OTHER_NAME:
        remedy = N_("请换用发给这个域名的证书，或改正 PINGYI_BASE_URL。")
        return bad("https", N_("证书不是发给 %(host)s 的。"), remedy, host=host)
    return bad(
        "https",
        N_("证书不被信任：%(why)s"),
        N_("请换用受信任机构签发、包含完整证书链、没有过期的证书。"),
        why=error.verify_message,
    )


def _lasting(days_left: int) -> Iterator[Finding]:
    if days_left < FEW_DAYS:
        yield warning(
            "https",
            N_("证书只剩 %(days)s 天。"),
            N_("请现在续期；自动续期的，请看它为什么没有运行（systemctl list-timers）。"),
            days=days_left,
        )


def judge(status: int, headers: Mapping[str, str]) -> Iterator[Finding]:
    """Findings on the answer to GET /login; header names in lower case."""
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


def _ask(base_url: str) -> _Answer:
    """Answer to GET /login, by the certificates that this machine trusts; raises the errors of the
    connection."""
    parts, context = urlsplit(base_url), ssl.create_default_context()
    connection = http.client.HTTPSConnection(
        parts.hostname or "", parts.port, timeout=PATIENCE, context=context
    )
    try:
        connection.connect()
        days_left = _days_left(connection.sock)
        connection.request("GET", "/login", headers={"User-Agent": "pingyi-doctor"})
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return _Answer(answer.status, headers, days_left)
    except socket.gaierror as error:
        raise OSError(error.strerror) from error
    finally:
        connection.close()


def _days_left(secured: ssl.SSLSocket) -> int:
    certificate = secured.getpeercert() or {}
    ends = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
    return int((ends - now().timestamp()) // 86_400)
