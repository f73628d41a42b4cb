"""The page's check of a key file's passphrase beside the site's rule for passwords, which zxcvbn judges."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

from node import node

from survey.errors import InvalidInput
from survey.services.people.passwords import check_password

SCRIPT = Path(__file__).with_name("strength.mjs")
KNOWN = ("县人大常委会", "2026-q4", "zhangwei")
WEAK = [
    *(
        "123456789012",
        "111111111111",
        "abcabcabcabc",
        "qwertyuiop12",
        "password1234",
        "Password2026",
        "1qaz2wsx3edc",
    ),
    *(
        "138123456789",
        "13812345678 ",
        "iloveyou1234",
        "woaini520520",
        "admin1234567",
        "pingyi2026pingyi",
        "zhangwei1990",
    ),
    *(
        "县人大常委会2026",
        "aaaaaaaaaaaaaaaa",
        "评议评议评议评议评议评议",
        "asdfghjkl;12",
        "correcthorse",
    ),
    *(
        "110105194912310021",
        "91350100M000100Y43",
        "sunshine2026",
        "letmeinletmein",
    ),
]
STRONG = [
    *(
        "correct horse battery staple",
        "红楼 水泥 海鸥 算盘 毛笔 黄昏",
        "k7Qp2xWm9RtZ4bNv",
        "7K3M-9QXD-2F4H-0R5T",
    ),
    *("gule-puta-mivo-resk-tano", "苹果地铁月亮铅笔大象窗户", "Tr0ub4dor&3 xylophone vast"),
]
WORDS = ["password", "monkey", "dragon", "apple", "river", "stone", "table", "green", "orange", "letmein"]
STRICTER = ["20261130 2026", "一二三四五六七八九十一二"]
"""Refused by the page, though not by the rule."""


def judged(given: list[str]) -> dict[str, list[bool]]:
    sent = json.dumps([[text, list(KNOWN)] for text in given])
    done = subprocess.run([node(), str(SCRIPT)], input=sent, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def by_the_rule(text: str) -> bool:
    try:
        check_password(text, known=KNOWN)
    except InvalidInput:
        return False
    return True


def test_the_table() -> None:
    table = [*WEAK, *STRICTER, *STRONG]
    said = dict(zip(table, judged(table)["accepted"], strict=True))
    assert {text for text in (*WEAK, *STRICTER) if said[text]} == set()
    assert {text for text in STRONG if not said[text]} == set()
    assert [text for text in STRONG if not by_the_rule(text)] == []
    assert [text for text in WEAK if by_the_rule(text)] == []


def test_it_is_never_kinder_than_the_rule() -> None:
    """Common words, years, walks and repetitions, put together as people do."""
    chance = random.Random(9)
    pieces = [
        *WORDS,
        "2026",
        "1990",
        "123",
        "1234",
        "qwerty",
        "888",
        "666",
        "abc",
        "!",
        "@",
        "520",
        "zhang",
        "wei",
    ]
    made = ["".join(chance.choices(pieces, k=chance.randint(2, 5))) for _ in range(600)]
    made += ["".join(chance.choices("0123456789", k=12)) for _ in range(50)]
    given = [text for text in made if len(text) >= 12]
    accepted = judged(given)["accepted"]
    kinder = [text for text, yes in zip(given, accepted, strict=True) if yes and not by_the_rule(text)]
    print(f"{len(given)} made, {sum(accepted)} accepted")
    assert kinder == []
    assert len(given) > 300


def test_what_it_suggests_is_accepted_by_both_and_new_each_time() -> None:
    offered = judged([])["offered"]
    assert offered[0] != offered[1]
    assert all(judged(offered)["accepted"])
    assert all(by_the_rule(text) for text in offered)
