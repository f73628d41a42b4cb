"""The dossier for offices: what it names exists, every answer begins with one, all of it prints."""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import Path

import pytest
from pypdf import PdfReader

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "docs"))
import dossier  # noqa: E402
import dossier_pdf  # noqa: E402

FILES = sorted(dossier.FOLDER.glob("*.md"))
NAMED = re.compile(r"`([^`]+)`")
PLACE = re.compile(r"(?P<path>[\w.-]+(?:/[\w.-]+)+/?|[\w-]+\.(?:md|txt|cfg|toml)|Makefile)(?::(?P<name>.+))?")
ANSWERS = ("是", "部分", "否", "不适用")
# Places on a machine and commands, not in the sources.
ELSEWHERE = ("backups/", "build/准入.pdf", "/s/")


def named(text: str) -> list[str]:
    return [found for found in NAMED.findall(text) if PLACE.fullmatch(found) and found not in ELSEWHERE]


def exists(place: str) -> bool:
    """Whether a file of the sources, and the function, class or words that are named in it, are there."""
    parts = PLACE.fullmatch(place)
    assert parts
    path, name = ROOT / parts["path"], parts["name"]
    if not path.exists() or not name:
        return path.exists()
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py" or not name.isidentifier():
        return name in text
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return any(isinstance(node, kinds) and node.name == name for node in ast.walk(ast.parse(text)))


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_every_place_that_is_named_exists(file: Path) -> None:
    assert [place for place in named(file.read_text(encoding="utf-8")) if not exists(place)] == []


def test_the_check_notices_what_is_not_there() -> None:
    assert sum(len(named(file.read_text(encoding="utf-8"))) for file in FILES) > 150
    assert exists("survey/services/roster/contacts.py:erase_when_over")
    assert not exists("survey/services/roster/contacts.py:erase")
    assert not exists("survey/services/nothing.py:erase_when_over")
    assert not exists("tests/services/roster/test_contacts.py:test_nothing_of_the_kind")
    assert exists("SECURITY.md:No WAL archive")
    assert not exists("SECURITY.md:A key vault")
    assert named("`docs/nothing.md` `pingyi restore` `age` `Makefile`") == ["docs/nothing.md", "Makefile"]


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_every_requirement_has_an_answer_and_what_it_rests_on(file: Path) -> None:
    """是 rests on something that can be looked up."""
    for table in tables(file):
        if table[0][:1] not in (["要求"], ["要求※"]):
            continue
        for wanted, answer, rests in table[1:]:
            begun = re.match(r"是|部分|否|不适用", answer)
            assert begun, f"{wanted}: {answer}"
            assert begun[0] in ANSWERS
            assert begun[0] != "是" or named(rests) or "见下" in answer, wanted


def tables(file: Path) -> list[list[list[str]]]:
    return [block["cells"] for block in dossier_pdf.blocks(file) if block["kind"] == "table"]


def test_every_file_is_in_the_list_and_the_list_in_the_readmes() -> None:
    listed = (dossier.FOLDER / "README.md").read_text(encoding="utf-8")
    assert [f.name for f in FILES if f"]({f.name})" not in listed] == ["README.md"]
    for page in ("README.md", "README.zh-CN.md", "docs/operations.md"):
        assert "准入/README.md" in (ROOT / page).read_text(encoding="utf-8"), page


def test_the_bill_of_materials_is_current() -> None:
    for path, text in dossier.current():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: make docs"


def test_the_bill_names_every_package_once() -> None:
    bill = json.loads(dossier.BILL.read_text(encoding="utf-8"))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    assert sorted(f"{c['name']}=={c['version']}" for c in bill["components"]) == sorted(pins)
    assert "timestamp" not in json.dumps(bill)
    assert all(c["licenses"] and c["purl"].startswith("pkg:pypi/") for c in bill["components"])


def test_nothing_that_runs_is_under_gpl() -> None:
    bill = json.loads(dossier.BILL.read_text(encoding="utf-8"))
    used = [json.dumps(c["licenses"]) for c in bill["components"] if c["scope"] != "excluded"]
    assert [licence for licence in used if re.search(r"(?<!L)GPL", licence)] == []


def test_what_is_installed_otherwise_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dossier, "pinned", lambda: {"flask": ("Flask", "0.1")})
    with pytest.raises(dossier.Stale, match=r"constraints\.txt has 0\.1"):
        dossier.packages()


def test_all_of_it_prints_as_one_document(tmp_path: Path) -> None:
    target = tmp_path / "all.pdf"
    dossier_pdf.write(target)
    text = "".join(page.extract_text() for page in PdfReader(target).pages)
    for title in ("等级保护", "密码应用", "个人信息", "网络日志", "无障碍与适老化", "开源许可", "移交与停用"):
        assert title in text, title
