"""Interim looks at participation: subtracting one look from the next must not single anybody out."""

from __future__ import annotations

import hashlib
import itertools
from datetime import timedelta

import pytest
from county import BASE_URL, County
from sqlalchemy import text

from survey.clock import today
from survey.errors import PingyiError
from survey.models import Enterprise
from survey.protocol.codes import new_code
from survey.services.invitations.replacing import replace_invitation
from survey.services.rounds.counting import count_invitations
from survey.services.voting import collecting as credentials
from survey.services.voting import participation

THRESHOLD = 5
PHONES = 13


def watch(place: County, look) -> list[int]:
    """What an administrator learns who looks after every single ballot: differences between looks."""
    seen = [look()]
    for _ in range(PHONES):
        place.phone().answer()
        participation.refresh_due(place.database, today())
        seen.append(look())
    return [after - before for before, after in itertools.pairwise(seen)]


def test_live_numbers_show_everyone_as_they_come(place: County) -> None:
    """Naive: an exact live count; who is on the phone with an enterprise sees it vote."""
    place.collecting(slips=PHONES, threshold=THRESHOLD)
    naive = watch(place, lambda: place.look(count_invitations)[1])
    assert naive == [1] * PHONES


def test_within_a_day_nothing_moves(place: County) -> None:
    place.collecting(slips=PHONES, threshold=THRESHOLD)
    participation.refresh_due(place.database, today())

    def look() -> int:
        shown = place.look(lambda s, r: participation.totals(s, r, today()))
        return shown.collected + shown.cast

    assert watch(place, look) == [0] * PHONES


def test_from_day_to_day_totals_move_in_steps(place: County) -> None:
    """One ballot a day: every look is a multiple of the threshold, so a step is never one enterprise."""
    place.collecting(slips=PHONES, threshold=THRESHOLD)
    day, looks = today(), []
    for _ in range(PHONES):
        participation.refresh_due(place.database, day)
        shown = place.look(lambda s, r, d=day: participation.totals(s, r, d))
        looks.append((shown.collected, shown.cast))
        place.phone().answer()
        day += timedelta(days=1)
    assert looks[-1] == (10, 10)
    assert {value % THRESHOLD for look in looks for value in look} == {0}


def test_asking_for_an_earlier_or_the_same_day_brings_nothing_fresh(place: County) -> None:
    """A clock set back, or a batch asked for twice."""
    place.collecting(slips=PHONES, threshold=THRESHOLD)
    participation.refresh_due(place.database, today())
    for _ in range(PHONES):
        place.phone().answer()
    for day in (today(), today() - timedelta(days=1)):
        assert not place.act(lambda s, r, d=day: participation.refresh(s, r, d))
    shown = place.look(lambda s, r: participation.totals(s, r, today() - timedelta(days=1)))
    assert (shown.collected, shown.cast) == (0, 0)


def test_enterprises_are_brought_up_to_date_together(place: County) -> None:
    place.populate(enterprises=PHONES).draft(threshold=THRESHOLD).issue_attributed().start()
    participation.refresh_due(place.database, today())

    def collected() -> int:
        return sum(shown for _, shown in place.look(lambda s, r: participation.enterprises(s, r)).items)

    for _ in range(6):
        place.phone().collect()
    assert collected() == 0
    participation.refresh_due(place.database, today() + timedelta(days=1))
    assert collected() == 6


def test_a_slow_day_singles_nobody_out(place: County) -> None:
    """Naive: one newcomer since yesterday's list is an enterprise whose day is known."""
    place.populate(enterprises=PHONES).draft(threshold=THRESHOLD).issue_attributed().start()
    day, naive, shown = today(), [], []

    def newly(column: str) -> int:
        with place.database.read() as session:
            return session.scalar(text(f"SELECT count(*) FROM invitation WHERE {column}")) or 0

    for _ in range(PHONES):
        place.phone().collect()
        participation.refresh_due(place.database, day)
        naive.append(newly("collected"))
        shown.append(newly("collected_reported"))
        day += timedelta(days=1)
    assert {b - a for a, b in itertools.pairwise(naive)} == {1}
    assert {b - a for a, b in itertools.pairwise(shown)} == {0, THRESHOLD}


def test_replaced_invitations_hide_nobody(place: County) -> None:
    """Attack: an administrator collects, with replacements, for enterprises that are shown already.

    Counted as newcomers they would reach the threshold, and the one real newcomer would be shown alone.
    """
    place.populate(enterprises=PHONES).draft(threshold=3).issue_attributed().start()

    def collected() -> dict[bytes, bool]:
        rows = place.look(lambda s, r: participation.enterprises(s, r)).items
        return {enterprise.id: shown for enterprise, shown in rows}

    for _ in range(3):
        place.phone().collect()
    participation.refresh_due(place.database, today())
    before = collected()
    shown = [key for key, known in before.items() if known]
    assert len(shown) == 3
    for key in shown[:2]:
        sham = place.act(
            lambda s, r, k=key: replace_invitation(s, r, s.get(Enterprise, k), BASE_URL, "管理员")
        )
        place.phone(sham.code).collect()
    place.phone().collect()
    with place.database.read() as session:
        naive = session.scalar(
            text("SELECT count(*) FROM invitation WHERE collected AND NOT collected_reported")
        )
    assert naive == 3
    participation.refresh_due(place.database, today() + timedelta(days=1))
    assert collected() == before


NONSENSE = [b"", b"\0" * 384, b"\0" * 383 + b"\1", b"\xff" * 384, b"\2" * 383]


def naive_probe(place: County, code: str, blinded: bytes) -> str:
    """Naive: the invitation is looked up first, and what was sent with its code is checked afterwards."""
    with place.database.read() as session:
        row = credentials._look(session, place.round().id, place.code_hash(code))
    try:
        credentials._answer(row, hashlib.sha256(blinded).digest())
        credentials.round_key(place.database, place.round().id).sign_blinded(blinded)
    except PingyiError as error:
        return error.code
    return "signed"


def probe(place: County, code: str, blinded: bytes) -> str:
    with pytest.raises(PingyiError) as caught:
        credentials.collect(place.database, place.slug, place.sent(code), blinded)
    return caught.value.code


@pytest.mark.parametrize("blinded", NONSENSE)
def test_asking_in_a_way_that_spends_nothing_tells_nothing(place: County, blinded: bytes) -> None:
    """Attack: whoever kept the list of links asks, as often as wanted, for a signature that cannot be given.

    A code that was used must be refused in the same words as one that was not, and as one that never was.
    """
    place.collecting(slips=3)
    used, unused = place.codes[-1], place.codes[0]
    place.phone().collect()
    unknown = new_code()
    assert naive_probe(place, used, blinded) != naive_probe(place, unused, blinded)
    assert {probe(place, code, blinded) for code in (used, unused, unknown)} == {"malformed"}


def test_no_page_says_who_cast(place: County) -> None:
    """Collecting is all that is known of an enterprise: casting changes nothing that carries its name."""
    place.populate(enterprises=PHONES).draft(threshold=THRESHOLD).issue_attributed().start()
    phones = [place.phone() for _ in range(6)]
    for phone in phones:
        phone.collect()

    def about_enterprises() -> list[tuple]:
        with place.database.read() as session:
            rows = session.execute(text("SELECT * FROM invitation ORDER BY code_hash"))
            return [tuple(row) for row in rows]

    before = about_enterprises()
    for phone in phones[:3]:
        phone.seal().cast()
    assert about_enterprises() == before
