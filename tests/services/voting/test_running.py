"""Watching a round: by stratum without giving a small one away, whom to remind, what happened."""

from __future__ import annotations

from datetime import timedelta

import pytest
from county import BASE_URL, County, roster
from sqlalchemy import event, update

from survey.clock import today
from survey.database.engine import Database
from survey.models import Enterprise, Invitation
from survey.services.invitations import replacing
from survey.services.roster import enterprises as rosters
from survey.services.rounds import extending
from survey.services.voting import participation, reminders

SIZES = ("大",) * 2 + ("中",) * 7 + ("小",) * 20


@pytest.fixture
def watched(database: Database) -> County:
    """Threshold 3: two large, seven medium, twenty small enterprises, all invited by name."""
    place = County(database).populate()
    rows = roster(len(SIZES))
    for row, size in zip(rows, SIZES, strict=True):
        row.strata = {"规模": size}
    database.write(lambda s: rosters.import_roster(s, rows, actor="管理员"))
    return place.draft().issue_attributed().start()


def collect(place: County, names: list[str]) -> None:
    """As if these enterprises had collected, and a day had passed."""

    def mark(session, round):
        wanted = [e.id for n in names for e in rosters.list_enterprises(session, n).items]
        mine = (Invitation.round_id == round.id, Invitation.enterprise_id.in_(wanted))
        room = {"blinded_hash": bytes(32), "blind_signature": bytes(384)}
        session.execute(update(Invitation).where(*mine).values(collected=True, **room))

    place.act(mark)
    place.act(lambda s, r: participation.refresh(s, r, today() + timedelta(days=1)))


def test_small_strata_are_withheld_and_one_more_with_them(watched: County) -> None:
    collect(watched, [f"企业{n:03d}" for n in range(20)])
    (options,) = watched.look(reminders.by_stratum).values()
    # 2 of 2 large, 7 of 7 medium, 11 of 20 small have collected; steps of three.
    assert [(o.name, o.invited, o.collected) for o in options] == [
        ("小", 20, 9),
        ("中", 7, None),
        ("大", 2, None),
    ]


def test_nothing_shows_before_the_daily_batch(watched: County) -> None:
    (options,) = watched.look(reminders.by_stratum).values()
    assert [o.collected for o in options] == [0, None, None]
    assert len(watched.look(reminders.to_remind)) == 29


def test_only_those_who_have_not_collected_are_reminded(watched: County) -> None:
    collect(watched, [f"企业{n:03d}" for n in range(25)])
    assert [e.name for e in watched.look(reminders.to_remind)] == ["企业025", "企业026", "企业027", "企业028"]
    page = watched.look(lambda s, r: participation.enterprises(s, r, missing=True, per_page=3))
    assert (page.total, [e.name for e, _ in page.items]) == (4, ["企业025", "企业026", "企业027"])


def test_an_enterprise_whose_lost_link_was_replaced_has_still_collected(watched: County) -> None:
    collect(watched, ["企业000", "企业001", "企业002"])
    watched.act(
        lambda s, r: replacing.replace_invitation(
            s, r, rosters.list_enterprises(s, "企业000").items[0], BASE_URL, "管理员"
        )
    )
    assert "企业000" not in [e.name for e in watched.look(reminders.to_remind)]


def test_the_history_names_no_enterprise(watched: County) -> None:
    watched.act(lambda s, r: extending.extend_round(s, r, r.closes_on + timedelta(days=3), "停电", "管理员"))
    watched.act(
        lambda s, r: replacing.replace_invitation(
            s, r, rosters.list_enterprises(s, "企业000").items[0], BASE_URL, "管理员"
        )
    )
    happened = watched.look(reminders.history)
    assert [h.action for h in happened] == [
        "round.create",
        "key.prove",
        "key.prove",
        "invitation.issue",
        "round.start",
        "round.extend",
        "invitation.replace",
    ]
    assert all("企业" not in str(h.detail) and "9113" not in str(h.detail) for h in happened)


def test_the_list_is_sorted_by_each_heading(watched: County) -> None:
    collect(watched, [f"企业{n:03d}" for n in range(25)])

    def names(sort: str, **options: object) -> list[str]:
        page = watched.look(lambda s, r: participation.enterprises(s, r, sort=sort, per_page=5, **options))
        return [e.name for e, _ in page.items]

    assert names("collected") == [*(f"企业{n:03d}" for n in range(25, 29)), "企业000"]
    everybody = watched.look(lambda s, r: participation.enterprises(s, r, per_page=100)).items
    for sort in ("credit_code", "contact", "phone"):
        wanted = sorted(everybody, key=lambda row: (getattr(row[0], sort), row[0].name))
        assert names(sort) == [e.name for e, _ in wanted[:5]], sort
    assert names("id; DROP TABLE enterprise") == [f"企业{n:03d}" for n in range(5)]
    assert names("phone", search="企业02", missing=True) == [f"企业{n:03d}" for n in range(25, 29)]


def test_a_page_does_not_read_everybody(watched: County) -> None:
    """The attack on patience: ten thousand objects made for a page of fifty."""
    loaded: list[object] = []

    def note(target: object, _context: object) -> None:
        loaded.append(target)

    event.listen(Enterprise, "load", note)
    try:
        watched.look(
            lambda s, r: (participation.enterprises(s, r, page=2, per_page=5), reminders.by_stratum(s, r))
        )
    finally:
        event.remove(Enterprise, "load", note)
    assert len(loaded) == 5
