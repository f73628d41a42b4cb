"""The promise is the same words wherever it stands, and the auditors' document names only what exists."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

ROOT = Path(__file__).resolve().parents[1]
PROMISE = ROOT / "templates" / "parts" / "promise.html"
ENGLISH = ROOT / "static" / "js" / "phone" / "texts" / "texts-en.json"
CATALOGUE = ROOT / "survey" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
DOCUMENTS = ("SECURITY.md", "docs/anonymity.md")
ANONYMITY = ROOT / "docs" / "anonymity.md"
SENTENCE = re.compile(r"<li data-t=\"(promise\.[\w.]+)\">\{\{ _\('([^']+)'\) \}\}</li>")
NAMED = re.compile(r"`([\w./-]+\.(?:py|js|conf)):([^`]+)`")
ROW = re.compile(r"^\| (?!claim|---)(?P<claim>[^|]+) \| (?P<code>[^|]+) \| (?P<test>[^|]+) \|$", re.MULTILINE)


TWO_MACHINES = [
    *(f"promise.{number}" for number in ("1", "two.2", "4", "5", "two.6")),
    *(f"promise.{number}" for number in (*(f"two.limits.{n}" for n in range(1, 5)), "limits.5")),
]
"""What the phone says in a round with a witness; the sentence on key holders names their number."""


def sentences() -> dict[str, tuple[str, str]]:
    """Chinese and English of every sentence of the promise and its limits, by key."""
    english = json.loads(ENGLISH.read_text(encoding="utf-8"))
    found = SENTENCE.findall(PROMISE.read_text(encoding="utf-8"))
    return {key: (chinese, english[key]) for key, chinese in found}


def test_five_sentences_and_five_limits() -> None:
    assert [key for key in sentences() if ".two." not in key] == [
        *(f"promise.{number}" for number in range(1, 6)),
        *(f"promise.limits.{number}" for number in range(1, 6)),
    ]


def test_what_the_phone_says_with_and_without_a_witness() -> None:
    """As the page is rendered: neither kind of round has a sentence of the other alone."""
    one = render_promise(None)
    two = render_promise({"name": "县政协"})
    assert [key for key in one if key in sentences()] == [key for key in sentences() if ".two." not in key]
    assert [key for key in two if key in sentences() and key != "promise.3"] == TWO_MACHINES


def render_promise(witness: dict[str, str] | None) -> list[str]:
    """Keys of the sentences that stand in the promise."""
    template = Environment(autoescape=True).from_string(PROMISE.read_text(encoding="utf-8"))
    page = template.render(_=lambda text, **values: text % values, witness=witness)
    return re.findall(r'<li data-t="([\w.]+)">', page)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_documents_list_what_two_machines_promise(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    part = text.split("## The promise with two machines 两台机器时的承诺\n", 1)[1].split("\n## ", 1)[0]
    lines = [line.strip() for line in part.splitlines()]
    for key in (*TWO_MACHINES, "promise.3"):
        mark = "- " if "limits" in key else f"{key[-1]}. "
        chinese, english = sentences()[key]
        assert lines[lines.index(mark + chinese) + 1] == english, key
    gone = {key for key in sentences() if key not in (*TWO_MACHINES, "promise.3")}
    said = {line.split(" ", 1)[-1] for line in lines}
    assert [key for key in gone if sentences()[key][0] in said] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_documents_say_the_same_words(name: str) -> None:
    lines = [line.strip() for line in (ROOT / name).read_text(encoding="utf-8").splitlines()]
    for key, (chinese, english) in sentences().items():
        mark = "- " if "limits" in key else f"{key[-1]}. "
        assert mark + chinese in lines, key
        assert lines[lines.index(mark + chinese) + 1] == english, key


def test_the_desk_translates_it_with_the_same_words() -> None:
    catalogue = _catalogue(CATALOGUE.read_text(encoding="utf-8"))
    for key, (chinese, english) in sentences().items():
        assert catalogue[chinese] == english, key


def test_the_phone_shows_the_promise_before_the_first_question() -> None:
    page = (ROOT / "templates" / "phone" / "page.html").read_text(encoding="utf-8")
    assert page.index("parts/promise.html") < page.index('id="start"')
    assert "parts/promise.html" in (ROOT / "templates" / "public" / "anonymity.html").read_text(
        encoding="utf-8"
    )


def test_the_public_page_shows_both_promises() -> None:
    """One list after the other, each with its own limits, and no id twice."""
    loader = FileSystemLoader(ROOT / "templates")
    environment = Environment(autoescape=True, loader=loader)
    environment.globals |= {"_": lambda text, **values: text % values}
    source = (ROOT / "templates/public/anonymity.html").read_text(encoding="utf-8")
    content = source.split("{% block content %}")[1].split("{% endblock %}")[0]
    page = environment.from_string(content).render()
    shown = [key for key in re.findall(r'<li data-t="([\w.]+)">', page) if key in sentences()]
    one = [key for key in sentences() if ".two." not in key]
    assert shown == [*one, *TWO_MACHINES[:2], "promise.3", *TWO_MACHINES[2:]]
    names = re.findall(r'\bid="([^"]+)"', page)
    assert len(names) == len(set(names))
    assert {"one", "two"} <= set(names)


@pytest.mark.parametrize(
    ("name", "heading", "two"),
    [
        ("README.md", "## One machine or two", "should take two"),
        ("README.zh-CN.md", "## 一台机器还是两台", "应当用两台"),
    ],
)
def test_the_first_pages_say_which_to_take_and_what_each_admits(name: str, heading: str, two: str) -> None:
    part = (ROOT / name).read_text(encoding="utf-8").split(heading + "\n", 1)[1].split("\n## ", 1)[0]
    assert two in part
    rows = [line for line in part.splitlines() if line.startswith("| ")]
    assert len(rows) == 8
    assert all(row.count("|") == 4 for row in rows)


def test_what_the_document_names_exists() -> None:
    named = NAMED.findall(ANONYMITY.read_text(encoding="utf-8"))
    assert len(named) > 80
    assert [f"{path}:{name}" for path, name in named if not _exists(ROOT / path, name)] == []


def test_every_claim_has_code_and_a_test() -> None:
    rows = list(ROW.finditer(ANONYMITY.read_text(encoding="utf-8")))
    assert len(rows) > 40
    for row in rows:
        code, test = (NAMED.fullmatch(row[part].strip()) for part in ("code", "test"))
        assert code, row[0]
        assert not code[1].startswith("tests/"), row[0]
        assert test, row[0]
        assert test[2].startswith("test_"), row[0]


def test_the_check_notices_what_is_not_there() -> None:
    assert _exists(ROOT / "survey/services/voting/collecting.py", "collect")
    assert not _exists(ROOT / "survey/services/voting/collecting.py", "collected")
    assert not _exists(ROOT / "survey/services/nothing.py", "collect")
    assert _exists(ROOT / "static/js/protocol/sealing.js", "seal")
    assert not _exists(ROOT / "static/js/protocol/sealing.js", "sea")


def _exists(path: Path, name: str) -> bool:
    """Whether the file declares a function, method or class of this name; a configuration has the words."""
    if not path.is_file():
        return False
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        return any(isinstance(node, kinds) and node.name == name for node in ast.walk(ast.parse(text)))
    if path.suffix == ".js":
        return bool(
            re.search(rf"^(?:export )?(?:async )?(?:function|class) {re.escape(name)}\b", text, re.MULTILINE)
        )
    return name in text


def _catalogue(text: str) -> dict[str, str]:
    """Message ids and translations of a .po file."""
    found: dict[str, str] = {}
    for block in re.split(r"\n\s*\n", text):
        pairs = re.findall(r'^(msgid|msgstr) ((?:"(?:[^"\\]|\\.)*"\n?)+)', block + "\n", re.MULTILINE)
        parts = {
            kind: "".join(ast.literal_eval(line) for line in value.split("\n") if line)
            for kind, value in pairs
        }
        found[parts.get("msgid", "")] = parts.get("msgstr", "")
    return found
