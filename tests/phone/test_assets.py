"""Bundles are their modules and nothing else; addresses change with content; old browsers can read it all."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import subprocess
from pathlib import Path

import brotli
import pytest
from flask import Flask
from node import node

from survey import scripts
from survey.language import translator
from survey.paths import STATIC
from survey.scripts import bundle_script
from survey.services.rounds.defaults import UNITS
from survey.web.site.assets import build_assets, install_assets

SCRIPTS = [
    path for path in sorted((STATIC / "js").rglob("*.js")) if "desk" not in str(path.relative_to(STATIC))
]
CHINESE, *MORE_CHINESE = (
    STATIC / "js" / "phone" / "texts" / f"{name}-zh.js"
    for name in ("texts", "texts-ballot", "texts-later", "texts-witness")
)
STYLES = [STATIC / "css" / "tokens.css", STATIC / "css" / "respond.css"]


@pytest.fixture(scope="module")
def assets():
    return build_assets()


@pytest.fixture
def client():
    app = Flask("survey", static_folder=None)
    install_assets(app)
    return app.test_client()


def test_a_bundle_is_its_modules_one_after_another(assets) -> None:
    """Those of the phone in four: what the page fetches goes on where the page's own ends."""
    names = ("respond-page.js", "ballot-page.js", "later-page.js", "witness-page.js")
    parts = [assets.by_name[name].content.decode() for name in names]
    for path in (*(STATIC / "js" / "protocol").glob("*.js"), *(STATIC / "js" / "phone").rglob("*.js")):
        if path.stem == "keyfile":
            continue
        lines = [
            line
            for line in path.read_text().splitlines()
            if not re.match(r"import |\s*//|\s*/\*\*.*\*/$|\s*/\*\*$| *\*", line)
        ]
        bare = [re.sub(r"\s+// [^'\"`]*$", "", line.strip()) for line in lines if line.strip()]
        body = re.sub(r"^export ", "", "\n".join(bare), flags=re.MULTILINE)
        assert sum(body in part for part in parts) == 1, path.name
    assert not re.search(r"^(import|export) ", "".join(parts), re.MULTILINE)


def test_every_bundle_is_one_module_that_parses(assets, tmp_path: Path) -> None:
    pages = ("respond", "ballot", "later", "witness", "keyholder")
    for name in (f"{page}-page.js" for page in pages):
        path = tmp_path / name.replace(".js", ".mjs")
        path.write_bytes(assets.by_name[name].content)
        subprocess.run([node(), "--check", str(path)], check=True)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_text_goes_over_lines_or_has_a_comment_in_it(path: Path) -> None:
    """Otherwise what is taken out of a bundle could be part of a text."""
    for line in path.read_text("utf-8").splitlines():
        if not re.match(r"\s*(//|/\*| \*)", line):
            assert line.count("`") % 2 == 0, line
            assert not re.search(r"('[^']*\s// [^']*'|`[^`]*\s// [^`]*`|\"[^\"]*\s// [^\"]*\")", line), line


def test_names_that_clash_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("export const same = 1;\n")
    (tmp_path / "b-page.js").write_text("import { same } from './a.js';\nfunction same() {}\n")
    with pytest.raises(ValueError, match=r"same is declared in both a\.js and b-page\.js"):
        bundle_script(tmp_path / "b-page.js")


def test_a_fetched_script_finds_what_the_other_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run one after the other, and each module once: `shared` counts how often it was made."""
    monkeypatch.setattr(scripts, "FETCHED_BY", {"b-page.js": "a-page.js"})
    (tmp_path / "shared.js").write_text("export const shared = { made: 1 };\nexport const unused = 2;\n")
    (tmp_path / "own.js").write_text(
        "import { shared } from './shared.js';\nexport function own() { return shared; }\n"
    )
    (tmp_path / "a-page.js").write_text("import { shared } from './shared.js';\nshared.made += 1;\n")
    (tmp_path / "b-page.js").write_text(
        "import { own } from './own.js';\nimport { shared } from './shared.js';\n"
        "if (own() !== shared || shared.made !== 2) throw new Error('two of them');\n"
    )
    first, second = (bundle_script(tmp_path / name) for name in ("a-page.js", "b-page.js"))
    assert first.endswith("globalThis.pingyi = { shared };\n")
    assert second.startswith("const { shared } = globalThis.pingyi;\n")
    for name, text in (("1.mjs", first), ("2.mjs", second)):
        (tmp_path / name).write_text(text)
    both = f"import '{tmp_path}/1.mjs';\nimport '{tmp_path}/2.mjs';\n"
    subprocess.run([node(), "--input-type=module", "--eval", both], check=True)
    (tmp_path / "own.js").write_text("export const shared = 3;\n")
    with pytest.raises(ValueError, match="shared is declared in both"):
        bundle_script(tmp_path / "b-page.js")


def test_a_script_that_a_fetched_one_fetches_finds_what_both_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scripts, "FETCHED_BY", {"b-page.js": "a-page.js", "c-page.js": "b-page.js"})
    (tmp_path / "first.js").write_text("export const first = { made: 1 };\nexport const early = 1;\n")
    (tmp_path / "own.js").write_text("export const own = { made: 1 };\n")
    (tmp_path / "a-page.js").write_text("import { first } from './first.js';\nfirst.made += 1;\n")
    (tmp_path / "b-page.js").write_text("import { own } from './own.js';\nown.made += 1;\n")
    (tmp_path / "c-page.js").write_text(
        "import { early, first } from './first.js';\nimport { own } from './own.js';\n"
        "if (early + first.made + own.made !== 5) throw new Error('made again');\n"
    )
    texts = [bundle_script(tmp_path / f"{name}-page.js") for name in "abc"]
    assert texts[0].endswith("globalThis.pingyi = { early, first };\n")
    assert texts[1].endswith("Object.assign(globalThis.pingyi, { own });\n")
    assert texts[2].startswith("const { early, first, own } = globalThis.pingyi;\n")
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.mjs").write_text(text)
    imports = "".join(f"import '{tmp_path}/{number}.mjs';\n" for number in range(3))
    subprocess.run([node(), "--input-type=module", "--eval", imports], check=True)


def test_dependencies_come_first_and_once(tmp_path: Path) -> None:
    (tmp_path / "c.js").write_text("export const c = 1;\n")
    (tmp_path / "b.js").write_text("import { c } from './c.js';\nexport const b = c;\n")
    (tmp_path / "a-page.js").write_text("import { b } from './b.js';\nimport { c } from './c.js';\nb(c);\n")
    found = re.findall(r"^(?:const )?(\w)\b.*;$", bundle_script(tmp_path / "a-page.js"), re.MULTILINE)
    assert found == ["c", "b", "b"]


def test_what_is_served(client, assets) -> None:
    url = assets.url("respond.css")
    content = assets.by_name["respond.css"].content
    plain = client.get(url)
    assert plain.data == content
    assert plain.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    packed = client.get(url, headers={"Accept-Encoding": "gzip, deflate, br"})
    assert packed.headers["Content-Encoding"] == "br"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert brotli.decompress(packed.data) == content
    older = client.get(url, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(older.data) == content
    again = client.get(url, headers={"If-None-Match": plain.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/static/respond.0000000000000000.css").status_code == 404
    assert client.get("/static/..%2fcss/respond.css").status_code == 404


def test_integrity_is_the_hash_of_what_is_served(client, assets) -> None:
    served = client.get(assets.url("respond-page.js")).data
    expected = base64.b64encode(hashlib.sha384(served).digest()).decode()
    assert assets.integrity("respond-page.js") == f"sha384-{expected}"


def test_both_languages_say_the_same_things() -> None:
    chinese = "".join(path.read_text() for path in (CHINESE, *MORE_CHINESE))
    keys = re.findall(r"^  '([^']+)': '", chinese, re.MULTILINE)
    english = json.loads((STATIC / "js" / "phone" / "texts" / "texts-en.json").read_text())
    page = "".join(
        (Path(STATIC).parent / "templates" / name).read_text()
        for name in ("phone/page.html", "parts/promise.html")
    )
    on_page = set(re.findall(r'data-t="([\w.]+)"', page))
    # What the server words in Chinese on a page of a round that is not open.
    server = (STATIC.parent / "survey" / "web" / "phone" / "page.py").read_text()
    said = set(re.findall(r'said = "(\w+)" if planned else "(\w+)"|said="(\w+)"', server))
    names = {name for found in said for name in found if name}
    assert names == {"closed_early", "closed_on", "round_due"}
    on_page |= {"problem.round_due"} | {f"problem.{name}.do" for name in names}
    assert len(keys) == len(set(keys))
    assert set(keys) | on_page | set(UNITS) == set(english)
    assert {group: english[group] for group in UNITS} == {group: translator("en")(group) for group in UNITS}
    texts = dict(re.findall(r"^  '([^']+)': '(.*)',$", chinese, re.MULTILINE))
    for key in keys:
        assert set(re.findall(r"{\w+}", texts[key])) == set(re.findall(r"{\w+}", english[key])), key
    used = set(re.findall(r"\bt\('([\w.]+)'", "".join(path.read_text() for path in SCRIPTS)))
    assert used <= set(keys)


def test_the_page_itself_can_say_all_it_has_to() -> None:
    """Whatever its screens say is there before the ballot's script is."""
    first = scripts.modules(STATIC / "js" / "respond-page.js")
    said = set(re.findall(r"\bt\('([\w.]+)'", "".join(path.read_text() for path in first)))
    assert "code.title" in said
    assert said <= set(re.findall(r"^  '([^']+)': '", CHINESE.read_text(), re.MULTILINE))


# What Chrome 86 or Safari 14.0 cannot read. (`?.` and `??` they can.)
FORBIDDEN_SYNTAX = {
    "private field": r"(?:this|\w)\.#\w|^\s+#\w+\s*[=;(]",
    "class static block": r"\bstatic\s*\{",
    "class field": r"^  (?:static )?\w+ = .*;$",
    "logical assignment": r"\?\?=|\|\|=|&&=",
    "look-behind": r"\(\?<[!=]",
    "numeric separator": r"\b\d+_\d+\b",
    "top-level await": r"^(?:const \w+ = )?await ",
    "regular expression flag d or v": r"/[a-z]*[dv][a-z]*\.(?:test|exec)",
    "newer method": r"\.(?:at|replaceAll|findLast|hasOwn|toSorted|isWellFormed)\(|Promise\.any",
    "export other than const, function, class": r"^export (?:default|let|\{|\*)",
    "markup from text": r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function",
}
FORBIDDEN_STYLE = {
    "newer selector": r":has\(|:is\(|:where\(|&\s|@layer|@container|@property",
    "newer unit": r"\d(?:dvh|svh|lvh|cqw|cqi)\b",
    "newer property": r"\binset:|aspect-ratio|accent-color|color-mix|oklch|scroll-timeline",
    "nothing from elsewhere": r"url\(|@import|@font-face",
}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(STATIC)))
def test_scripts_keep_to_the_floor(path: Path) -> None:
    text = path.read_text()
    code = re.sub(r"//.*|/\*[\s\S]*?\*/", "", text)
    for what, pattern in FORBIDDEN_SYNTAX.items():
        if what == "class field" and "class " not in code:
            continue
        assert not re.search(pattern, code, re.MULTILINE), what


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_styles_keep_to_the_floor(path: Path) -> None:
    text = re.sub(r"/\*[\s\S]*?\*/", "", path.read_text())
    for what, pattern in FORBIDDEN_STYLE.items():
        assert not re.search(pattern, text), what
    for rule in re.findall(r"\{[^{}]*\}", text):  # Safari 14.0 has no gap in flex boxes
        assert not ("display: flex" in rule and "gap:" in rule), rule
