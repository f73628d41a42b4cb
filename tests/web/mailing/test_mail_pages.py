"""Pages of invitations by mail, over a real mail server on this machine."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from county import County, roster
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask
from flask.testing import FlaskClient
from mail_desk import MailDesk, mail_desk

from survey.services.operations import job_threads, mail_server
from survey.services.roster import enterprises
from survey.web.mailing import words

ROUND = "/admin/rounds/2026-q4"
PAGE = f"{ROUND}/mail"


@pytest.fixture
def desk() -> Iterator[MailDesk]:
    with mail_desk() as running:
        yield running


@pytest.fixture
def issued(place: County, administrator: FlaskClient) -> County:
    """Three enterprises are invited; the last has no address."""
    rows = roster(3)
    rows[0].email, rows[1].email = "a@example.com", "b@example.com"
    place.database.write(lambda s: enterprises.import_roster(s, rows, "管理员", ("email",)) and None)
    place.draft()
    administrator.post(f"{ROUND}/invitations/attributed", data={"attributed-confirm": "y"})
    job_threads.finish()
    return place


def use(site: Flask, url: str) -> None:
    object.__setattr__(site.extensions["pingyi"].settings, "smtp_url", url)


def text_of(client: FlaskClient, path: str = PAGE) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", client.get(path).text).split())


def test_the_whole_way(issued: County, administrator: FlaskClient, site: Flask, desk: MailDesk) -> None:
    assert "没有设置邮件服务器" in text_of(administrator)
    assert "没有设置邮件服务器" in administrator.post(f"{PAGE}/send").text
    use(site, desk.url)
    assert PAGE in administrator.get(f"{ROUND}/invitations/job").text
    assert "发给还在等的 2 家" in text_of(administrator)
    assert "谁读得到邮件，谁就能用这条链接" in text_of(administrator)
    desk.answers = {
        ("RCPT", "a@example.com"): "550 5.1.1 <a@example.com>: unknown",
        ("END", "b@example.com"): "",
    }
    assert administrator.post(f"{PAGE}/send").location == PAGE
    job_threads.finish()
    page = text_of(administrator)
    assert "没有这个邮箱，或者地址写错了，请核对。 550 5.1.1 &lt;a@example.com&gt;: unknown" in page
    assert "有 1 封不知道发出没有" in page
    assert "没有邮箱 1" in page
    desk.answers.clear()
    key = re.findall(r'name="key" value="(\w+)"', administrator.get(PAGE).text)[0]
    assert administrator.post(f"{PAGE}/settle", data={"key": key, "said": "perhaps"}).status_code == 400
    administrator.post(f"{PAGE}/settle", data={"key": key, "said": "missing"})
    assert administrator.post(f"{PAGE}/settle", data={"key": key, "said": "missing"}).status_code == 409
    administrator.post(f"{PAGE}/send", data={"refused": "yes"})
    job_threads.finish()
    assert desk.recipients == ["b@example.com", "a@example.com", "b@example.com"]
    assert "邮件服务器已收下 2" in text_of(administrator)
    assert administrator.get(f"{PAGE}/job.json").json["state"] == "done"


def test_without_the_pickup_code_nothing_is_sent(
    issued: County, sign_in, administrator: FlaskClient, site: Flask, desk: MailDesk
) -> None:
    use(site, desk.url)
    administrator.post("/logout")
    again = sign_in(issued.administrator)
    assert "取件码" in text_of(again)
    refused = again.post(f"{PAGE}/send", data={"code": "0000-0000-0000-0000-0000"})
    assert (refused.status_code, "取件码不对" in refused.text) == (403, True)
    assert desk.commands == []


def test_no_mail_goes_over_a_plain_connection_to_another_machine(
    issued: County, administrator: FlaskClient, site: Flask, desk: MailDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server offers no STARTTLS; it is another machine for all that we know."""
    use(site, desk.url)
    monkeypatch.setattr(mail_server, "is_loopback", lambda _url: False)
    administrator.post(f"{PAGE}/send")
    job_threads.finish()
    assert "不加密的连接只允许连本机" in text_of(administrator)
    assert set(desk.commands) == {"EHLO"}


def test_another_machine_is_asked_for_starttls_and_its_certificate(
    issued: County,
    administrator: FlaskClient,
    site: Flask,
    desk: MailDesk,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    use(site, desk.url.replace("127.0.0.1", "localhost"))
    monkeypatch.setattr(mail_server, "is_loopback", lambda _url: False)
    own = certificate(tmp_path)
    desk.starttls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    desk.starttls.load_cert_chain(own)
    administrator.post(f"{PAGE}/send")
    job_threads.finish()
    assert "证书通不过检查" in text_of(administrator)
    assert desk.got == []
    trusting = ssl.create_default_context(cafile=str(own))
    monkeypatch.setattr(mail_server.ssl, "create_default_context", lambda: trusting)
    administrator.post(f"{PAGE}/send")
    job_threads.finish()
    assert len(desk.got) == 2
    assert desk.commands.index("STARTTLS") < desk.commands.index("MAIL")


def certificate(folder: Path) -> Path:
    """One of localhost, signed by itself, with its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    day, now = timedelta(days=1), datetime.now(UTC)
    made = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now - day, now + day
    )
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    signed = made.add_extension(names, critical=False).sign(key, hashes.SHA256())
    form = serialization.PrivateFormat.PKCS8
    plain = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    path = folder / "own.pem"
    path.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + plain)
    return path


def test_a_practice_round_sends_none(place: County, administrator: FlaskClient, site: Flask) -> None:
    use(site, "smtp://127.0.0.1:9?from=a@b&to=a@b")
    place.slug = "practice-2026-q4"
    place.draft(keys=False, trial=True, slug="2026-q4")
    assert "练习轮不发邮件" in text_of(administrator, "/admin/rounds/practice-2026-q4/mail")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("550 5.1.1 User unknown", "没有这个邮箱"),
        ("550 User unknown", "没有这个邮箱"),
        ("452 4.2.2 Over quota", "满了"),
        ("552 5.2.2 Over quota", "满了"),
        ("550 5.7.1 Relaying denied", "垃圾邮件"),
        ("554", "垃圾邮件"),
        ("450 4.2.0 Greylisted", "过一会儿"),
        ("571 no", "对方不收"),
        ("", ""),
    ],
)
def test_a_refusal_in_plain_words(answer: str, said: str) -> None:
    assert (said in words.reason(answer)) if said else words.reason(answer) == ""
