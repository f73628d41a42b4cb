"""Public descriptions of rounds, cached for the phones."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from weakref import WeakKeyDictionary

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from survey.clock import today
from survey.contact import Contact
from survey.database.engine import Database
from survey.errors import N_, NotFound, RoundCancelled, RoundClosed, RoundNotOpen
from survey.models import KeyHolder, OfficeContact, Round, State
from survey.protocol.crypto.blind import PUBLIC_EXPONENT, BlindPublicKey
from survey.protocol.description import Holder, RoundDescription
from survey.protocol.questionnaire import Questionnaire
from survey.protocol.witness.offers import WitnessOffer
from survey.protocol.witness_description import WitnessDescription

BELIEVED_SECONDS = 1.0
# Longer where `look_again` renews the entry every second, so that no request has to wait for a look.
LOOKED_AT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class PublicRound:
    """Public view of a round, for its page and the phones, from the first invitation issued on.

    `planned` is the announced last day of a round that was closed before it.
    """

    description: RoundDescription
    state: State
    notice: str = ""
    planned: date | None = None
    contact: Contact | None = None

    def collecting(self, today: date) -> bool:
        """Whether credentials and ballots are taken on this day."""
        opens, closes = (
            date.fromisoformat(d) for d in (self.description.opens_on, self.description.closes_on)
        )
        return self.state == State.OPEN and opens <= today <= closes

    def require_collecting(self, today: date) -> None:
        """Raise `RoundNotOpen`, `RoundClosed` or `RoundCancelled` unless collecting."""
        if self.collecting(today):
            return
        if self.state == State.CANCELLED:
            raise RoundCancelled
        early = self.state == State.DRAFT or today.isoformat() < self.description.opens_on
        if early and self.state in (State.DRAFT, State.OPEN):
            raise RoundNotOpen
        raise RoundClosed


_own, _usual = aliased(OfficeContact), aliased(OfficeContact)
_CONTACT = ("name", "telephone", "hours")
_LOOK = select(
    Round.id,
    Round.state,
    Round.opens_on,
    Round.closes_on,
    Round.notice,
    Round.title,
    Round.body,
    Round.planned_closes_on,
    *(getattr(_own, name).label(f"own_{name}") for name in _CONTACT),
    *(getattr(_usual, name).label(f"usual_{name}") for name in _CONTACT),
)
_LOOK = _LOOK.outerjoin(_own, _own.id == Round.id)
_LOOK = _LOOK.outerjoin(_usual, _usual.id == OfficeContact.EVERY_ROUND)


def public_description(database: Database, slug: str) -> PublicRound:
    """Public view of the round, by one small query; the frozen rest is read once in a process.

    Raises `NotFound`, also for a round without invitations: all of it may change, and its name tells of it.
    """
    with database.engine.connect() as connection:
        row = connection.execute(_LOOK.where(Round.slug == slug, Round.frozen)).first()
    if row is None:
        raise NotFound(N_("没有这个轮次。"), remedy=N_("请检查网址是否完整。"))
    version = (row.opens_on, row.closes_on, row.title, row.body)
    public = _frozen(database, row.id, version, State(row.state), row.notice)
    return replace(public, planned=row.planned_closes_on, contact=_contact_in(row._asdict()))


def _contact_in(row: Mapping[str, str | None]) -> Contact | None:
    """The round's own contact, else that of every round."""
    kind = next((kind for kind in ("own", "usual") if row[f"{kind}_name"]), None)
    return Contact(*(row[f"{kind}_{name}"] or "" for name in _CONTACT)) if kind else None


_collecting: WeakKeyDictionary[Database, dict[str, tuple[float, PublicRound]]] = WeakKeyDictionary()


def collecting_description(database: Database, slug: str) -> RoundDescription | None:
    """Description of a round that collects today, None for one that does not; raises `NotFound`.

    A round found to collect is believed to do so for a second, so whoever writes must check in the database.
    """
    remembered = remembered_description(database, slug)
    return remembered if remembered is not None else _look(database, slug, BELIEVED_SECONDS)


def look_again(database: Database) -> list[str]:
    """Refresh the cache for every open round, so that no request has to wait for it; returns the rounds'
    slugs."""
    with database.engine.connect() as connection:
        slugs = list(connection.scalars(select(Round.slug).where(Round.state == State.OPEN)))
    for gone in _collecting.get(database, {}).keys() - set(slugs):
        _collecting[database].pop(gone, None)
    for slug in slugs:
        _look(database, slug, LOOKED_AT_SECONDS)
    return slugs


def _look(database: Database, slug: str, seconds: float) -> RoundDescription | None:
    public = public_description(database, slug)
    if not public.collecting(today()):
        _collecting.get(database, {}).pop(slug, None)
        return None
    _collecting.setdefault(database, {})[slug] = time.monotonic() + seconds, public
    return public.description


def remembered_description(database: Database, slug: str) -> RoundDescription | None:
    """Description that `collecting_description` would return from the cache; None without a valid entry."""
    until, public = _collecting.get(database, {}).get(slug, (0.0, None))
    if public is None or time.monotonic() > until or not public.collecting(today()):
        return None
    return public.description


@lru_cache(maxsize=64)
def _frozen(
    database: Database, round_id: bytes, version: tuple[object, ...], state: State, notice: str
) -> PublicRound:
    del version  # only part of the cache's key: what may still change after the first invitation
    return PublicRound(_read(database, round_id), state, notice)


def _read(database: Database, round_id: bytes) -> RoundDescription:
    with database.read() as session:
        round = session.get(Round, round_id)
        if round is None:
            raise NotFound(N_("没有这个轮次。"))
        return describe(session, round)


def describe(session: Session, round: Round) -> RoundDescription:
    """Public description of the round (docs/formats.md); holders without a proven key are left out."""
    query = select(KeyHolder).where(KeyHolder.round_id == round.id).order_by(KeyHolder.position)
    public = BlindPublicKey.from_bytes(round.blind_key_public, PUBLIC_EXPONENT)
    return RoundDescription(
        id=round.id.hex(),
        slug=round.slug,
        title=round.title,
        body=round.body,
        opens_on=round.opens_on.isoformat(),
        closes_on=round.closes_on.isoformat(),
        blind_key_n=public.n_bytes,
        blind_key_e=public.e,
        blind_key_fingerprint=public.fingerprint,
        quorum=round.quorum,
        holders=tuple(
            Holder(h.name, h.public_key) for h in session.scalars(query) if h.public_key and h.proven
        ),
        questionnaire=questionnaire_of(round),
        threshold=round.threshold,
        at_least=round.at_least,
        version=round.format_version,
        complete=round.frozen,
        witness=_witness(round),
    )


def _witness(round: Round) -> WitnessDescription | None:
    if not round.witness or round.post_key_public is None:
        return None
    return WitnessOffer.from_json(round.witness).described(bytes(round.post_key_public))


def questionnaire_of(round: Round) -> Questionnaire:
    """Questionnaire of the round, parsed."""
    return Questionnaire.from_dict(json.loads(round.questionnaire))
