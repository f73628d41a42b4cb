"""`pingyi open` and `pingyi verify` on a computer without network or database."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ballot_workshop import Workshop
from click.testing import CliRunner, Result

from survey.cli import main
from survey.protocol.box.opened import BoxContents
from survey.protocol.box.opening import open_ballots
from survey.protocol.holders.keyfile import create_key_file
from survey.protocol.receipt_list import write_receipts
from survey.protocol.receipts import format_receipt, receipt_bytes

PASSPHRASES = ("第一 one", "第二 two")
RANKING: dict[str, Any] = {"version": 1, "departments": []}


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("used the network"))


@pytest.fixture
def ranking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("survey.cli.box.offline._rank", lambda *_: RANKING)


def prepare(made: Workshop, folder: Path) -> list[str]:
    """Writes export, key files and passphrase files; the arguments for the keys."""
    (folder / "box.jsonl").write_bytes(made.export().getvalue())
    arguments = []
    for number, (holder, key) in enumerate(zip(made.description.holders, made.holder_keys, strict=True)):
        facts = {"slug": "2026-q4", "round_id": made.description.id, "holder": holder.name}
        text, _ = create_key_file(**facts, passphrase=PASSPHRASES[number], key=key)
        (folder / f"{number}.key.json").write_text(text, encoding="utf-8")
        (folder / f"{number}.txt").write_text(PASSPHRASES[number] + "\n", encoding="utf-8")
        arguments += ["--key", str(folder / f"{number}.key.json")]
        arguments += ["--passphrase-file", str(folder / f"{number}.txt")]
        arguments += ["--root", made.root.hex()[:8]]
    return arguments


def run(*arguments: str, **options: Any) -> Result:
    return CliRunner().invoke(main, list(arguments), **options)


def test_opening_offline(voted: Workshop, tmp_path: Path) -> None:
    keys = prepare(voted, tmp_path)
    result = run("open", str(tmp_path / "box.jsonl"), *keys)
    assert result.exit_code == 0, result.output
    assert "有效票 5 张，无效票 0 张" in result.output
    assert voted.root.hex() in result.output
    out = tmp_path / "box.opened.json"
    expected = open_ballots(voted.description, voted.ballots, voted.keys, merkle_root=voted.root)
    assert BoxContents.from_json(out.read_text(encoding="utf-8")) == expected
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    first = out.read_bytes()
    assert run("open", str(tmp_path / "box.jsonl"), *keys).exit_code == 0
    assert out.read_bytes() == first


def test_passphrases_are_asked_for_and_not_shown(voted: Workshop, tmp_path: Path) -> None:
    arguments = prepare(voted, tmp_path)
    keys = [*arguments[:2], *arguments[6:8]]
    said = "\n".join([*PASSPHRASES, *[voted.root.hex()[:8]] * 2])
    result = run("open", str(tmp_path / "box.jsonl"), *keys, input=said + "\n")
    assert result.exit_code == 0, result.output
    assert "持钥人0" in result.output
    assert not any(secret in result.output for secret in PASSPHRASES)


def test_what_the_root_does_not_cover_is_compared_before_a_passphrase(
    voted: Workshop, tmp_path: Path, ranking: None
) -> None:
    """Attack: departments exchanged in the first line. Root and credentials hold all the same."""
    about = voted.description
    printed = {
        "--check-number": about.check_number.lower().replace("-", " "),
        "--digest": about.frozen_digest(),
        "--fingerprint": about.blind_key_fingerprint,
    }
    keys, box = prepare(voted, tmp_path), tmp_path / "box.jsonl"
    assert run("open", str(box), *keys, *sum(printed.items(), ())).exit_code == 0
    (tmp_path / "box.opened.json").unlink()
    first, rest = box.read_text(encoding="utf-8").split("\n", 1)
    header = json.loads(first)
    header["round"]["frozen"]["questionnaire"]["departments"].reverse()
    box.write_text(json.dumps(header, ensure_ascii=False) + "\n" + rest, encoding="utf-8")
    for option in ("--check-number", "--digest"):
        refusal(run("open", str(box), *keys[:2], option, printed[option]), "轮次说明的", tmp_path)
        assert run("verify", str(box), option, printed[option]).exit_code == 2
    other = "00" * 32
    refusal(run("open", str(box), *keys[:2], "--fingerprint", other), "指纹", tmp_path)
    for option in printed:
        assert run("open", str(box), *keys, option, "").exit_code == 2
    assert run("open", str(box), *keys).exit_code == 0, "nothing in the file itself tells"


def refusal(result: Result, words: str, folder: Path) -> None:
    assert result.exit_code == 2, result.output
    assert words in result.output
    assert "Traceback" not in result.output
    assert not list(folder.glob("*opened*"))


def test_refusals_leave_nothing_behind(
    voted: Workshop, workshop: Callable[..., Workshop], tmp_path: Path
) -> None:
    keys = prepare(voted, tmp_path)
    export = tmp_path / "box.jsonl"
    refusal(run("open", str(export), *keys[:6]), "需要 2 把钥匙，现在只有 1 把", tmp_path)
    refusal(run("open", str(export), *keys[:8]), "个数应当相同", tmp_path)
    (tmp_path / "1.txt").write_text("wrong")
    refusal(run("open", str(export), *keys), "口令不对", tmp_path)
    (tmp_path / "1.txt").write_text(PASSPHRASES[1])
    export.write_bytes(voted.export().getvalue()[:-100])
    refusal(run("open", str(export), *keys), "不完整", tmp_path)
    refusal(run("open", str(export), *keys, "--language", "en"), "", tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    others = prepare(workshop(), elsewhere)
    export.write_bytes(voted.export().getvalue())
    refusal(run("open", str(export), *keys[:6], *others[6:]), "对不上", tmp_path)
    refusal(run("open", str(export), *keys, "--out", str(tmp_path / "no/where.json")), "不能写入", tmp_path)
    refusal(run("open", str(tmp_path / "0.key.json"), *keys), "不是票箱文件", tmp_path)
    refusal(run("open", str(export), "--key", str(export)), "不是钥匙文件", tmp_path)


def test_verifying(voted: Workshop, tmp_path: Path, ranking: None) -> None:
    opened = open_ballots(voted.description, voted.ballots, voted.keys, merkle_root=voted.root)
    export = tmp_path / "box.jsonl"
    export.write_bytes(voted.export(scores_digest=opened.scores.digest, ranking=RANKING).getvalue())
    mine = tmp_path / "opened.json"
    mine.write_text(opened.to_json(), encoding="utf-8")
    receipt = format_receipt(receipt_bytes(voted.ballots[2].sealed))
    result = run(
        "verify", str(export), "--receipt", receipt, "--root", voted.root.hex(), "--opened", str(mine)
    )
    assert result.exit_code == 0, result.output
    assert len(re.findall("^✓", result.output, re.MULTILINE)) == 10
    assert "核验通过" in result.output
    listed = json.loads(run("verify", str(export), "--json").stdout)
    assert listed["passed"] is True


def test_a_failed_check_exits_with_two(voted: Workshop, tmp_path: Path, ranking: None) -> None:
    export = tmp_path / "box.jsonl"
    export.write_bytes(voted.export().getvalue())
    result = run("verify", str(export), "--root", "00" * 32)
    assert result.exit_code == 2
    assert "✗ 选票与截止时公布的校验根一致" in result.output
    result = run("verify", str(export), "--root", "xyz")
    assert result.exit_code == 2
    assert "十六进制" in result.output
    export.write_text("hello")
    assert run("verify", str(export)).exit_code == 2


def test_a_receipt_in_the_published_list(voted: Workshop, tmp_path: Path) -> None:
    receipts = [receipt_bytes(ballot.sealed) for ballot in voted.ballots]
    path = tmp_path / "receipts.txt"
    path.write_text(write_receipts(receipts), encoding="utf-8")
    mine = format_receipt(receipts[0])
    result = run("verify", str(path), "--receipt", mine.lower(), "--root", voted.root.hex())
    assert result.exit_code == 0, result.output
    assert "在名单里" in result.output
    assert voted.root.hex() in run("verify", str(path)).output
    saved = path.rename(tmp_path / "as-the-phone-named-it")
    assert "在名单里" in run("verify", str(saved), "--receipt", mine, "--root", voted.root.hex()).output
    saved.rename(path)
    missing = run("verify", str(path), "--receipt", "0000-0000-0000-0000")
    assert missing.exit_code == 2
    assert "不在票箱里" in missing.output
    path.write_text(write_receipts(receipts[1:]), encoding="utf-8")
    shorter = run("verify", str(path), "--receipt", mine, "--root", voted.root.hex())
    assert shorter.exit_code == 2
    assert "与公布的不符" in shorter.output
    path.write_text("not a receipt\n")
    assert run("verify", str(path)).exit_code == 2


@pytest.mark.parametrize("option", ["--root", "--fingerprint", "--digest", "--check-number", "--receipt"])
def test_an_empty_value_is_no_check_that_passed(
    voted: Workshop, tmp_path: Path, ranking: None, option: str
) -> None:
    """As from an unset variable of the shell: naive, it was taken for an option that is not there."""
    prepare(voted, tmp_path)
    assert run("verify", str(tmp_path / "box.jsonl")).exit_code == 0
    for value in ("", " "):
        assert run("verify", str(tmp_path / "box.jsonl"), option, value).exit_code == 2


def test_an_export_does_not_paint_its_own_verdict(voted: Workshop, tmp_path: Path, ranking: None) -> None:
    """Attack: lines, colours and directions in the title, which the terminal would carry out."""
    title = "好\n✓ 核验通过\r\x1b[2J\x9b1m\u202e\u2028"
    voted.description = replace(voted.description, title=title)
    prepare(voted, tmp_path)
    for language in ("zh", "en"):
        shown = run("verify", str(tmp_path / "box.jsonl"), "--language", language, color=True).output
        assert "好�✓ 核验通过" in shown
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2028]", shown)
