"""The wheel holds everything that the application needs."""

from __future__ import annotations

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from nightly import NIGHTLY

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


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from what belongs to it."""
    folder = tmp_path_factory.mktemp("wheel")
    tree, out = folder / "tree", folder / "out"
    tree.mkdir()
    for name in SOURCES:
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (*(ROOT / name for name in ("setup.cfg", "pyproject.toml", "README.md")), *licences()):
        shutil.copy(path, tree)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(tree)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return next(out.glob("*.whl"))


def licences() -> list[Path]:
    """Files of the project that say under which terms it, or a part of it, may be used."""
    return [path for pattern in ("LICEN[CS]E*", "COPYING*", "NOTICE*") for path in ROOT.glob(pattern)]


def outside() -> dict[str, str]:
    """Environment without settings of the project and without its source tree."""
    own = ("PINGYI_", "PYTHONPATH")
    return {k: v for k, v in os.environ.items() if not k.startswith(own)}


def test_wheel_carries_types_readme_and_licences(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        told = archive.read(next(n for n in names if n.endswith(".dist-info/METADATA"))).decode()
    assert {"analysis/py.typed", "survey/py.typed"} <= set(names)
    metadata, _, page = told.partition("\n\n")
    assert "Description-Content-Type: text/markdown" in metadata
    assert page.strip() == (ROOT / "README.md").read_text("utf-8").strip()
    carried = {name.rpartition("/")[2] for name in names if ".dist-info/" in name}
    assert {path.name for path in licences()} <= carried
    # Fonts and scripts of others come with their own packages, under their own licences.
    assert [name for name in names if name.endswith((".ttf", ".otf", ".woff", ".woff2", ".ttc"))] == []
    assert [name for name in names if name.endswith((".csv", ".gz", ".parquet", ".sav"))] == []


def test_data_of_others_are_listed_with_the_texts_of_their_licences() -> None:
    page = (ROOT / "docs/licences/README.md").read_text("utf-8")
    listed = {part for row in page.splitlines() for part in re.findall(r"`([^`]+\.csv(?:\.gz)?)`", row)}
    folders = ("docs/gallery/data", "tests/data", "tests/data/reference")
    there = {path.name for folder in folders for path in (ROOT / folder).glob("*.csv*")}
    assert {name.rpartition("/")[2] for name in listed} == there
    texts = {
        name: (ROOT / "docs/licences" / name).read_text("utf-8")
        for name in re.findall(r"\]\(([A-Z][^()/]+\.txt)\)", page)
    }
    assert {"GPL-2.txt", "GPL-3.txt", "MIT-vega_datasets.txt"} == set(texts)
    assert "Version 2, June 1991" in texts["GPL-2.txt"]
    assert "Version 3, 29 June 2007" in texts["GPL-3.txt"]
    assert "Copyright (c) 2018 Jake Vanderplas" in texts["MIT-vega_datasets.txt"]


def test_the_readmes_say_that_no_licence_has_been_chosen() -> None:
    assert not licences()
    assert "No licence has been chosen; all rights reserved until the owner decides" in (
        ROOT / "README.md"
    ).read_text("utf-8")
    assert "尚未选定许可证；在所有者决定之前，保留一切权利" in (ROOT / "README.zh-CN.md").read_text("utf-8")


def ratings(folder: Path) -> tuple[Path, int, int, str]:
    """A file to rank, its numbers of ratings and departments, and the best one; by night a large file, over
    which the search for the ballots that carry a statement takes all the time that it may."""
    if NIGHTLY:
        return ROOT / "tests/data/insteval.csv.gz", 73421, 14, "5"
    rows = [f"r{r},{d},{90 - 8 * d + (7 * r + 3 * d) % 5}" for r in range(20) for d in range(4)]
    path = folder / "ratings.csv"
    path.write_text("\n".join(["rater,department,score", *rows]), "utf-8")
    return path, 80, 4, "0"


def test_wheel_in_a_fresh_environment_ranks_by_one_command(wheel: Path, tmp_path: Path) -> None:
    """Dependencies are taken from this environment, so that no network is needed; the project is not."""
    fresh, out = tmp_path / "fresh", tmp_path / "out"
    file, n_ratings, departments, best = ratings(tmp_path)
    venv.create(fresh, with_pip=False)
    install = [sys.executable, "-m", "pip", "--python", fresh / "bin" / "python", "install"]
    install += ["--quiet", "--no-index", "--no-deps", wheel]
    subprocess.run(list(map(str, install)), check=True, env=outside(), cwd=tmp_path)
    site = next((fresh / "lib").glob("python*/site-packages"))
    (site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", "utf-8")
    command = [fresh / "bin" / "pingyi", "rank", file, "--out", out]
    ran = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, check=False, env=outside(), cwd=tmp_path
    )
    assert ran.returncode == 0, ran.stderr
    document = json.loads((out / "ranking.json").read_text("utf-8"))
    assert (document["n_ratings"], len(document["departments"])) == (n_ratings, departments)
    assert document["departments"][0]["name"] == best
    assert (out / "report.html").stat().st_size < 600_000
    where = [fresh / "bin" / "python", "-c", "import survey; print(survey.__file__)"]
    found = subprocess.run(
        list(map(str, where)), capture_output=True, text=True, check=True, env=outside(), cwd=tmp_path
    )
    assert Path(found.stdout.strip()).is_relative_to(fresh)


@pytest.mark.parametrize("whole", [False, True])
def test_the_library_needs_neither_server_nor_database(whole: bool) -> None:
    """`import analysis`, and the use of everything that it offers."""
    every = "[getattr(analysis, name) for name in analysis.__all__];" if whole else ""
    code = f"import sys, analysis; {every} print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = set(ran.stdout.split())
    assert "analysis" in loaded
    assert loaded & {"flask", "sqlalchemy", "werkzeug", "survey", "jinja2", "wtforms"} == set()


def test_wheel_starts_the_application(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    started = subprocess.run(
        [sys.executable, "-c", STARTS, str(site)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=outside() | {"PYTHONPATH": str(site)},
    )
    assert started.stdout == "started\n", started.stderr
