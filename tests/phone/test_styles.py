"""The phone's styles ask nothing of a browser that Chrome 86 and Safari 14.0 do not both know."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from survey.paths import STATIC

STYLES = [STATIC / "css" / "tokens.css", STATIC / "css" / "respond.css"]
KNOWN = json.loads((Path(__file__).parent / "known_styles.json").read_text(encoding="utf-8"))
# Unknown to Safari 14.0, which drops every rule that names it.
NEWER = "focus-visible"


def plain(text: str) -> str:
    """Without comments and what is in quotation marks."""
    return re.sub(r'"[^"]*"', '""', re.sub(r"/\*[\s\S]*?\*/", "", text))


def rules_of(text: str) -> list[tuple[str, str]]:
    """(selector, declarations) of every rule, also of those within @media."""
    return [(s.strip(), d.strip()) for s, d in re.findall(r"([^{}]+)\{([^{}]*)\}", plain(text))]


def unknown(text: str) -> dict[str, set[str]]:
    """What a style uses that is not on the list, by kind."""
    rules = rules_of(text)
    declared = [d.split(":", 1) for _, body in rules for d in body.split(";") if ":" in d]
    names = {name.strip() for name, _ in declared}
    values = " ".join(value for _, value in declared)
    selectors = " ".join(selector for selector, _ in rules)
    media = " ".join(re.findall(r"@media[^{]*", plain(text)))
    found = {
        "properties": {n for n in names if not n.startswith("-")} - set(KNOWN["harmless"]),
        "functions": set(re.findall(r"([a-z-]+)\(", values)),
        "units": set(re.findall(r"(?<![\w#-])[\d.]+(%|[a-z]+)", values)),
        "pseudo": set(re.findall(r":([a-z][a-z-]*)", selectors)) - {NEWER},
        "media": set(re.findall(r"\(([a-z-]+):", media)),
    }
    found["at"] = {
        rule for rule in re.findall(r"@([a-z-]+)", plain(text)) if rule not in ("media", "keyframes")
    }
    return {kind: values - set(KNOWN.get(kind, ())) for kind, values in found.items()}


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_styles_use_only_what_old_phones_know(path: Path) -> None:
    assert not any(unknown(path.read_text(encoding="utf-8")).values()), unknown(path.read_text())


@pytest.mark.parametrize(
    ("style", "kind"),
    [
        ("p { inset: 0; }", "properties"),
        ("p { width: clamp(1px, 2vw, 3px); }", "functions"),
        ("p { height: 100dvh; }", "units"),
        ("p:has(a) { color: red; }", "pseudo"),
        ("@layer a { p { color: red; } }", "at"),
        ("@media (prefers-contrast: more) { p { color: red; } }", "media"),
    ],
)
def test_the_check_does_find_what_is_newer(style: str, kind: str) -> None:
    assert unknown(style)[kind]


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_nothing_depends_on_focus_visible(path: Path) -> None:
    """Such a rule may only take away what `:focus` has given."""
    for selector, body in rules_of(path.read_text(encoding="utf-8")):
        if NEWER in selector:
            assert body == "outline: none;", selector
            assert all(f":not(:{NEWER})" in part for part in selector.split(",")), selector
