"""Paths of templates, static files, migrations and translations, in a checkout and in an installed wheel.

The wheel carries them inside the package (`survey/templates`), the checkout beside it (`templates`).
`importlib.resources` fails on such a map in editable installs, hence this module.
"""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def _find(name: str) -> Path:
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name


TEMPLATES = _find("templates")
STATIC = _find("static")
MIGRATIONS = _find("migrations")
TRANSLATIONS = PACKAGE / "translations"
