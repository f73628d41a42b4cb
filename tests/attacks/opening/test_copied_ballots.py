"""One sealed ballot under two credentials: to spoil the box, to count twice, or to recognise its row."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from county import County, plain_answers

from survey.protocol.box.export import read_box
from survey.protocol.box.opened import BoxContents
from survey.protocol.box.opening import open_ballots
from survey.protocol.box.verify import verify_box
from survey.protocol.holders.keys import unlock_keys
from survey.protocol.receipts import receipt_bytes
from survey.services.opening import box_files
from survey.services.opening import opening_job as openings
from survey.services.results import ranking

PHONES = 5
VICTIM, OTHERS = 3, 1


@pytest.fixture
def copied(place: County) -> County:
    """Two who have a link each post what the first enterprise sealed, with proofs of their own."""
    place.collecting(slips=PHONES + 2)
    victim = place.phone()
    receipt = victim.answer(plain_answers(victim.description.questionnaire, VICTIM))
    for _ in range(PHONES - 1):
        phone = place.phone()
        phone.answer(plain_answers(phone.description.questionnaire, OTHERS))
    for _ in range(2):
        copier = place.phone()
        copier.collect()
        copier.sealed = victim.sealed
        assert copier.cast() == receipt, "else who sees a ballot on its way could keep it out of the box"
    place.receipts = [receipt]
    return place.close()


def exported(place: County, folder: Path) -> io.BytesIO:
    path = folder / "box.jsonl"
    box_files.export_box(place.database, place.slug, path)
    return io.BytesIO(path.read_bytes())


def opened_offline(place: County, file: io.BytesIO) -> BoxContents:
    box = read_box(file)
    keys = unlock_keys(box.description, place.key_files)
    return open_ballots(box.description, box.ballots, keys, merkle_root=box.merkle_root)


def test_it_does_not_spoil_the_box(copied: County, tmp_path: Path) -> None:
    """Naive: receipts that must be distinct. The site took the box and no other computer did."""
    result = opened_offline(copied, exported(copied, tmp_path))
    openings.open_round(copied.database, copied.slug, copied.key_files, "人大")
    table = copied.look(ranking.score_table)
    assert (table.digest, table.valid, table.invalid) == (result.scores.digest, PHONES, 2)
    report = verify_box(exported(copied, tmp_path), opened=result, receipt=copied.receipts[0])
    assert report.passed, report.failures


def test_it_counts_once(copied: County, tmp_path: Path) -> None:
    """Naive: every credential's ballot counts, and the row that is there three times is the victim's."""
    result = opened_offline(copied, exported(copied, tmp_path))
    firsts = result.scores.ratings()[:, 0, 0].tolist()
    assert sorted(firsts) == [OTHERS] * (PHONES - 1) + [VICTIM]
    assert result.invalid == [(copied.receipts[0], "repeated")] * 2
    assert BoxContents.from_json(result.to_json()) == result


def test_the_offline_result_is_taken_back_in(copied: County, tmp_path: Path) -> None:
    path = tmp_path / "opened.json"
    path.write_text(opened_offline(copied, exported(copied, tmp_path)).to_json(), encoding="utf-8")
    box_files.import_opened(copied.database, copied.slug, path, "人大")
    assert copied.look(ranking.score_table).invalid == 2


def test_the_order_of_equal_receipts_says_nothing(copied: County, tmp_path: Path) -> None:
    """Attack: the office orders the copies so that their place carries a mark."""
    lines = exported(copied, tmp_path).readlines()
    leaves = list(read_box(io.BytesIO(b"".join(lines))).receipts)
    at = next(i for i in range(len(leaves)) if leaves[i] == leaves[i + 1]) + 1
    lines[at], lines[at + 1] = lines[at + 1], lines[at]
    assert verify_box(io.BytesIO(b"".join(lines))).failures == ["order"]


def test_two_ballots_of_one_receipt_both_count(place: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """Attack: 2⁴⁰ hashes find two sealed ballots of one receipt; here every ballot has the same."""
    place.collecting(slips=PHONES)
    place.cast_all([plain_answers(place.description().questionnaire, level) for level in (1, 2, 3)])
    for module in ("opening", "scan", "export"):
        monkeypatch.setattr(f"survey.protocol.box.{module}.receipt_bytes", lambda _sealed: receipt_bytes(b""))
    monkeypatch.setattr("survey.services.rounds.closing.receipt_bytes", lambda _sealed: receipt_bytes(b""))
    monkeypatch.setattr("survey.services.opening.box_files.receipt_bytes", lambda _sealed: receipt_bytes(b""))
    place.close()
    openings.open_round(place.database, place.slug, place.key_files, "人大")
    table = place.look(ranking.score_table)
    assert (table.valid, table.invalid) == (3, 0)
