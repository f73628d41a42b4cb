"""Witness of a round: named before the round is frozen, and believed only by what it signs."""

from __future__ import annotations

import urllib.error
import urllib.request
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.database.engine import Database
from survey.database.locking import locked
from survey.errors import N_, Conflict, Frozen, InvalidInput, Phrase, RoundClosed
from survey.models import PostedBatch, Round, State
from survey.protocol.box.witness_account import WitnessAccount
from survey.protocol.crypto import at_rest
from survey.protocol.crypto.hpke import point
from survey.protocol.description import RoundDescription
from survey.protocol.witness.offers import WitnessOffer
from survey.protocol.witness.stamps import witness_of
from survey.protocol.witness.statements import Statement
from survey.services.operations.audit import Actor, record
from survey.services.people import round_people
from survey.services.rounds import code_lists
from survey.services.rounds.descriptions import describe

TIMEOUT = 10.0
_LONGEST = 1024 * 1024


def set_witness(session: Session, round: Round, text: str, *, secret_key: str, actor: Actor) -> WitnessOffer:
    """Store an uploaded `witness.json` in a draft, with a new post key for posted ballots; returns the
    witness's offer.

    Raises `InvalidInput` for a file of another kind or round, `Frozen` after freezing, `Conflict` for a
    trial. Two people compare the offer's `fingerprint` with the one on the witness's screen.
    """
    round = _draft(session, round)
    if round.trial:
        raise Conflict(N_("练习轮用一台机器，不接监票机。"))
    offer = WitnessOffer.from_json(text)
    if offer.round_id != round.id.hex():
        raise InvalidInput(
            N_("这份 witness.json 是为另一个轮次生成的。"),
            remedy=N_("请让监票单位用本轮的编号 %(round)s 重新运行 pingyi witness init。"),
            round=round.id.hex(),
        )
    key = ec.generate_private_key(ec.SECP256R1())
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    round.witness, round.post_key_public = offer.to_json(), point(key)
    round.post_key_private = at_rest.lock(secret_key, round.id, der)
    detail = {"name": offer.name, "address": offer.address, "fingerprint": offer.fingerprint}
    record(session, actor=actor, action="round.set_witness", subject=round.slug, **detail)
    return offer


def remove_witness(session: Session, round: Round, actor: Actor) -> None:
    """Remove the witness from a draft, which makes it a round of one machine;
    raises `Frozen` after freezing."""
    round = _draft(session, round)
    round.witness = round.post_key_public = round.post_key_private = None
    record(session, actor=actor, action="round.remove_witness", subject=round.slug)


def offer_of(round: Round) -> WitnessOffer | None:
    """Offer of the round's witness; None in a round of one machine."""
    return WitnessOffer.from_json(round.witness) if round.witness else None


def freeze(session: Session, round: Round, missing: list[str], actor: Actor) -> Round:
    """Freeze a round with a witness without issuing anything, since its codes are made on another machine.

    `missing`: result of `lifecycle.missing_before_issuing`. Raises `Conflict`.
    """
    round = _draft(session, round)
    if not round.witness:
        raise Conflict(
            N_("没有监票机的轮次，签发邀请时才定稿。"), remedy=N_("请先上传监票机的 witness.json。")
        )
    if missing:
        raise Conflict(missing[0], remedy=N_("补齐之后再定稿。"))
    round_people.freeze(session, round)
    round.frozen = True
    session.flush()
    digest = describe(session, round).frozen_digest()
    record(session, actor=actor, action="round.freeze", subject=round.slug, digest=digest)
    return round


def fetch_statement(description: RoundDescription) -> str:
    """Statement (JSON text, not checked yet) that the witness publishes at its address.

    It waits for the network: call it outside any transaction. Raises `Conflict` if the witness does not
    answer.
    """
    url = f"{witness_of(description).address}/{description.id}/statement.json"
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as reply:  # noqa: S310 - an address of ours, checked
            text: str = reply.read(_LONGEST).decode()
            return text
    except (OSError, ValueError) as error:
        raise Conflict(
            N_("监票机没有应答：%(why)s"),
            remedy=N_("请检查监票机是否在运行；也可以请监票单位交来 statement.json，在这里上传。"),
            why=error,
        ) from error


def accept_statement(session: Session, round: Round, text: str, actor: Actor) -> Statement:
    """Store a statement of the round's witness, fetched or uploaded; returns it.

    Raises `InvalidInput` for one that the witness did not sign, and `Conflict` for one that is older than the
    stored one or contradicts it: lists gone that are here, smaller counts, other counts under the same
    number. After closing one is taken only if it has the lists and counts of the box.
    """
    round = locked(session, round)
    new = Statement.from_json(text)
    new.check(describe(session, round))
    before = statement_of(round)
    if before is not None and new.number < before.number:
        raise Conflict(
            N_("这是第 %(number)s 份声明，这里已经有更新的第 %(stored)s 份。"),
            remedy=N_("请向监票单位索取最新的 statement.json。"),
            number=new.number,
            stored=before.number,
        )
    # A list may be taken back that only the witness had; then both machines have the same.
    same = not code_lists.differences(session, round, new)
    if round.state in (State.CLOSED, State.OPENED) and not (
        same and new.closed and _fits(session, round, new)
    ):
        raise Conflict(
            N_("本轮已经截止，只收名单和数目与票箱一致的声明。"),
            remedy=N_(
                "名单不同，请监票单位补导入或撤回那一份，再由管理员取声明；票数不同，请保留这份声明，"
                "告诉各位评议员。"
            ),
        )
    if before is not None and not _continues(before, new, withdrawn=same):
        raise Conflict(
            N_("监票机的新声明与它先前签的矛盾：数目变小，名单不见了，或者同一份有两种数目。"),
            remedy=N_("请保留两份声明，告诉监票单位和各位评议员。"),
        )
    if before is None or new.number > before.number:
        round.witness_statement = new.to_json()
        counts = {name: getattr(new, name) for name in ("number", "codes", "stamped", "posted", "closed")}
        record(session, actor=actor, action="round.witness_statement", subject=round.slug, **counts)
    return new


def statement_of(round: Round) -> Statement | None:
    """Newest stored statement of the round's witness; None before the first."""
    return Statement.from_json(round.witness_statement) if round.witness_statement else None


def _fits(session: Session, round: Round, statement: Statement) -> bool:
    """Whether `verify` finds the closed round's ballots in the statement."""
    account = WitnessAccount(statement, *taken(session, round))
    return not not_received(account) and (round.cast_count or 0) <= statement.stamped


def _continues(before: Statement, new: Statement, *, withdrawn: bool) -> bool:
    """Whether `new` takes nothing back that `before` stated, and under the same number states the same.

    withdrawn: lists may be gone, with their codes and the stamps on these.
    """
    if new.number == before.number:
        return replace(new, signature=b"") == replace(before, signature=b"")
    kept = tuple(digest for digest in before.lists if not withdrawn or digest in new.lists)
    counts = ["posted", "handed_over", "batches", "closed"]
    if kept == before.lists:
        counts += ["codes", "replaced", "stamped"]
    grown = all(getattr(new, name) >= getattr(before, name) for name in counts)
    return grown and new.lists[: len(kept)] == kept


def missing_at_witness(session: Session, round: Round) -> list[Phrase]:
    """Reasons why the witness is not ready for the round to begin; empty when
    it is ready, or there is none."""
    if not round.witness:
        return []
    statement = statement_of(round)
    if not code_lists.imported(session, round):
        return [Phrase(N_("还没有导入 codes-box.json。"))]
    if statement is None:
        return [Phrase(N_("还没有取到监票机的声明。"))]
    found = code_lists.differences(session, round, statement)
    return [*found, Phrase(N_("监票机已经截止。"))] if statement.closed else found


def taken(session: Session, round: Round) -> tuple[int, int, int]:
    """Numbers of batches, of ballots kept and of ballots refused among what the witness handed over."""
    sums = (func.coalesce(func.sum(column), 0) for column in (PostedBatch.kept, PostedBatch.refused))
    query = select(func.count(), *sums).select_from(PostedBatch).where(PostedBatch.round_id == round.id)
    row = session.execute(query).one()
    return row[0], int(row[1]), int(row[2])


def account_of(session: Session, round: Round) -> WitnessAccount | None:
    """Newest stored statement beside what this machine took in; None before the first statement."""
    statement = statement_of(round)
    return WitnessAccount(statement, *taken(session, round)) if statement else None


def not_received(account: WitnessAccount) -> list[Phrase]:
    """Says that the witness's last statement names other batches or ballots than came here; else empty."""
    if account.agrees or not account.final:
        return []
    said = N_(
        "监票机最后一份声明说移交了 %(there)s 张（%(batches)s 批），这里收到 %(here)s 张（%(taken)s 批），"
        "不能截止，监票机不在了也不能。"
    )
    stated = {"there": account.statement.handed_over, "batches": account.statement.batches}
    return [Phrase(said, stated | {"here": account.received, "taken": account.batches})]


def require_received(account: WitnessAccount) -> None:
    """Raise `Conflict` with what `not_received` finds."""
    if found := not_received(account):
        raise Conflict(
            found[0].message,
            remedy=N_(
                "什么都没有改变。请监票单位再运行一次 pingyi witness close，再由管理员取声明；仍然不同，"
                "就找回票箱机较新的数据库或备份；找不回，只能取消本轮。"
            ),
            **found[0].values,
        )


def closing_account(session: Session, round: Round, cast: int) -> dict[str, int]:
    """Numbers of the closing record on the witness: its last statement beside what this machine took in.

    `cast`: ballots in the box. `missing` ones were acknowledged to phones and are not here. Raises `Conflict`
    while the witness still holds something, unless the round closes without it; and, without it too, for
    whatever `verify` would refuse. Empty in a round of one machine.
    """
    if not round.witness:
        return {}
    account = account_of(session, round)
    if account is None:
        raise Conflict(N_("还没有取到监票机的声明。"), remedy=_FETCH)
    statement = account.statement
    if not (account.final or round.close_without_witness):
        raise Conflict(N_("监票机还没有截止，或者还有选票没有移交。"), remedy=_FETCH)
    require_received(account)
    forged = N_("什么都没有改变。请保留服务器原样，告诉各位评议员；核实以后只能取消本轮。")
    if cast != account.kept:
        said = N_("票箱里有 %(cast)s 张选票，由监票机移交的是 %(kept)s 张，不能截止：有人改过数据库。")
        raise Conflict(said, remedy=forged, cast=cast, kept=account.kept)
    if statement.closed:
        code_lists.require_same(session, round, statement)
    if statement.closed and cast > statement.stamped:
        raise Conflict(N_("票箱里的选票多于监票机盖过章的，不能截止：有人伪造了选票。"), remedy=forged)
    return {
        "stamped": statement.stamped,
        "posted": statement.posted,
        "batches": account.batches,
        "kept": account.kept,
        "refused": account.refused,
        "missing": account.missing,
        "statement": statement.number,
    }


_FETCH = N_("请监票单位运行 pingyi witness close，再由管理员在“两台机器”页取声明。")


def post_key(database: Database, round_id: bytes) -> ec.EllipticCurvePrivateKey:
    """Private key of the round for posted ballots; raises `RoundClosed` when it was erased."""
    with database.read() as session:
        locked_key = session.scalar(select(Round.post_key_private).where(Round.id == round_id))
    if locked_key is None:
        raise RoundClosed
    key = load_der_private_key(at_rest.unlock(database.secret_key, round_id, locked_key), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise RoundClosed
    return key


def _draft(session: Session, round: Round) -> Round:
    round = locked(session, round)
    if round.frozen or round.state != State.DRAFT:
        raise Frozen(N_("本轮已经定稿，监票机不能再改。"))
    return round
