"""Check by telephone: some of those who collected are drawn by a public rule, and asked whether they did.

Who holds codes that are not his, or marks invitations in the database, collects in the name of firms that did
not. Only these firms can tell. They are asked whether they took part, never what they answered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.sampling.discovery import drawn_by_hash
from survey.database.locking import locked
from survey.errors import N_, Conflict, InvalidInput
from survey.facts.publication import TelephoneFacts
from survey.models import Enterprise, Invitation, Round, Said, State, TelephoneCall, TelephoneCheck, User
from survey.services.operations.audit import record
from survey.services.people import round_people

LONGEST_WORD = 80


@dataclass(frozen=True, slots=True)
class Drawn:
    """Telephone check of a round: the check's row, and in the order of the draw each enterprise with its
    answer."""

    check: TelephoneCheck
    calls: tuple[tuple[Enterprise, Said], ...]

    @property
    def counts(self) -> tuple[int, int, int, int, int]:
        """Numbers of enterprises (drawn from, said that they took part, said that they did not, not reached,
        still to be called)."""
        said = [each for _, each in self.calls]
        order = (Said.TOOK_PART, Said.DID_NOT, Said.NOT_REACHED, Said.WAITS)
        taken, not_taken, missed, waiting = (said.count(each) for each in order)
        return self.check.population, taken, not_taken, missed, waiting


def population(session: Session, round: Round) -> list[str]:
    """Credit codes, ascending, of the enterprises that the list of participation calls collected; raises
    `Conflict` before closing."""
    if round.state not in (State.CLOSED, State.OPENED) or round.log_hash is None:
        raise Conflict(N_("电话核对在截止以后才能做，那时领票名单才定下来。"))
    collected = select(Invitation.enterprise_id).where(
        Invitation.round_id == round.id, Invitation.collected, Invitation.enterprise_id.is_not(None)
    )
    query = select(Enterprise.credit_code).where(Enterprise.id.in_(collected))
    return list(session.scalars(query.order_by(Enterprise.credit_code)))


def seed_of(round: Round, word: str) -> str:
    """Seed: the log's hash at closing, SHA-256 of the witness's last statement or "-", and a word that became
    known later. Neither machine nor office can choose all three."""
    statement = round.witness_statement
    witness = hashlib.sha256(statement.encode()).hexdigest() if statement else "-"
    return f"{bytes(round.log_hash or b'').hex()}:{witness}:{word}"


def draw(session: Session, round: Round, user: User, word: str, size: int, today: date) -> Drawn:
    """Draw `size` enterprises, once for all, as a reviewer of the round.

    `word` is public and became known after closing, such as an index of that day. Raises `Conflict`,
    `InvalidInput` or `Forbidden`.
    """
    round = locked(session, round)
    round_people.require(session, round, user)
    names = population(session, round)
    if session.get(TelephoneCheck, round.id) is not None:
        raise Conflict(N_("样本已经抽过，不能再抽一次。"))
    if not names:
        raise Conflict(N_("本轮没有记名邀请被领走，没有企业可以打电话。"))
    if not word.strip() or len(word) > LONGEST_WORD:
        raise InvalidInput(N_("请填写一个截止以后才公开的数字或词，最多 80 个字。"))
    if not 0 < size <= len(names):
        raise InvalidInput(N_("抽取的家数应在 1 到 %(most)s 之间。"), most=len(names))
    seed, digest = seed_of(round, word), hashlib.sha256("\n".join(names).encode()).digest()
    check = TelephoneCheck(
        round_id=round.id,
        word=word,
        seed=seed,
        size=size,
        population=len(names),
        digest=digest,
        drawn_on=today,
    )
    session.add(check)
    session.flush()
    chosen = drawn_by_hash(seed, names, size)
    wanted = select(Enterprise).where(Enterprise.credit_code.in_(chosen))
    found = {enterprise.credit_code: enterprise for enterprise in session.scalars(wanted)}
    for place, code in enumerate(chosen, start=1):
        drawn = found[code].id
        session.add(TelephoneCall(round_id=round.id, enterprise_id=drawn, place=place, said=Said.WAITS))
    said = {"word": word, "seed": seed, "size": size, "population": len(names), "digest": digest.hex()}
    record(session, actor=user, action="telephone.draw", subject=round.slug, **said)
    return Drawn(check, tuple((found[code], Said.WAITS) for code in chosen))


def drawn_of(session: Session, round: Round) -> Drawn | None:
    """Enterprises drawn for the round with their answers so far; None before the draw."""
    check = session.get(TelephoneCheck, round.id)
    if check is None:
        return None
    query = select(Enterprise, TelephoneCall.said).join(
        TelephoneCall, TelephoneCall.enterprise_id == Enterprise.id
    )
    rows = session.execute(query.where(TelephoneCall.round_id == round.id).order_by(TelephoneCall.place))
    return Drawn(check, tuple((row[0], Said(row[1])) for row in rows))


def stated(session: Session, round: Round) -> TelephoneFacts | None:
    """What an edition states of the check; None before every result is in."""
    drawn = drawn_of(session, round)
    if drawn is None or drawn.counts[-1]:
        return None
    population, took_part, did_not, not_reached, _ = drawn.counts
    return TelephoneFacts(
        population=population, took_part=took_part, did_not=did_not, not_reached=not_reached
    )


def enter(session: Session, round: Round, user: User, said: Mapping[bytes, Said]) -> int:
    """Enter what enterprises (by id) said, as a reviewer of the round; the number of results that changed.

    Raises `Conflict` for one that was not drawn.
    """
    round = locked(session, round)
    round_people.require(session, round, user)
    calls = select(TelephoneCall).where(TelephoneCall.round_id == round.id)
    known = {bytes(call.enterprise_id): call for call in session.scalars(calls)}
    if not said.keys() <= known.keys():
        raise Conflict(N_("有一家企业没有抽中，结果没有保存。"), remedy=N_("请刷新页面再填。"))
    changed = [key for key, value in said.items() if known[key].said != value]
    for key in changed:
        known[key].said = said[key]
    if changed:
        record(session, actor=user, action="telephone.enter", subject=round.slug, results=len(changed))
    return len(changed)
