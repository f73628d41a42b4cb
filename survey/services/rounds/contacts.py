"""Contact of the office in public, and of key holders for administrators; both may change at any time."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from analysis.answers.spelling import clean_line
from survey.contact import LONGEST_HOURS, LONGEST_NAME, NUMBER, Contact
from survey.errors import N_, InvalidInput
from survey.models import HolderContact, KeyHolder, OfficeContact, Round
from survey.services.operations.audit import Actor, record
from survey.texts import require_drawable


def usual(session: Session) -> Contact | None:
    """Contact of every round that has no own."""
    return _contact(session.get(OfficeContact, OfficeContact.EVERY_ROUND))


def own(session: Session, round: Round) -> Contact | None:
    """Contact that was set for this round alone."""
    return _contact(session.get(OfficeContact, round.id))


def of_round(session: Session, round: Round) -> Contact | None:
    """Contact that the round's pages and documents give."""
    return own(session, round) or usual(session)


def line_of(session: Session, round: Round) -> str:
    """Name and telephone of `of_round`, for messages, in which every character counts; "" where there is
    none."""
    found = of_round(session, round)
    return f"{found.name} {found.telephone}" if found else ""


def set_office(session: Session, round: Round | None, wanted: Contact, actor: Actor) -> None:
    """Set the contact of a round, or with None of all rounds without an own one; an empty one removes it.

    Raises `InvalidInput` for a name without a number, too long a text, or signs that cannot be drawn.
    """
    key = round.id if round else OfficeContact.EVERY_ROUND
    wanted = Contact(*(clean_line(text) for text in (wanted.name, wanted.telephone, wanted.hours)))
    if wanted == _contact(session.get(OfficeContact, key)):
        return
    session.execute(delete(OfficeContact).where(OfficeContact.id == key))
    if wanted != Contact("", ""):
        check(wanted)
        session.add(
            OfficeContact(
                id=key,
                round_id=round.id if round else None,
                name=wanted.name,
                telephone=wanted.telephone,
                hours=wanted.hours,
            )
        )
        session.flush()
    # A public text, like the round's title.
    record(
        session,
        actor=actor,
        action="contact.save",
        subject=round.slug if round else "",
        text=wanted.line.strip(),
    )


def of_holders(session: Session, round: Round) -> dict[bytes, HolderContact]:
    """Persons and telephones of the round's key holders, by user id; for administrators only."""
    rows = session.scalars(select(HolderContact).where(HolderContact.round_id == round.id))
    return {row.user_id: row for row in rows}


def set_holders(
    session: Session, round: Round, wanted: Mapping[bytes, tuple[str, str]], actor: Actor
) -> None:
    """Set (person, telephone) of key holders by user id; two empty texts remove them. The log says that, and
    not what."""
    holders = set(session.scalars(select(KeyHolder.user_id).where(KeyHolder.round_id == round.id)))
    before = {user: (row.person, row.telephone) for user, row in of_holders(session, round).items()}
    cleaned = {user: (clean_line(person), clean_line(number)) for user, (person, number) in wanted.items()}
    given = {user: values for user, values in cleaned.items() if user in holders and any(values)}
    if given == before:
        return
    for person, number in given.values():
        _check_person(person)
        if number:
            _check_number(number)
    session.execute(delete(HolderContact).where(HolderContact.round_id == round.id))
    for user, (person, number) in given.items():
        session.add(HolderContact(round_id=round.id, user_id=user, person=person, telephone=number))
    session.flush()
    record(session, actor=actor, action="contact.holders", subject=round.slug, count=len(given))


def _contact(row: OfficeContact | None) -> Contact | None:
    return Contact(row.name, row.telephone, row.hours) if row else None


def check(wanted: Contact) -> None:
    """Raise `InvalidInput` for a name without a number, too long a text, or signs that cannot be drawn."""
    _check_person(wanted.name)
    if not wanted.name:
        raise InvalidInput(N_("请写明找谁，如“县评议办王主任”。"))
    _check_number(wanted.telephone)
    require_drawable([(N_("什么时间有人接"), wanted.hours)])
    if len(wanted.hours) > LONGEST_HOURS:
        raise InvalidInput(N_("什么时间有人接，最多写 %(most)s 个字。"), most=LONGEST_HOURS)


def _check_person(name: str) -> None:
    require_drawable([(N_("联系人"), name)])
    if len(name) > LONGEST_NAME:
        raise InvalidInput(N_("联系人最多 %(most)s 个字。"), most=LONGEST_NAME)


def _check_number(number: str) -> None:
    if not NUMBER.fullmatch(number):
        raise InvalidInput(
            N_("“%(number)s”不像电话号码。"),
            remedy=N_("请写成 0310-1234567，分机写成 0310-1234567转8。"),
            number=number,
        )
