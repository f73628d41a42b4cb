"""The wheel holds everything that the application needs."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("analysis", "survey", "migrations", "static", "templates")
STARTS = """
import sys
from pathlib import Path
import survey
from survey.app import create_app
from survey.config import load_settings
from survey.database.engine import Database
from survey.database.migrations import upgrade

here = Path(sys.argv[1])
assert Path(survey.__file__).is_relative_to(here), survey.__file__
settings = load_settings({"PINGYI_INSECURE_HTTP": "1"}, data=here / "data")
database = Database(settings.database_url)
upgrade(database.engine)
client = create_app(settings, database).test_client()
page = client.get("/login")
assert page.status_code == 200, page.status_code
for line in page.text.split('"'):
    if line.startswith("/static/"):
        assert client.get(line).status_code == 200, line
database.close()
print("started")
"""


def test_packages_listed_are_the_packages_there() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    listed = set(config["options"]["packages"].split())
    there = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for top in ("analysis", "survey")
        for path in (ROOT / top).rglob("__init__.py")
    }
    mapped = {"survey.migrations", "survey.migrations.versions", "survey.static", "survey.templates"}
    assert listed == there | mapped | {"survey.translations"}


def test_wheel_starts_the_application(tmp_path: Path) -> None:
    tree, out, site = tmp_path / "tree", tmp_path / "out", tmp_path / "site"
    tree.mkdir()
    for name in SOURCES:
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.cfg", "pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, tree)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(tree)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    with zipfile.ZipFile(next(out.glob("*.whl"))) as wheel:
        wheel.extractall(site)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PINGYI_")}
    started = subprocess.run(
        [sys.executable, "-c", STARTS, str(site)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": str(site)},
    )
    assert started.stdout == "started\n", started.stderr
