"""`pingyi invitations make`: links or slips and a list for each machine, without a database."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from keys_of_examples import VECTORS
from openpyxl import Workbook

from survey.cli import main
from survey.cli.linkfile import read_codes
from survey.protocol.canonical_json import canonical_json
from survey.protocol.codes import box_code, parse_pinned, witness_code
from survey.protocol.description import RoundDescription
from survey.protocol.witness.code_lists import CodeList

KNOWN = json.loads(VECTORS.read_text("utf-8"))
SITE = "https://pingyi.example"


def run(*arguments: object, verb: str = "make") -> Result:
    return CliRunner().invoke(main, ["invitations", verb, *map(str, arguments)])


@pytest.fixture
def round_json(tmp_path: Path) -> Path:
    path = tmp_path / "round.json"
    path.write_bytes(canonical_json(KNOWN["witness"]["round"]))
    return path


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    book = Workbook()
    book.active.append(["企业名称", "统一社会信用代码", "联系人", "电话", "规模"])
    for n in range(7):
        book.active.append([f"企业{n}", _code(n), "王", f"1380000000{n}", "小"])
    path = tmp_path / "roster.xlsx"
    book.save(path)
    return path


def _code(n: int) -> str:
    """A credit code with its check character (GB 32100-2015)."""
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = f"91130900MA{n:07d}"
    total = sum(letters.index(letter) * pow(3, place, 31) for place, letter in enumerate(body))
    return body + letters[(31 - total % 31) % 31]


def test_links_and_a_list_for_each_machine(round_json: Path, roster: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run(round_json, "--roster", roster, "--base-url", SITE, "--out", out)
    assert result.exit_code == 0, result.output
    description = RoundDescription.from_dict(KNOWN["witness"]["round"])
    for_box = CodeList.from_json((out / "codes-box.json").read_text("utf-8"))
    for_witness = CodeList.from_json((out / "codes-witness.json").read_text("utf-8"))
    for_box.check_of(description, "box")
    for_witness.check_of(description, "witness")
    secrets = [parse_pinned(code) for code in read_codes(out / "links.xlsx", description.slug)]
    assert {pin for _, pin in secrets} == {description.check_number}
    for listed, half in ((for_box, box_code), (for_witness, witness_code)):
        hashes = sorted(hashlib.sha256(half(code, description.id)).hexdigest() for code, _ in secrets)
        assert list(listed.codes) == hashes
    assert sorted(for_box.enterprises) == sorted(_code(n) for n in range(7))
    assert for_box.digest in result.output
    assert for_witness.digest in result.output
    assert all((out / name).stat().st_mode & 0o077 == 0 for name in ("links.xlsx", "codes-box.json"))
    again = run(round_json, "--roster", roster, "--base-url", SITE, "--out", out)
    assert (again.exit_code, "不会覆盖" in again.output) == (2, True)


def test_slips(round_json: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run(round_json, "--count", 12, "--base-url", SITE, "--out", out).exit_code == 0
    assert (out / "slips.pdf").read_bytes().startswith(b"%PDF")
    for_box = CodeList.from_json((out / "codes-box.json").read_text("utf-8"))
    assert (len(for_box.codes), for_box.enterprises) == (12, ())


def test_a_lost_link_is_made_anew_without_the_old_code(
    round_json: Path, roster: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    assert run(round_json, "--roster", roster, "--base-url", SITE, "--out", first).exit_code == 0
    description, kept = RoundDescription.from_dict(KNOWN["witness"]["round"]), first / "issued.json"
    codes = read_codes(first / "links.xlsx", description.slug)
    text = kept.read_text("utf-8")
    assert kept.stat().st_mode & 0o077 == 0
    assert not any(part in text for code in codes for part in (code, parse_pinned(code)[0].hex()))
    (first / "links.xlsx").unlink()  # as its own message says
    common = [round_json, kept, "--roster", roster, "--base-url", SITE, "--out", second]
    made = run(*common, "--enterprise", _code(3), verb="replace")
    assert made.exit_code == 0, made.output
    (new,) = read_codes(second / "links.xlsx", description.slug)
    secret = parse_pinned(new)[0]
    old = next(row for row in json.loads(text)["issued"] if row[0] == _code(3))
    half = {"box": box_code, "witness": witness_code}
    for machine, place in (("box", 1), ("witness", 2)):
        listed = CodeList.from_json((second / f"codes-{machine}.json").read_text("utf-8"))
        listed.check_of(description, machine)
        assert list(listed.replaces) == [old[place]]
        assert list(listed.codes) == [hashlib.sha256(half[machine](secret, description.id)).hexdigest()]
        assert old[place] in json.loads((first / f"codes-{machine}.json").read_text("utf-8"))["codes"]
    assert len({code for code in codes if parse_pinned(code)[0] == secret}) == 0
    for arguments in (
        [*common[:-1], tmp_path / "x", "--enterprise", _code(9)],
        [round_json, round_json, *common[2:-1], tmp_path / "x", "--enterprise", _code(3)],
    ):
        refused = run(*arguments, verb="replace")
        assert (refused.exit_code, "issued.json" in refused.output) == (2, True), refused.output


def test_what_is_wrong_is_said(round_json: Path, roster: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    plain, draft, bad = tmp_path / "plain.json", tmp_path / "draft.json", tmp_path / "bad.csv"
    plain.write_bytes(canonical_json(KNOWN["round"]))
    draft.write_bytes(canonical_json(KNOWN["witness"]["round"] | {"complete": False}))
    bad.write_text("企业名称,统一社会信用代码\n甲,123\n", "utf-8")
    for arguments in (
        [round_json, "--base-url", SITE],
        [round_json, "--base-url", SITE, "--count", 3, "--roster", roster],
        [round_json, "--base-url", "pingyi.example", "--count", 3],
        [plain, "--base-url", SITE, "--count", 3],
        [draft, "--base-url", SITE, "--count", 3],
        [roster, "--base-url", SITE, "--count", 3],
        [round_json, "--base-url", SITE, "--roster", bad],
    ):
        result = run(*arguments, "--out", out)
        assert result.exit_code == 2, arguments
        assert "Traceback" not in result.output
    assert not out.exists()
