"""Reading back a suppressed cell: two enterprises rated 财政局; everything handed on is searched for them.

The files of a round are the ranking's chart, table and bulletin; the JSON goes with the published facts. The
box export with its score table is for reviewers alone, who hold the ballots' keys anyway.
"""

from __future__ import annotations

import io
import json
import random
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cheap
import pytest
from county import BASE_URL, SECRET, County

from survey.app import create_app
from survey.config import Settings
from survey.database.engine import Database
from survey.facts.wire import written
from survey.protocol.answers import Answers
from survey.services.opening import opening_job
from survey.services.results import facts
from survey.services.results import ranking as rankings

PHONES, FEW, HIDDEN = 12, 2, 3
THRESHOLD = 5
ITEMS = 2


def some_ratings(number: int, chance: random.Random) -> Answers:
    """Ratings of everything, but only the first two know the last department."""
    known = range(HIDDEN + 1) if number < FEW else range(HIDDEN)
    rated = {d: tuple(min(3, 1 + d // 2 + chance.randrange(2)) for _ in range(ITEMS)) for d in known}
    ratings = tuple(rated.get(d, (0,) * ITEMS) for d in range(HIDDEN + 1))
    return Answers(ratings=ratings, strata=(0,), comments={})


@pytest.fixture(scope="module")
def opened(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    """12 ballots, opened and analysed once for all tests here."""
    file = shutil.copyfile(sqlite_template, tmp_path_factory.mktemp("release") / "pingyi.sqlite3")
    database, chance = Database(f"sqlite:///{file}", secret_key=SECRET), random.Random(5)
    with pytest.MonkeyPatch.context() as patched:
        cheap.keys(patched)
        place = County(database).collecting(slips=PHONES, threshold=THRESHOLD)
        for number in range(PHONES):
            place.phone().answer(some_ratings(number, chance))
        place.close()
        opening_job.open_round(database, place.slug, place.key_files, "人大")
    yield place
    database.close()


def by_subtraction(ranking: dict[str, Any]) -> float | None:
    """How many rated the hidden department: all ratings less those of the departments that are shown."""
    if ranking["n_ratings"] is None:
        return None
    return ranking["n_ratings"] / ITEMS - sum(d["n"] for d in ranking["departments"])


def texts_of(place: County) -> dict[str, str]:
    """File → all text in it that a reader or a program can get at (drawings as SVG)."""
    found = {}
    for name, _, _ in place.look(rankings.artifacts):
        content = place.look(lambda s, r, n=name: rankings.artifact(s, r, n)).content
        if name.endswith((".xlsx", ".docx")):
            with zipfile.ZipFile(io.BytesIO(content)) as file:
                parts = [file.read(n).decode() for n in file.namelist() if n.endswith(".xml")]
            found[name] = "\n".join(parts)
        elif name.endswith((".svg", ".json")):
            found[name] = content.decode()
    return found


def test_the_full_ranking_gives_it_away(opened: County) -> None:
    """Naive: hand on what was computed. Its total less its parts is the number that was left out."""
    ranking = opened.look(rankings.version1_of)
    assert [entry["n"] for entry in ranking["insufficient"]] == [FEW]
    assert by_subtraction(ranking) == FEW


def test_what_is_handed_on_does_not(opened: County) -> None:
    handed_on = written(opened.look(facts.facts_of))["ranking"]
    for part in (handed_on, *handed_on["groups"]):
        hidden = part["insufficient"]
        assert all(entry["n"] is None for entry in hidden)
        assert not hidden or by_subtraction(part) is None
    name = opened.description().questionnaire.departments[HIDDEN].name
    assert name not in {d["name"] for d in handed_on["departments"]}


def test_groups_and_the_whole_say_the_same_of_a_department(opened: County) -> None:
    """Else the difference of two means, times their numbers, would be a single enterprise's score."""
    ranking = opened.look(rankings.version1_of)
    whole = {d["name"]: (d["n"], round(d["mean"], 9)) for d in ranking["departments"]}
    for group in ranking["groups"]:
        for department in group["departments"]:
            assert whole[department["name"]] == (department["n"], round(department["mean"], 9))


def test_no_file_says_how_few(opened: County) -> None:
    name = opened.description().questionnaire.departments[HIDDEN].name
    files = texts_of(opened)
    assert {"ranking.xlsx", "ranking.svg", "bulletin.docx"} <= set(files)
    ratings = opened.look(rankings.version1_of)["n_ratings"]
    for file, text in files.items():
        plain = re.sub(r"<[^>]+>", " ", text) if not file.endswith(".json") else text
        near = [plain[m.end() : m.end() + 12] for m in re.finditer(re.escape(name), plain)]
        assert not [after for after in near if re.match(rf"\s*（{FEW} 家）|\s*\(n = {FEW}\)", after)], file
        assert not re.search(rf"\b{ratings}\b(?= *条)", plain), file
    xlsx = files["ranking.xlsx"]
    assert f">{ratings}<" not in xlsx
    json.loads(files.get("facts.json", "{}"))


def test_nothing_of_it_is_public_unasked(opened: County, tmp_path: Path) -> None:
    """Opening alone publishes nothing; the score table leaves through the reviewers' door only."""
    settings = Settings(tmp_path, opened.database.url, BASE_URL, SECRET, insecure_http=True)
    app = create_app(settings, opened.database)
    pages = [
        rule.rule.replace("<slug>", opened.slug)
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or set()) and not re.search("<(?!slug)", rule.rule)
    ]
    assert f"/public/{opened.slug}" in pages
    rows = opened.look(rankings.score_table).to_dict()["rows"]
    for page in pages:
        answer = app.test_client().get(page)
        assert not [mark for mark in ("rank_set", rows[:24]) if mark in answer.text], page
