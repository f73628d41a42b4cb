"""The roster: an update changes what it brings, and enterprises are added, edited and retired one by one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from county import BASE_URL, County, roster
from sqlalchemy import select

from survey.database.engine import Database
from survey.documents.uploads.roster_row import RosterRow
from survey.errors import Conflict
from survey.models import Enterprise
from survey.services.invitations import issuing, sampling
from survey.services.roster import enterprises, singly

ROWS = [
    RosterRow(row.credit_code, row.name, row.contact, row.phone, {"规模": "小", "行业": "工业"})
    for row in roster(3)
]


@pytest.fixture
def place(database: Database) -> County:
    county = County(database).populate()
    county.database.write(lambda s: enterprises.import_roster(s, ROWS, "管理员"))
    return county


def stored(place: County, number: int = 0) -> Enterprise:
    with place.database.read() as session:
        mine = select(Enterprise).where(Enterprise.credit_code == ROWS[number].credit_code)
        return session.scalars(mine).one()


def imported(place: County, rows: list[RosterRow], brings: tuple[str, ...] | None):
    foreseen = place.database.write(lambda s: enterprises.foresee_import(s, rows, brings))
    done = place.database.write(lambda s: enterprises.import_roster(s, rows, "管理员", brings))
    assert done == foreseen
    return done


def test_telephones_alone_leave_strata_and_contacts(place: County) -> None:
    rows = [RosterRow(row.credit_code, row.name, phone="13900000009") for row in ROWS[:2]]
    done = imported(place, rows, ("name", "phone"))
    assert (done.added, done.updated, done.unchanged, done.fields) == (0, 2, 0, (("phone", 2),))
    now = stored(place)
    assert (now.phone, now.contact, now.strata) == ("13900000009", ROWS[0].contact, ROWS[0].strata)


def test_one_stratum_leaves_the_others_and_an_empty_cell_empties_it(place: County) -> None:
    rows = [replace(ROWS[0], strata={}), replace(ROWS[1], strata={"规模": "大"}), ROWS[2]]
    done = imported(place, rows, ("name", "规模"))
    assert (done.updated, done.unchanged, done.fields) == (2, 1, (("规模", 2),))
    assert stored(place, 0).strata == {"行业": "工业"}
    assert stored(place, 1).strata == {"规模": "大", "行业": "工业"}


def test_a_file_of_all_columns_changes_all(place: County) -> None:
    done = imported(place, [replace(ROWS[0], strata={"规模": "中"}, contact="李")], None)
    assert done.fields == (("contact", 1), ("行业", 1), ("规模", 1))
    assert stored(place).strata == {"规模": "中"}


def test_added_edited_and_retired_with_history(place: County) -> None:
    new = RosterRow("91330108MA27Y5AH5R", "新来的企业", "赵", "13800001111", {"规模": "小"})
    firm = place.database.write(lambda s: singly.add(s, new, "甲"))
    with pytest.raises(Conflict, match="已有信用代码"):
        place.database.write(lambda s: singly.add(s, new, "甲"))
    renamed = replace(new, name="改了名的企业", strata={})
    changed = place.database.write(lambda s: singly.edit(s, firm, renamed, singly.version(firm), "乙"))
    assert changed == ["name", "规模"]
    place.database.write(lambda s: singly.set_retired(s, firm, "注销", "丙", retired=True))
    with place.database.read() as session:
        changes = singly.history(session, firm)
    assert [(c.action, c.actor, c.fields, c.before, c.reason) for c in changes] == [
        ("roster.retire", "丙", (), "", "注销"),
        ("roster.edit", "乙", ("name", "规模"), "新来的企业", ""),
        ("roster.add", "甲", (), "", ""),
    ]


def test_of_two_who_edit_at_once_the_second_is_told(place: County) -> None:
    firm = stored(place)
    seen = singly.version(firm)
    first, second = replace(ROWS[0], phone="13911111111"), replace(ROWS[0], contact="钱")
    place.database.write(lambda s: singly.edit(s, firm, first, seen, "甲"))
    with pytest.raises(Conflict, match="刚刚被别人改过"):
        place.database.write(lambda s: singly.edit(s, firm, second, seen, "乙"))
    assert stored(place).phone == "13911111111"


def test_a_retired_enterprise_is_not_invited_drawn_counted_or_exported(place: County) -> None:
    firm = stored(place)
    place.database.write(lambda s: singly.set_retired(s, firm, "注销", "甲", retired=True))
    done = imported(place, ROWS, None)
    assert (done.unchanged, done.retired) == (3, 1)
    with place.database.read() as session:
        assert enterprises.count_enterprises(session) == 2
        assert [row.credit_code for row in enterprises.every_row(session)] == [
            r.credit_code for r in ROWS[1:]
        ]
        assert [e.retired for e in enterprises.list_enterprises(session).items] == [False, False, True]
    place.draft()
    with place.database.read() as session:
        assert sampling.strata_of_roster(session)["规模"].total() == 2
    issued = place.look(lambda s, r: issuing.prepare_attributed(s, r, BASE_URL))
    assert {one.credit_code for one in issued} == {row.credit_code for row in ROWS[1:]}


def test_one_that_was_invited_keeps_its_invitation(place: County) -> None:
    place.draft().issue_attributed().start()
    firm = stored(place)
    place.database.write(lambda s: singly.set_retired(s, firm, "注销", "甲", retired=True))
    assert place.phone(place.codes[0]).answer()
