"""`pingyi witness doctor` before the shipped proxy configuration, and on machines that are not fit."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from served import free_port
from stack import Stack, running_witness

from survey.language import translator
from survey.protocol.description import RoundDescription
from survey.witness import doctor
from tests.witness.witnessed import Place, Witness

ROUND_ID = "ab" * 16
BOX = "https://192.0.2.7"
"""RFC 5737: nobody's address, so not this machine's."""


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine that tests runs on may be root's and without time; the site is not asked."""
    monkeypatch.setattr(doctor, "is_synchronized", lambda: True)
    monkeypatch.setattr(doctor.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(doctor, "PLACES", ())
    monkeypatch.setattr(doctor, "statuses", lambda _store: iter(()))


def said(witness: Witness) -> list[str]:
    """What failed."""
    return [words.say() for passed, words in doctor.examination(witness.store) if not passed]


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Witness]:
    (tmp_path / "there").mkdir()
    made = Witness(tmp_path / "there/witness", ROUND_ID)
    yield made
    made.store.close()


def stated(witness: Witness, plain: RoundDescription) -> None:
    place = Place(witness, plain)
    witness.import_codes(place.description, place.lists[1])


@pytest.fixture
def plain() -> RoundDescription:
    import json
    from dataclasses import replace

    from keys_of_examples import VECTORS

    from survey.clock import today

    known = RoundDescription.from_dict(json.loads(VECTORS.read_text("utf-8"))["round"])
    return replace(known, opens_on=today().isoformat(), closes_on=today().isoformat())


@pytest.fixture
def behind_the_proxy(
    witness: Witness, plain: RoundDescription, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stack]:
    address = f"localhost:{free_port()}"
    witness.begin(f"https://{address}/w", BOX)
    stated(witness, plain)
    folder = witness.folder.parent
    with running_witness(folder, witness.folder, "localhost", address) as stack:
        monkeypatch.setenv("SSL_CERT_FILE", str(folder / "cert.pem"))
        yield stack


@pytest.mark.slow
@pytest.mark.usefixtures("behind_the_proxy")
def test_the_shipped_configuration_is_well_but_for_its_young_certificate(witness: Witness) -> None:
    assert said(witness) == ["证书只剩 0 天。请现在续期。"]  # the test's own certificate


@pytest.mark.slow
def test_what_a_proxy_may_do_wrong(
    behind_the_proxy: Stack, witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "FEW_DAYS", 0)
    assert said(witness) == []
    folder = witness.folder.parent
    text = (folder / "pingyi.conf").read_text()
    other = text.replace(
        "    location /w/ {", '    location /w/ {\n add_header Access-Control-Allow-Origin "*";'
    )
    (folder / "pingyi.conf").write_text(other)
    behind_the_proxy.nginx.send_signal(1)
    for _ in range(50):
        if found := said(witness):
            break
    assert found[0].startswith(f"响应里的 Access-Control-Allow-Origin 是 {BOX}、*，手机读不到回答。")
    behind_the_proxy.gunicorn.terminate()
    behind_the_proxy.gunicorn.wait(30)
    assert "Access-Control-Allow-Origin 是" in said(witness)[0]
    monkeypatch.delenv("SSL_CERT_FILE")
    assert "CERTIFICATE_VERIFY_FAILED" in said(witness)[0]


def unfit(witness: Witness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[object, str]]:
    """Name, how the machine becomes so, and what is said of it."""

    def site_here() -> None:
        (tmp_path / "etc").touch()
        monkeypatch.setattr(doctor, "PLACES", (tmp_path / "etc",))

    def site_in_the_directory() -> None:
        (witness.folder / "pingyi.sqlite3").touch(mode=0o600)

    def site_in_the_database() -> None:
        with closing(sqlite3.connect(witness.folder / "witness.sqlite3")) as connection:
            for table in doctor.OF_THE_SITE:
                connection.execute(f"CREATE TABLE {table} (id)")

    def no_time() -> None:
        monkeypatch.setattr(doctor, "is_synchronized", lambda: False)

    def full() -> None:
        monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _path: SimpleNamespace(free=5 << 20))

    return {
        "clock": (
            lambda: monkeypatch.setattr(doctor, "is_synchronized", lambda: False),
            "没有与时间服务器同步",
        ),
        "root": (lambda: monkeypatch.setattr(doctor.os, "geteuid", lambda: 0), "以 root 运行"),
        "secret": (lambda: (witness.folder / "secret.key").chmod(0o644), "secret.key 别的用户也能读"),
        "database": (
            lambda: (witness.folder / "witness.sqlite3").chmod(0o640),
            "sqlite3 别的用户也能读",
        ),
        "site": (site_here, "有评议网站的文件或数据"),
        "site's file": (site_in_the_directory, "有评议网站的文件或数据"),
        "site's tables": (site_in_the_database, "有评议网站的文件或数据"),
        "disk": (full, "磁盘只剩 5 MB"),
    }


CASES = ("clock", "root", "secret", "database", "site", "site's file", "site's tables", "disk")


@pytest.mark.parametrize("case", CASES)
def test_what_is_not_fit_is_named(
    witness: Witness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    assert said(witness) == []
    make, words = unfit(witness, tmp_path, monkeypatch)[case]
    make()  # type: ignore[operator]
    [found] = said(witness)
    assert words in found


@pytest.mark.parametrize("box", ["http://127.0.0.1:8000", "http://[::1]:8000", "https://localhost"])
def test_one_machine_for_both_is_named(witness: Witness, box: str) -> None:
    witness.begin("http://127.0.0.1:9000/w", box)
    found = said(witness)
    assert f"{box} 就是这台机器" in found[0]
    assert "不是 https" in found[1]


def test_words_in_english(witness: Witness) -> None:
    witness.begin("http://127.0.0.1:9000/w", "https://localhost")
    english = [words.say(translator("en")) for _, words in doctor.examination(witness.store)]
    assert len(english) == 6
    assert [line for line in english if re.search("[一-鿿]", line)] == []
