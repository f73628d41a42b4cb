"""The table in SECURITY.md covers every chapter and names tests that exist."""

from __future__ import annotations

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
REFERENCES = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?::(\w+))?`", TABLE)))


def test_every_chapter_is_there() -> None:
    assert re.findall(r"\*\*V(\d+) ([^*]+)\*\*", TABLE) == [
        (str(number), name) for number, name in enumerate(CHAPTERS, start=1)
    ]


@pytest.mark.parametrize(("path", "name"), REFERENCES)
def test_every_test_that_is_named_exists(path: str, name: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert not name or f"def {name}(" in text


def test_there_are_tests_behind_it() -> None:
    assert len(REFERENCES) > 40
