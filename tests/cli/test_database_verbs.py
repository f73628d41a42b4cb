"""`pingyi migrate`, `user`, `links` and `box`, as somebody types them."""

from __future__ import annotations

import contextlib
import io
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from county import PASSWORD, County
from openpyxl import Workbook, load_workbook

from survey.cli import main
from survey.database.engine import Database
from survey.documents.uploads.credit_code import complete_credit_code
from survey.models import Role
from survey.protocol.box.export import read_box
from survey.services.people import accounts
from survey.services.rounds import lifecycle

pytestmark = pytest.mark.usefixtures("_cheap_keys")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data directory, and nothing of the environment."""
    for name in ("PINGYI_DATA", "PINGYI_DATABASE_URL", "PINGYI_SECRET_KEY", "PINGYI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "data"


def pingyi(folder: Path, *arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, [*arguments, "--data", str(folder)], input=typed)


def county_in(folder: Path) -> County:
    secret = (folder / "secret.key").read_text().strip()
    return County(Database(f"sqlite:///{folder / 'pingyi.sqlite3'}", secret_key=secret))


def test_migrating_twice(folder: Path) -> None:
    first, second = pingyi(folder, "migrate"), pingyi(folder, "migrate")
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "升级到" in first.output
    assert "已是最新" in second.output


def test_a_database_that_was_not_made_yet(folder: Path) -> None:
    result = pingyi(folder, "user", "add", "张三", "--role", "reviewer", "--password-stdin", typed=PASSWORD)
    assert result.exit_code == 2
    assert "pingyi migrate" in result.output
    assert "Traceback" not in result.output


def test_adding_users(folder: Path) -> None:
    pingyi(folder, "migrate")
    add = ("user", "add", "张三", "--role", "reviewer", "--body", "县人大", "--password-stdin")
    assert pingyi(folder, *add, typed=f"{PASSWORD}\n").exit_code == 0
    again = pingyi(folder, *add, typed=f"{PASSWORD}\n")
    assert (again.exit_code, "已经存在" in again.output) == (2, True)
    short = pingyi(folder, "user", "add", "李四", "--role", "reviewer", "--password-stdin", typed="short\n")
    assert (short.exit_code, "密码" in short.output) == (2, True)
    role = pingyi(folder, "user", "add", "李四", "--role", "god", "--password-stdin", typed=f"{PASSWORD}\n")
    assert (role.exit_code, "角色" in role.output) == (2, True)
    prompted = pingyi(
        folder, "user", "add", "王五", "--role", "administrator", typed=f"{PASSWORD}\n{PASSWORD}\n"
    )
    assert prompted.exit_code == 0
    assert PASSWORD not in prompted.output
    place = county_in(folder)
    with place.database.read() as session:
        assert accounts.authenticate(session, "张三", PASSWORD).body == "县人大"
        assert [user.name for user in accounts.list_users(session, Role.ADMINISTRATOR)] == ["王五"]
    place.database.close()


@pytest.fixture
def drafted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> County:
    pingyi(folder, "migrate")
    place = county_in(folder)
    monkeypatch.setattr("county.SECRET", place.database.secret_key)
    yield place.populate().draft()
    place.database.close()


def test_slips_are_issued_into_a_private_file(drafted: County, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "links.xlsx"
    result = pingyi(folder, "links", "issue", drafted.slug, "--count", "12", "--out", str(out))
    assert result.exit_code == 0, result.output
    assert out.stat().st_mode & 0o777 == 0o600
    cells = {str(cell.value) for sheet in load_workbook(out) for row in sheet for cell in row}
    links = [cell for cell in cells if cell.startswith("http") and "#" in cell]
    assert len(links) == 12
    drafted.start()
    drafted.phone(links[0].split("#")[1]).answer()
    again = pingyi(folder, "links", "issue", drafted.slug, "--count", "1", "--out", str(out))
    assert (again.exit_code, "已经存在" in again.output) == (2, True)


def test_a_roster_is_imported_and_invited(drafted: County, folder: Path, tmp_path: Path) -> None:
    book, content = Workbook(), io.BytesIO()
    book.active.append(["企业名称", "统一社会信用代码", "联系人", "手机"])
    for number in range(3):
        book.active.append([f"企业{number}", complete_credit_code(f"91130999MA{number:07d}"), "王", ""])
    book.save(content)
    roster, out = tmp_path / "roster.xlsx", tmp_path / "out.xlsx"
    roster.write_bytes(content.getvalue())
    issue = ("links", "issue", drafted.slug, "--roster", str(roster))
    result = pingyi(folder, *issue, "--out", str(out))
    assert result.exit_code == 0, result.output
    cells = {str(cell.value) for sheet in load_workbook(out) for row in sheet for cell in row}
    assert {"企业0", "企业1", "企业2"} <= cells
    again = pingyi(folder, *issue, "--out", str(tmp_path / "second.xlsx"))
    assert (again.exit_code, "没有还未邀请的企业" in again.output) == (2, True)


def test_nobody_waits_for_the_file_to_be_made(
    drafted: County, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attack: setting slips inside the transaction keeps every ballot waiting for a minute."""
    from survey.documents.lists import links_xlsx

    write = links_xlsx.write_links

    def meanwhile(*arguments: Any, **options: Any) -> bytes:
        other = sqlite3.connect(folder / "pingyi.sqlite3", timeout=0, isolation_level=None)
        with contextlib.closing(other):
            other.execute("BEGIN IMMEDIATE")  # raises when somebody else is writing
        return write(*arguments, **options)

    monkeypatch.setattr(links_xlsx, "write_links", meanwhile)
    out = tmp_path / "links.xlsx"
    result = pingyi(folder, "links", "issue", drafted.slug, "--count", "3", "--out", str(out))
    assert result.exit_code == 0, result.output


def test_a_file_whose_codes_did_not_become_valid_is_deleted(
    drafted: County, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from survey.documents.lists import links_xlsx

    write = links_xlsx.write_links

    def cancelled_meanwhile(*arguments: Any, **options: Any) -> bytes:
        drafted.act(lambda s, r: lifecycle.cancel_round(s, r, "管理员", "停办", second="评议员0"))
        return write(*arguments, **options)

    monkeypatch.setattr(links_xlsx, "write_links", cancelled_meanwhile)
    out = tmp_path / "links.xlsx"
    result = pingyi(folder, "links", "issue", drafted.slug, "--count", "3", "--out", str(out))
    assert (result.exit_code, "取消" in result.output) == (2, True), result.output
    assert list(tmp_path.glob("*.xlsx")) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--count", "3"), "不存在的目录"),
        (("--count", "3", "--all"), "恰好给出一个"),
        ((), "恰好给出一个"),
        (("--roster", "nothing.xlsx"), "读不了"),
    ],
)
def test_what_cannot_be_issued_leaves_nothing(
    drafted: County, folder: Path, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    out = tmp_path / ("不存在的目录/links.xlsx" if arguments == ("--count", "3") else "links.xlsx")
    result = pingyi(folder, "links", "issue", drafted.slug, *arguments, "--out", str(out))
    assert result.exit_code == 2
    assert words in result.output
    assert "Traceback" not in result.output
    assert not out.exists()
    assert not drafted.round().frozen


def test_exporting_a_box(drafted: County, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "box.jsonl"
    early = pingyi(folder, "box", "export", drafted.slug, str(out))
    assert (early.exit_code, "还没有截止" in early.output, out.exists()) == (2, True, False)
    drafted.issue(2).start().phone().answer()
    drafted.close()
    assert pingyi(folder, "box", "export", drafted.slug, str(out)).exit_code == 0
    with out.open("rb") as file:
        assert read_box(file).counts.cast == 1
    unknown = pingyi(folder, "box", "export", "nothing", str(out))
    assert (unknown.exit_code, "没有这个轮次" in unknown.output) == (2, True)
    wrong = pingyi(folder, "box", "import", drafted.slug, str(out))
    assert (wrong.exit_code, "不是开箱结果文件" in wrong.output) == (2, True)
