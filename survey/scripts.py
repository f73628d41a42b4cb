"""Bundles of scripts: the modules of `static/js` joined into one file a page, and the hashes by which
auditors check them.

There is no build step: modules are put in order, and the import and export words taken out, and comments and
indents, which would be a fifth of what a phone waits for. Whoever audits the files has audited the bundle.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from survey.paths import STATIC

IMPORT = re.compile(r"^import \{(?P<names>[^}]*)\} from '(?P<path>\.{1,2}/[^']+)';\n", re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:const|function|async function|class) )", re.MULTILINE)
# Comments with lines to themselves, and those behind code that cannot be part of a string.
COMMENT = re.compile(r"^[ \t]*(?://.*|/\*\*(?:[^*]|\*(?!/))*\*/)\n", re.MULTILINE)
COMMENT_BEHIND = re.compile(r"[ \t]+// [^\n'\"`]*$", re.MULTILINE)
# No text of ours goes over several lines, so that none has an indent in it.
INDENT = re.compile(r"^\s+", re.MULTILINE)
STYLE_COMMENT = re.compile(r"^[ \t]*/\*(?:[^*]|\*(?!/))*\*/\n", re.MULTILINE)
# No text in a style has one of these signs in it.
STYLE_SPACE = re.compile(r"\s*([{};,>])\s*")
STYLE_COLON = re.compile(r":\s+")
DECLARED = re.compile(r"^(?:const|let|function|async function|class) (?P<name>\w+)", re.MULTILINE)
# Scripts that another one loads later → that one; modules that are there before are left out of them.
FETCHED_BY = {
    "ballot-page.js": "respond-page.js",
    "later-page.js": "respond-page.js",
    "witness-page.js": "ballot-page.js",
}
LEFT, FOUND = "globalThis.pingyi = {{ {} }};\n", "const {{ {} }} = globalThis.pingyi;\n"
LEFT_TOO = "Object.assign(globalThis.pingyi, {{ {} }});\n"


def bundle_script(entry: Path) -> str:
    """Text of one module made of the module `entry` and all it imports, dependencies first, without imports
    and comments.

    A script that another one loads later (`FETCHED_BY`) leaves out the modules that are there before, and
    takes their names from `globalThis.pingyi`. Raises `ValueError` when two modules declare the same name,
    since they share one scope here.
    """
    order, before = modules(entry), _there_before(entry)
    text = FOUND.format(", ".join(_taken(order, before, before))) if before else ""
    _refuse_clashes(dict.fromkeys((*before, *order)))
    own = [path for path in order if path not in before]
    text += "".join(map(_plain, own))
    later = [path for name in FETCHED_BY if entry in _loaders(path := entry.with_name(name))]
    if later:
        left = set[str]().union(*(_taken(modules(path), _there_before(path), own) for path in later))
        text += (LEFT_TOO if before else LEFT).format(", ".join(sorted(left)))
    return text


def modules(entry: Path) -> list[Path]:
    """Paths of the module `entry` and of all it imports, dependencies first."""
    order: list[Path] = []
    _visit(entry.resolve(), order)
    return order


def _loaders(entry: Path) -> list[Path]:
    """Scripts that a page has loaded when it loads `entry`: the one in `FETCHED_BY` that loads it, then the
    one that loads that, and so on; empty for a script that a page loads itself."""
    by = FETCHED_BY.get(entry.name)
    return [entry.with_name(by), *_loaders(entry.with_name(by))] if by else []


def _there_before(entry: Path) -> list[Path]:
    """Modules that the bundles of `_loaders(entry)` contain already."""
    return [path for loader in _loaders(entry) for path in modules(loader)]


def _taken(order: list[Path], before: list[Path], of: list[Path]) -> list[str]:
    """Names, sorted, that modules in `order` but not in `before` import from the modules in `of`."""
    found = set[str]()
    for path in (path for path in order if path not in before):
        for match in IMPORT.finditer(path.read_text(encoding="utf-8")):
            if (path.parent / match["path"]).resolve() in of:
                found.update(name.strip() for name in match["names"].split(",") if name.strip())
    return sorted(found)


def _plain(path: Path) -> str:
    text = COMMENT.sub("", EXPORT.sub("", IMPORT.sub("", path.read_text(encoding="utf-8"))))
    return INDENT.sub("", COMMENT_BEHIND.sub("", text))


def _refuse_clashes(paths: Iterable[Path]) -> None:
    owners: dict[str, Path] = {}
    for path in paths:
        for match in DECLARED.finditer(EXPORT.sub("", path.read_text(encoding="utf-8"))):
            other = owners.setdefault(match["name"], path)
            if other is not path:
                raise ValueError(f"{match['name']} is declared in both {other.name} and {path.name}")


def join_styles(*styles: bytes) -> bytes:
    """Style sheets joined into one, without comments that have lines to themselves and without spaces that
    say nothing."""
    text = STYLE_COMMENT.sub("", "\n".join(style.decode() for style in styles)).strip()
    return STYLE_SPACE.sub(r"\1", STYLE_COLON.sub(":", text)).replace(";}", "}").encode()


@cache
def read_scripts(static: Path = STATIC) -> Mapping[str, bytes]:
    """Contents of every script that the site serves, by file name.

    `js/*-page.js` are the entries of bundles; other scripts at the top of `js` stand alone when they export
    nothing for others. Read once by a process, which goes on serving what it began with.
    """
    found: dict[str, bytes] = {}
    for path in sorted((static / "js").glob("*.js")):
        if path.stem.endswith("-page"):
            found[path.name] = bundle_script(path).encode()
        elif "export " not in path.read_text(encoding="utf-8"):
            found[path.name] = _plain(path).encode()
    return MappingProxyType(found)


def integrity(content: bytes) -> str:
    """Value of an `integrity` attribute for the content: sha384 and its base64 digest (W3C Subresource
    Integrity)."""
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def script_hashes(static: Path = STATIC) -> dict[str, str]:
    """`integrity` of every script that the site serves, by file name: what auditors compare."""
    return {name: integrity(content) for name, content in read_scripts(static).items()}


def _visit(path: Path, order: list[Path]) -> None:
    if path in order:
        return
    text = path.read_text(encoding="utf-8")
    for match in IMPORT.finditer(text):
        _visit((path.parent / match["path"]).resolve(), order)
    if path not in order:
        order.append(path)
