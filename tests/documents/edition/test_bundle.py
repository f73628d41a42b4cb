"""The files of a round, each opened again by another program: the same numbers in all."""

import copy
import io
import zipfile
from datetime import date
from typing import Any

import docx
import openpyxl
import pypdfium2
import pytest
from PIL import Image

from analysis.ranking.reading_json import group_rankings, ranking_from_dict
from survey.documents.edition import opening_files
from survey.documents.edition.opening_files import OpeningFile, make_artifacts
from survey.documents.layout.attempts import Failure
from survey.documents.layout.progress import Progress
from survey.facts.wire import ranking_from
from survey.protocol.description import RoundDescription
from survey.protocol.questionnaire import Department, Item, Level, Questionnaire, Scale
from tests.documents.rankings import COUNTS, DIGEST, GROUPS, make_ranking
from tests.documents.readers import ruled_tables


def files_of(ranking: dict[str, Any], progress: Progress | None = None, **more: Any) -> list[OpeningFile]:
    typed = ranking_from(copy.deepcopy(ranking))
    return make_artifacts(describe(), typed, COUNTS, progress, digest=DIGEST, **more)


def describe() -> RoundDescription:
    levels = tuple(Level(str(points), "", float(points)) for points in (100, 80, 60, 40, 20))
    departments = tuple(Department(name, group) for group, names in GROUPS.items() for name in names)
    scale = Scale(levels, 3, 70.0, "不了解", "Don't know")
    questionnaire = Questionnaire((Item("总体评价"),), scale, departments, ())
    return RoundDescription(
        "00" * 16, "2026-q4", "2026 年第四季度评议", "县人大常委会、县政协", "2026-10-01", "2026-12-20",
        b"\1" * 384, 65537, "00" * 32, 2, (), questionnaire,
    )  # fmt: skip


@pytest.fixture(scope="module")
def ranking() -> dict[str, Any]:
    return make_ranking()


@pytest.fixture(scope="module")
def steps() -> list[tuple[str, int, int]]:
    return []


@pytest.fixture(scope="module")
def artifacts(ranking: dict[str, Any], steps: list[tuple[str, int, int]]) -> dict[str, OpeningFile]:
    made = files_of(ranking, lambda *step: steps.append(step), issued_on=date(2027, 1, 5))
    return {artifact.name: artifact for artifact in made}


def test_names_and_kinds(artifacts: dict[str, OpeningFile]) -> None:
    kinds = {name: artifact.media_type for name, artifact in artifacts.items()}
    assert list(kinds) == ["ranking.png", "ranking.svg", "ranking.pdf", "ranking.xlsx", "bulletin.docx"]
    assert kinds["ranking.svg"] == "image/svg+xml"
    assert kinds["bulletin.docx"].endswith("wordprocessingml.document")


def test_progress_runs_to_its_end(
    artifacts: dict[str, OpeningFile], steps: list[tuple[str, int, int]]
) -> None:
    done = [step[1] for step in steps]
    assert done == sorted(done)
    assert steps[-1][1] == steps[-1][2]


def test_chart_in_three_formats(artifacts: dict[str, OpeningFile]) -> None:
    image = Image.open(io.BytesIO(artifacts["ranking.png"].content))
    assert image.info["dpi"] == pytest.approx((300, 300), abs=0.5)
    page = pypdfium2.PdfDocument(artifacts["ranking.pdf"].content)[0]
    text = page.get_textpage().get_text_bounded()
    assert "行政审批局" in text
    assert "2026 年第四季度评议" in text
    assert artifacts["ranking.svg"].content.lstrip().startswith(b"<?xml")


def test_the_same_scores_in_excel_and_word(
    artifacts: dict[str, OpeningFile], ranking: dict[str, Any]
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(artifacts["ranking.xlsx"].content))
    cells = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    word = docx.Document(io.BytesIO(artifacts["bulletin.docx"].content))
    scores = {row.cells[1].text: row.cells[4].text for row in ruled_tables(word)[-1].rows[1:]}
    for department in ranking["departments"]:
        assert any(isinstance(v, float) and abs(v - department["adjusted"]) < 1e-9 for v in cells)
        assert scores[department["name"]] == f"{department['adjusted']:.1f}"
    assert len(word.inline_shapes) == 1
    assert word.inline_shapes[0]._inline.docPr.get("descr")


def test_the_dictionary_becomes_the_ranking_it_was(ranking: dict[str, Any]) -> None:
    plain = {key: value for key, value in ranking.items() if key != "groups"}
    assert ranking_from_dict(ranking).to_dict() == plain
    for (name, group), value in zip(group_rankings(ranking), ranking["groups"], strict=True):
        assert {"name": name} | group.to_dict() == value


def test_a_minimal_version_1_dictionary_is_enough(ranking: dict[str, Any]) -> None:
    """Files of other programs carry only what docs/architecture.md lists."""
    keys = ("name", "n", "mean", "adjusted", "se", "ci", "rank", "rank_set", "tier", "vs_average")
    pairs = ("a", "b", "difference", "se", "p_adjusted")
    minimal = {
        "version": 1, "n_raters": 150, "n_ratings": 600, "level": 0.95, "global_test": ranking["global_test"],
        "departments": [{key: d[key] for key in keys} for d in ranking["departments"]],
        "pairs": [{key: p[key] for key in pairs} for p in ranking["pairs"]],
        "notes": ranking["notes"],
    }  # fmt: skip
    names = [artifact.name for artifact in files_of(minimal)]
    assert "bulletin.docx" in names


def test_a_missing_glyph_costs_no_file(ranking: dict[str, Any]) -> None:
    names = {1: "\U00031350\u0f40局", 2: "住\u200b建局", 3: "乡\x08镇局"}
    departments = [d | {"name": names.get(d["rank"], d["name"])} for d in ranking["departments"]]
    broken = ranking | {"departments": departments, "pairs": [], "groups": []}
    failures: list[Failure] = []
    made = {a.name: a.content for a in files_of(broken, failures=failures)}
    assert (len(made), failures) == (5, [])
    page = pypdfium2.PdfDocument(made["ranking.pdf"])[0].get_textpage().get_text_bounded()
    assert "〓" in page
    assert "U+0F40" in page
    with zipfile.ZipFile(io.BytesIO(made["bulletin.docx"])) as archive:
        words = archive.read("word/document.xml").decode()
    assert "住建局" in words
    assert "乡〓镇局" in words


def test_a_file_that_cannot_be_made_costs_no_other(
    ranking: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: Any, **_named: Any) -> bytes:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(opening_files, "ranking_workbook", broken)
    failures: list[Failure] = []
    names = [a.name for a in files_of(ranking, failures=failures)]
    assert names == ["ranking.png", "ranking.svg", "ranking.pdf", "bulletin.docx"]
    assert [f.name for f in failures] == ["ranking.xlsx"]
    assert "ZeroDivisionError" in failures[0].en
    assert "secret" not in failures[0].zh + failures[0].en


def test_the_same_round_gives_the_same_files(
    artifacts: dict[str, OpeningFile], ranking: dict[str, Any]
) -> None:
    again = files_of(ranking, issued_on=date(2027, 1, 5))
    same = {a.name for a in again if a.content == artifacts[a.name].content}
    assert same >= {"ranking.png", "ranking.svg", "ranking.pdf", "bulletin.docx"}
