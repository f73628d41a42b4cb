"""A ballot with the content key for one quorum and garbage for the others: valid or not by who opens."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from county import County, plain_answers
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from offline import closed_round, keys_for

from survey.cli import main
from survey.protocol.answers import encode_answers
from survey.protocol.box.opened import BoxContents
from survey.protocol.box.scoretable import ScoreTable
from survey.protocol.description import RoundDescription
from survey.protocol.holders.sealing import VERSION, wrap
from survey.services.opening import box_files
from survey.services.opening import opening_job as openings

NAMES = ("评议员0单位", "评议员1单位", "评议员2单位")
PAIRS = ((0, 1), (0, 2), (1, 2))


def two_faced(description: RoundDescription, readers: tuple[int, ...]) -> bytes:
    """Naive: only those of `readers` can open it; length, version, receipt and proof are like everybody's."""
    info = f"pingyi:{description.id}".encode()
    key, nonce = os.urandom(32), os.urandom(12)
    points = [holder.public_key for holder in description.holders]
    head = VERSION + b"".join(
        wrap(key if subset == readers else os.urandom(32), [points[h] for h in subset], info)
        for subset in description.subsets
    )
    plaintext = encode_answers(description.questionnaire, plain_answers(description.questionnaire))
    return head + nonce + AESGCM(key).encrypt(nonce, plaintext, info + head)


@pytest.fixture
def place(place_on_sqlite: County, monkeypatch: pytest.MonkeyPatch) -> County:
    """Two of three holders; the attacker casts like anybody."""
    monkeypatch.setattr(openings, "analyse_round", lambda *_: None)

    place = place_on_sqlite.populate(reviewers=3).draft(quorum=2).issue(4).start()
    for _ in range(3):
        place.phone().answer()
    attacker = place.phone()
    attacker.collect()
    attacker.sealed = two_faced(attacker.description, (0, 1))
    place.receipts = [attacker.cast()]
    return place.close()


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def opened_by(place: County, folder: Path, chosen: list[int]) -> tuple[Path, str]:
    out = folder / ("".join(map(str, chosen)) + ".json")
    done = run("open", folder / "box.jsonl", *keys_for(place, folder, chosen), "--out", out)
    assert done.exit_code == 0, done.output
    return out, done.output


def test_all_keys_together_say_which_ballot_and_who(place: County, tmp_path: Path) -> None:
    box_files.export_box(place.database, place.slug, tmp_path / "box.jsonl")
    digests = set()
    for pair in PAIRS:
        out, said = opened_by(place, tmp_path, list(pair))
        digests.add(json.loads(out.read_text("utf-8"))["scores"]["digest"])
        assert "、".join(NAMES[holder] for holder in pair) in said
        assert place.receipts[0] not in said, "a bare quorum cannot know"
    assert len(digests) == 2, "the attack works: the table depends on who opens"
    _, said = opened_by(place, tmp_path, [2, 0, 1])
    told = said[said.index(place.receipts[0]) :].splitlines()
    assert [line.strip() for line in told[1:4]] == [
        "评议员0单位、评议员1单位，有效",
        "评议员0单位、评议员2单位，无法解密",
        "评议员1单位、评议员2单位，无法解密",
    ]


def test_honest_ballots_are_read_alike(place_on_sqlite: County, tmp_path: Path) -> None:
    place = closed_round(place_on_sqlite, 2, 3)
    box_files.export_box(place.database, place.slug, tmp_path / "box.jsonl")
    _, said = opened_by(place, tmp_path, [0, 1, 2])
    assert "有选票随持钥人组合而不同" not in said


@pytest.mark.parametrize("mine", [[0, 1], [1, 2]])
def test_verifying_names_the_ballot(place: County, tmp_path: Path, mine: list[int]) -> None:
    """Naive: a bare "differs", as if the published table were forged."""
    box, other = tmp_path / "box.jsonl", [1, 2] if mine == [0, 1] else [0, 1]
    box_files.export_box(place.database, place.slug, box)
    own, _ = opened_by(place, tmp_path, mine)
    theirs, _ = opened_by(place, tmp_path, other)
    report = run("verify", box, "--opened", own, "--opened", theirs)
    assert report.exit_code == 2
    assert "✗ 另一次开箱的结果与自行开箱的一致" in report.output
    words = ("有效", "无法解密") if mine == [0, 1] else ("无法解密", "有效")
    assert f"选票 {place.receipts[0]}：自己开箱，{words[0]}；另一次开箱，{words[1]}。" in report.output
    assert run("verify", box, "--opened", own, "--opened", own).exit_code == 0


def test_a_published_table_of_another_quorum(place: County, tmp_path: Path) -> None:
    """The site was opened by the first two; of one's own opening it is known what could not be read."""
    box = tmp_path / "box.jsonl"
    box_files.export_box(place.database, place.slug, box)
    own, _ = opened_by(place, tmp_path, [1, 2])
    openings.open_round(place.database, place.slug, place.key_files[:2], "人大")
    box_files.export_box(place.database, place.slug, box)
    report = run("verify", box, "--opened", own)
    assert report.exit_code == 2
    assert f"换一组持钥人或许解得开的选票：{place.receipts[0]}。" in report.output
    same, _ = opened_by(place, tmp_path, [0, 1])
    assert "✓ 自行开箱得到的分数表与公布的一致" in run("verify", box, "--opened", same).output


def test_a_changed_row_is_not_taken_for_another_quorum(place: County, tmp_path: Path) -> None:
    box_files.export_box(place.database, place.slug, tmp_path / "box.jsonl")
    own, _ = opened_by(place, tmp_path, [0, 1])
    honest = BoxContents.from_json(own.read_text("utf-8"))
    width = honest.scores.row_bytes
    rows = [honest.scores.rows[at : at + width] for at in range(0, len(honest.scores.rows), width)]
    rows[0] = bytes([2]) + rows[0][1:]
    forged = replace(honest, scores=ScoreTable.build(place.description(), rows))
    (tmp_path / "forged.json").write_text(forged.to_json(), encoding="utf-8")
    report = run("verify", tmp_path / "box.jsonl", "--opened", own, "--opened", tmp_path / "forged.json")
    assert "有一份的分数行被改过" in report.output
