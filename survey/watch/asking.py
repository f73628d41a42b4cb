"""Asking a site as an ordinary visitor's browser does, within bounds of size and time."""

from __future__ import annotations

import ssl
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import SplitResult, urlsplit

import brotli
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from survey.errors import N_, InvalidInput, PingyiError

TIMEOUT = 30.0
MOST_BYTES = 8 << 20
PIECE = 1 << 16
# What a phone of 2023 sends when a link is opened in its messenger.
PHONE = (
    "Mozilla/5.0 (Linux; Android 12; V2049A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/107.0.5304.141 Mobile Safari/537.36 MicroMessenger/8.0.40.2420(0x28002855) Language/zh_CN"
)
ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,image/apng,*/*;q=0.8"
REASONS = {
    "network": N_("连不上（%(detail)s）"),
    "tls": N_("证书或加密连接有误（%(detail)s）"),
    "slow": N_("%(detail)s 秒内没有收完"),
    "too_large": N_("内容超过 %(detail)s 字节"),
    "encoding": N_("压缩的内容解不开（%(detail)s）"),
    "status": N_("网站回答 %(detail)s"),
    "redirected": N_("被转到别处（%(detail)s）"),
    "not_pingyi": N_("打开的不是评议网页"),
    "no_round": N_("网站上没有这个轮次"),
    "unreadable": N_("内容读不懂（%(detail)s）"),
}
"""Why something could not be looked at. None of them is a change of what is shown."""


class CouldNotLook(PingyiError):
    """Failure to fetch what an ordinary visitor is shown; `reason` is one of `REASONS`."""

    code = "could_not_look"

    def __init__(self, reason: str, detail: object = "") -> None:
        super().__init__(REASONS[reason], detail=detail)
        self.reason, self.detail = reason, str(detail)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Visitor as whom the watcher asks: the browser it sends headers of, and an HTTP proxy (host:port) that
    it goes through, if any."""

    agent: str = PHONE
    via: str = ""

    def to_dict(self) -> dict[str, str]:
        """As it stands in a log."""
        return {"agent": self.agent, "via": self.via}


@dataclass(frozen=True, slots=True)
class Reply:
    """Reply to one request: status, content without its compression, `Location`, and SHA-256 of the
    certificate's public key (None without TLS)."""

    status: int
    content: bytes
    location: str
    certificate: str | None


def ask(url: str, visitor: Visitor) -> Reply:
    """Reply to one GET request; raises `CouldNotLook`.

    Redirects are not followed: the login page of a network is not the site.
    """
    parts = urlsplit(url)
    connection = _connection(parts, visitor)
    try:
        connection.connect()
        certificate = _certificate_key(connection)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if visitor.via and parts.scheme == "http":
            target = f"http://{parts.netloc}{target}"
        connection.putrequest("GET", target, skip_host=True, skip_accept_encoding=True)
        for name, value in _headers(parts, visitor):
            connection.putheader(name, value)
        connection.endheaders()
        with connection.getresponse() as reply:
            content = _decoded(_read(reply), reply.headers.get("Content-Encoding") or "")
        return Reply(reply.status, content, reply.headers.get("Location") or "", certificate)
    except ssl.SSLError as error:
        raise CouldNotLook("tls", getattr(error, "verify_message", "") or error.reason or error) from error
    except (OSError, HTTPException, ValueError) as error:
        raise CouldNotLook("network", error) from error
    finally:
        connection.close()


def read_proxy(text: str) -> str:
    """`host:port` of an HTTP proxy; raises `InvalidInput`. Names and passwords are refused, since the visitor
    stands in the log."""
    parts = urlsplit(text if "://" in text else f"http://{text}")
    try:
        fits = parts.scheme == "http" and parts.hostname and parts.port and "@" not in parts.netloc
    except ValueError:
        fits = False
    if not fits:
        raise InvalidInput(N_("代理“%(text)s”不对，应写成 http://主机:端口，不带用户名和口令。"), text=text)
    return f"{parts.hostname}:{parts.port}"


def _connection(parts: SplitResult, visitor: Visitor) -> HTTPConnection:
    host = visitor.via or parts.netloc
    if parts.scheme == "http":
        return HTTPConnection(host, timeout=TIMEOUT)
    connection = HTTPSConnection(host, timeout=TIMEOUT, context=ssl.create_default_context())
    if visitor.via:
        connection.set_tunnel(parts.hostname or "", parts.port or 443)
    return connection


def _headers(parts: SplitResult, visitor: Visitor) -> Iterator[tuple[str, str]]:
    """Headers in the order in which the browser writes them."""
    script = parts.path.endswith(".js")
    yield "Host", parts.netloc
    yield "Connection", "keep-alive"
    if not script:
        yield "Upgrade-Insecure-Requests", "1"
    yield "User-Agent", visitor.agent
    yield "Accept", "*/*" if script else ACCEPT
    yield "Accept-Encoding", "gzip, deflate, br" if parts.scheme == "https" else "gzip, deflate"
    yield "Accept-Language", "zh-CN,zh;q=0.9,en-US;q=0.8,en;q=0.7"


def _certificate_key(connection: HTTPConnection) -> str | None:
    if not isinstance(connection.sock, ssl.SSLSocket):
        return None
    der = connection.sock.getpeercert(binary_form=True) or b""
    public = x509.load_der_x509_certificate(der).public_key()
    return sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _read(reply: HTTPResponse) -> bytes:
    """The body; a server that sends a byte now and then must not hold the watcher up."""
    until, content = time.monotonic() + TIMEOUT, b""
    while piece := reply.read1(PIECE):
        content += piece
        if len(content) > MOST_BYTES:
            raise CouldNotLook("too_large", MOST_BYTES)
        if time.monotonic() > until:
            raise CouldNotLook("slow", int(TIMEOUT))
    return content


def _decoded(content: bytes, encoding: str) -> bytes:
    """The body without its compression, at most `MOST_BYTES`."""
    try:
        if encoding == "br":
            reader = brotli.Decompressor()
            plain: bytes = reader.process(content, output_buffer_limit=MOST_BYTES + 1)
            whole = reader.is_finished()
        elif encoding in ("gzip", "deflate"):
            unzip = zlib.decompressobj(47)  # either header
            plain = unzip.decompress(content, MOST_BYTES + 1)
            whole = unzip.eof
        elif encoding in ("", "identity"):
            return content
        else:
            raise CouldNotLook("encoding", encoding)
    except (zlib.error, brotli.error) as error:
        raise CouldNotLook("encoding", error) from error
    if len(plain) > MOST_BYTES:
        raise CouldNotLook("too_large", MOST_BYTES)
    if not whole:
        raise CouldNotLook("encoding", encoding)
    return plain
