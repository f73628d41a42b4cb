"""Opening checks everything first, counts what is invalid, and gives the same result every time."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from ballot_workshop import Workshop
from cryptography.hazmat.primitives.asymmetric import ec

from survey.errors import InvalidInput
from survey.protocol.answers import Answers
from survey.protocol.ballots import CastBallot
from survey.protocol.box.opened import BoxContents
from survey.protocol.box.opening import open_ballots
from survey.protocol.box.scoretable import ScoreTable
from survey.protocol.crypto.merkle import merkle_root
from survey.protocol.errors import InvalidBox, InvalidKeyFile, TooFewKeys
from survey.protocol.holders.sealing import Opener, seal
from survey.protocol.receipts import format_receipt, receipt_bytes


def opened(made: Workshop, **changes: Any) -> BoxContents:
    values = {"ballots": made.ballots, "keys": made.keys, "merkle_root": made.root} | changes
    return open_ballots(made.description, values.pop("ballots"), values.pop("keys"), **values)


def root_of(ballots: list[CastBallot]) -> bytes:
    return merkle_root(sorted(receipt_bytes(ballot.sealed) for ballot in ballots))


def test_the_counted_answers(voted: Workshop) -> None:
    result = opened(voted)
    scores = result.scores
    assert (scores.valid, scores.invalid, scores.departments, scores.items, scores.strata) == (5, 0, 4, 3, 1)
    rows = [bytes([level] * 12 + [1]) for level in (1, 2, 3)]
    rows += [bytes([1, 2, 1, 0, 0, 0, 5, 255, 4, 3, 3, 3, 2]), bytes(13)]
    assert scores.rows == b"".join(sorted(rows))
    assert scores.ratings().shape == (5, 4, 3)
    assert scores.ratings()[0].sum() == 0
    assert np.array_equal(scores.strata_columns().ravel(), [0, 1, 2, 1, 1])
    assert result.comments == {
        0: ["停电希望提前通知", "意见1", "意见2", "意见3"],
        2: ["等了\n两周"],
        3: ["好", "好", "好"],
    }
    assert result.invalid == []


def test_the_same_result_whatever_the_order(voted: Workshop) -> None:
    first = opened(voted).to_json()
    shuffled = random.Random(1).sample(voted.ballots, len(voted.ballots))
    assert opened(voted, ballots=shuffled).to_json() == first
    assert opened(voted, ballots=iter(voted.ballots)).to_json() == first


def test_every_quorum_gives_the_same_result(workshop: Callable[..., Workshop], answers: Answers) -> None:
    made = workshop(2, 3)
    made.cast(answers)
    keys = made.keys
    results = {opened(made, keys={i: keys[i] for i in pair}).to_json() for pair in ((0, 1), (0, 2), (1, 2))}
    assert len(results) == 1


def test_an_empty_box(workshop: Callable[..., Workshop]) -> None:
    result = opened(workshop())
    assert result.scores.ratings().shape == (0, 4, 3)
    assert result.scores.strata_columns().shape == (0, 1)


def test_invalid_ballots_are_counted_and_named(voted: Workshop) -> None:
    questionnaire = voted.questionnaire
    bad_rating = voted.cast(b"\x01\x06" + bytes(questionnaire.plaintext_size - 2))
    noise = voted.ballot(bytes([1]) + bytes(voted.description.sealed_size - 1))
    short = voted.ballot(b"\x01")
    ballots = [*voted.ballots, noise, short]
    result = opened(voted, ballots=ballots, merkle_root=root_of(ballots))
    assert (result.scores.valid, result.scores.invalid) == (5, 3)
    assert result.invalid == sorted(
        (format_receipt(receipt_bytes(ballot.sealed)), reason)
        for ballot, reason in ((bad_rating, "rating"), (noise, "decryption"), (short, "length"))
    )


def refused(made: Workshop, monkeypatch: pytest.MonkeyPatch, error: type[Exception], **changes: Any) -> None:
    """Opening is refused before a single ballot is decrypted."""

    def never(*_: object) -> bytes:
        pytest.fail("a ballot was opened")

    monkeypatch.setattr(Opener, "open", never)
    with pytest.raises(error):
        opened(made, **changes)


def test_too_few_or_foreign_keys(voted: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    refused(voted, monkeypatch, TooFewKeys, keys={1: voted.holder_keys[1]})
    stranger = ec.generate_private_key(ec.SECP256R1())
    refused(voted, monkeypatch, InvalidKeyFile, keys={0: voted.holder_keys[0], 1: stranger})
    refused(voted, monkeypatch, InvalidKeyFile, keys=dict(enumerate(reversed(voted.holder_keys))))


def test_dropping_adding_or_altering_a_ballot_after_closing(
    voted: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = bytes([1]) + bytes(voted.questionnaire.plaintext_size - 1)
    added = CastBallot(*voted.credential(), seal(voted.description, text))
    altered = voted.ballots[0]._replace(sealed=seal(voted.description, text))
    refused(voted, monkeypatch, InvalidBox, ballots=voted.ballots[1:], merkle_root=voted.root)
    refused(voted, monkeypatch, InvalidBox, ballots=[*voted.ballots, added], merkle_root=voted.root)
    refused(voted, monkeypatch, InvalidBox, ballots=[altered, *voted.ballots[1:]], merkle_root=voted.root)
    # A copy keeps the set of receipts but not their number.
    copied = [*voted.ballots, voted.ballots[0]]
    refused(voted, monkeypatch, InvalidBox, ballots=copied, merkle_root=voted.root)


def test_stuffing_before_closing(voted: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The root of a stuffed box fits; the credentials do not."""
    text = bytes([1]) + bytes(voted.questionnaire.plaintext_size - 1)
    first = voted.ballots[0]
    more = voted.ballot(seal(voted.description, text))
    for stuffed in (
        more._replace(message=first.message, signature=first.signature),  # one credential twice
        # the same token, another randomizer
        more._replace(message=b"\xff" * 32 + first.message[32:], signature=first.signature),
        more._replace(signature=first.signature),
        more._replace(signature=bytes(384)),
        more._replace(sealed=seal(voted.description, text)),
        more._replace(proof=first.proof),
        more._replace(proof=b""),
    ):
        ballots = [*voted.ballots, stuffed]
        refused(voted, monkeypatch, InvalidBox, ballots=ballots, merkle_root=root_of(ballots))


def test_progress_reaches_the_end(voted: Workshop) -> None:
    seen: list[tuple[str, int, int]] = []
    opened(voted, progress=lambda *step: seen.append(step))
    assert seen == [("verify", 5, 5), ("open", 5, 5)]


def test_the_result_file_comes_back(voted: Workshop) -> None:
    result = opened(voted)
    assert BoxContents.from_json(result.to_json()) == result
    # It holds no receipt, token or order of a valid ballot.
    for ballot in voted.ballots:
        assert format_receipt(receipt_bytes(ballot.sealed)) not in result.to_json()


@pytest.mark.parametrize(
    "damage",
    [
        lambda value: value.pop("scores"),
        lambda value: value.update(version=1),
        lambda value: value["scores"].pop("version"),
        lambda value: value["scores"].update(at_least=5),
        lambda value: value["scores"].update(digest="0" * 64),
        lambda value: value["scores"].update(valid=4),
        lambda value: value["scores"].update(items=-3),
        lambda value: value["scores"].update(items=True),
        lambda value: value["scores"].update(rows="AA"),
        lambda value: value.update(round_id="f" * 32),
        lambda value: value["comments"].update({"99": ["x"]}),
        lambda value: value.update(invalid=[{"receipt": "A", "reason": "rating"}]),
        lambda value: value.update(mark=1),
        lambda value: value["scores"].update(mark=1),
        lambda value: value["comments"].update({"00": value["comments"].pop("0")}),
        lambda value: value["comments"].update({"0": "停电"}),
        lambda value: value["comments"].update({"0": [1]}),
        lambda value: value.update(merkle_root=" " + value["merkle_root"]),
        lambda value: value.update(version=2.0),
    ],
)
def test_an_edited_result_file(voted: Workshop, damage: Callable[[dict[str, Any]], object]) -> None:
    value = json.loads(opened(voted).to_json())
    damage(value)
    with pytest.raises(InvalidInput):
        BoxContents.from_json(json.dumps(value))


def test_a_result_file_that_says_a_name_twice(voted: Workshop) -> None:
    text = opened(voted).to_json()
    for name in ('"round_id"', '"digest"', '"0"'):
        assert text.count(f"{name}:") == 1
        with pytest.raises(InvalidInput):
            BoxContents.from_json(text.replace(f"{name}:", f"{name}: 1, {name}:"))
    with pytest.raises(InvalidInput):
        BoxContents.from_json("\ufeff" + text)


def test_rows_out_of_order_are_refused(voted: Workshop) -> None:
    scores = opened(voted).scores
    value = scores.to_dict()
    swapped = scores.rows[13:26] + scores.rows[:13] + scores.rows[26:]
    from survey.protocol.crypto.encoding import b64u

    with pytest.raises(InvalidInput, match="排序"):
        ScoreTable.from_dict(value | {"rows": b64u(swapped)}, round_id=voted.description.id)
