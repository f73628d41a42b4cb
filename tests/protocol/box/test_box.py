"""The export comes back whole, and every damage to it is refused with its reason."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from ballot_workshop import AUDIT, Workshop

from survey.errors import InvalidInput
from survey.protocol.box.counts import Counts
from survey.protocol.box.export import read_box, write_box
from survey.protocol.box.format import line_of
from survey.protocol.box.opened import BoxContents
from survey.protocol.box.opening import open_ballots
from survey.protocol.box.scoretable import ScoreTable
from survey.protocol.box.verify import VerificationReport, verify_box
from survey.protocol.crypto.blind import RoundKey
from survey.protocol.crypto.encoding import b64u
from survey.protocol.errors import InvalidBox
from survey.protocol.holders.sealing import seal
from survey.protocol.receipts import format_receipt, receipt_bytes

RANKING = {"version": 1, "departments": [{"name": "供电", "rank": 1, "mean": 81.25}], "notes": []}


def opening(made: Workshop) -> BoxContents:
    return open_ballots(made.description, made.ballots, made.keys, merkle_root=made.root)


def export_opened(made: Workshop) -> io.BytesIO:
    return made.export(scores_digest=opening(made).scores.digest, ranking=RANKING)


def lines_of(file: io.BytesIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.getvalue().splitlines()]


def file_of(lines: list[dict[str, Any]]) -> io.BytesIO:
    return io.BytesIO(b"".join(line_of(line) for line in lines))


def test_it_comes_back(voted: Workshop) -> None:
    box = read_box(export_opened(voted))
    assert box.description == voted.description
    assert (box.counts.cast, box.merkle_root) == (5, voted.root)
    assert list(box.ballots) == voted.ballots == list(box.ballots)
    assert (box.scores_digest, box.score_table()) == (opening(voted).scores.digest, None)
    assert box.ranking == RANKING


def test_passes_over_the_ballots_may_take_turns(voted: Workshop) -> None:
    box = read_box(voted.export())
    assert [a == b for a, b in zip(box.ballots, box.ballots, strict=True)] == [True] * 5


def test_it_opens_offline_as_online(voted: Workshop) -> None:
    box = read_box(voted.export())
    result = open_ballots(box.description, box.ballots, voted.keys, merkle_root=box.merkle_root)
    assert result == opening(voted)


def test_a_stream_in_the_wrong_order_is_noticed_by_the_reader(voted: Workshop) -> None:
    file = io.BytesIO()
    backwards = list(reversed(voted.ballots))
    counts = Counts(5, 5, 5)
    write_box(file, voted.description, counts, iter(backwards), merkle_root=voted.root, audit=AUDIT)
    with pytest.raises(InvalidBox, match="没有按回执号排列"):
        read_box(file)


def edited(name: str, **changes: Any) -> Callable[[list[dict[str, Any]]], object]:
    return lambda lines: lines[0].update({name: lines[0][name] | changes if changes else None})


def exchanged_key(lines: list[dict[str, Any]]) -> None:
    """A second signing key under the fingerprint of the first."""
    lines[0]["round"]["frozen"]["blind_key"]["n"] = b64u(RoundKey.generate().public.n_bytes)


def ranked(ranking: dict[str, Any]) -> Callable[[list[dict[str, Any]]], object]:
    parts: list[dict[str, Any]] = [{"scores_digest": "0" * 64}, {"ranking": ranking}]
    return lambda lines: lines.insert(-1, parts[0]) or lines.insert(-1, parts[1])


DAMAGES: dict[str, tuple[str, Callable[[list[dict[str, Any]]], object]]] = {
    "another signing key": ("签名公钥的指纹", exchanged_key),
    "no end": ("缺少最后一行", lambda lines: lines.pop()),
    "no last ballot": ("实际有 4 张", lambda lines: lines.pop(-2)),
    "a ballot fewer, end edited": (
        "公布的投票数",
        lambda lines: (lines.pop(-2), lines[-1].update(ballots=4)),
    ),
    "ballot twice": ("重复", lambda lines: (lines.insert(1, lines[1]), lines[-1].update(ballots=6))),
    "unsorted": ("没有按回执号排列", lambda lines: lines.insert(1, lines.pop(2))),
    "another root": ("校验根不符", lambda lines: lines[0].update(merkle_root="0" * 64)),
    "no root": ("第一行", lambda lines: lines[0].update(merkle_root="00")),
    "no counts": ("第一行", edited("counts")),
    "unknown count": ("第一行", edited("counts", spoilt=1)),
    "negative count": ("第一行", edited("counts", replaced=-1)),
    "count as text": ("第一行", edited("counts", cast="5")),
    "more cast than collected": ("人数不合理", edited("counts", collected=4)),
    "more collected than invited": ("人数不合理", edited("counts", invited=4, collected=9)),
    "more collected than invited, replaced or not": (
        "人数不合理",
        edited("counts", invited=7, collected=8, replaced=3),
    ),
    "more replaced than forgiven": ("人数不合理", edited("counts", invited=90, replaced=5)),
    "unknown version": ("版本是 3", lambda lines: lines[0].update(version=3)),
    "a round too new for the file": ("第一行", lambda lines: lines[0].update(version=1)),
    "something else in the first line": ("第一行", lambda lines: lines[0].update(mark=1)),
    "something else in the description": (
        "轮次说明",
        lambda lines: lines[0]["round"]["frozen"].update(mark=1),
    ),
    "half an audit": ("第一行", lambda lines: lines[0].update(audit={"hash": "00"})),
    "no audit": ("第一行", lambda lines: lines[0].pop("audit")),
    "an audit of null": ("第一行", lambda lines: lines[0].update(audit=None)),
    "an audit with more": ("第一行", edited("audit", mark=1)),
    "an audit that counts backwards": ("第一行", edited("audit", entries=-1)),
    "an audit that counts in parts": ("第一行", edited("audit", entries=12.0)),
    "a round that was never frozen": ("第一行", edited("round", complete=False)),
    "a root in capitals": ("第一行", lambda lines: lines[0].update(merkle_root="AB" * 32)),
    "a root with spaces": ("第一行", lambda lines: lines[0].update(merkle_root="ab " * 32)),
    "rows under the name of a script": ("第一行", lambda lines: lines[0].update(scripts={"rows": "AAAA"})),
    "rows as a script": ("第一行", lambda lines: lines[0].update(scripts={"a.js": "sha384-" + "é" * 64})),
    "ballots counted in parts": ("第 7 行", lambda lines: lines[-1].update(ballots=5.0)),
    "an end that is none": ("第 7 行", lambda lines: lines[-1].update(end=False)),
    "a digest that is none": ("第 7 行", lambda lines: lines.insert(-1, {"scores_digest": "secret"})),
    "a ranking without a digest": ("第 7 行", lambda lines: lines.insert(-1, {"ranking": RANKING})),
    "rows as a ranking": ("第 8 行", ranked({"version": 1, "rows": "secret"})),
    "rows in a ranking": (
        "第 8 行",
        ranked({"version": 1, "departments": [{"name": "供电", "rows": "secret"}]}),
    ),
    "rows instead of departments": ("第 8 行", ranked({"version": 1, "departments": "secret"})),
    "a ranking of no version": ("第 8 行", ranked({"departments": []})),
    "another format": ("不是票箱文件", lambda lines: lines[0].update(format="pingyi-key")),
    "no round": ("轮次说明", edited("round", id=None)),
    "a ballot edited": ("第 2 行", lambda lines: lines[1].update(sealed="=")),
    "a field missing": ("第 2 行", lambda lines: lines[1].pop("message")),
    "no proof": ("第 2 行", lambda lines: lines[1].pop("proof")),
    "a field more": ("第 2 行", lambda lines: lines[1].update(mark="")),
    "in another order": ("第 2 行", lambda lines: lines[1].update(message=lines[1].pop("message"))),
    "the end with more": ("第 7 行", lambda lines: lines[-1].update(mark=1)),
    "a digest with more": ("第 7 行", lambda lines: lines.insert(-1, {"scores_digest": "00", "mark": 1})),
    "rows of scores": ("第 7 行", lambda lines: lines.insert(-1, {"scores": {"rows": "AAAA"}})),
    "something after the end": ("第 8 行", lambda lines: lines.append({"scores_digest": ""})),
    "an unknown line": ("第 7 行", lambda lines: lines.insert(-1, {"hello": 1})),
    "scores that are none": ("第 7 行", lambda lines: lines.insert(-1, {"scores_digest": 5})),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_refused_with_its_reason(voted: Workshop, name: str) -> None:
    reason, damage = DAMAGES[name]
    lines = lines_of(voted.export())
    damage(lines)
    with pytest.raises(InvalidBox, match=reason):
        read_box(file_of(lines))


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        (b'"version":2,"round"', b'"version":2,"round":{"rows":"secret"},"round"'),
        (b'"quorum":', b'"quorum":1,"quorum":'),
        (b'{"end":true', b'{"end":true,"end":true'),
        (b'{"end":true', b'{"ballots":"secret","end":true'),
        (b'{"format":"pingyi-box"', b'\xef\xbb\xbf{"format":"pingyi-box"'),
        (b'"ballots":5}\n', b'"ballots":5}'),
        (b'"title":"', b'"title":NaN,"title":"'),
    ],
)
def test_a_text_that_readers_of_json_do_not_see_through(
    voted: Workshop, written: bytes, instead: bytes
) -> None:
    """Naive: `json.loads`, which keeps the last of two equal names and overlooks what stood first."""
    text = voted.export().getvalue()
    assert text.count(written) == 1
    with pytest.raises(InvalidBox):
        read_box(io.BytesIO(text.replace(written, instead)))


@pytest.mark.parametrize("cut", [2, 50, 3000])
def test_a_truncated_file(voted: Workshop, cut: int) -> None:
    data = voted.export().getvalue()
    with pytest.raises(InvalidBox):
        read_box(io.BytesIO(data[:-cut]))
    with pytest.raises(InvalidBox):
        read_box(io.BytesIO(data[:cut]))


@pytest.mark.parametrize("data", [b"", b"\n", b"[]\n", b"\xff\xfe\n", b"[" * 200_000, b"PK\x03\x04"])
def test_what_is_no_export(data: bytes) -> None:
    with pytest.raises(InvalidBox, match=r"不是票箱文件|不完整"):
        read_box(io.BytesIO(data))


# --- verification ---------------------------------------------------------------------------------------


def verified(file: io.BytesIO, **given: Any) -> VerificationReport:
    return verify_box(file, rank=given.pop("rank", lambda *_: RANKING), **given)


def test_an_untouched_export_passes_every_check(voted: Workshop) -> None:
    receipt = format_receipt(receipt_bytes(voted.ballots[3].sealed))
    report = verified(
        export_opened(voted),
        receipt=receipt,
        root=voted.root,
        fingerprint=voted.key.public.fingerprint.upper(),
        opened=opening(voted),
    )
    assert [check.passed for check in report.checks] == [True] * 10
    assert report.to_dict()["passed"] is True


def test_before_opening_there_is_nothing_to_rank(voted: Workshop) -> None:
    report = verified(voted.export())
    assert report.passed
    assert [check.name for check in report.checks if check.passed is None] == ["scores", "ranking"]


def test_after_opening_the_rows_come_from_ones_own_opening(voted: Workshop) -> None:
    report = verified(export_opened(voted))
    assert report.passed
    assert [check.name for check in report.checks if check.passed is None] == ["scores", "ranking"]
    assert verified(export_opened(voted), opened=opening(voted)).passed


@pytest.mark.parametrize(
    "change",
    [
        {"description": "0" * 64},
        {"merkle_root": bytes(32)},
        {"comments": {0: ["e\u0301"]}},
        {"comments": {0: [" 好"]}},
        {"comments": {0: ["b", "a"]}},
        {"comments": {0: ["好"] * 6}},
        {"comments": {0: []}},
    ],
)
@pytest.mark.parametrize("export", [Workshop.export, export_opened])
def test_an_opening_of_something_else(
    voted: Workshop, export: Callable[[Workshop], io.BytesIO], change: dict[str, Any]
) -> None:
    """Naive: the digest of the scores alone, and that only once the site has one."""
    mine = replace(opening(voted), **change)
    assert verified(export(voted), opened=mine).failures == ["opened"]


def test_a_ballot_left_out_under_a_reason_that_needs_no_key(voted: Workshop) -> None:
    """Attack: who opens calls a valid ballot too long, or a copy, which everybody can see it is not."""
    receipts = [format_receipt(receipt_bytes(ballot.sealed)) for ballot in voted.ballots]
    honest = opening(voted)
    rows = [honest.scores.rows[at : at + 13] for at in range(0, 4 * 13, 13)]
    scores = ScoreTable.build(voted.description, rows, invalid=1)
    for reason in ("length", "repeated"):
        forged = replace(honest, scores=scores, invalid=[(receipts[0], reason)], comments={})
        assert verified(voted.export(), opened=forged).failures == ["opened"]
    for receipt in ("0000-0000-0000-0000", "secret"):
        forged = replace(honest, scores=scores, invalid=[(receipt, "decryption")], comments={})
        assert verified(voted.export(), opened=forged).failures == ["opened"]


def add(made: Workshop, lines: list[dict[str, Any]]) -> None:
    """A ballot of a true credential, put in after closing by somebody who can sign."""
    ballot = made.cast(bytes([1]) + bytes(made.questionnaire.plaintext_size - 1))
    lines.insert(1, {name: b64u(value) for name, value in ballot.parts().items()})
    ballots = sorted(lines[1:7], key=lambda line: receipt_bytes(_raw(line["sealed"])))
    lines[1:7] = ballots
    lines[-1].update(ballots=6)
    lines[0]["counts"].update(cast=6)


def _raw(text: str) -> bytes:
    from survey.protocol.crypto.encoding import unb64u

    return unb64u(text)


def drop(made: Workshop, lines: list[dict[str, Any]]) -> None:
    lines.pop(2)
    lines[-1].update(ballots=4)
    lines[0]["counts"].update(cast=4)


def alter(made: Workshop, lines: list[dict[str, Any]]) -> None:
    text = bytes([1]) + bytes(made.questionnaire.plaintext_size - 1)
    lines[1]["sealed"] = b64u(seal(made.description, text))
    lines[1:6] = sorted(lines[1:6], key=lambda line: receipt_bytes(_raw(line["sealed"])))


@pytest.mark.parametrize("tamper", [add, drop, alter])
def test_one_ballot_more_less_or_other_after_closing_fails(
    voted: Workshop, tamper: Callable[[Workshop, list[dict[str, Any]]], None]
) -> None:
    published = voted.root
    lines = lines_of(export_opened(voted))
    tamper(voted, lines)
    assert "root" in verified(file_of(lines)).failures
    # Whoever can edit the export can edit the root in it, but not the one in the minutes.
    receipts = sorted(receipt_bytes(_raw(line["sealed"])) for line in lines if "sealed" in line)
    from survey.protocol.crypto.merkle import merkle_root

    lines[0]["merkle_root"] = merkle_root(receipts).hex()
    assert "root" not in verified(file_of(lines)).failures
    assert "root" in verified(file_of(lines), root=published).failures


def test_a_forged_ballot_fails_even_with_a_fitting_root(voted: Workshop) -> None:
    forged = voted.ballots[0]._replace(sealed=voted.ballots[0].sealed[:-1] + b"\x00", signature=b"\x05" * 384)
    voted.ballots = sorted([*voted.ballots[1:], forged], key=lambda ballot: receipt_bytes(ballot.sealed))
    assert verified(voted.export()).failures == ["credentials"]


def test_an_exchanged_signing_key_fails(voted: Workshop) -> None:
    lines = lines_of(voted.export())
    assert verified(file_of(lines), fingerprint="00" * 32).failures == ["key"]
    lines[0]["round"]["frozen"]["blind_key"]["fingerprint"] = "00" * 32
    assert verified(file_of(lines)).failures == ["key"]


def test_departments_that_changed_places_fail(voted: Workshop) -> None:
    """Otherwise the best department's ballots would count for the worst."""
    published = voted.description.frozen_digest()
    lines = lines_of(voted.export())
    assert verified(file_of(lines), frozen_digest=published.upper()).passed
    lines[0]["round"]["frozen"]["questionnaire"]["departments"].reverse()
    assert verified(file_of(lines)).passed, "nothing in the file itself tells"
    assert verified(file_of(lines), frozen_digest=published).failures == ["description"]


def test_an_edited_score_table_fails(voted: Workshop) -> None:
    mine = opening(voted)
    better = [b"\x01" * 12 + b"\0"] + [mine.scores.rows[start : start + 13] for start in range(13, 65, 13)]
    faked = ScoreTable.build(voted.description, better)
    file = voted.export(scores_digest=faked.digest, ranking=RANKING)
    assert verified(file).passed, "whoever does not open the box must trust those who did"
    assert verified(file, opened=mine).failures == ["scores", "opened"]


def test_an_opening_that_does_not_belong_here_fails(voted: Workshop) -> None:
    file, mine = export_opened(voted), opening(voted)
    short = ScoreTable.build(voted.description, [mine.scores.rows[:13]])
    assert verified(file, opened=replace(mine, scores=short)).failures == ["scores", "opened"]
    other = ScoreTable.build(voted.description, [b"\x07" * 13] * 5)
    assert "scores" in verified(file, opened=replace(mine, scores=other)).failures
    blanked = ScoreTable.build(replace(voted.description, at_least=5), [mine.scores.rows[:13]] * 5)
    assert "scores" in verified(file, opened=replace(mine, scores=blanked)).failures
    assert verified(file, opened=replace(mine, merkle_root=bytes(32))).failures == ["opened"]
    assert verified(file, opened=replace(mine, description="00" * 32)).failures == ["opened"]


def test_an_edited_ranking_fails(voted: Workshop) -> None:
    other = {**RANKING, "departments": [{"name": "供电", "rank": 2, "mean": 81.25}]}
    mine = opening(voted)
    report = verified(export_opened(voted), rank=lambda *_: other, opened=mine)
    assert report.failures == ["ranking"]
    problem = next(check.problem for check in report.checks if check.name == "ranking")
    assert problem is not None
    assert "$.departments[0].rank" in problem.say()
    nearly = {**RANKING, "departments": [{"name": "供电", "rank": 1, "mean": 81.25 + 1e-9}]}
    assert verified(export_opened(voted), rank=lambda *_: nearly, opened=mine).passed


def test_a_receipt_that_is_not_there(voted: Workshop) -> None:
    assert verified(voted.export(), receipt="ZZZZ-ZZZZ-ZZZZ-ZZZZ").failures == ["receipt"]
    assert verified(voted.export(), receipt="nonsense").failures == ["receipt"]


def test_a_broken_file_is_one_failed_check() -> None:
    report = verified(io.BytesIO(b"{}\n"))
    assert report.failures == ["format"]
    assert report.to_dict()["checks"][0]["problem"]


def test_a_score_table_needs_rows_of_its_width(voted: Workshop) -> None:
    with pytest.raises(ValueError):
        ScoreTable.build(voted.description, [b"\0"])
    with pytest.raises(InvalidInput):
        ScoreTable.from_dict({}, round_id="0")
