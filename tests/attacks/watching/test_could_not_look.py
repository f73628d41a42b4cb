"""What keeps a watcher from looking is said in words and logged as such, never as a change of the site."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner
from county import SLUG
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from served import free_port
from two_faced import Answer, TwoFaced

from survey.cli import main
from survey.watch.asking import Reply, Visitor, ask
from survey.watch.look import Look, RoundAddress
from survey.watch.store import WatchFiles
from survey.watch.watching import Watcher

HTML = {"Content-Type": "text/html"}
ANSWERS: list[tuple[Answer, str, str]] = [
    ((503, b"busy", HTML), "status", "网站回答 503"),
    ((500, b"Pingyi", HTML), "status", "网站回答 500"),
    ((404, b"nginx", HTML), "status", "网站回答 404"),
    ((302, b"", {"Location": "http://login.example/"}), "redirected", "被转到别处（http://login.example/）"),
    ((200, b"<html><h1>Welcome to nginx!", HTML), "not_pingyi", "打开的不是评议网页"),
    ((200, b"\x1f\x8b??", HTML | {"Content-Encoding": "gzip"}), "encoding", "压缩的内容解不开"),
]


@pytest.mark.parametrize(("answer", "reason", "words"), ANSWERS, ids=[r + str(a[0]) for a, r, _ in ANSWERS])
def test_it_is_no_change(honest: TwoFaced, tmp_path: Path, answer: Answer, reason: str, words: str) -> None:
    url, log = f"{honest.url}/s/{SLUG}", tmp_path / "watch.jsonl"
    arguments = ["watch", url, "--log", str(log), "--no-sources"]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    honest.answer = lambda _path: answer
    missed = CliRunner().invoke(main, arguments)
    assert (missed.exit_code, words in missed.output) == (1, True)
    english = CliRunner().invoke(main, [*arguments, "--language", "en"])
    assert (english.exit_code, "Could not look at" in english.output) == (1, True)
    honest.honest()
    assert CliRunner().invoke(main, arguments).exit_code == 0
    entries = WatchFiles(log).read().entries
    assert [entry.findings for entry in entries] == [()] * 4
    assert [{name: why["reason"] for name, why in e.missed.items()} for e in entries] == [
        {}, {"page": reason}, {"page": reason}, {},
    ]  # fmt: skip
    assert not any(entry.seen for entry in entries[1:3])


def test_one_page_that_fails_hides_nothing_of_the_others(honest: TwoFaced, watcher: Watcher) -> None:
    honest.answer = lambda path: (503, b"busy", HTML) if path.startswith("/public/") else None
    entry = watcher.write(watcher.look(RoundAddress(f"{honest.url}/s/{SLUG}"), Visitor()))
    assert set(entry.missed) == {"public", "receipts", "statement", "collected", "lists"}
    assert {"page", "scripts", "description"} <= set(entry.seen)


def test_a_round_that_never_was_is_no_change(honest: TwoFaced, watcher: Watcher) -> None:
    entry = watcher.write(watcher.look(RoundAddress(f"{honest.url}/s/never-was"), Visitor()))
    assert (entry.findings, entry.missed["page"]["reason"]) == ((), "no_round")


def test_no_network(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}/s/{SLUG}"
    found = CliRunner().invoke(main, ["watch", url, "--log", str(tmp_path / "log"), "--no-sources"])
    assert (found.exit_code, "连不上" in found.output, "Traceback" in found.output) == (1, True, False)


@pytest.fixture
def self_signed(tmp_path: Path) -> Iterator[int]:
    """A TLS server whose certificate nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    start = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(start).not_valid_after(start + datetime.timedelta(1))
    pem = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    pem += key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "both.pem").write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "both.pem")
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_refused, args=(server, context))
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def _refused(server: socket.socket, context: ssl.SSLContext) -> None:
    line, _ = server.accept()
    with line:
        try:
            context.wrap_socket(line, server_side=True).close()
        except OSError:
            return


def test_a_certificate_that_nobody_vouches_for(self_signed: int, tmp_path: Path) -> None:
    arguments = [
        "watch",
        f"https://localhost:{self_signed}/s/{SLUG}",
        "--log",
        str(tmp_path / "log"),
        "--no-sources",
    ]
    found = CliRunner().invoke(main, arguments)
    assert (found.exit_code, "证书或加密连接有误" in found.output) == (1, True)
    assert WatchFiles(tmp_path / "log").read().entries[0].missed["page"]["reason"] == "tls"


def test_another_certificate_key_is_named(honest: TwoFaced, tmp_path: Path) -> None:
    keys = iter(("aa" * 32, "bb" * 32))
    store, round_ = WatchFiles(tmp_path / "log"), RoundAddress(f"{honest.url}/s/{SLUG}")

    def looks(*about: object) -> Look:
        key = next(keys)

        def get(url: str, visitor: Visitor) -> Reply:
            reply = ask(url, visitor)
            return Reply(reply.status, reply.content, reply.location, key)

        look: Callable[..., Look] = partial(Look, get=get)
        return look(*about)

    with store.alone():
        watcher = Watcher(store, None, looks)
        assert watcher.write(watcher.look(round_, Visitor())).findings == ()
        (finding,) = watcher.write(watcher.look(round_, Visitor())).findings
    assert (finding.code, finding.field) == ("changed", "certificate.key")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["https://pingyi.example/public/2026-q4"], "应写成 https://…/s/轮次"),
        (["ftp://pingyi.example/s/2026-q4"], "应写成 https://…/s/轮次"),
        (
            ["https://pingyi.example/s/2026-q4#7K3M-9QXD-2F4H-0R5T-7K3M-9QXD-2F4H"],
            "请不要把企业的邀请码交给别人",
        ),
        (["https://pingyi.example/s/2026-q4", "--via", "http://me:secret@proxy:3128"], "不带用户名和口令"),
    ],
)
def test_what_is_asked_wrongly_is_said_and_is_no_change_either(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    refused = CliRunner().invoke(main, ["watch", *arguments, "--log", str(tmp_path / "log")])
    assert (refused.exit_code, said in refused.output) == (1, True)
    assert not (tmp_path / "log").exists()
