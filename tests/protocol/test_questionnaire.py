"""The round's description comes back from JSON, and what is none is refused in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from ballot_workshop import Workshop

from survey.errors import InvalidInput
from survey.protocol.crypto.encoding import b64u
from survey.protocol.description import RoundDescription
from survey.protocol.questionnaire import Questionnaire


def test_it_comes_back(workshop: Callable[..., Workshop]) -> None:
    description = workshop(2, 3).description
    text = json.dumps(description.to_dict(), ensure_ascii=False)
    again = RoundDescription.from_dict(json.loads(text))
    assert again == description
    assert again.digest() == description.digest()
    assert (
        Questionnaire.from_dict(json.loads(description.questionnaire.to_json())) == description.questionnaire
    )


@pytest.mark.parametrize(
    ("quorum", "holders", "subsets"), [(2, 2, 1), (2, 3, 3), (2, 4, 6), (3, 4, 4), (1, 4, 4), (4, 4, 1)]
)
def test_the_size_of_a_ballot(
    workshop: Callable[..., Workshop], quorum: int, holders: int, subsets: int
) -> None:
    description = workshop(quorum, holders).description
    assert len(description.subsets) == subsets
    plain = 3 + 4 * 3 + 1 + 160
    assert description.sealed_size == 1 + subsets * (32 + 81 * quorum) + 12 + plain + 16


def test_the_digest_notices_departments_that_change_places(workshop: Callable[..., Workshop]) -> None:
    description = workshop().description
    value = json.loads(json.dumps(description.to_dict()))
    value["frozen"]["questionnaire"]["departments"].reverse()
    assert RoundDescription.from_dict(value).frozen_digest() != description.frozen_digest()


def test_the_digest_leaves_out_what_may_still_change(workshop: Callable[..., Workshop]) -> None:
    description = workshop().description
    later = replace(description, closes_on="2027-01-10", title="延期", opens_on="2026-10-02", body="县政协")
    assert later.frozen_digest() == description.frozen_digest()
    assert later.digest() != description.digest()
    assert replace(description, threshold=9).frozen_digest() != description.frozen_digest()


def test_an_english_name_is_written_only_where_there_is_one(workshop: Callable[..., Workshop]) -> None:
    """Attack: a field that is always written changes the check numbers on all printed papers."""
    description = workshop().description
    questionnaire = description.questionnaire
    assert "name_en" not in str(questionnaire.to_dict()["departments"])
    first, *others = questionnaire.departments
    named = replace(questionnaire, departments=(replace(first, name_en="Water"), *others))
    assert [d.get("name_en") for d in named.to_dict()["departments"]] == ["Water"] + [None] * len(others)
    assert Questionnaire.from_dict(named.to_dict()) == named
    assert replace(description, questionnaire=named).frozen_digest() != description.frozen_digest()
    with pytest.raises(InvalidInput, match="英文名“Water”重复"):
        replace(questionnaire, departments=tuple(replace(d, name_en="Water") for d in (first, others[0])))


def test_usual_grade_lines_are_not_written_and_others_count(workshop: Callable[..., Workshop]) -> None:
    """Rounds from before there were grade lines keep their digest."""
    description = workshop().description
    questionnaire = description.questionnaire
    assert "grade_lines" not in questionnaire.to_dict()["scale"]
    scale = replace(questionnaire.scale, grade_lines=(85.0, 75.5, 60.0))
    other = replace(description, questionnaire=replace(questionnaire, scale=scale))
    assert RoundDescription.from_dict(json.loads(json.dumps(other.to_dict()))) == other
    assert other.frozen_digest() != description.frozen_digest()


@pytest.mark.parametrize(
    "lines", [[], [90, 80], [90, 90, 70], [70, 80, 90], [100, 80, 70], [90, 80, 0], ["a"] * 3]
)
def test_grade_lines_that_do_not_fall_are_refused(
    workshop: Callable[..., Workshop], lines: list[Any]
) -> None:
    value = workshop().description.questionnaire.to_dict()
    value["scale"]["grade_lines"] = lines
    with pytest.raises(InvalidInput):
        Questionnaire.from_dict(value)


DAMAGES: list[Callable[[dict[str, Any]], object]] = [
    lambda round: round.update(format="other"),
    lambda round: round.update(version=1),
    lambda round: round["frozen"].update(id="00"),
    lambda round: round["frozen"].update(id="A" * 32),
    lambda round: round["frozen"].update(quorum=0),
    lambda round: round["frozen"].update(threshold="10"),
    lambda round: round["frozen"].update(quorum=5),
    lambda round: round["frozen"].update(quorum="2"),
    lambda round: round["frozen"].update(holders=round["frozen"]["holders"] * 3),
    lambda round: round["frozen"].update(holders=[{}]),
    lambda round: round["frozen"].update(blind_key=None),
    lambda round: round["frozen"]["blind_key"].update(n="="),
    lambda round: round["frozen"].update(questionnaire=[]),
    lambda round: round["frozen"]["questionnaire"].update(version=2),
    lambda round: round["frozen"]["questionnaire"].update(comment_chars="200"),
    lambda round: round["frozen"]["questionnaire"].update(comment_chars=0),
    lambda round: round["frozen"]["questionnaire"].update(comment_bytes=-1),
    lambda round: round["frozen"]["questionnaire"].update(comment_bytes=10**9),
    lambda round: round["frozen"]["questionnaire"].update(items=[]),
    lambda round: round["frozen"]["questionnaire"]["items"][0].update(weight="1"),
    lambda round: round["frozen"]["questionnaire"]["items"][0].update(weight=float("nan")),
    lambda round: round["frozen"]["questionnaire"]["items"][0].update(weight=-1),
    lambda round: round["frozen"]["questionnaire"]["items"][0].update(colour="red"),
    lambda round: round["frozen"]["questionnaire"]["items"][0].update(overall=True),
    lambda round: round["frozen"]["questionnaire"]["departments"][0].update(name=5),
    lambda round: round["frozen"]["questionnaire"]["departments"][0].update(name="供水"),
    lambda round: round["frozen"]["questionnaire"]["scale"].update(satisfied=6),
    lambda round: round["frozen"]["questionnaire"]["scale"]["levels"].pop(),
    lambda round: round["frozen"]["questionnaire"]["scale"]["levels"].reverse(),
    lambda round: round["frozen"]["questionnaire"]["strata"][0].update(options="大小"),
    lambda round: round.update(version=3),
    lambda round: round.update(mark=1),
    lambda round: round.update(complete=True),
    lambda round: round.update(mark=float("nan")),
    lambda round: round.update(mark="\ud800"),
    lambda round: round["frozen"].update(mark=1),
    lambda round: round["frozen"].update(at_least=True),
    lambda round: round["frozen"].update(witness={}),
    lambda round: round["frozen"].update(holders=round["frozen"]["holders"][:1]),
    lambda round: round["frozen"].pop("at_least"),
    lambda round: round["frozen"]["holders"][0].update(mark=1),
    lambda round: round["frozen"]["blind_key"].update(mark=1),
    lambda round: round["frozen"]["blind_key"].update(n=b64u(bytes(383) + b"\x01")),
    lambda round: round["frozen"]["blind_key"].update(n=b64u(b"\xff" * 256)),
    lambda round: round["frozen"]["blind_key"].update(e=3),
    lambda round: round["frozen"].update(at_least=0),
    lambda round: round["frozen"].update(at_least=1001),
    lambda round: round["frozen"].update(threshold=1),
    lambda round: round["frozen"].update(slug="../x"),
    lambda round: round["frozen"].update(slug="-x-"),
    lambda round: round["frozen"]["holders"][1].update(round["frozen"]["holders"][0]),
    lambda round: round["frozen"]["holders"][1].update(
        public_key=round["frozen"]["holders"][0]["public_key"]
    ),
    lambda round: round["frozen"]["holders"][0].update(public_key=b64u(bytes(65))),
    lambda round: round["frozen"]["holders"][0].update(public_key=b64u(b"\x04" + b"\x01" * 64)),
    lambda round: round["frozen"]["holders"][0].update(name=" "),
    lambda round: round["frozen"]["questionnaire"].update(departments=[]),
    lambda round: round.update(opens_on="tomorrow"),
    lambda round: round.update(closes_on="20261220"),
    lambda round: round.update(closes_on="2026-09-30"),
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_refused(
    workshop: Callable[..., Workshop], damage: Callable[[dict[str, Any]], object]
) -> None:
    value = json.loads(json.dumps(workshop().description.to_dict()))
    damage(value)
    with pytest.raises(InvalidInput):
        RoundDescription.from_dict(value)


def test_one_body_may_hold_two_keys(workshop: Callable[..., Workshop]) -> None:
    """Its name then stands twice; phones say that it could open alone."""
    description = workshop().description
    twice = replace(description, holders=tuple(replace(h, name="县人大") for h in description.holders))
    assert RoundDescription.from_dict(json.loads(json.dumps(twice.to_dict()))) == twice


def test_an_unfinished_round_may_name_no_department(workshop: Callable[..., Workshop]) -> None:
    description = workshop().description
    questionnaire = replace(description.questionnaire, departments=())
    draft = replace(description, questionnaire=questionnaire, holders=(), complete=False)
    assert RoundDescription.from_dict(json.loads(json.dumps(draft.to_dict()))) == draft
