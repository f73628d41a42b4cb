"""Check by telephone: who is drawn, that anybody repeats the draw, what is kept, and what it rules out."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest
from county import County, without_guards
from sqlalchemy import update

from survey.database.engine import Database
from survey.errors import Conflict, Forbidden, InvalidInput
from survey.facts.publication import TelephoneFacts
from survey.language import speaking
from survey.models import AuditEvent, Enterprise, Invitation, Said, TelephoneCheck
from survey.services.voting import telephone_check
from survey.wording.telephone import stated
from survey.wording.telephone import telephone_check as sentences

DAY = date(2026, 10, 20)
WORD = "上证综指 3871.26"

pytestmark = pytest.mark.usefixtures("_cheap_keys")


@pytest.fixture
def closed(database: Database) -> County:
    """Of thirty enterprises twelve collected and ten of them cast; closed."""
    place = County(database).populate(enterprises=30).draft().issue_attributed().start()
    phones = [place.phone() for _ in range(12)]
    for phone in phones:
        phone.collect()
    for phone in phones[:10]:
        phone.seal().cast()
    return place.close()


def draw(place: County, word: str = WORD, size: int = 5) -> telephone_check.Drawn:
    reviewer = place.reviewers[0]
    return place.act(lambda s, r: telephone_check.draw(s, r, reviewer, word, size, DAY))


def codes_of(place: County) -> list[str]:
    """Credit codes of whoever the table says collected, read another way."""
    return place.look(
        lambda s, r: sorted(
            s.get(Enterprise, i.enterprise_id).credit_code
            for i in s.query(Invitation).filter_by(round_id=r.id)
            if i.collected
        )
    )


def test_the_draw_is_repeated_by_hand(closed: County) -> None:
    drawn, round = draw(closed), closed.round()
    names = codes_of(closed)
    assert len(names) == drawn.check.population == 12
    seed = f"{round.log_hash.hex()}:-:{WORD}"
    assert drawn.check.seed == seed
    places = sorted(names, key=lambda name: hashlib.sha256(f"{seed}:{name}".encode()).hexdigest())
    assert [enterprise.credit_code for enterprise, _ in drawn.calls] == places[:5]
    assert drawn.check.digest == hashlib.sha256("\n".join(names).encode()).digest()


def test_it_is_drawn_once_by_a_reviewer_of_the_round_after_closing(closed: County) -> None:
    for word, size in (("", 5), ("  ", 5), ("x" * 81, 5), (WORD, 0), (WORD, 13)):
        with pytest.raises(InvalidInput):
            draw(closed, word, size)
    with pytest.raises(Forbidden):
        closed.act(lambda s, r: telephone_check.draw(s, r, closed.administrator, WORD, 5, DAY))
    draw(closed)
    with pytest.raises(Conflict, match="已经抽过"):
        draw(closed, "another word")


def test_not_while_it_collects(database: Database) -> None:
    place = County(database).populate(enterprises=3).draft().issue_attributed().start()
    with pytest.raises(Conflict, match="截止以后"):
        draw(place, size=1)


def test_slips_have_nobody_to_call(database: Database) -> None:
    place = County(database).collecting(slips=3)
    for _ in range(2):
        place.phone().answer()
    place.close()
    with pytest.raises(Conflict, match="没有企业可以打电话"):
        draw(place, size=1)


def test_results_are_entered_and_the_log_names_nobody(closed: County) -> None:
    drawn = draw(closed)
    firms = [enterprise for enterprise, _ in drawn.calls]
    said = {firms[0].id: Said.TOOK_PART, firms[1].id: Said.DID_NOT}
    reviewer = closed.reviewers[1]
    assert closed.act(lambda s, r: telephone_check.enter(s, r, reviewer, said)) == 2
    assert closed.act(lambda s, r: telephone_check.enter(s, r, reviewer, said)) == 0
    now = closed.look(telephone_check.drawn_of)
    assert now.counts == (12, 1, 1, 0, 3)
    with pytest.raises(Conflict, match="没有抽中"):
        closed.act(lambda s, r: telephone_check.enter(s, r, reviewer, {bytes(16): Said.TOOK_PART}))
    log = closed.look(lambda s, _r: [e.detail for e in s.query(AuditEvent) if "telephone" in e.action])
    assert len(log) == 2
    told = str(log)
    assert not any(f.name in told or f.credit_code in told or f.id.hex() in told for f in firms)


def test_an_edition_states_it_once_every_result_is_in(closed: County) -> None:
    drawn = draw(closed)
    assert closed.look(telephone_check.stated) is None
    said = dict.fromkeys((enterprise.id for enterprise, _ in drawn.calls), Said.TOOK_PART)
    closed.act(lambda s, r: telephone_check.enter(s, r, closed.reviewers[0], said))
    facts = closed.look(telephone_check.stated)
    assert facts == TelephoneFacts(population=12, took_part=5, did_not=0, not_reached=0)
    with speaking("zh"):
        lines = stated(facts)
    # 12 of whom 5 are called: P(none of 4 false) = C(8,5)/C(12,5) = 56/792, of 5 = 21/792 ≤ 1/20.
    assert lines[-1] == "有 95% 的把握排除：没有参加而被人领了票的企业有 5 家或更多。"
    assert stated(None) == []


def test_the_database_keeps_the_draw(closed: County) -> None:
    draw(closed)
    with pytest.raises(Exception, match="the draw is kept"):
        closed.act(lambda s, _r: s.execute(update(TelephoneCheck).values(word="another")))


def test_whoever_marks_invitations_in_the_database_cannot_choose_who_is_called(closed: County) -> None:
    """The log's hash is fixed by closing, the word comes later: another word draws others."""
    names = codes_of(closed)
    drawn = {e.credit_code for e, _ in draw(closed).calls}
    seeds = [telephone_check.seed_of(closed.round(), f"{n}") for n in range(40)]
    others = [set(telephone_check.drawn_by_hash(seed, names, 5)) for seed in seeds]
    assert len({frozenset(each) for each in [drawn, *others]}) > 30
    assert set.union(*others) == set(names)


def test_a_firm_that_was_marked_after_closing_changes_the_digest(closed: County) -> None:
    before = closed.look(telephone_check.population)
    with without_guards(closed.database) as connection:
        connection.execute(update(Invitation.__table__).values(collected=True))
    assert closed.look(telephone_check.population) != before
    assert len(before) == closed.round().collected_count


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((300, 54, 0, 0, 0), "有 95% 的把握排除：没有参加而被人领了票的企业有 15 家或更多。"),
        ((300, 50, 0, 4, 0), "没有联系上的都当作没有参加。"),
        ((300, 10, 0, 0, 44), "还有 44 家没有记结果，记完才能下结论。"),
        ((300, 52, 2, 0, 0), "请逐家核实"),
        ((300, 0, 0, 54, 0), "没有联系上的都当作没有参加。"),
        ((20, 1, 0, 0, 0), "有 95% 的把握排除：没有参加而被人领了票的企业有 19 家或更多。"),
    ],
)
def test_sentences(counts: tuple[int, int, int, int, int], said: str) -> None:
    with speaking("zh"):
        assert said in "".join(sentences(*counts))
    with speaking("en"):
        english = " ".join(sentences(*counts))
    assert "%" not in english.replace("95 %", "")
