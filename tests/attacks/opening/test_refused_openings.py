"""Openings that must be refused: wrong keys, edited exports, edited results; nothing is half opened."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from county import County
from offline import closed_round, keys_for, offline

from survey.cli import main
from survey.errors import Conflict
from survey.models import State
from survey.protocol.crypto.encoding import b64u
from survey.protocol.holders.keyfile import create_key_file
from survey.services.opening import box_files, opening_job


@pytest.fixture(autouse=True)
def _no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening_job, "analyse_round", lambda *_: None)


def wrong_passphrase(place: County, folder: Path, keys: list) -> None:
    (folder / "1.txt").write_text("错", encoding="utf-8")


def swapped_passphrases(place: County, folder: Path, keys: list) -> None:
    place.key_files[0] = (place.key_files[0][0], "first")
    (folder / "0.txt").write_text("另一个", encoding="utf-8")


def one_key_too_few(place: County, folder: Path, keys: list) -> None:
    del keys[6:]


def the_same_key_twice(place: County, folder: Path, keys: list) -> None:
    keys[4:] = keys[:4]


def key_of_another_round(place: County, folder: Path, keys: list) -> None:
    other = County(place.database, slug="other").populate_again(place).draft()
    (folder / "1.key.json").write_text(other.key_files[1][0], encoding="utf-8")


def swapped_key(place: County, folder: Path, keys: list) -> None:
    """A key of somebody who made his own file for this round."""
    text, _ = create_key_file(
        slug=place.slug, round_id=place.description().id, holder="评议员1单位", passphrase="口令"
    )
    (folder / "1.key.json").write_text(text, encoding="utf-8")


def key_under_anothers_name(place: County, folder: Path, keys: list) -> None:
    """The right public key with another private key inside."""
    right = json.loads((folder / "1.key.json").read_text(encoding="utf-8"))
    text, _ = create_key_file(
        slug=place.slug, round_id=place.description().id, holder=right["holder"], passphrase="口令"
    )
    wrong = json.loads(text) | {"public_key": right["public_key"]}
    (folder / "1.key.json").write_text(json.dumps(wrong), encoding="utf-8")


def truncated(place: County, folder: Path, keys: list) -> None:
    lines = (folder / "box.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "box.jsonl").write_bytes(b"".join(lines[:-1]))


def cut_within_a_line(place: County, folder: Path, keys: list) -> None:
    content = (folder / "box.jsonl").read_bytes()
    (folder / "box.jsonl").write_bytes(content[: len(content) // 2])


def _edit(folder: Path, change: Callable[[list[dict]], None]) -> None:
    entries = [json.loads(line) for line in (folder / "box.jsonl").read_text(encoding="utf-8").splitlines()]
    change(entries)
    text = "".join(json.dumps(e, ensure_ascii=False, separators=(",", ":")) + "\n" for e in entries)
    (folder / "box.jsonl").write_text(text, encoding="utf-8")


def edited_ballot(place: County, folder: Path, keys: list) -> None:
    _edit(folder, lambda e: e[1].update(sealed=e[2]["sealed"]))


def dropped_ballot(place: County, folder: Path, keys: list) -> None:
    def change(entries: list[dict]) -> None:
        del entries[1]
        entries[-1]["ballots"] -= 1
        entries[0]["counts"]["cast"] -= 1

    _edit(folder, change)


def doubled_ballot(place: County, folder: Path, keys: list) -> None:
    def change(entries: list[dict]) -> None:
        entries.insert(1, entries[1])
        entries[-1]["ballots"] += 1
        entries[0]["counts"] = {"invited": 9, "collected": 9, "cast": 6, "replaced": 0}

    _edit(folder, change)


def edited_root(place: County, folder: Path, keys: list) -> None:
    _edit(folder, lambda e: e[0].update(merkle_root="00" * 32))


def lower_quorum(place: County, folder: Path, keys: list) -> None:
    _edit(folder, lambda e: e[0]["round"]["frozen"].update(quorum=1))
    del keys[6:]


def forged_signature(place: County, folder: Path, keys: list) -> None:
    _edit(folder, lambda e: e[1].update(signature=b64u(os.urandom(384))))


@pytest.mark.parametrize(
    ("attack", "reason"),
    [
        (wrong_passphrase, "口令"),
        (swapped_passphrases, "口令"),
        (one_key_too_few, "钥"),
        (the_same_key_twice, "两次"),
        (key_of_another_round, "不是本轮"),
        (swapped_key, "对不上"),
        (key_under_anothers_name, "钥"),
        (truncated, "完整|截断|结尾|末行"),
        (cut_within_a_line, "完整|截断|第|读不"),
        (edited_ballot, "校验根|顺序|重复|排列"),
        (dropped_ballot, "校验根|少|根"),
        (doubled_ballot, "重复|两次|校验根|排列"),
        (edited_root, "校验根|根"),
        (forged_signature, "凭证"),
    ],
)
def test_what_is_refused(place_on_sqlite: County, tmp_path: Path, attack: Callable, reason: str) -> None:
    """The reason is said in words, without a traceback, and no result is left, not even in part."""
    place = closed_round(place_on_sqlite, 2, 2)
    box_files.export_box(place.database, place.slug, tmp_path / "box.jsonl")
    keys = keys_for(place, tmp_path, [0, 1])
    attack(place, tmp_path, keys)
    before = set(tmp_path.iterdir())
    done = CliRunner().invoke(main, ["open", str(tmp_path / "box.jsonl"), *map(str, keys)])
    assert done.exit_code not in (0, None), done.output
    assert re.search(reason, done.output), done.output
    assert "Traceback" not in done.output
    assert set(tmp_path.iterdir()) == before
    assert place.round().state == State.CLOSED


def exchanged_departments(place: County, folder: Path, keys: list) -> None:
    """Naive: root, counts and every credential hold, and the best department has the worst one's scores."""
    _edit(folder, lambda e: e[0]["round"]["frozen"]["questionnaire"]["departments"].reverse())


@pytest.mark.parametrize("attack", [lower_quorum, exchanged_departments])
def test_an_edited_description_is_found_at_the_import(
    place_on_sqlite: County, tmp_path: Path, attack: Callable
) -> None:
    place = closed_round(place_on_sqlite, 2, 2)
    box_files.export_box(place.database, place.slug, tmp_path / "box.jsonl")
    keys = keys_for(place, tmp_path, [0, 1])
    attack(place, tmp_path, keys)
    assert offline(tmp_path, "open", tmp_path / "box.jsonl", *keys).returncode == 0
    with pytest.raises(Conflict, match="轮次说明"):
        box_files.import_opened(place.database, place.slug, tmp_path / "box.opened.json", "人大")
    assert place.round().state == State.CLOSED


def test_an_edited_result_is_not_taken_in(place_on_sqlite: County, tmp_path: Path) -> None:
    place = closed_round(place_on_sqlite, 2, 2)
    box_files.export_box(place.database, place.slug, tmp_path / "box.jsonl")
    done = offline(tmp_path, "open", tmp_path / "box.jsonl", *keys_for(place, tmp_path, [0, 1]))
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "box.opened.json").read_text(encoding="utf-8"))
    edits = {
        "rows": lambda r: r["scores"].update(rows="AAAA" + r["scores"]["rows"][4:]),
        "digest": lambda r: r["scores"].update(digest="00" * 32),
        "valid": lambda r: r["scores"].update(valid=4),
        "root": lambda r: r.update(merkle_root="00" * 32),
        "round": lambda r: r.update(round_id="00" * 16),
        "comment": lambda r: r.update(comments={"9": ["另外"]}),
        "description": lambda r: r.update(description="00" * 32),
        "receipt": lambda r: (
            r["invalid"].append({"receipt": "0000-0000-0000-0000", "reason": "length"}),
            r["scores"].update(invalid=1),
        ),
        "invalid": lambda r: r.update(invalid=[{"receipt": "x", "reason": "unknown"}]),
    }
    for name, edit in edits.items():
        changed = json.loads(json.dumps(result))
        edit(changed)
        (tmp_path / "edited.json").write_text(json.dumps(changed), encoding="utf-8")
        with pytest.raises(Exception, match=r"开箱结果|分数表|完整|轮次说明"):
            box_files.import_opened(place.database, place.slug, tmp_path / "edited.json", "人大")
        assert place.round().state == State.CLOSED, name
    box_files.import_opened(place.database, place.slug, tmp_path / "box.opened.json", "人大")
