"""Publication by two people: a reviewer proposes an edition, another reviewer confirms exactly that text.

What is published never changes again; a correction is a new edition, compared with all earlier ones so that
nobody learns by subtraction what each of them withholds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from analysis.answers.spelling import clean_text
from survey.database.locking import locked
from survey.documents.layout.canonical import canonical
from survey.errors import N_, Conflict, Forbidden, InvalidInput
from survey.facts.wire import written_edition
from survey.models import AuditEvent, Publication, PublicationState, Role, Round, User
from survey.services.operations.audit import record
from survey.services.people import round_people
from survey.services.publication import composites as edition_composites
from survey.services.publication.content import assemble
from survey.services.publication.differences import check_editions
from survey.services.rounds.editions import editions
from survey.texts import require_drawable

LONGEST_CORRECTION = 500


def propose(
    session: Session, round: Round, user: User, correction: str = "", composites: Sequence[str] = ()
) -> Publication:
    """Freeze the present content as the next edition, to be confirmed by another reviewer.

    `correction` says what a second or later edition mends; composites: ids of those published with it. Raises
    `Forbidden`, `InvalidInput`, `NotFound`, `Conflict` (nothing to publish, a proposal is waiting, nothing
    changed, or it would reveal what was withheld).
    """
    round, correction = locked(session, round), clean_text(correction)
    _reviewer(session, round, user)
    require_drawable([(N_("更正说明"), correction)])
    earlier = editions(session, round)
    if earlier and earlier[-1].state == PublicationState.PROPOSED:
        raise Conflict(N_("已经有一份待确认的公布稿。"), remedy=N_("请先确认或撤回那一份。"))
    proposed = assemble(session, round, composites)
    content = canonical(written_edition(proposed))
    digest = hashlib.sha256(content).digest()
    edition_composites.check(session, round, proposed)
    if earlier:
        _check_correction(correction, digest, earlier)
        check_editions([json.loads(e.content) for e in earlier], json.loads(content), round.threshold)
    publication = Publication(
        round_id=round.id,
        edition=len(earlier) + 1,
        state=PublicationState.PROPOSED,
        content=content.decode(),
        digest=digest,
        correction=correction.strip() if earlier else "",
        proposed_by=user.id,
    )
    session.add(publication)
    session.flush()
    event = _record(session, user, "publication.propose", round, publication)
    publication.log_number, publication.log_hash = event.number, event.hash
    session.flush()
    return publication


def confirm(session: Session, publication: Publication, user: User, today: date) -> Publication:
    """Publish the proposed edition as it stands, confirmed by another reviewer. Raises `Forbidden` or
    `Conflict`."""
    round = session.get_one(Round, publication.round_id)
    _reviewer(session, round, user)
    publication = _proposed(session, publication)
    if user.id == publication.proposed_by:
        raise Forbidden(N_("公布要由另一位评议员确认，提出的人不能自己确认。"))
    publication.state = PublicationState.PUBLISHED
    publication.confirmed_by, publication.published_on = user.id, today
    _record(session, user, "publication.confirm", round, publication)
    return publication


def withdraw(session: Session, publication: Publication, user: User) -> None:
    """Delete a proposed edition; any reviewer of the round may. A published one cannot be withdrawn."""
    round = session.get_one(Round, publication.round_id)
    _reviewer(session, round, user)
    publication = _proposed(session, publication)
    _record(session, user, "publication.withdraw", round, publication)
    session.delete(publication)


def _proposed(session: Session, publication: Publication) -> Publication:
    fresh = session.get(Publication, publication.id, with_for_update=True, populate_existing=True)
    if fresh is None or fresh.state != PublicationState.PROPOSED:
        raise Conflict(N_("这份公布稿已经确认或撤回。"))
    return fresh


def _reviewer(session: Session, round: Round, user: User) -> None:
    if user.role != Role.REVIEWER:
        raise Forbidden(N_("公布由评议员提出，由另一位评议员确认。"))
    round_people.require(session, round, user)


def _check_correction(correction: str, digest: bytes, earlier: list[Publication]) -> None:
    if earlier[-1].digest == digest:
        raise Conflict(N_("内容与已公布的第 %(edition)s 版完全相同。"), edition=earlier[-1].edition)
    if not 0 < len(correction.strip()) <= LONGEST_CORRECTION:
        raise InvalidInput(
            N_("请用 1 到 %(longest)s 个字写明这一版更正了什么，它会公布。"), longest=LONGEST_CORRECTION
        )


def _record(session: Session, user: User, action: str, round: Round, publication: Publication) -> AuditEvent:
    detail = {"edition": publication.edition, "digest": publication.digest.hex()}
    return record(session, actor=user, action=action, subject=round.slug, **detail)
