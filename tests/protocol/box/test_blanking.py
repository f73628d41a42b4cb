"""Facts that single out are blanked until each combination that occurs, occurs at least k times."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
from ballot_workshop import Workshop

from survey.demo.data import demo_roster
from survey.errors import InvalidInput
from survey.protocol.answers import Answers
from survey.protocol.box.blanking import blanked
from survey.protocol.box.opening import open_ballots
from survey.protocol.box.scoretable import ScoreTable


def invented(seed: int) -> list[bytes]:
    """A roster with few or many questions and lopsided options; some firms do not say."""
    chance = random.Random(seed)
    sizes = [chance.randint(1, 12) for _ in range(chance.randint(1, 4))]
    weights = [[chance.random() ** 3 for _ in range(size + 1)] for size in sizes]
    firms = chance.randint(0, 300)
    return [bytes(chance.choices(range(len(w)), w)[0] for w in weights) for _ in range(firms)]


@pytest.mark.parametrize("at_least", [2, 3, 5, 10])
@pytest.mark.parametrize("seed", range(40))
def test_nobody_is_alone(seed: int, at_least: int) -> None:
    said = invented(seed)
    told = blanked(said, at_least)
    rare = [row for row, count in Counter(told).items() if count < at_least]
    assert not rare or (len(said) < at_least and not any(map(any, told)))
    assert all(
        b in (a, 0)
        for before, after in zip(said, told, strict=True)
        for a, b in zip(before, after, strict=True)
    )
    order = random.Random(seed).sample(range(len(said)), len(said))
    assert blanked([said[i] for i in order], at_least) == [told[i] for i in order]


def test_small_examples_worked_by_hand() -> None:
    three = [b"\1"] * 3
    assert blanked([*three, b"\2"], 1) == [*three, b"\2"]
    assert blanked([*three, b"\2"], 2) == [b"\0"] * 4, "one that says nothing would be the one of option 2"
    assert blanked([*three, b"\2", b"\0"], 2) == [*three, b"\0", b"\0"]
    assert blanked([*three, b"\2", b"\3"], 2) == [*three, b"\0", b"\0"]
    assert blanked([b"\1\1", b"\1\2", b"\1\2", b"\2\2", b"\2\2"], 2) == [
        *(b"\1\0",) * 3,
        *(b"\2\2",) * 2,
    ], "the last question gives way before the first"


Rule = Callable[[list[bytes]], list[bytes]]


def attackers_guess(roster: list[bytes], table: list[bytes], rule: Rule) -> int:
    """How many firms have one row alone that can be theirs: all answered as the roster says of them."""
    left = Counter(table)
    return sum(left[told] == 1 for told in rule(roster))


def naive(said: list[bytes]) -> list[bytes]:
    """Blank whole answers of rare firms: who is the only rare one is the only one that says nothing."""
    counts = Counter(said)
    return [row if counts[row] >= 5 else bytes(len(row)) for row in said]


@pytest.mark.parametrize(
    ("rule", "found"), [(list, 21), (lambda said: blanked(said, 5), 0)], ids=["kept", "blanked"]
)
def test_with_table_and_roster_nobody_is_singled_out(rule: Rule, found: int) -> None:
    """The invented roster of docs/anonymity.md: 21 of 400 are the only ones of their kind."""
    rows = [tuple(firm.strata.values()) for firm in demo_roster(400, 1)]
    known = [sorted({row[q] for row in rows}) for q in range(len(rows[0]))]
    roster = [bytes(known[q].index(option) + 1 for q, option in enumerate(row)) for row in rows]
    assert attackers_guess(roster, rule(roster), rule) == found


def test_blanking_the_rare_ones_alone_gives_the_only_one_away() -> None:
    roster = [b"\1"] * 9 + [b"\2"]
    assert attackers_guess(roster, naive(roster), naive) == 1
    assert attackers_guess(roster, blanked(roster, 5), lambda said: blanked(said, 5)) == 0


def test_every_opener_gets_the_same_table_and_readers_refuse_another(
    workshop: Callable[..., Workshop],
) -> None:
    made = workshop(2, 3)
    made.description = replace(made.description, at_least=3)
    questionnaire = made.questionnaire
    ratings = tuple((1,) * len(questionnaire.items) for _ in questionnaire.departments)
    for option in (1, 1, 1, 2, 2, 1):
        made.cast(Answers(ratings=ratings, strata=(option,), comments={}))
    tables = {
        open_ballots(
            made.description, ballots, {i: made.keys[i] for i in pair}, merkle_root=made.root
        ).scores.rows
        for pair in ((0, 1), (1, 2))
        for ballots in (made.ballots, made.ballots[::-1])
    }
    (rows,) = tables
    width = questionnaire.answer_bytes
    assert Counter(rows[width - 1 :: width]) == {0: 6}, "two say 2; and they alone would say nothing"
    empty = bytes(width - 1)
    ScoreTable.build(made.description, [empty + b"\1"] * 3).check_fits(made.description)
    loose = ScoreTable.build(replace(made.description, at_least=1), [empty + b"\1"] * 2)
    with pytest.raises(InvalidInput, match="隐去"):
        replace(loose, at_least=3).check_fits(made.description)
