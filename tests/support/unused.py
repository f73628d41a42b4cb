"""Names that nothing uses: `python tests/support/unused.py` lists them and fails where there is one.

Vulture reads the code. What only templates name is used too, and what a framework, a file format or a user of
the library calls by name is allowed in `tests/data/unused_allowed.py`, each with its reason.
"""

from __future__ import annotations

import ast
import sys
from keyword import iskeyword
from pathlib import Path

from jinja2 import Environment, nodes
from vulture import Vulture

ROOT = Path(__file__).resolve().parents[2]
ALLOWED = ROOT / "tests/data/unused_allowed.py"
CALLED_BY_DECORATOR = [
    *("@*.get", "@*.post", "@*.route", "@*.command*", "@*.errorhandler", "@*.app_errorhandler"),
    *("@*.before_request", "@*.after_request", "@*.app_url_defaults"),
    *("@*.context_processor", "@*.app_context_processor", "@click.command*", "@event.listens_for"),
]
CALLED_BY_NAME = ["validate_*", "__getattr__"]  # WTForms and Python
FIELDS_OF_FILES = "survey/facts/"
"""Every field there is written to facts.json, whoever reads it."""
BEING_BUILT = (
    *("survey/protocol/witness/", "survey/services/rounds/witnessing.py"),
    "survey/services/invitations/imported_codes.py",
)
"""Rooms whose callers are still to come; empty once they are there."""


def unused() -> list[str]:
    """What nothing in analysis and survey uses, tests not counted; and what is allowed without need."""
    found = Vulture(ignore_names=CALLED_BY_NAME, ignore_decorators=CALLED_BY_DECORATOR)
    found.scavenge([str(ROOT / "analysis"), str(ROOT / "survey")])
    found.scan(named_by_templates(), filename=ROOT / "templates")
    items = found.get_unused_code()
    allowed = {
        node.attr
        for node in ast.walk(ast.parse(ALLOWED.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
    }
    left = [
        f"{path}:{item.first_lineno}: unused {item.typ} {item.name}"
        for item, path in ((item, Path(item.filename).relative_to(ROOT).as_posix()) for item in items)
        if item.name not in allowed
        and not (item.typ == "variable" and path.startswith(FIELDS_OF_FILES))
        and not path.startswith(BEING_BUILT)
    ]
    return left + [f"{ALLOWED.name}: {name} is used" for name in sorted(allowed - {i.name for i in items})]


def named_by_templates() -> str:
    """A line of Python for every name and attribute that a template reads."""
    environment = Environment(autoescape=True, extensions=["jinja2.ext.i18n", "jinja2.ext.do"])
    names: set[str] = set()
    for path in (ROOT / "templates").rglob("*.html"):
        tree = environment.parse(path.read_text("utf-8"))
        names |= {node.attr for node in tree.find_all(nodes.Getattr)}
        names |= {node.name for node in tree.find_all(nodes.Name)}
    return "\n".join(f"_.{name}" for name in sorted(names) if name.isidentifier() and not iskeyword(name))


if __name__ == "__main__":
    left = unused()
    print("\n".join(left) or "Nothing is unused.")
    sys.exit(bool(left))
