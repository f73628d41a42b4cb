"""The shipped configurations of nginx and gunicorn, running here with one folder for all their files."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from served import free_port

ROOT = Path(__file__).resolve().parents[2]
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
NO_NGINX = "NO NGINX: the logs of the shipped proxy configuration were not read (apt install nginx-light)"
HOST = "pingyi.example.gov.cn"
WITNESS = "witness.example.gov.cn"
PATIENCE = 60.0

# Logs as a distribution sets them up, so that a forgotten `off` shows.
MAIN = """
user {user}; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/main-error.log notice;
events {{ worker_connections 256; }}
http {{
    access_log {folder}/main-access.log; error_log {folder}/http-error.log info;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/pingyi.conf;
    server {{ listen 127.0.0.1:{naive}; location / {{ proxy_pass http://{upstream}; }} }}
}}
"""


@dataclass
class Stack:
    """Where it runs; `plain` is the port without TLS, `naive` that of a proxy without our precautions."""

    folder: Path
    port: int
    naive: int
    gunicorn: subprocess.Popen[bytes]
    nginx: subprocess.Popen[bytes]
    plain: int
    host: str = HOST

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
        source: str,
        naive: bool = False,
    ) -> tuple[int, bytes]:
        """Status and body of one request, sent from the loopback address `source`."""
        address, options = ("127.0.0.1", self.naive if naive else self.port), {"source_address": (source, 0)}
        if naive:
            connection = http.client.HTTPConnection(*address, timeout=PATIENCE, **options)
        else:
            context = ssl.create_default_context(cafile=str(self.folder / "cert.pem"))
            connection = _Connection(*address, timeout=PATIENCE, context=context, **options)
            connection.name = self.host
        with contextlib.closing(connection):
            connection.request(method, path, body, {"Host": self.host, **headers})
            answer = connection.getresponse()
            return answer.status, answer.read()

    def stop(self) -> None:
        for process in (self.gunicorn, self.nginx):
            process.terminate()
            process.wait(timeout=PATIENCE)

    def files(self) -> dict[str, bytes]:
        """Content of every file in the folder."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file() and path.suffix not in (".pem", ".conf", ".py")
        }


class _Connection(http.client.HTTPSConnection):
    """HTTPS to this machine that asks for, and checks, the site's name."""

    name: str

    def connect(self) -> None:
        plain = socket.create_connection((self.host, self.port), self.timeout, self.source_address)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.name)


def nginx_or_skip() -> str:
    if NGINX is None:
        if os.environ.get("CI") == "true":
            pytest.fail(NO_NGINX)
        pytest.skip(NO_NGINX)
    return NGINX


@contextlib.contextmanager
def running(
    folder: Path,
    application: str,
    environment: Mapping[str, str],
    *,
    granian: bool = False,
    logged: str = "",
) -> Iterator[Stack]:
    """Both servers over `application` (module:factory, found in `folder`), every log in `folder`.

    With `granian` the site as `pingyi serve` runs it, whatever `application` is. `logged` is a round that the
    proxy's configuration names as one with a witness.
    """
    ports = [free_port() for _ in range(4)]
    text = _of_this_machine("nginx.conf", folder, ports, "server 127.0.0.1:8000;")
    if logged:
        [sample] = [line for line in text.splitlines() if "2026-q4" in line]
        text = text.replace(sample, sample.replace("# ", "", 1).replace("2026-q4", logged))
    if granian:
        command = [sys.executable, "-m", "survey.cli", "serve", "--port", str(ports[0])]
    else:
        command = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "deploy" / "gunicorn.conf.py")]
        command += ["--bind", f"127.0.0.1:{ports[0]}", application]
    with _started(folder, command, environment, text, ports, HOST) as stack:
        yield stack


@contextlib.contextmanager
def running_witness(folder: Path, data: Path, host: str = WITNESS, address: str = "") -> Iterator[Stack]:
    """nginx and `pingyi witness serve` over the data directory; `address` of a port (host:port) for TLS."""
    ports = [free_port() for _ in range(4)]
    if address:
        ports[2] = int(address.rpartition(":")[2])
    text = _of_this_machine("nginx-witness.conf", folder, ports, "server 127.0.0.1:9000;")
    text = text.replace(WITNESS, host)
    command = [sys.executable, "-m", "survey.cli", "witness", "serve", "--port", str(ports[0])]
    with _started(folder, command, {"PINGYI_DATA": str(data)}, text, ports, host) as stack:
        yield stack


@contextlib.contextmanager
def _started(
    folder: Path,
    command: list[str],
    environment: Mapping[str, str],
    configuration: str,
    ports: list[int],
    host: str,
) -> Iterator[Stack]:
    program = nginx_or_skip()
    _write_certificate(folder, host)
    (folder / "pingyi.conf").write_text(configuration)
    user = "root" if os.getuid() == 0 else "nobody"
    upstream = "pingyi_witness" if host != HOST else "pingyi"
    main = MAIN.format(folder=folder, naive=ports[3], user=user, upstream=upstream)
    (folder / "main.conf").write_text(main)
    for name in ("tmp", "body", "proxy", "fastcgi", "uwsgi", "scgi"):
        (folder / name).mkdir()
    places = {"TMPDIR": str(folder / "tmp"), "PYTHONPATH": f"{ROOT}:{folder}", "PYTHONDONTWRITEBYTECODE": "1"}
    with (folder / "gunicorn.log").open("wb") as log:
        gunicorn = subprocess.Popen(
            command, env=os.environ | environment | places, stdout=log, stderr=log, cwd=folder
        )
    with (folder / "nginx.log").open("wb") as log:
        command = [program, "-p", str(folder), "-c", str(folder / "main.conf"), "-g", "daemon off;"]
        nginx = subprocess.Popen(command, stdout=log, stderr=log)
    stack = Stack(folder, ports[2], ports[3], gunicorn, nginx, ports[1], host)
    try:
        _wait(stack)
        yield stack
    finally:
        stack.stop()


def _of_this_machine(name: str, folder: Path, ports: list[int], upstream: str) -> str:
    """The shipped file, with other ports and places."""
    text = (ROOT / "deploy" / name).read_text()
    port, plain, secure, _ = ports
    changes = {
        upstream: f"server 127.0.0.1:{port};",
        "    listen 80;\n    listen [::]:80;\n": f"    listen 127.0.0.1:{plain};\n",
        "    listen [::]:443 ssl http2;\n": "",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{secure} ssl http2;",
        "/etc/ssl/pingyi/fullchain.pem": f"{folder}/cert.pem",
        "/etc/ssl/pingyi/privkey.pem": f"{folder}/key.pem",
        "/var/log/pingyi/": f"{folder}/",
    }
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text.replace("/var/log/nginx/", f"{folder}/")


def _write_certificate(folder: Path, host: str) -> None:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(key.private_bytes(*form))


def _wait(stack: Stack) -> None:
    deadline = time.monotonic() + PATIENCE
    path = "/static/none" if stack.host == HOST else "/w/static/none"
    while time.monotonic() < deadline:
        for process in (stack.gunicorn, stack.nginx):
            assert process.poll() is None, {
                name: text[-2000:] for name, text in stack.files().items() if "log" in name
            }
        with contextlib.suppress(OSError, http.client.HTTPException):
            if stack.send("GET", path, None, {}, "127.0.0.1")[0] == http.HTTPStatus.NOT_FOUND:
                return
        time.sleep(0.2)
    raise AssertionError("the servers did not start")
