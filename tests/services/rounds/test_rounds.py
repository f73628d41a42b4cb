"""A round's life, and that what is refused changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from county import County, small_questionnaire
from sqlalchemy import select

from survey.errors import Conflict, Forbidden, Frozen, InvalidInput, NotFound, PingyiError
from survey.models import AuditEvent, Mode, Role, State
from survey.protocol.crypto import at_rest
from survey.services.rounds import closing, descriptions, extending, keyholders, lifecycle
from survey.services.voting.collecting import round_key

SETTINGS = (
    "slug",
    "title",
    "body",
    "mode",
    "period",
    "opens_on",
    "closes_on",
    "threshold",
    "quorum",
    "state",
)


def snapshot(place: County) -> tuple[object, ...]:
    with place.database.read() as session:
        events = len(session.scalars(select(AuditEvent.number)).all())
        everything = [
            tuple(
                getattr(entry, name) for name in (*SETTINGS, "frozen", "questionnaire", "close_proposed_by")
            )
            for entry in lifecycle.list_rounds(session)
        ]
        holders = [
            (h.user_id, h.public_key, h.proven)
            for entry in lifecycle.list_rounds(session)
            for h in keyholders.holders(session, entry)
        ]
    return events, everything, holders


def refuses(
    place: County, error: type[PingyiError], work: Callable[[], object], match: str | None = None
) -> None:
    before = snapshot(place)
    with pytest.raises(error, match=match):
        work()
    assert snapshot(place) == before


def test_a_draft_is_changed_and_keeps_the_keys_of_those_who_stay(place: County) -> None:
    place.populate(reviewers=3).draft(holders=tuple(u.id for u in place.reviewers), quorum=2)
    third = place.reviewers[2]
    order = tuple(u.id for u in (third, place.reviewers[0]))
    changes = {"title": "改过的标题", "holders": order, "questionnaire": small_questionnaire(6)}
    place.act(lambda s, r: lifecycle.update_round(s, r, changes, "管理员"))
    description = place.description()
    assert description.title == "改过的标题"
    assert [h.name for h in description.holders] == ["评议员2单位", "评议员0单位"]
    assert len(description.questionnaire.departments) == 6


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"slug": "Q4 2026"}, "网址名"),
        ({"slug": "ab"}, "网址名"),
        ({"title": "  "}, "标题"),
        ({"body": "长" * 121}, "主办单位"),
        ({"period": "week"}, "周期"),
        ({"mode": "open"}, "邀请方式"),
        ({"threshold": 2}, "门槛"),
        ({"quorum": 3}, "钥匙数"),
        ({"quorum": 0}, "钥匙数"),
        ({"holders": ()}, "持钥人"),
        ({"holders": (b"nobody",), "quorum": 1}, "评议员"),
    ],
)
def test_bad_settings_name_what_is_wrong(place_on_sqlite: County, changes: dict, match: str) -> None:
    place = place_on_sqlite.populate().draft()
    refuses(place, InvalidInput, lambda: place.draft(**({"slug": "another"} | changes)), match)
    refuses(
        place,
        InvalidInput,
        lambda: place.act(lambda s, r: lifecycle.update_round(s, r, changes, "管理员")),
        match,
    )


def test_dates_and_slugs(place_on_sqlite: County) -> None:
    place = place_on_sqlite.populate().draft()
    refuses(place, Conflict, place.draft, "已经用过")
    early = place.round().opens_on - timedelta(days=1)
    refuses(place, InvalidInput, lambda: place.draft(slug="another", closes_on=early), "截止日期")
    with pytest.raises(NotFound), place.database.read() as session:
        lifecycle.get_round(session, "nothing")


def test_only_reviewers_hold_keys(place_on_sqlite: County) -> None:
    place = place_on_sqlite.populate()
    holders = (place.administrator.id, place.reviewers[0].id)
    refuses(place, InvalidInput, lambda: place.draft(holders=holders), "评议员")


def test_what_is_missing_before_issuing(place: County) -> None:
    place.populate().draft(keys=False)
    missing = place.look(lifecycle.missing_before_issuing)
    assert missing == ["还有持钥人没有生成并验证钥匙。"]
    refuses(place, Conflict, place.issue, "没有生成并验证钥匙")
    place.make_key(place.reviewers[0])
    assert place.look(lifecycle.missing_before_issuing) == missing
    place.make_key(place.reviewers[1])
    assert place.look(lifecycle.missing_before_issuing) == []
    refuses(place, Conflict, place.start, "还没有签发邀请")
    one = {"questionnaire": small_questionnaire(1)}
    place.act(lambda s, r: lifecycle.update_round(s, r, one, "管理员"))
    assert place.look(lifecycle.missing_before_issuing) == ["至少选两个部门。"]


def test_frozen_by_the_first_invitation(place: County) -> None:
    place.populate().draft().issue()
    for changes in ({"title": "x"}, {"threshold": 20}, {"mode": Mode.SLIP}, {"holders": ()}):
        refuses(
            place, Frozen, lambda c=changes: place.act(lambda s, r: lifecycle.update_round(s, r, c, "管理员"))
        )
    refuses(place, Frozen, lambda: place.make_key(place.reviewers[0]))


def test_closing_takes_an_administrator_and_another_reviewer(place: County) -> None:
    place.collecting()
    reviewer = place.reviewers[0]
    liaison = place.add_user("联络员", Role.LIAISON)

    def propose(user):
        return lambda: place.act(lambda s, r: closing.propose_closing(s, r, user))

    def confirm(user):
        return lambda: place.act(lambda s, r: closing.confirm_closing(s, r, user))

    refuses(place, Conflict, confirm(reviewer), "还没有人提出")
    refuses(place, Forbidden, propose(reviewer))
    propose(place.administrator)()
    refuses(place, Conflict, propose(place.administrator), "已经提出")
    assert place.look(closing.proposer_of).name == "管理员"
    for user in (place.administrator, liaison):
        refuses(place, Forbidden, confirm(user))
    place.act(lambda s, r: closing.withdraw_closing(s, r, reviewer))
    refuses(place, Conflict, confirm(reviewer), "还没有人提出")
    propose(place.administrator)()
    confirm(reviewer)()
    assert place.round().state == State.CLOSED
    assert place.round().blind_key_private is None
    refuses(place, Conflict, confirm(reviewer), "不在收票中")
    refuses(
        place,
        Conflict,
        lambda: place.act(lambda s, r: lifecycle.cancel_round(s, r, "管理员", "晚了", second="评议员0")),
    )


def test_extending_only_forwards_and_with_a_reason(place: County) -> None:
    place.collecting()
    last = place.round().closes_on

    def extend(days: int, reason: str):
        day = last + timedelta(days=days)
        return lambda: place.act(lambda s, r: extending.extend_round(s, r, day, reason, "管理员"))

    refuses(place, InvalidInput, extend(0, "疫情"), "晚于")
    refuses(place, InvalidInput, extend(3, " "), "原因")
    extend(3, "春节")()
    public = descriptions.public_description(place.database, place.slug)
    assert public.description.closes_on == (last + timedelta(days=3)).isoformat()
    later = last + timedelta(days=3)
    assert public.notice == f"截止日期延至 {later.year}年{later.month}月{later.day}日。原因：春节"


def test_the_public_description_follows_the_state(place: County) -> None:
    place.populate().draft()
    database = place.database
    with pytest.raises(NotFound):
        descriptions.public_description(database, place.slug)
    place.issue()
    assert descriptions.public_description(database, place.slug).state == State.DRAFT
    place.start()
    first = descriptions.public_description(database, place.slug)
    assert first.state == State.OPEN
    again = descriptions.public_description(database, place.slug)
    assert again.description is first.description, "read once"
    place.close()
    assert descriptions.public_description(database, place.slug).state == State.CLOSED
    after = descriptions.public_description(database, place.slug).description
    assert after.frozen_digest() == first.description.frozen_digest()


def test_the_signing_key_at_rest(place: County) -> None:
    place.populate().draft()
    stored, round_id = place.round().blind_key_private, place.round().id
    assert b"PRIVATE KEY" not in stored
    key = round_key(place.database, round_id)
    assert key.public.n_bytes == place.round().blind_key_public
    pem = at_rest.unlock(place.database.secret_key, round_id, stored)
    assert pem == key.to_pem()
    for secret, owner in (("another secret", round_id), (place.database.secret_key, b"x" * 16)):
        with pytest.raises(InvalidInput, match="PINGYI_SECRET_KEY"):
            at_rest.unlock(secret, owner, stored)
    with pytest.raises(InvalidInput):
        at_rest.unlock(place.database.secret_key, round_id, stored[:-1] + bytes([stored[-1] ^ 1]))


def test_one_key_does_not_count_for_two_holders(place: County) -> None:
    """Attack: a holder gives the other his own key file to register; it alone then opens the box."""
    place.populate().draft(keys=False)
    first, second = place.reviewers[:2]
    place.make_key(first)
    public = place.look(keyholders.holders)[0].public_key
    register = keyholders.register_key
    refuses(place, InvalidInput, lambda: place.act(lambda s, r: register(s, r, second, public)), "另一位")
    place.act(lambda s, r: register(s, r, first, public))
    place.make_key(second)


def test_a_key_counts_only_when_proven(place: County) -> None:
    place.populate().draft(keys=False)
    user, stranger = place.reviewers[0], place.administrator
    for key in (b"", b"\x04" + bytes(64), bytes(65)):
        refuses(
            place,
            InvalidInput,
            lambda k=key: place.act(lambda s, r: keyholders.register_key(s, r, user, k)),
            "P-256",
        )
    refuses(place, Forbidden, lambda: place.make_key(stranger), "不是本轮评议的持钥人")
    prove = keyholders.prove_key
    refuses(place, InvalidInput, lambda: place.act(lambda s, r: prove(s, r, user, b"guess")))
    place.make_key(user)
    refuses(place, InvalidInput, lambda: place.act(lambda s, r: prove(s, r, user, bytes(32))))
    assert [h.proven for h in place.look(keyholders.holders)] == [True, False]
    assert len(place.description().holders) == 1
