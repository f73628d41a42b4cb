"""A lost list: its unused invitations get new codes, by two people and in public, and the old ones die."""

from __future__ import annotations

import pytest
from county import BASE_URL, County
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from survey.clock import now, today
from survey.database import storage_order
from survey.database.engine import Database
from survey.documents.lists.issued import IssuedInvitation
from survey.errors import CodeUnknown, Conflict, Forbidden, InvitationUsed
from survey.models import Invitation, Mode
from survey.services.invitations import growth, issuing, reissuing
from survey.services.people import confirmations
from survey.services.voting import participation
from survey.wording import editions


@pytest.fixture
def place(database: Database) -> County:
    return County(database).populate(enterprises=8).draft().issue_attributed().issue(7).start()


def proposed(place: County, kind: str = Mode.ATTRIBUTED):
    asker = place.administrator
    return place.act(lambda s, r: reissuing.propose(s, asker, r, kind, "电脑坏了", now()))


def confirmed(place: County, kind: str = Mode.ATTRIBUTED) -> County:
    made, other = proposed(place, kind), place.reviewers[0]
    place.database.write(lambda s: confirmations.confirm(s, made, other, BASE_URL, now()) and None)
    return place


def reissue(place: County, kind: str = Mode.ATTRIBUTED) -> list[IssuedInvitation]:
    new = place.look(lambda s, r: reissuing.prepare(s, r, BASE_URL, kind))
    place.act(lambda s, r: reissuing.store(s, r, new, kind, "管理员"))
    storage_order.mix(place.database, place.round().id)
    return new


def told(place: County) -> list[str]:
    """Lines of the public page."""
    issued = place.look(growth.by_day)
    return [editions.issued(e.kind, e.count, e.reason, 3, reissued=e.reissued) for e in issued]


def links(place: County) -> list[str]:
    return place.codes[:8]


def slips(place: County) -> list[str]:
    return place.codes[8:]


def test_one_person_alone_reissues_nothing(place: County) -> None:
    with pytest.raises(Conflict, match="评议员确认"):
        reissue(place)
    made = proposed(place)
    with pytest.raises(Conflict, match="评议员确认"):
        reissue(place)
    with pytest.raises(Forbidden):
        place.database.write(lambda s: confirmations.confirm(s, made, place.administrator, BASE_URL, now()))
    assert place.phone(links(place)[0]).answer()


def test_the_old_codes_die_and_every_firm_has_a_new_one(place: County) -> None:
    new = reissue(confirmed(place))
    assert len({one.credit_code for one in new}) == 8
    for old in links(place):
        with pytest.raises(CodeUnknown):
            place.phone(old).collect()
    assert place.phone(slips(place)[0]).answer(), "slips are another list"
    for one in new[:5]:
        assert place.phone(one.code).answer()
    place.close()
    closed = place.round()
    assert (closed.invited_count, closed.collected_count, closed.cast_count) == (15, 6, 6)


def test_it_is_used_up_and_counted_in_public(place: County) -> None:
    reissue(confirmed(place))
    with pytest.raises(Conflict, match="评议员确认"):
        reissue(place)
    assert told(place)[2] == "名单丢失，整批换发还没有用过的记名邀请，旧的全部作废，原因：电脑坏了"
    place.close()
    assert told(place)[2] == "名单丢失，整批换发还没有用过的记名邀请 8 份，旧的全部作废，原因：电脑坏了"
    (entry,) = place.look(growth.added)
    assert (entry.kind, entry.count, entry.reason, entry.reissued) == ("attributed", 8, "电脑坏了", True)


def test_who_is_known_to_have_collected_keeps_it_and_others_are_not_told_apart(
    place: County,
) -> None:
    for code in links(place)[:3]:
        place.phone(code).answer()
    place.act(lambda s, r: participation.refresh(s, r, today()))
    place.phone(links(place)[3]).answer()
    new = reissue(confirmed(place))
    assert len(new) == 5, "the one of today is among them"
    refused = 0
    for one in new:
        try:
            place.phone(one.code).answer()
        except InvitationUsed:
            refused += 1
    assert refused == 1, "it does not vote twice"
    place.close()
    closed = place.round()
    assert (closed.invited_count, closed.collected_count, closed.cast_count) == (15, 8, 8)


@pytest.mark.parametrize(("used", "new"), [(0, 7), (1, 4), (3, 4), (4, 1), (7, 0)])
def test_of_slips_so_many_are_new_that_the_used_ones_stay_in_steps(
    place: County, used: int, new: int
) -> None:
    for code in slips(place)[:used]:
        place.phone(code).answer()
    if used == 7:
        with pytest.raises(Conflict, match="没有还未使用"):
            proposed(place, Mode.SLIP)
        return
    made = reissue(confirmed(place, Mode.SLIP), Mode.SLIP)
    assert len(made) == new
    for code in slips(place)[used:]:
        with pytest.raises(CodeUnknown):
            place.phone(code).collect()
    assert place.phone(made[0].code).answer()
    assert place.look(lambda s, r: s.scalar(select(func.count()).select_from(Invitation))) == 15


def test_a_permission_to_reissue_is_none_to_add_invitations(place: County) -> None:
    confirmed(place, Mode.SLIP)
    with pytest.raises(Conflict, match="增发"):
        place.look(lambda s, r: issuing.prepare_slips(s, r, BASE_URL, 3))


@pytest.mark.parametrize("mark", ["collected_reported", "replaced"])
def test_the_database_keeps_a_code_that_is_told_as_used_or_replaced(place: County, mark: str) -> None:
    def change(session, round) -> None:
        mine = select(Invitation).where(Invitation.enterprise_id.is_not(None)).limit(1)
        row = session.scalars(mine).one()
        setattr(row, mark, True)
        session.flush()
        row.code_hash = b"x" * 32
        session.flush()

    with pytest.raises(DBAPIError, match="keeps its owner"):
        place.act(change)


def test_nor_after_closing(place: County) -> None:
    made = confirmed(place).look(lambda s, r: reissuing.prepare(s, r, BASE_URL, Mode.ATTRIBUTED))
    place.close()
    with pytest.raises(Conflict, match="截止"):
        place.act(lambda s, r: reissuing.store(s, r, made, Mode.ATTRIBUTED, "管理员"))

    def change(session, _round) -> None:
        session.scalars(select(Invitation).limit(1)).one().code_hash = b"x" * 32
        session.flush()

    with pytest.raises(DBAPIError, match="keeps its owner"):
        place.act(change)
