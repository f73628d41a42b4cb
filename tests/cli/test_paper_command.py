"""`pingyi paper print|read|report` by hand, and forms of a round with two machines."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner, Result
from county import County
from keys_of_examples import VECTORS
from PIL import Image
from served import running

from survey.cli import main
from survey.database.engine import Database
from survey.paper.station.ends import CAST
from survey.paper.station.folder import COUNT, Station
from survey.paper.station.settling import Settling
from survey.paper.station.signing import confirmed
from survey.protocol.canonical_json import canonical_json
from survey.services.invitations import issuing
from survey.services.people import passwords
from survey.texts import grouped
from tests.paper.conftest import site_of
from tests.paper.rounds import described, invited, questionnaire
from tests.paper.stations import begun, keep_form


@pytest.fixture
def place(
    sqlite_database: Database, _cheap_keys: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> County:
    monkeypatch.setenv("PINGYI_DATABASE_URL", sqlite_database.url)
    monkeypatch.setenv("PINGYI_SECRET_KEY", "a secret of the tests, long enough to be one")
    monkeypatch.setenv("PINGYI_DATA", str(tmp_path))
    monkeypatch.setenv("PINGYI_BASE_URL", "https://pingyi.example")
    return County(sqlite_database).populate().draft()


def run(*arguments: object, typed: str | None = None) -> Result:
    return CliRunner().invoke(main, ["paper", *map(str, arguments)], input=typed)


def test_print_and_read(place: County, tmp_path: Path) -> None:
    forms, station = tmp_path / "forms.pdf", tmp_path / "station"
    result = run("print", place.slug, "--count", 3, "--out", forms)
    assert result.exit_code == 0, result.output
    assert place.round().frozen
    assert (forms.stat().st_mode & 0o077) == 0
    assert "已签发 3 份" in result.output
    again = run("print", place.slug, "--count", 3, "--out", forms)
    assert again.exit_code == 2
    assert "不会覆盖" in again.output
    (tmp_path / "round.json").write_bytes(canonical_json(place.description().to_dict()))
    Image.new("L", (1600, 2300), 255).save(tmp_path / "blank.png")
    url = f"https://pingyi.example/s/{place.slug}"
    offline = ("--url", url, "--round", tmp_path / "round.json", "--workers", 1)
    (tmp_path / "broken.png").write_bytes(b"no picture")
    bad = (tmp_path / "broken.png", tmp_path / "none.pdf")
    result = run("read", station, bad[0], forms, bad[1], tmp_path / "blank.png", *offline)
    assert result.exit_code == 2
    assert "blank.png 第 1 页：空白页" in result.output
    assert "收回 3 份" in result.output
    assert [line.partition("。")[0] for line in result.stderr.splitlines()[-3:-1]] == [
        "文件“broken.png”不是图像",
        "没有文件“none.pdf”",
    ]
    assert "有 2 处没有读" in result.stderr
    assert len(Settling(Station(station)).forms()) == 3
    result = run("read", station, *bad, forms, "--language", "en")
    assert result.exit_code == 2
    assert not re.search("[\u4e00-\u9fff]", result.output)
    assert run("read", station, forms).exit_code == 0
    result = run("report", station, "--handed-out", 3, "--out", tmp_path / "report.txt")
    assert "没有填写，不计  3" in (tmp_path / "report.txt").read_text("utf-8")
    assert run("report", station, "--handed-out", 2).exit_code == 2


@pytest.mark.parametrize("command", ["paper", "links"])
def test_a_file_of_codes_has_its_name_only_when_they_are_valid(
    place: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """Killed in between, people would print and hand out what the box does not know."""
    out = tmp_path / ("forms.pdf" if command == "paper" else "links.xlsx")
    seen = list[bool]()
    store = issuing.store

    def look(*given: Any) -> None:
        seen.append(out.exists())
        store(*given)

    monkeypatch.setattr(issuing, "store", look)
    arguments = ("print", place.slug) if command == "paper" else ("issue", place.slug)
    result = CliRunner().invoke(main, [command, *arguments, "--count", "2", "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert seen == [False]
    assert out.exists()
    assert (out.stat().st_mode & 0o077) == 0
    assert not list(tmp_path.glob(f".{out.name}*"))


def test_two_that_issue_into_one_file_keep_both_lists(
    place: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each holds the only copy of its codes."""
    out, store = tmp_path / "forms.pdf", issuing.store

    def meanwhile(*given: Any) -> None:
        store(*given)
        out.write_text("the codes of another", encoding="utf-8")

    monkeypatch.setattr(issuing, "store", meanwhile)
    result = run("print", place.slug, "--count", 2, "--out", out)
    assert result.exit_code == 2
    assert out.read_text("utf-8") == "the codes of another"
    (kept,) = tmp_path.glob(".forms.pdf.*")
    assert f"写好的内容在 {kept}" in result.output
    assert kept.read_bytes().startswith(b"%PDF")


def test_what_is_no_description_of_a_round_is_named(tmp_path: Path) -> None:
    (tmp_path / "round.json").write_text("x", encoding="utf-8")
    asked = ("--url", "https://pingyi.example/s/x", "--round", tmp_path / "round.json")
    result = run("serve", tmp_path / "station", *asked)
    assert result.exit_code == 2
    assert "轮次说明无法识别" in result.output
    assert not (tmp_path / "station").exists()


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    begun(tmp_path / "station", described(questionnaire(8, 1, 5)))
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = run("serve", tmp_path / "station", "--port", port)
    assert result.exit_code == 2
    assert f"端口 {port} 用不了" in result.output


def test_a_count_that_cannot_be_made_asks_nobody_for_words(tmp_path: Path) -> None:
    round = described(questionnaire(8, 1, 5))
    station = begun(tmp_path / "station", round)
    keep_form(station, invited(round, 1)[0].code)
    for handed_out, said in ((0, "收回却有 1 份"), (3, "待投")):
        result = run("count", station.folder, "--handed-out", handed_out, typed="")
        assert result.exit_code == 2
        assert said in result.output
        assert "姓名" not in result.output


def test_what_the_site_refuses_is_said_in_the_language_asked_for(place: County, tmp_path: Path) -> None:
    Image.new("L", (100, 100)).save(tmp_path / "a.png")
    with running(site_of(place, tmp_path)) as address:
        asked = ("read", tmp_path / "new", tmp_path / "a.png", "--url", f"{address}/s/none")
        chinese, english = run(*asked), run(*asked, "--language", "en")
    assert (chinese.exit_code, english.exit_code) == (2, 2)
    assert re.search("[\u4e00-\u9fff]", chinese.output)
    assert not re.search("[\u4e00-\u9fff]", english.output), english.output


def test_a_folder_that_is_no_station_is_refused(tmp_path: Path) -> None:
    Image.new("L", (100, 100)).save(tmp_path / "a.png")
    result = run("read", tmp_path, tmp_path / "a.png")
    assert result.exit_code == 2
    assert "不是阅表站的目录" in result.output


def test_forms_of_two_machines(tmp_path: Path) -> None:
    known = json.loads(VECTORS.read_text("utf-8"))["witness"]["round"]
    (tmp_path / "round.json").write_bytes(canonical_json(known))
    made = ["make", tmp_path / "round.json", "--count", 4, "--base-url", "https://pingyi.example"]
    made += ["--out", tmp_path / "out", "--forms", "--large", "--contact", "县评议办王主任"]
    wrong = CliRunner().invoke(main, ["invitations", *map(str, made), "ask me", ""])
    assert wrong.exit_code == 2
    assert "不像电话号码" in wrong.output
    assert not (tmp_path / "out").exists()
    made += ["0310-1234567", "工作日"]
    result = CliRunner().invoke(main, ["invitations", *map(str, made)])
    assert result.exit_code == 0, result.output
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "codes-box.json",
        "codes-witness.json",
        "forms.pdf",
    ]
    forms = pypdfium2.PdfDocument(tmp_path / "out/forms.pdf")
    assert len(forms) % 4 == 0
    assert "县评议办王主任 0310-1234567（工作日）" in forms[0].get_textpage().get_text_range()


def test_two_confirm_the_count_keep_and_erase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pages of a station: each types words of one's own, on one terminal."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(1, 1024, 1))
    round = described(questionnaire(8, 1, 5))
    station = begun(tmp_path / "station", round)
    form = keep_form(station, invited(round, 1)[0].code)
    station.note_cast(form, {"state": CAST, "receipt": "AAAA-AAAA-AAAA-AAAA"})
    early = run("report", station.folder)
    assert early.exit_code == 2
    assert "还没有作记录" in early.output
    words = ("correct horse battery staple", "another line of odd words")
    mistyped = run("count", station.folder, "--handed-out", 3, typed=f"张三\n{words[0]}\n{words[1]}\n")
    assert "第一人登记\n姓名" in mistyped.output
    assert "两次填写的口令不一样" in mistyped.output
    assert not re.search("[A-Za-z]{4}", mistyped.output)
    typed = ["张三", words[0], words[0], "李四", words[1], words[1], words[0], "wrong words of nobody"]
    wrong = run("count", station.folder, "--handed-out", 3, typed="\n".join([*typed, ""]))
    assert wrong.exit_code == 2
    assert "李四的口令不对" in wrong.output
    assert confirmed(station) is None
    done = run("count", station.folder, "--handed-out", 3, typed="\n".join([*words, ""]))
    assert done.exit_code == 0, done.output
    count = confirmed(station)
    assert count is not None
    assert (count.handed_out, count.returned, count.cast, count.people) == (3, 1, 1, ("张三", "李四"))
    said = run("report", station.folder).output
    assert all(f"签名码 {grouped(key)}" in said for key in count.fingerprints)
    assert run("keep", station.folder).exit_code == 0
    assert "封存记录" in (station.folder / "kept.txt").read_text("utf-8")
    published = tmp_path / "receipts.txt"
    published.write_text("AAAA-AAAA-AAAA-AAAA\n", encoding="utf-8")
    late = keep_form(station, invited(round, 2)[1].code)  # a page that comes late
    stale = run("erase", station.folder, published)
    assert stale.exit_code == 2
    assert "作记录以后表又有变化" in stale.output
    assert run("erase", station.folder, published, "--handed-out", 3).exit_code == 2, "not without the two"
    assert run("count", station.folder, "--handed-out", 3, typed="\n".join([*words, ""])).exit_code == 2
    for path in (station.folder / "pages").glob(f"{late}*"):
        path.unlink()
    for typed in ([words[0], words[0]], [words[0], ""], []):
        alone = run("erase", station.folder, published, typed="\n".join([*typed, ""]))
        assert alone.exit_code != 0, alone.output
        assert not station.is_erased
    both = run("erase", station.folder, published, typed="\n".join([*words, ""]))
    assert both.exit_code == 0, both.output
    assert re.search(r"(?s)发出  3\n.*请先在网站上登记好 count.json.*张三的口令", both.output)
    certificate = (station.folder / "erased.txt").read_text("utf-8")
    assert "销毁证明" in certificate
    again = run("erase", station.folder, published)
    assert "已经销毁" in again.output
    assert (station.folder / "erased.txt").read_text("utf-8") == certificate
    (station.folder / COUNT).unlink()
    assert "已经销毁" in run("report", station.folder).output, "not: first make the count"
