"""The table in SECURITY.md covers every chapter and names tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "SECURITY.md").read_text(encoding="utf-8").partition("## OWASP ASVS 5.0.0")[2]
# OWASP ASVS 5.0.0, May 2025.
CHAPTERS = [
    *("Encoding and Sanitization", "Validation and Business Logic", "Web Frontend Security"),
    *("API and Web Service", "File Handling", "Authentication", "Session Management", "Authorization"),
    *("Self-contained Tokens", "OAuth and OIDC", "Cryptography", "Secure Communication", "Configuration"),
    *("Data Protection", "Secure Coding and Architecture", "Security Logging and Error Handling", "WebRTC"),
]
# Sections with a requirement of level 1 or 2, chapter by chapter; 3.1, 11.7 and 15.4 have level 3 alone.
SECTIONS = {
    *("1.1", "1.2", "1.3", "1.4", "1.5", "2.1", "2.2", "2.3", "2.4", "3.2", "3.3", "3.4", "3.5", "3.7"),
    *(
        "4.1",
        "4.2",
        "4.3",
        "4.4",
        "5.1",
        "5.2",
        "5.3",
        "5.4",
        "6.1",
        "6.2",
        "6.3",
        "6.4",
        "6.5",
        "6.6",
        "6.8",
    ),
    *("7.1", "7.2", "7.3", "7.4", "7.5", "7.6", "8.1", "8.2", "8.3", "8.4", "9.1", "9.2"),
    *("11.1", "11.2", "11.3", "11.4", "11.5", "11.6", "12.1", "12.2", "12.3", "13.1", "13.2", "13.3", "13.4"),
    *("14.1", "14.2", "14.3", "15.1", "15.2", "15.3", "16.1", "16.2", "16.3", "16.4", "16.5"),
}
# What a row that names no test rests on instead.
REASONS = re.compile(
    r"document|reason|process|deployment|`ruff` rules|^No |^Not used|^One |^Above level 2|^`docs/"
)
REFERENCES = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?::(\w+))?`", TABLE)))


def test_every_chapter_is_there() -> None:
    assert re.findall(r"\*\*V(\d+) ([^*]+)\*\*", TABLE) == [
        (str(number), name) for number, name in enumerate(CHAPTERS, start=1)
    ]


def rows() -> list[tuple[str, str, str]]:
    """(requirements, how, test or reason) of every row that names requirements."""
    cells = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in TABLE.splitlines()]
    return [(c[0], c[1], c[-1]) for c in cells if len(c) == 3 and re.match(r"\d", c[0])]


def sections_of(numbers: str) -> set[str]:
    """The sections that `1.2.4`, `11.2–11.6` and lists of such name."""
    found = set()
    for part in re.split(r", ", numbers):
        first, _, last = part.partition("–")
        chapter, start = first.split()[0].split(".")[:2]
        end = (last or first).split()[0].split(".")[1]
        found |= {f"{chapter}.{n}" for n in range(int(start), int(end) + 1)}
    return found


def test_every_section_is_answered() -> None:
    answered = set().union(*(sections_of(re.sub(r", [a-z-]+ \(.*", "", numbers)) for numbers, *_ in rows()))
    assert SECTIONS - answered == set()


def test_every_row_has_a_test_or_a_reason() -> None:
    bare = [(n, why) for n, _how, why in rows() if "tests/" not in why and not REASONS.search(why)]
    assert bare == []


@pytest.mark.parametrize(("path", "name"), REFERENCES)
def test_every_test_that_is_named_exists(path: str, name: str) -> None:
    """And is collected: a function, or a method of a class, that pytest takes for a test."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    bodies = [
        tree.body,
        *(c.body for c in tree.body if isinstance(c, ast.ClassDef) and c.name.startswith("Test")),
    ]
    tests = {node.name for body in bodies for node in body if isinstance(node, ast.FunctionDef)}
    assert not name or (name in tests and name.startswith("test_"))


def test_there_are_tests_behind_it() -> None:
    assert len(REFERENCES) > 40
