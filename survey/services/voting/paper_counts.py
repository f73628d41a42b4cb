"""Counts of paper forms, as reading stations made them; the site has no other knowledge of paper."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.database.locking import locked
from survey.errors import N_, Conflict, InvalidInput
from survey.facts.publication import PaperFacts
from survey.models import PaperForms, Round, State, User
from survey.protocol.description import RoundDescription
from survey.protocol.paper_count import NUMBERS, PaperCount, key_fingerprints
from survey.services.operations.audit import record
from survey.services.people import round_people
from survey.services.rounds.counting import count_ballots, count_invitations
from survey.services.rounds.descriptions import describe
from survey.texts import grouped


def counts_of(session: Session, round: Round) -> list[PaperForms]:
    """Counts of a round, by station."""
    query = select(PaperForms).where(PaperForms.round_id == round.id).order_by(PaperForms.station)
    return list(session.scalars(query))


def take(session: Session, round: Round, user: User, content: bytes) -> PaperForms:
    """Take a station's file, as a reviewer of the round; an earlier one of the same station is replaced.

    Raises `Conflict` before closing and for a file made before the one that was taken, `Forbidden`, or
    `InvalidInput` for a file of another round or numbers that cannot be true.
    """
    round = locked(session, round)
    round_people.require(session, round, user)
    if round.state not in (State.CLOSED, State.OPENED):
        raise Conflict(N_("纸质评议表的记录在截止以后登记：收票期间不公布票数。"))
    count = PaperCount.from_bytes(content)
    about = describe(session, round)
    if (count.round, count.check_number) != (about.id, about.check_number):
        raise InvalidInput(N_("这是另一轮的记录，核对号 %(pin)s。"), pin=count.check_number)
    known = counts_of(session, round)
    _check_limits(session, round, count, [each for each in known if each.station != count.station])
    _require_latest(count, next((each for each in known if each.station == count.station), None))
    numbers = dict(zip(NUMBERS, count.numbers(), strict=True))
    row = PaperForms(
        round_id=round.id,
        station=count.station,
        first=count.people[0],
        second=count.people[1],
        counted_on=date.fromisoformat(count.day),
        keys=b"".join(count.keys),
        signatures=b"".join(count.signatures),
        **numbers,
    )
    session.merge(row)
    said = {"station": count.station, "people": list(count.people), "keys": count.fingerprints} | numbers
    record(session, actor=user, action="paper.count", subject=round.slug, **said)
    return row


def as_signed(session: Session, round: Round) -> list[PaperCount]:
    """Counts of a round as their people signed them, by station."""
    about = describe(session, round)
    return [_as_signed(about, row) for row in counts_of(session, round)]


def _as_signed(about: RoundDescription, row: PaperForms) -> PaperCount:
    keys, signatures = row.keys or b"", row.signatures or b""
    return PaperCount(
        round=about.id,
        check_number=about.check_number,
        station=row.station,
        day=row.counted_on.isoformat(),
        people=(row.first, row.second),
        keys=_halves(keys),
        signatures=_halves(signatures),
        **{name: getattr(row, name) for name in NUMBERS},
    )


def fingerprints(row: PaperForms) -> list[str]:
    """What stands beside the two names on the paper that was signed."""
    return [grouped(text) for text in key_fingerprints(_halves(row.keys or b""))]


def _halves(both: bytes) -> tuple[bytes, ...]:
    middle = len(both) // 2
    return (both[:middle], both[middle:]) if both else ()


def _check_limits(session: Session, round: Round, count: PaperCount, others: list[PaperForms]) -> None:
    """Refuse more forms than slips, and more forms cast than ballots."""
    issued, ballots = count_invitations(session, round).slips, count_ballots(session, round)
    handed_out = count.handed_out + sum(other.handed_out for other in others)
    cast = count.cast + sum(other.cast for other in others)
    if handed_out > issued:
        raise InvalidInput(
            N_("记录说发出 %(out)s 份，本轮只签发了 %(issued)s 张无记名票。"), out=handed_out, issued=issued
        )
    if cast > ballots:
        raise InvalidInput(
            N_("记录说投了 %(cast)s 份，票箱里只有 %(ballots)s 张票。"), cast=cast, ballots=ballots
        )


def _require_latest(count: PaperCount, known: PaperForms | None) -> None:
    """Refuse a count that the same two people made before the known one: forms that came back or were cast
    never become fewer. One by other keys is taken, for the known one may be forged."""
    if known is None or known.keys != b"".join(count.keys):
        return
    if count.returned < known.returned or count.cast < known.cast:
        raise Conflict(
            N_("这个阅表站登记过更晚的记录：收回 %(returned)s 份，投了 %(cast)s 份。"),
            remedy=N_("请登记最后作的那份 count.json。"),
            returned=known.returned,
            cast=known.cast,
        )


def stated(session: Session, round: Round) -> PaperFacts | None:
    """Sum over the stations, as public page and edition state it; None where there was no paper."""
    found = counts_of(session, round)
    if not found:
        return None
    sums = {name: sum(getattr(count, name) for count in found) for name in NUMBERS}
    return PaperFacts(stations=len(found), confirmed=sum(count.keys is not None for count in found), **sums)
