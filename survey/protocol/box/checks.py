"""Checks of an exported ballot box, one function each; a check that fails raises `InvalidBox`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from survey.errors import N_, CredentialInvalid, InvalidInput
from survey.protocol.ballots import CastBallot
from survey.protocol.box.format import Box
from survey.protocol.credentials import check_credential, check_proof, public_key, token_key
from survey.protocol.crypto.blind import BlindPublicKey
from survey.protocol.crypto.encoding import plain_letters
from survey.protocol.crypto.merkle import merkle_root
from survey.protocol.description import RoundDescription
from survey.protocol.errors import InvalidBox
from survey.protocol.receipts import format_receipt
from survey.protocol.replacements import most_replacements
from survey.protocol.witness.stamps import check_stamp

Progress = Callable[[str, int, int], None]
"""Function that is told the stage ("verify" or "open"), the number of ballots done, and of all ballots."""

PROGRESS_STEP = 100
ROOT_START = 8
MOST_SHOWN = 64


def check_key(box: Box, fingerprint: str | None = None) -> None:
    """Check that the signing key has the fingerprint stated in the box, and the printed `fingerprint` if
    given."""
    found, stated = public_key(box.description).fingerprint, box.description.blind_key_fingerprint
    printed = found if fingerprint is None else fingerprint.lower().replace(":", "").replace(" ", "")
    for other in (stated, printed):
        if found != other:
            raise InvalidBox(
                N_("签名公钥的指纹是 %(found)s，公布的是 %(stated)s。"), found=found, stated=other
            )


def check_digest(description: RoundDescription, stated: str) -> None:
    """Check that the description has the frozen digest `stated`.

    The Merkle root does not cover the description: with departments exchanged, each would get another's
    scores.
    """
    found = description.frozen_digest()
    if found != stated.strip().lower():
        raise InvalidBox(N_("轮次说明的摘要是 %(found)s，公布的是 %(stated)s。"), found=found, stated=stated)


def check_number(description: RoundDescription, typed: str) -> None:
    """Check that the description has the check number (核对号) `typed` from paper; version 1 has none and
    fails."""
    found = description.check_number
    if not found or plain_letters(found) != plain_letters(typed):
        raise InvalidBox(
            N_("轮次说明的核对号是 %(found)s，给出的是 %(stated)s。"),
            found=found or "–",
            stated=typed[:MOST_SHOWN],
        )


def check_order(box: Box) -> None:
    """Check that ballots are sorted by receipt, then by token key, with no duplicates: the order reveals
    nothing.

    Two ballots may have the same receipt: whoever has two credentials can cast one `sealed` under both.
    """
    places = zip(box.receipts, map(token_key, box.tokens), strict=True)
    for before, after in pairwise(places):
        if before >= after:
            raise InvalidBox(
                N_("选票 %(receipt)s 重复，或没有按回执号排列。"), receipt=format_receipt(after[0])
            )


def check_tokens(box: Box) -> None:
    """Check that no credential was used for two ballots."""
    check_distinct(box.tokens, box.receipts)


def check_counts(box: Box) -> None:
    """Check that ballots in the box = cast ≤ collected ≤ invited, and that replacements are within the
    allowed number.

    A replaced invitation and its replacement both count as invited.
    """
    counts = box.counts
    if counts.cast != len(box.ballots):
        raise InvalidBox(
            N_("公布的投票数是 %(stated)s，票箱里有 %(found)s 张。"),
            stated=counts.cast,
            found=len(box.ballots),
        )
    within = counts.replaced <= most_replacements(counts.invited - counts.replaced)
    if not (within and counts.cast <= counts.collected <= counts.invited):
        raise InvalidBox(
            N_("人数不合理：邀请 %(invited)s，换发 %(replaced)s，领取 %(collected)s，投票 %(cast)s。"),
            invited=counts.invited,
            replaced=counts.replaced,
            collected=counts.collected,
            cast=counts.cast,
        )


def check_root(box: Box) -> None:
    """Check that the receipts in the box have the stated Merkle root."""
    compare_root(box.receipts, box.merkle_root)


CONSISTENCY: tuple[Callable[[Box], None], ...] = (
    check_key,
    check_order,
    check_tokens,
    check_counts,
    check_root,
)
"""Checks that `read_box` makes before anything in an export is used."""


def compare_root(receipts: Sequence[bytes], root: bytes) -> None:
    """Raise `InvalidBox` unless the receipts, sorted, have the Merkle root `root`."""
    if merkle_root(sorted(receipts)) != root:
        raise InvalidBox(N_("选票与截止时公布的校验根不符：有选票被增加、删去或改动。"))


def check_root_start(root: bytes, typed: str, *, least: int = ROOT_START) -> None:
    """Raise `InvalidInput` unless `typed` (from the closing record) is the beginning of the root, `least`
    digits or more."""
    start = plain_letters(typed).lower()
    if len(start) < least or not root.hex().startswith(start):
        raise InvalidInput(
            N_("校验根的前 %(least)s 位应是截止记录上印的；输入的“%(typed)s”与这里的票箱不符。"),
            remedy=N_(
                "没有打开任何选票。请对照纸上的记录再输入一遍；如果没有输错，就是票箱在截止以后被换过，不要开箱。"
            ),
            least=least,
            typed=typed[:MOST_SHOWN],
        )


def check_distinct(tokens: Iterable[bytes], receipts: Sequence[bytes]) -> None:
    """Raise `InvalidBox` when two ballots were cast with one credential."""
    seen: set[bytes] = set()
    for token, receipt in zip(tokens, receipts, strict=True):
        if token in seen:
            raise InvalidBox(
                N_("选票 %(receipt)s 与另一张选票用了同一个凭证。"), receipt=format_receipt(receipt)
            )
        seen.add(token)


def check_credentials(
    public: BlindPublicKey,
    description: RoundDescription,
    ballots: Iterable[CastBallot],
    receipts: Sequence[bytes],
    progress: Progress | None = None,
) -> list[bytes]:
    """Check credential and proof of every ballot; returns their `spent_key`s.

    Raises `InvalidBox` for the first ballot whose credential is not of the round, or that was not signed by
    the credential's one-time key.
    """
    keys = []
    for ballot, receipt in zip(ballots, receipts, strict=True):
        try:
            keys.append(check_credential(public, description, ballot.message, ballot.signature))
        except CredentialInvalid as error:
            raise _no_good(N_("选票 %(receipt)s 的凭证不是本轮签发的。"), receipt) from error
        try:
            check_stamp(description, ballot)
        except CredentialInvalid as error:
            raise _no_good(N_("选票 %(receipt)s 没有监票机给这个凭证盖的章。"), receipt) from error
        try:
            check_proof(description, ballot.message, ballot.sealed, ballot.proof)
        except CredentialInvalid as error:
            raise _no_good(N_("选票 %(receipt)s 不是用它的凭证投的那一张，内容被换过。"), receipt) from error
        if progress and (len(keys) % PROGRESS_STEP == 0 or len(keys) == len(receipts)):
            progress("verify", len(keys), len(receipts))
    return keys


def _no_good(message: str, receipt: bytes) -> InvalidBox:
    return InvalidBox(message, receipt=format_receipt(receipt))
