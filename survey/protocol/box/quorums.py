"""Comparison of what different quorums of key holders read in the same ballots.

Whoever seals a ballot wraps its key for each quorum separately, and could make it open differently for each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from survey.errors import N_
from survey.protocol.answers import AnswerReader
from survey.protocol.ballots import CastBallot
from survey.protocol.box.opened import BoxContents
from survey.protocol.description import RoundDescription
from survey.protocol.errors import REASONS, InvalidBallot, InvalidBox
from survey.protocol.holders.sealing import Opener
from survey.protocol.receipts import format_receipt, receipt_bytes

Verdict = tuple[str, ...]
"""Reasons (keys of `REASONS`, sorted) why ballots with one receipt are invalid; empty: all are valid."""


@dataclass(frozen=True, slots=True)
class Readings:
    """Ballots that quorums read differently: by receipt, the verdict of each quorum in `subsets`."""

    subsets: Sequence[tuple[int, ...]]
    differing: Mapping[str, tuple[Verdict, ...]]


class OpeningsDiffer(InvalidBox):
    """Two openings of one box have different scores; `differing`: receipt → both verdicts."""

    remedy = N_("请所有持钥人带上钥匙，用 pingyi open 重新开箱：它会逐张指出哪些选票因持钥人组合而不同。")

    def __init__(self, message: str, differing: Mapping[str, tuple[Verdict, ...]]) -> None:
        super().__init__(message)
        self.differing = differing

    def say(self, translate: Callable[[str], str] = str) -> str:
        """The message, followed by a sentence for each ballot on which the openings differ."""
        line = translate(N_("选票 %(receipt)s：自己开箱，%(mine)s；另一次开箱，%(other)s。"))
        return " ".join(
            [super().say(translate)]
            + [
                line
                % {
                    "receipt": receipt,
                    "mine": verdict_in_words(mine, translate),
                    "other": verdict_in_words(other, translate),
                }
                for receipt, (mine, other) in self.differing.items()
            ]
        )


def verdict_in_words(verdict: Verdict, translate: Callable[[str], str]) -> str:
    """Verdict in words: the reasons, or "valid"."""
    return translate(N_("、")).join(translate(REASONS[reason]) for reason in verdict) or translate(N_("有效"))


def read_by_every_quorum(
    description: RoundDescription,
    ballots: Iterable[CastBallot],
    keys: Mapping[int, EllipticCurvePrivateKey],
) -> Readings:
    """Open every ballot with each quorum among `keys` (holder index → private key), and return what differs.

    Quorums are in the order of the description; the first is the one that `open_ballots` uses.
    """
    subsets = [subset for subset in description.subsets if keys.keys() >= set(subset)]
    openers = [Opener(description, {holder: keys[holder] for holder in subset}) for subset in subsets]
    reader = AnswerReader(description.questionnaire)
    differing: dict[str, tuple[Verdict, ...]] = {}
    for ballot in ballots if len(openers) > 1 else ():
        read = [_read(opener, reader, ballot.sealed) for opener in openers]
        if len(set(read)) > 1:
            differing[format_receipt(receipt_bytes(ballot.sealed))] = tuple(verdict for verdict, _ in read)
    return Readings(subsets, dict(sorted(differing.items())))


def compare_openings(mine: BoxContents, other: BoxContents) -> None:
    """Raise `OpeningsDiffer` unless both openings give the same scores; names the ballots judged
    differently."""
    found = [_reasons(opened.invalid) for opened in (mine, other)]
    differing = {
        receipt: (found[0].get(receipt, ()), found[1].get(receipt, ()))
        for receipt in sorted(found[0].keys() | found[1].keys())
        if found[0].get(receipt) != found[1].get(receipt)
    }
    if differing:
        raise OpeningsDiffer(N_("两次开箱对这些选票是否有效说法不同："), differing)
    if mine.scores.digest != other.scores.digest:
        raise OpeningsDiffer(N_("两次开箱判为无效的选票相同，分数表却不同：有一份的分数行被改过。"), {})


def _reasons(invalid: Iterable[tuple[str, str]]) -> dict[str, Verdict]:
    found: dict[str, Verdict] = {}
    for receipt, reason in invalid:
        found[receipt] = (*found.get(receipt, ()), reason)
    return found


def _read(opener: Opener, reader: AnswerReader, sealed: bytes) -> tuple[Verdict, bytes]:
    try:
        plaintext = opener.open(sealed)
        reader.read(plaintext)
    except InvalidBallot as error:
        return (error.reason,), b""
    return (), plaintext
