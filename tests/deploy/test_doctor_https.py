"""`pingyi doctor` before real TLS servers: good, expired, foreign and missing certificates."""

from __future__ import annotations

import contextlib
import http.client
import http.server
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from county import SECRET
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from stack import HOST, running

from survey.config import Settings
from survey.database.engine import Database
from survey.services.doctor import site as doctor_site

GOOD = dict.fromkeys((*doctor_site.WANTED_HEADERS, "strict-transport-security"), "x")
DAY = timedelta(days=1)


@dataclass
class Authority:
    """A certificate authority of this test alone."""

    name: x509.Name
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def new(cls) -> Authority:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test CA")])
        return cls(name, ec.generate_private_key(ec.SECP256R1()))

    def own(self) -> bytes:
        key = x509.SubjectKeyIdentifier.from_public_key(self.key.public_key())
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        builder = self._builder(self.name, self.key, DAY * 90)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        return _pem(
            builder.add_extension(key, False).add_extension(usage, True).sign(self.key, hashes.SHA256())
        )

    def issue(self, folder: Path, host: str, days: int) -> Path:
        """A certificate for `host` that ends in so many days, with its key, in one file."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        builder = self._builder(name, key, DAY * days)
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        certificate = builder.add_extension(identifier, False).sign(self.key, hashes.SHA256())
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        path = folder / "server.pem"
        path.write_bytes(_pem(certificate) + key.private_bytes(*form))
        return path

    def _builder(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, lasts: timedelta
    ) -> x509.CertificateBuilder:
        moment = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(moment - DAY * 30)
            .not_valid_after(moment + lasts + timedelta(hours=1))
        )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


class _Login(http.server.BaseHTTPRequestHandler):
    """Answers GET /login as told, everything else with 404."""

    def __init__(self, *arguments: object, status: int, headers: dict[str, str]) -> None:
        self.told = (status, headers)
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        status, headers = self.told
        self.send_response(status if self.path == "/login" else 404)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        pass


class _Server(http.server.HTTPServer):
    def handle_error(self, *_arguments: object) -> None:
        """A handshake that the doctor breaks off is what these tests are about."""


@contextlib.contextmanager
def serving(certificate: Path | None, status: int = 200, headers: dict[str, str] = GOOD) -> Iterator[int]:
    """A server on this machine, with TLS when there is a certificate; its port."""
    server = _Server(("127.0.0.1", 0), partial(_Login, status=status, headers=headers))
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.new()


@pytest.fixture
def trusted(authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine trusts the authority, as it would a public one, and finds the site's name here."""
    path = tmp_path / "ca.pem"
    path.write_bytes(authority.own())
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    find = socket.getaddrinfo

    def found(host: str, *arguments: object, **options: object) -> object:
        return find("127.0.0.1" if host == HOST else host, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", found)


def findings(port: int) -> list[tuple[str, str]]:
    """(level, sentence) of each finding about the site at this port."""
    url = f"https://{HOST}:{port}"
    settings = Settings(data=Path(), database_url="sqlite://", base_url=url, secret_key="x")
    return [(finding.level, finding.say()) for finding in doctor_site.https(settings)]


pytestmark = pytest.mark.usefixtures("trusted")


def test_all_is_well(authority: Authority, tmp_path: Path) -> None:
    with serving(authority.issue(tmp_path, HOST, 60)) as port:
        assert findings(port) == [("ok", "HTTPS 证书有效，安全响应头齐全。")]


def test_a_certificate_that_ends_soon(authority: Authority, tmp_path: Path) -> None:
    with serving(authority.issue(tmp_path, HOST, 5)) as port:
        found = findings(port)
    assert [level for level, _said in found] == ["ok", "warning"]
    assert "只剩 5 天" in found[1][1]


@pytest.mark.parametrize(
    ("host", "days", "said"),
    [(HOST, -2, "已经过期"), ("elsewhere.example", 60, f"不是发给 {HOST} 的")],
    ids=["expired", "other name"],
)
def test_a_certificate_that_browsers_refuse(
    authority: Authority, tmp_path: Path, host: str, days: int, said: str
) -> None:
    with serving(authority.issue(tmp_path, host, days)) as port:
        [(level, sentence)] = findings(port)
    assert (level, said in sentence) == ("bad", True), sentence


def test_an_authority_that_nobody_knows(tmp_path: Path) -> None:
    with serving(Authority.new().issue(tmp_path, HOST, 60)) as port:
        [(level, sentence)] = findings(port)
    assert (level, "证书不被信任" in sentence) == ("bad", True), sentence


def test_a_port_without_tls() -> None:
    with serving(None) as port:
        [(level, sentence)] = findings(port)
    assert (level, "建立不了 HTTPS 连接" in sentence) == ("bad", True), sentence


def test_tls_before_something_that_is_no_web_server(authority: Authority, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.issue(tmp_path, HOST, 60))
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            plain, _address = listening.accept()
            with context.wrap_socket(plain, server_side=True) as secured:
                secured.recv(4096)
                secured.sendall(b"220 mail.example ESMTP\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        [(level, sentence)] = findings(listening.getsockname()[1])
        thread.join()
    assert (level, "建立不了 HTTPS 连接：BadStatusLine" in sentence) == ("bad", True), sentence


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    [(level, sentence)] = findings(port)
    assert (level, "连不上" in sentence) == ("warning", True), sentence


@pytest.mark.parametrize(
    ("status", "headers", "said"),
    [
        (502, GOOD, "502"),
        (200, {}, "缺少"),
        (200, dict.fromkeys(doctor_site.WANTED_HEADERS, "x"), "没有 Strict-Transport-Security"),
    ],
)
def test_what_the_site_answers_is_judged(
    authority: Authority, tmp_path: Path, status: int, headers: dict[str, str], said: str
) -> None:
    with serving(authority.issue(tmp_path, HOST, 60), status, headers) as port:
        assert said in findings(port)[0][1]


def test_the_shipped_proxy_is_as_the_doctor_wants_it(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """nginx as shipped, with a certificate; its plain port sends to HTTPS whatever was asked for."""
    sqlite_database.close()
    environment = {
        "PINGYI_DATA": str(tmp_path),
        "PINGYI_DATABASE_URL": sqlite_database.url,
        "PINGYI_BASE_URL": f"https://{HOST}",
        "PINGYI_SECRET_KEY": SECRET,
        "PINGYI_TRUSTED_PROXIES": "1",
    }
    with running(tmp_path, "survey.wsgi:create()", environment) as stack:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        found = findings(stack.port)
        plain = http.client.HTTPConnection("127.0.0.1", stack.plain, timeout=30)
        plain.request("GET", "/s/2026-q4?x=1", headers={"Host": "evil.example"})
        answer = plain.getresponse()
        plain.close()
    assert [level for level, _said in found] == ["ok", "warning"], found  # the certificate is of a day
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}/s/2026-q4?x=1")
