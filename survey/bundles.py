"""Script bundles: the modules of `static/js` one after another, and the hashes by which auditors know them.

There is no build step: modules are put in order, and the import and export words taken out, and the comments,
which would be a seventh of what a phone waits for. Whoever audits the files has audited the bundle.
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

from survey.paths import STATIC

IMPORT = re.compile(r"^import \{[^}]*\} from '(?P<path>\.{1,2}/[^']+)';\n", re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:const|function|async function|class) )", re.MULTILINE)
# Lines that hold nothing else; whatever else stands in a line is kept with its comment.
COMMENT = re.compile(r"^[ \t]*(?://.*|/\*\*(?:[^*]|\*(?!/))*\*/)\n", re.MULTILINE)
DECLARED = re.compile(r"^(?:const|let|function|async function|class) (?P<name>\w+)", re.MULTILINE)


def bundle_script(entry: Path) -> str:
    """The module `entry` and all it imports, dependencies first, as one module without imports and comments.

    Raises `ValueError` when two modules declare the same name, since they share one scope here.
    """
    order: list[Path] = []
    _visit(entry.resolve(), order)
    parts: list[str] = []
    owners: dict[str, Path] = {}
    for path in order:
        text = COMMENT.sub("", EXPORT.sub("", IMPORT.sub("", path.read_text(encoding="utf-8"))))
        for match in DECLARED.finditer(text):
            other = owners.setdefault(match["name"], path)
            if other is not path:
                raise ValueError(f"{match['name']} is declared in both {other.name} and {path.name}")
        parts.append(f"// {path.parent.name}/{path.name}\n{text}")
    return "\n".join(parts)


def read_scripts(static: Path = STATIC) -> dict[str, bytes]:
    """Every script that is served, by name.

    `js/*-page.js` are the entries of bundles; other scripts at the top of `js` stand alone when they export
    nothing for others.
    """
    found: dict[str, bytes] = {}
    for path in sorted((static / "js").glob("*.js")):
        if path.stem.endswith("-page"):
            found[path.name] = bundle_script(path).encode()
        elif "export " not in path.read_text(encoding="utf-8"):
            found[path.name] = path.read_bytes()
    return found


def integrity(content: bytes) -> str:
    """The value of an `integrity` attribute (W3C Subresource Integrity)."""
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def script_hashes(static: Path = STATIC) -> dict[str, str]:
    """`integrity` of every script that these sources make, by name: what auditors compare."""
    return {name: integrity(content) for name, content in read_scripts(static).items()}


def _visit(path: Path, order: list[Path]) -> None:
    if path in order:
        return
    text = path.read_text(encoding="utf-8")
    for match in IMPORT.finditer(text):
        _visit((path.parent / match["path"]).resolve(), order)
    if path not in order:
        order.append(path)
