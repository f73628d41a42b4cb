"""A round with keys and ballots, made through the public functions of `survey.protocol`."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ballot_workshop import ROUND_ID, Workshop
from cryptography.hazmat.primitives.asymmetric import ec

from survey.protocol.answers import Answers
from survey.protocol.crypto import hpke
from survey.protocol.crypto.blind import RoundKey
from survey.protocol.description import Holder, RoundDescription
from survey.protocol.questionnaire import Department, Item, Level, Questionnaire, Scale, Stratum


@pytest.fixture(scope="session")
def round_key() -> RoundKey:
    return RoundKey.generate()


@pytest.fixture(scope="session")
def questionnaire() -> Questionnaire:
    return Questionnaire(
        items=(Item("服务态度"), Item("办事效率"), Item("总体评价", overall=True)),
        scale=Scale(
            levels=tuple(Level(f"{p}", f"{p}", p) for p in (100.0, 80.0, 60.0, 40.0, 20.0)),
            satisfied=3,
            warning_line=70.0,
            not_known="不了解",
            not_known_en="Don't know",
        ),
        departments=tuple(Department(name, "公共服务") for name in ("供电", "供水", "税务局", "公安局")),
        strata=(Stratum("规模", "Size", ("大", "小"), ("L", "S")),),
        comment_chars=20,
        comment_bytes=160,
    )


@pytest.fixture
def workshop(round_key: RoundKey, questionnaire: Questionnaire) -> Callable[..., Workshop]:
    """Makes a round for k of n holders."""

    def make(quorum: int = 2, holders: int = 2, round_id: str = ROUND_ID) -> Workshop:
        keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(holders)]
        public = round_key.public
        description = RoundDescription(
            id=round_id,
            slug="2026-q4",
            title="2026 年第四季度评议",
            body="县人大",
            opens_on="2026-10-01",
            closes_on="2026-12-20",
            blind_key_n=public.n_bytes,
            blind_key_e=public.e,
            blind_key_fingerprint=public.fingerprint,
            quorum=quorum,
            holders=tuple(Holder(f"持钥人{i}", hpke.point(key)) for i, key in enumerate(keys)),
            questionnaire=questionnaire,
        )
        return Workshop(description, round_key, keys)

    return make


@pytest.fixture
def answers() -> Answers:
    return Answers(
        ratings=((1, 2, 1), (0, 0, 0), (5, 255, 4), (3, 3, 3)),
        strata=(2,),
        comments={0: "停电希望提前通知", 2: "等了\n两周"},
    )


@pytest.fixture
def voted(workshop: Callable[..., Workshop], answers: Answers) -> Workshop:
    """A round of two holders with five ballots, one of them blank."""
    made = workshop()
    for level in (1, 2, 3):
        made.cast(Answers(((level, level, level),) * 4, (1,), {0: f"意见{level}", 3: "好"}))
    made.cast(answers)
    made.cast(Answers(((0, 0, 0),) * 4, (0,)))
    return made
