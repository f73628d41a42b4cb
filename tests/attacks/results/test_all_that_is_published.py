"""What the integer attacker is given is all that is published.

Every number in every file and page of an edition must be one of the edition's frozen content, and every
number of that content is of a kind: an equation of the attack, a consequence of such equations that is worked
out here again, no figure of answers, or coarse.
"""

from __future__ import annotations

import io
import itertools
import json
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import docx
import numpy as np
import openpyxl
import pytest
from flask import Flask
from pptx import Presentation
from published import Found, Known, is_number, kind_of, leaves, numbers_in, texts_of
from rounds_of_scores import description, levels, round_json, scores, strata
from whole_county import OPENED, Whole

from analysis.blurring import P_CLASSES, STEP
from survey.clock import today
from survey.documents.edition import workbook as publication_xlsx
from survey.documents.edition.bundle import edition_files
from survey.documents.edition.content import Edition
from survey.documents.layout.canonical import canonical
from survey.facts import base
from survey.facts.wire import edition_from, written_edition
from survey.services.publication import files as edition_files_service
from survey.services.publication import publishing
from survey.services.publication.open_data import open_data, write_csv
from survey.services.publication.open_data_tables import SHEETS
from survey.services.results.facts import EarlierRound
from survey.services.rounds import editions
from tests.documents.edition_data import make_edition
from tests.security.walking import browser, built_as_file, copied, served

ROSTER = {"规模": {"大": 40, "中": 60, "小": 100}, "来源": {"本地": 100, "外来": 80}}


FOR_THE_MEETING = {
    "一页纸.docx", "一页纸.pdf", "汇报.pptx", "宣读稿.docx",
    "brief.docx", "brief.pdf", "slides.pptx", "sentences.docx",
}  # fmt: skip
SCORES = ("/adjusted", "/average_difference", "/before", "/after", "/change", "/plain")


def open_files(content: dict[str, Any]) -> dict[str, bytes]:
    tables = {
        f"{n}.csv": write_csv([c.name for c in s.columns], s.rows(edition_from(content)))
        for n, s in SHEETS.items()
    }
    return {"data.json": canonical(content)} | tables


def unheard_of(files: dict[str, bytes], content: dict[str, Any]) -> dict[str, set[Found]]:
    """File → numbers in it that the content does not contain."""
    known = Known(content)
    found = {
        name: {n for text in texts_of(name, f) for n in numbers_in(text, known.typed) if not known.holds(n)}
        for name, f in files.items()
    }
    return {name: numbers for name, numbers in found.items() if numbers}


@pytest.fixture(scope="module")
def edition() -> Edition:
    return make_edition()


@pytest.fixture(scope="module")
def files(edition: Edition) -> dict[str, bytes]:
    return edition_files(edition) | open_files(written_edition(edition.content))


def test_every_number_of_every_file_is_one_of_the_content(edition, files) -> None:
    kinds = {name.rpartition(".")[2] for name in files}
    assert kinds >= {"json", "csv", "xlsx", "docx", "svg", "pdf", "pptx"}
    assert {name.rpartition("/")[2] for name in files} >= FOR_THE_MEETING
    assert sum(1 for n, f in files.items() for t in texts_of(n, f) for _ in numbers_in(t)) > 4000
    assert unheard_of(files, written_edition(edition.content)) == {}


@pytest.mark.parametrize("number", ["91.6129", "3 家", "12.7%", "p = 0.0312"])
@pytest.mark.parametrize("kind", ["json", "csv", "xlsx", "docx", "pptx", "svg", "html"])
def test_a_number_from_elsewhere_is_noticed(edition, kind: str, number: str) -> None:
    """The walk itself: a number of no fact, in a file of each kind."""
    file = f"x.{kind}"
    assert unheard_of({file: planted(kind, f"水务局得分{number}，")}, written_edition(edition.content))


def test_no_day_of_a_date_is_a_number() -> None:
    """Not even where somebody typed the year of it as a period: it failed where a round closed on a 31st."""
    assert list(numbers_in("2026-12-31, 2026", ["2026"])) == []
    assert [found.text for found in numbers_in("2026-12 31", ["2026"])] == ["12", "31"]


def planted(kind: str, text: str) -> bytes:
    if kind in ("xlsx", "docx", "pptx"):
        return {"xlsx": _workbook, "docx": _word, "pptx": _slides}[kind](text)
    forms = {"json": json.dumps({"said": text}), "csv": text, "svg": f"<!-- {text} -->"}
    return forms.get(kind, f"<main><p>{text}</p></main>").encode()


def _workbook(text: str) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    book.active["A1"] = text
    book.save(file)
    return file.getvalue()


def _slides(text: str) -> bytes:
    deck, file = Presentation(), io.BytesIO()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text_frame.text = text
    deck.save(file)
    return file.getvalue()


def _word(text: str) -> bytes:
    document, file = docx.Document(), io.BytesIO()
    document.add_paragraph(text)
    document.save(file)
    return file.getvalue()


def test_a_document_that_reckons_by_itself_is_noticed(edition, monkeypatch) -> None:
    """A share with counts of its own in the workbook, as a new figure might come in."""
    monkeypatch.setattr(publication_xlsx, "_proof", lambda _: [("得分", 91.6129)])
    made = publication_xlsx.publication_workbook(edition)
    assert unheard_of({"排名表.xlsx": made}, written_edition(edition.content))


def numbers(content: Any) -> Iterator[tuple[str, float]]:
    return ((path, float(v)) for path, v in leaves(content) if is_number(v))


@pytest.fixture(scope="module")
def plain() -> dict[str, Any]:
    """Everybody rated everything in two rounds and said what it is, four of them not how large."""
    rated, n = levels(7), 60
    earlier = EarlierRound(description("2026-q3", "2026-07-01"), scores(levels(8)))
    table = scores(rated, strata(n, (4, 20, 18, 18), (0, 30, 30)))
    return round_json(description(), table, ROSTER, [earlier])


def test_every_number_of_the_content_is_of_a_kind(edition, plain) -> None:
    for content in (written_edition(edition.content), {"facts": plain}):
        assert {path for path, _ in numbers(content) if kind_of(path) is None} == set()


def test_counts_of_ballots_reach_the_threshold(plain) -> None:
    told = ((p, v) for p, v in numbers({"facts": plain}) if kind_of(p) == "ballots")
    few = {(path, value) for path, value in told if value == int(value) and 0 < value < 10}
    assert few == set()


def test_what_is_a_score_comes_in_steps_and_tests_in_classes(edition, plain) -> None:
    for content in (written_edition(edition.content), {"facts": plain}):
        for path, value in numbers(content):
            if kind_of(path) in ("equation", "follows") and path.endswith(
                ("/adjusted", "/average_difference", "/before", "/after", "/change", "/plain")
            ):
                assert value % STEP == pytest.approx(0, abs=1e-9), path
            if re.search(r"/(p|p_value|p_equal|p_adjusted|p_additive|p_latent)$", path):
                assert value in P_CLASSES, path


def half(value: float) -> float:
    """Record 51: multiples of 0.5, halves up."""
    return np.floor(2 * value + 0.5 + 1e-9) / 2


def centred(values: dict[str, float]) -> dict[str, float]:
    average = sum(values.values()) / len(values)
    return {name: half(value - average) for name, value in values.items()}


def test_rankings_follow_from_their_scores(edition, plain) -> None:
    """Pairs, differences from the average, and what each department's own page repeats."""
    for facts in (base.plain(edition.facts), plain):
        for part in (facts["ranking"], *facts["ranking"]["groups"], facts["combined"]["ranking"]):
            told = {d["name"]: d["adjusted"] for d in part["departments"]}
            assert {d["name"]: d["average_difference"] for d in part["departments"]} == centred(told)
            assert all(p["difference"] == half(told[p["a"]] - told[p["b"]]) for p in part["pairs"])
            for profile in facts["profiles"]:
                for place in (profile["overall"], profile["in_group"]):
                    assert place is None or repeats(place, facts["ranking"], profile["name"])


def repeats(place: dict[str, Any], ranking: dict[str, Any], name: str) -> bool:
    among = [d for part in (ranking, *ranking["groups"]) for d in part["departments"] if d["name"] == name]
    return (place["adjusted"], place["mean"]) in {(d["adjusted"], d["mean"]) for d in among}


def test_changes_follow_from_the_scores_of_two_editions(plain) -> None:
    """Both scores stand in the editions of their rounds, and a change is the difference of the two."""
    before = round_json(description("2026-q3", "2026-07-01"), scores(levels(8)), {})
    [part] = plain["changes"]
    of = [{d["name"]: d["adjusted"] for d in f["ranking"]["departments"]} for f in (before, plain)]
    changes = {c["department"]: c for c in part["changes"]}
    assert len(changes) == 6
    assert [{n: c[key] for n, c in changes.items()} for key in ("before", "after")] == of
    assert {n: c["change"] for n, c in changes.items()} == centred({n: of[1][n] - of[0][n] for n in of[0]})
    assert all([c] == [x | {"department": p["name"]} for x in map(without_titles, p["changes"])]
               for p, c in ((p, changes[p["name"]]) for p in plain["profiles"]))  # fmt: skip
    year = {d["name"]: d for d in plain["combined"]["ranking"]["departments"]}
    assert all({d["adjusted"], d["mean"]} == {half((of[0][n] + of[1][n]) / 2)} for n, d in year.items())
    changes_of_items(before, plain)


def without_titles(change: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in change.items() if key not in ("slug", "title")}


def changes_of_items(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Of one item, the departments that show it in both rounds against each other."""
    for k in range(4):
        pairs = {
            p["name"]: (b["items"][k]["mean"], p["items"][k]["mean"], p["items"][k]["change"])
            for b, p in zip(before["profiles"], after["profiles"], strict=True)
            if p["items"][k]["change"]
        }
        assert all((c["before"], c["after"]) == (b, a) for b, a, c in pairs.values())
        moved = centred({name: a - b for name, (b, a, _) in pairs.items()})
        assert {name: c["change"] for name, (_, _, c) in pairs.items()} == moved


def test_other_comparisons_begin_with_published_scores(plain) -> None:
    told = {d["name"]: d["adjusted"] for d in plain["ranking"]["departments"]}
    assert {s["name"]: s["adjusted"] for s in plain["weighting"]["scores"]} == centred(told)
    for part in plain["assumptions"]["standardised"]:
        if part["possible"]:
            assert {d["name"]: d["plain"] for d in part["departments"]} == centred(told)
    items, over_all = plain["profiles"], {i["name"]: i["mean"] for i in plain["items"]}
    for profile in items:
        means = {i["name"]: i["mean"] for i in profile["items"]}
        for found in profile["importance"]:
            assert (found["performance"], found["average"]) == (means[found["item"]], over_all[found["item"]])


def solutions(facts: dict[str, Any], place: int, n: int) -> set[tuple[int, ...]]:
    """Everything that the ballots by option (those that say nothing last) can be, by trying them all."""
    told = facts["response"]["strata"][place]
    options = [o["option"] for o in told["options"]]
    given = [o["ballots"] for o in told["options"]] + [told["not_said"]["ballots"]]
    assert facts["weighting"].get("not_said", {}).get(told["name"]) in (None, given[-1])
    possible = [range(n + 1) if g is None else [g] for g in given]
    found = {c for c in itertools.product(*possible[:-1], possible[-1]) if sum(c) == n}
    for name, count in (facts["treatment"][place].get("groups") or {}).items():
        among = [options.index(option) for option in name.split("/")]
        found = {c for c in found if count is None or sum(c[i] for i in among) == count}
    return found


DECLARED = [((4, 20, 18, 18), (0, 30, 30)), ((4, 36, 20, 0), (3, 30, 27)), ((12, 30, 18, 0), (5, 40, 15))]


@pytest.mark.parametrize(("sizes", "origins"), DECLARED)
def test_how_many_kept_silent_does_not_follow(sizes, origins) -> None:
    """Attack: the classes that are compared, added up, are all that said something."""
    facts = round_json(description(), scores(levels(7), strata(60, sizes, origins)), ROSTER)
    for place, declared in enumerate((sizes, origins)):
        silent, *said = declared
        found = solutions(facts, place, 60)
        assert (*said, silent) in found
        if 0 < silent < 10:
            assert len({c[-1] for c in found}) > 3
            part = facts["assumptions"]["standardised"][place]
            assert "答卷中" not in part.get("summary_zh", "")


def test_classes_with_their_sizes_would_tell_it() -> None:
    facts = round_json(description(), scores(levels(7), strata(60, *DECLARED[0])), ROSTER)
    facts["treatment"][0]["groups"] = {"大/中": 38, "小": 18}
    assert {c[-1] for c in solutions(facts, 0, 60)} == {4}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, sqlite_template) -> Iterator[tuple[Whole, Flask]]:
    """A county whose opened round has two editions, the second with a composite."""
    folder = tmp_path_factory.mktemp("published")
    whole = copied(built_as_file(sqlite_template, tmp_path_factory), folder)
    place, (first, second) = whole.place, whole.place.reviewers[:2]
    place.slug = OPENED
    place.act(lambda s, r: publishing.propose(s, r, first, "加入综合得分", [whole.composite]))
    place.act(lambda s, r: publishing.confirm(s, editions.waiting(s, r), second, today()))
    yield whole, served(whole, folder)
    place.database.close()


def test_every_number_of_every_public_page_is_of_an_edition(site) -> None:
    whole, app = site
    newest, first = whole.place.look(editions.published)
    made, failures = edition_files_service.write(newest, first)
    assert not failures
    with zipfile.ZipFile(io.BytesIO(made)) as opened:
        files = {name: opened.read(name) for name in opened.namelist()}
    files |= {name: content for p in (newest, first) for name, _kind, content in open_data(p)}
    visitor, base = browser(app), f"/public/{OPENED}"
    for page in (base, f"{base}/results", f"{base}/results/1", f"{base}/results/2"):
        for language in ("zh", "en"):
            answer = visitor.get(f"{page}?lang={language}")
            assert answer.status_code == 200
            files[f"{page}-{language}.html"] = answer.data
    new, old = json.loads(newest.content), json.loads(first.content)
    assert unheard_of(files, new | {"earlier": old}) == {}
    unknown = {path for path, _ in numbers(new) if kind_of(path) is None}
    assert not unknown, sorted(unknown)
    [entry] = new["composites"]
    composites_follow(entry, new["facts"]["ranking"])


def composites_follow(entry: dict[str, Any], ranking: dict[str, Any]) -> None:
    """What the round contributes is its published scores about their average, times its weight."""
    [part] = [part for part in entry["parts"] if part["round"]]
    told = {d["name"]: d["adjusted"] for d in ranking["departments"]}
    moves = {m["department"]: m["contribution"] for m in entry["moves"] if m["electorate"] == part["name"]}
    expected = centred({name: told[name] for name in moves})
    assert moves == pytest.approx({name: part["weight"] / 100 * v for name, v in expected.items()}, abs=0.051)
