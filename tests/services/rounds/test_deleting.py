"""Drafts can be deleted whole, and only drafts; a later round of the same address has its own history."""

from __future__ import annotations

import pytest
from county import County
from sqlalchemy import func, inspect, select

from survey.errors import Conflict, NotFound
from survey.models import AuditEvent
from survey.models.base import Base
from survey.services.rounds import deleting, lifecycle
from survey.services.voting import reminders


def delete(place: County) -> None:
    place.act(lambda s, r: deleting.delete_draft(s, r, "管理员"))


def rows(place: County) -> dict[str, int]:
    """Number of rows of every table that belongs to rounds."""
    tables = [t for t in Base.metadata.sorted_tables if t.name == "round" or "round_id" in t.columns]
    with place.database.read() as session:
        assert {t.name for t in tables} <= set(inspect(session.connection()).get_table_names())
        return {t.name: session.scalar(select(func.count()).select_from(t)) or 0 for t in tables}


def test_a_draft_is_gone_with_all_that_belongs_to_it(place: County) -> None:
    place.populate(enterprises=5).draft()
    before = rows(place)
    assert (before["round"], before["key_holder"]) == (1, 2)
    delete(place)
    assert set(rows(place).values()) == {0}
    with pytest.raises(NotFound):
        place.round()
    with place.database.read() as session:
        entry = session.scalars(select(AuditEvent).order_by(AuditEvent.number.desc())).first()
    assert entry is not None
    assert (entry.action, entry.subject, entry.detail["title"]) == (
        "round.delete",
        place.slug,
        "2026 年第四季度评议",
    )


def test_what_was_handed_out_is_not_deleted(place: County) -> None:
    place.populate().draft().issue()
    for _ in ("with invitations", "collecting"):
        with pytest.raises(Conflict, match="已经签发过邀请"):
            delete(place)
        if place.round().state != "open":
            place.start()
    assert place.round().title


def test_the_next_of_the_same_address_begins_anew(place: County) -> None:
    place.populate().draft()
    place.act(lambda s, r: lifecycle.update_round(s, r, {"title": "改过的名称"}, "甲"))
    assert place.look(reminders.last_change) == "甲"
    delete(place)
    place.draft()
    assert place.look(reminders.last_change) == ""
    said = [event.action for event in place.look(reminders.history)]
    assert (said[0], said.count("round.create")) == ("round.create", 1)
    place.issue().start().close()
    assert place.round().state == "closed"
