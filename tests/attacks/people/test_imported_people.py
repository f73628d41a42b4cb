"""One administrator imports reviewers of his own: a list must not be a way around the second person."""

from __future__ import annotations

import pytest
from county import County

from survey.clock import now
from survey.errors import PingyiError
from survey.models import Body, Role, User
from survey.services.people import accounts, enrolment, list_of_people
from survey.services.people.list_of_people import NewPerson

PUPPETS = [NewPerson(f"木偶{n}", Role.REVIEWER, "评议员0单位") for n in range(2)]
BASE = "https://pingyi.example"


def reviewers(place: County) -> set[str]:
    with place.database.read() as session:
        return {user.name for user in accounts.list_users(session, Role.REVIEWER)}


def test_imported_reviewers_are_only_proposed(place: County) -> None:
    place.populate()
    before = reviewers(place)

    def naive(session) -> list[str]:
        """Each as a single administrator or liaison is added."""
        made = [
            accounts.create_user(session, name=f"直接{p.name}", role=p.role, password=None, body=p.body)
            for p in PUPPETS
        ]
        return [enrolment.make_link(session, user, BASE, now(), actor="管理员") for user in made]

    for link in place.database.write(naive):
        enrolment.enrol(place.database, link, "a long enough sentence", now())
    assert len(reviewers(place) - before) == 2, "without the second person the attack succeeds"
    own = reviewers(place)
    added = place.database.write(lambda s: list_of_people.add(s, PUPPETS, place.administrator, BASE, now()))
    assert [(one.link, one.fingerprint) for one in added] == [("", "")] * 2
    assert reviewers(place) == own
    for one in added:  # the code that he does get is no link
        with pytest.raises(PingyiError):
            enrolment.enrol(place.database, f"{BASE}/enrol#{one.code}", "a long enough sentence", now())


def test_before_two_reviewers_the_list_brings_none(place: County) -> None:
    place.populate(reviewers=1)
    with place.database.read() as session:
        (wrong, _second) = list_of_people.problems(session, PUPPETS)
    assert set(wrong) == {"role"}
    with pytest.raises(PingyiError):
        place.database.write(
            lambda s: list_of_people.add(s, PUPPETS, place.administrator, BASE, now()) and None
        )


def test_a_body_that_two_people_did_not_list_cannot_be_brought(place: County) -> None:
    """`accounts.create_user` lists a new body by itself, as the machine needs for its first people."""
    place.populate()
    invented = [
        NewPerson("张三", Role.ADMINISTRATOR, "自封委员会"),
        NewPerson("李四", Role.LIAISON, "自封局"),
    ]
    with pytest.raises(PingyiError):
        place.database.write(
            lambda s: list_of_people.add(s, invented[:1], place.administrator, BASE, now()) and None
        )
    with place.database.read() as session:
        assert session.get(Body, "自封委员会") is None
        assert not {"张三", "李四"} & {user.name for user in session.query(User)}
        assert [set(wrong) for wrong in list_of_people.problems(session, invented)] == [
            {"body"},
            {"body", "department"},
        ]
