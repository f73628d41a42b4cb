"""A round that an older program froze: its files in tests/data/version1 were written by that program."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from ballot_workshop import AUDIT

from survey.errors import InvalidInput
from survey.protocol.box.export import read_box, write_box
from survey.protocol.box.opened import BoxContents
from survey.protocol.box.opening import open_ballots
from survey.protocol.box.verify import verify_box
from survey.protocol.description import RoundDescription
from survey.protocol.errors import InvalidBox
from survey.protocol.holders.keys import unlock_keys
from survey.protocol.holders.sealing import seal
from survey.services.results.ranking import ranking_from_scores

DATA = Path(__file__).parents[2] / "data" / "version1"
KEYS = [((DATA / f"{n}.key.json").read_text("utf-8"), "口令") for n in range(2)]
STATED = json.loads((DATA / "round.json").read_text("utf-8"))


def file(name: str) -> io.BytesIO:
    return io.BytesIO((DATA / name).read_bytes())


def test_the_description_has_the_digests_of_before() -> None:
    description = RoundDescription.from_dict(STATED["round"])
    assert (description.version, description.check_number) == (1, "")
    assert description.digest() == STATED["digest"]
    assert description.frozen_digest() == STATED["frozen_digest"]
    assert json.loads(json.dumps(description.to_dict())) == STATED["round"]


def test_it_opens_to_what_it_opened_to() -> None:
    box = read_box(file("closed.jsonl"))
    keys = unlock_keys(box.description, KEYS)
    opened = open_ballots(box.description, box.ballots, keys, merkle_root=box.merkle_root)
    assert opened.to_json() == (DATA / "opened.json").read_text("utf-8")


def test_its_exports_verify_with_rows_or_with_ones_own_opening() -> None:
    given = {"rank": ranking_from_scores, "root": bytes.fromhex(STATED["root"])}
    given["frozen_digest"] = STATED["frozen_digest"]
    report = verify_box(file("opened.jsonl"), **given)
    assert [(check.name, check.passed) for check in report.checks if not check.passed] == [("ranking", None)]
    assert "另一版程序" in next(str(check.problem) for check in report.checks if check.problem)
    mine = BoxContents.from_json((DATA / "opened.json").read_text("utf-8"))
    assert verify_box(file("opened.jsonl"), opened=mine, **given).passed
    assert verify_box(file("closed.jsonl"), opened=mine, **given).passed


def test_exported_again_it_has_no_rows() -> None:
    box = read_box(file("opened.jsonl"))
    again = io.BytesIO()
    parts = {
        "audit": AUDIT,
        "merkle_root": box.merkle_root,
        "scores_digest": box.scores_digest,
        "ranking": box.ranking,
    }
    write_box(again, box.description, box.counts, iter(box.ballots), **parts)
    assert box.scores is not None
    assert box.scores["rows"].encode() not in again.getvalue()
    again.seek(0)
    read = read_box(again)
    assert (read.scores, read.scores_digest) == (None, box.scores["digest"])
    assert list(read.ballots) == list(box.ballots)
    mine = BoxContents.from_json((DATA / "opened.json").read_text("utf-8"))
    assert verify_box(again, rank=ranking_from_scores, opened=mine).passed


@pytest.mark.parametrize("more", [{"at_least": 1}, {"witness": None}, {"complete": True}, {"mark": 1}])
def test_its_description_has_no_field_of_version_2(more: dict[str, object]) -> None:
    """The digest of version 1 is of what was understood, so that a field more would change nothing."""
    with pytest.raises(InvalidInput, match="不认识"):
        RoundDescription.from_dict(STATED["round"] | more)


@pytest.mark.parametrize("change", [{"proof": ""}, {"mark": "x"}])
def test_its_lines_have_three_fields(change: dict[str, str]) -> None:
    lines = [json.loads(line) for line in file("closed.jsonl")]
    lines[3].update(change)
    with pytest.raises(InvalidBox, match="第 4 行"):
        read_box(io.BytesIO(b"".join(json.dumps(line).encode() + b"\n" for line in lines)))


def test_its_ballots_are_not_bound_to_their_credentials() -> None:
    """What version 2 is for: here another ballot under an existing credential contradicts nothing."""
    box = read_box(file("closed.jsonl"))
    ballots = list(box.ballots)
    text = bytes([1]) + bytes(box.description.questionnaire.plaintext_size - 1)
    ballots[0] = ballots[0]._replace(sealed=seal(box.description, text))
    exchanged = io.BytesIO()
    write_box(exchanged, box.description, box.counts, ballots, audit=AUDIT)
    assert verify_box(exchanged).passed
    assert verify_box(exchanged, root=box.merkle_root).failures == ["root"]


def test_a_mean_of_an_older_ranking_is_still_recomputed() -> None:
    """Its intervals are of another method; who writes other means under the name of one is found."""
    changed = file("opened.jsonl").getvalue()
    mean = re.search(rb'"mean":(\d+\.\d+)', changed[changed.index(b'{"ranking"') :])
    assert mean
    forged = io.BytesIO(changed.replace(mean[0], b'"mean":99.5'))
    assert verify_box(forged, rank=ranking_from_scores).failures == ["ranking"]
