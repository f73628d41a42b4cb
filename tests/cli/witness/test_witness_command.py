"""`pingyi witness`: what its operator types and reads."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from keys_of_examples import VECTORS

from survey.cli import main
from survey.clock import today
from survey.protocol.canonical_json import canonical_json
from survey.protocol.description import RoundDescription
from survey.protocol.witness.offers import WitnessOffer
from survey.protocol.witness.statements import Statement
from tests.witness.witnessed import codes, described, known_keys, lists

ROUND_ID = "cd" * 16


def run(*arguments: object) -> Result:
    with known_keys():
        return CliRunner().invoke(main, ["witness", *map(str, arguments)])


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path, WitnessOffer]:
    monkeypatch.delenv("PINGYI_DATABASE_URL", raising=False)
    data, file = tmp_path / "data", tmp_path / "witness.json"
    options = ["--name", "县政协办公室", "--address", "http://127.0.0.1:9", "--box", "http://127.0.0.1:9"]
    result = run("init", ROUND_ID, *options, "--out", file, "--data", data)
    assert result.exit_code == 0, result.output
    offer = WitnessOffer.from_json(file.read_text("utf-8"))
    assert offer.fingerprint in result.output
    return tmp_path, data, offer


def test_from_init_to_export(begun: tuple[Path, Path, WitnessOffer]) -> None:
    folder, data, offer = begun
    plain = RoundDescription.from_dict(json.loads(VECTORS.read_text("utf-8"))["round"])
    description = replace(described(plain, offer), closes_on=today().isoformat(), opens_on="2026-01-01")
    round_json, codes_json = folder / "round.json", folder / "codes-witness.json"
    round_json.write_bytes(canonical_json(description.to_dict()))
    listed = lists(description, codes(5))[1]
    codes_json.write_text(listed.to_json())
    imported = run("import-codes", round_json, codes_json, "--data", data)
    assert imported.exit_code == 0, imported.output
    assert "5" in imported.output
    assert listed.digest in imported.output
    status = run("status", "--data", data)
    assert status.exit_code == 2
    assert "邀请码 5 个" in status.output
    assert "✗" in status.output  # nothing answers at port 9
    early = run("close", ROUND_ID, "--data", data)
    assert (early.exit_code, "--early" in early.output) == (2, True)
    alone = run("close", ROUND_ID, "--early", "--data", data)
    assert (alone.exit_code, "--uncompared" in alone.output) == (2, True)
    assert run("close", ROUND_ID, "--early", "--uncompared", "--data", data).exit_code == 0
    out = folder / "out"
    assert run("export", ROUND_ID, "--out", out, "--data", data).exit_code == 0
    statement = Statement.from_json((out / "statement.json").read_text())
    statement.check(description)
    assert statement.closed
    lines = (out / "stamped.txt").read_text().splitlines()
    assert len(lines) == 5
    assert lines == sorted(lines)
    assert all(line.endswith(" 0") for line in lines)


def test_the_data_are_private(begun: tuple[Path, Path, WitnessOffer]) -> None:
    _, data, _ = begun
    assert (data / "secret.key").stat().st_mode & 0o077 == 0
    data.chmod(0o755)
    status = run("status", "--data", data, "--language", "en")
    assert status.exit_code == 2
    assert "chmod 700" in status.output


@pytest.mark.parametrize("content", [b"\xff\xfe\x00\x01", b"", b"short", b"a" * 64, None])
def test_a_secret_that_is_none_is_told_with_its_file(
    begun: tuple[Path, Path, WitnessOffer], content: bytes | None
) -> None:
    folder, data, _ = begun
    file = data / "secret.key"
    file.unlink()
    file.write_bytes(content) if content is not None else file.mkdir()
    options = ["--name", "x", "--address", "https://w.example", "--box", "https://b.example"]
    nonsense = folder / "witness.json"
    for command in (
        ["status"],
        ["serve", "--port", 1],
        ["init", "ef" * 16, *options],
        ["import-codes", nonsense],
        ["hand-over", ROUND_ID],
        ["close", ROUND_ID, "--early"],
        ["export", ROUND_ID, "--out", folder],
    ):
        refused = run(*command, "--data", data)
        assert refused.exit_code == 2, (command, refused.exception)
        assert str(file) in refused.output or command[0] == "serve"


def test_another_secret_or_no_database_is_told(
    begun: tuple[Path, Path, WitnessOffer], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, data, _ = begun
    file, kept = data / "secret.key", data / "witness.sqlite3"
    monkeypatch.setattr("survey.cli.site.serve.check_port", lambda *_: None)
    file.write_text("0123456789abcdef" * 4)
    refused = run("serve", "--data", data)
    assert (refused.exit_code, "secret.key" in refused.output) == (2, True)
    for leftover in data.glob("witness.sqlite3*"):
        leftover.unlink()
    kept.write_bytes(b"no database" * 1000)
    refused = run("status", "--data", data)
    assert (refused.exit_code, str(kept) in refused.output) == (2, True)


def test_what_is_wrong_is_said(begun: tuple[Path, Path, WitnessOffer]) -> None:
    folder, data, offer = begun
    options = ["--name", "x", "--address", "https://w.example", "--box", "https://b.example", "--data", data]
    assert "已经生成过" in run("init", ROUND_ID, *options, "--out", folder / "x").output
    again = run("init", ROUND_ID, *options, "--out", folder / "again", "--again")
    assert again.exit_code == 0
    assert (folder / "again").read_text("utf-8") == offer.to_json()
    for changed in (["--address", "http://w.example"], ["--box", "https://b.example/x"], ["--name", " "]):
        refused = run("init", "ef" * 16, *options, "--out", folder / "y", *changed)
        assert refused.exit_code == 2
        assert "Traceback" not in refused.output
    nonsense = folder / "nonsense"
    nonsense.write_text("{}")
    for command in (
        ["import-codes", nonsense],
        ["import-codes", nonsense, nonsense],
        ["close", "x"],
        ["withdraw-codes", nonsense],
        ["export", ROUND_ID[:-1], "--out", folder],
        ["serve", "--at", "25:00"],
    ):
        refused = run(*command, "--data", data)
        assert (refused.exit_code, "Traceback" in refused.output) == (2, False)
