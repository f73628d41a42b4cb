"""Participation in a round, shown so that nobody can be watched: updated once a day, for all at once, in
steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from survey.database.engine import Database
from survey.database.locking import locked
from survey.database.paging import Page, page_of_results
from survey.database.storage_order import mix_enough
from survey.models import Enterprise, Invitation, Round, State
from survey.models.round import Mixing
from survey.services.roster.enterprises import matching
from survey.services.rounds.counting import count_ballots, count_invitations

PER_PAGE = 50
SORTS = ("name", "credit_code", "contact", "phone", "collected")


@dataclass(frozen=True, slots=True)
class Participation:
    """Totals of a round; before closing (`exact` is False) `collected` and `cast` are as of `as_of` and
    rounded down."""

    invited: int
    collected: int
    cast: int
    as_of: date | None
    replaced: int = 0
    exact: bool = False
    slips: int = 0

    @property
    def firms(self) -> int:
        """Enterprises that were invited, each once: without slips, and without what replaced a lost link."""
        return self.invited - self.slips - self.replaced


def refresh(session: Session, round: Round, today: date, counts: tuple[int, int] | None = None) -> bool:
    """Run the daily batch: what was collected so far becomes visible, for all at once.

    counts: `_counts` of a moment before, so that phones do not wait for counting.

    Fewer newcomers than the threshold wait for the next day: a look would single them out. Returns False, and
    does nothing, when it ran today already or the round does not collect. A clock that is set back a day
    brings nothing fresh; a day further off was written under a wrong clock.
    """
    round = locked(session, round)
    if round.state != State.OPEN or _had_batch(round.participation_on, today):
        return False
    _report_newcomers(session, round)
    collected, cast = counts or _counts(session, round)
    round.reported_collected = _in_steps(collected, round.threshold)
    round.reported_cast = _in_steps(cast, round.threshold)
    round.participation_on, round.mixing = today, Mixing.DUE
    session.flush()
    return True


def refresh_due(database: Database, today: date) -> None:
    """Run the daily batch for every collecting round that has not had it today, then mix the rows of rounds
    where that is due.

    For the clock, not for pages: it may take long.
    """
    with database.read() as session:
        collecting = session.scalars(select(Round).where(Round.state == State.OPEN))
        waiting = [
            (round, _counts(session, round))
            for round in collecting
            if not _had_batch(round.participation_on, today)
        ]
    for round, counts in waiting:
        database.write(partial(refresh, round=round, today=today, counts=counts))
    mix_enough(database)


def _counts(session: Session, round: Round) -> tuple[int, int]:
    """Numbers of collected invitations and of ballots."""
    return count_invitations(session, round).collected, count_ballots(session, round)


def _had_batch(last: date | None, today: date) -> bool:
    return last is not None and today <= last <= today + timedelta(days=1)


def totals(session: Session, round: Round, today: date) -> Participation:
    """Totals that may be shown today; exact once the round is closed."""
    issued, _, replaced, slips = count_invitations(session, round)
    if round.cast_count is not None:
        counts = (round.invited_count or 0, round.collected_count or 0, round.cast_count)
        return Participation(*counts, as_of=round.closes_on, replaced=replaced, exact=True, slips=slips)
    as_of = round.participation_on
    shown = (round.reported_collected, round.reported_cast) if as_of and as_of <= today else (0, 0)
    return Participation(issued, *shown, as_of=as_of, replaced=replaced, slips=slips)


def enterprises(
    session: Session,
    round: Round,
    search: str = "",
    page: int = 1,
    per_page: int = PER_PAGE,
    *,
    missing: bool = False,
    sort: str = "name",
) -> Page[tuple[Enterprise, bool]]:
    """Page of invited enterprises, sorted by one of `SORTS`, each with whether it had collected at the last
    batch.

    `missing` leaves out those that had.
    """
    reported = known_to_have_collected()
    # Only the valid invitation, of which every invited enterprise has exactly one.
    chosen = [Invitation.round_id == round.id, Invitation.enterprise_id.is_not(None), ~Invitation.replaced]
    if search.strip():
        chosen.append(matching(search))
    if missing:
        chosen.append(~reported)
    join = Invitation.enterprise_id == Enterprise.id
    orders = {"collected": reported} | {name: getattr(Enterprise, name) for name in SORTS[:-1]}
    query = select(Enterprise, reported).join(Invitation, join).where(*chosen)
    query = query.order_by(orders.get(sort, Enterprise.name), Enterprise.name, Enterprise.id)
    total = select(func.count()).select_from(Invitation).where(*chosen)
    if search.strip():
        total = total.join(Enterprise, join)
    found = page_of_results(session, query, total=session.scalar(total) or 0, page=page, per_page=per_page)
    rows = tuple((enterprise, bool(reported)) for enterprise, reported in found.items)
    return Page(rows, found.page, found.per_page, found.total)


def known_to_have_collected() -> ColumnElement[bool]:
    """SQL condition that an enterprise had collected at the last batch, by its invitation or by the one that
    this replaced."""
    lost = aliased(Invitation)
    mine = (lost.round_id == Invitation.round_id, lost.enterprise_id == Invitation.enterprise_id)
    return or_(Invitation.collected_reported, exists().where(*mine, lost.replaced, lost.collected_reported))


def _report_newcomers(session: Session, round: Round) -> None:
    """Make newly collected invitations visible, if they are of at least the threshold of enterprises.

    Enterprises are counted, not invitations: a second one of somebody already shown hides no newcomer.
    """
    mine = (Invitation.round_id == round.id, Invitation.enterprise_id.is_not(None))
    other = aliased(Invitation)
    same = (other.round_id == Invitation.round_id, other.enterprise_id == Invitation.enterprise_id)
    known = exists().where(*same, other.collected_reported)
    new = (Invitation.collected, ~Invitation.collected_reported)
    fresh = select(func.count(Invitation.enterprise_id.distinct())).where(*mine, *new, ~known)
    if (session.scalar(fresh) or 0) >= round.threshold:
        session.execute(update(Invitation).where(*mine, *new).values(collected_reported=True))


def _in_steps(count: int, step: int) -> int:
    return count - count % step
