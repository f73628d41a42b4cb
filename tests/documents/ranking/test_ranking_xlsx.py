import io
import json
import math
from dataclasses import replace

import openpyxl
import pytest
from msgspec import convert

from analysis.answers.ratings import Ratings
from analysis.meeting.summary import for_meeting
from analysis.ranking.rank import rank, rank_estimates
from analysis.ranking.results import Note
from survey.documents.ranking import workbook
from survey.documents.ranking.files import GroupRanking, ranking_json, write_files
from survey.documents.ranking.meeting_xlsx import write_meeting
from survey.documents.ranking.workbook import ranking_workbook
from survey.facts.meeting import MeetingFacts

NAMES = ["=1+1", "税务局", "+SUM(A1)", "@公安局", "https://example.org", "-2"]


@pytest.fixture(scope="module")
def ranking():
    """Six departments, 24 raters; 24 - 3 d points apart, and one that only four raters dealt with."""
    rows = [
        (rater, name, 90 - 6 * d + (rater * 7 + d * 3) % 5)
        for rater in range(24)
        for d, name in enumerate(NAMES)
    ]
    rows += [(rater, "供水公司", 60) for rater in range(4)]
    raters, departments, scores = zip(*rows, strict=True)
    return rank(Ratings.from_columns(list(raters), list(departments), list(scores)), draws=2_000)


def opened(data):
    return openpyxl.load_workbook(io.BytesIO(data))


def table(sheet):
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_the_sheet_holds_the_rankings_numbers_unrounded(ranking):
    rows = table(opened(ranking_workbook(ranking))["排名"])
    assert [row["部门"] for row in rows] == [d.name for d in ranking.departments]
    for row, d in zip(rows, ranking.departments, strict=True):
        # Excel files carry 16 or 17 significant digits.
        assert row["校正得分"] == pytest.approx(d.adjusted, rel=1e-14)
        assert (row["区间下限"], row["区间上限"]) == pytest.approx(d.ci, rel=1e-14)
        assert row["标准误"] == pytest.approx(d.se, rel=1e-14)
        assert row["未校正平均分"] == pytest.approx(d.mean, rel=1e-14)
        assert (row["名次"], row["评议数"]) == (d.rank, d.n)
        assert (row["名次范围·高"], row["名次范围·低"]) == d.rank_set
        assert row["档次"] == d.tier
        assert row["与平均相比"] in {"高于平均", "低于平均", "不能区分"}


def test_pairs_and_verdicts(ranking):
    rows = table(opened(ranking_workbook(ranking))["两两比较"])
    assert len(rows) == 15
    for row, pair in zip(rows, ranking.pairs, strict=True):
        assert (row["部门甲"], row["部门乙"]) == (pair.a, pair.b)
        assert row["校正 p 值"] == pytest.approx(pair.p_adjusted, rel=1e-14)
        assert (row["结论"] == "不能区分") == (not pair.significant)


def test_nothing_becomes_a_formula_or_a_link(ranking):
    book = opened(ranking_workbook(ranking, title="=cmd|'/c calc'!A1"))
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert cell.hyperlink is None
    names = {cell.value for cell in book["排名"]["B"]}
    assert set(NAMES) <= names


def test_too_small_samples_are_listed_apart_with_the_notes(ranking):
    noted = replace(ranking, notes=(Note("x", "请慎读。", "Take care."),))
    book = opened(ranking_workbook(noted))
    assert "供水公司" not in {cell.value for cell in book["排名"]["B"]}
    rows = list(book["样本不足与说明"].iter_rows(min_row=2, values_only=True))
    assert any(subject == "供水公司" and text.startswith("没有参加排名") for subject, text in rows)
    assert ("说明", "请慎读。") in rows


def test_heads_are_frozen_and_repeat_in_print(ranking):
    for sheet in opened(ranking_workbook(ranking)):
        assert sheet.freeze_panes == "A2"
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.page_setup.paperSize == 9
        assert sheet.page_setup.fitToHeight == 0


def test_the_method_sheet_says_how_to_repeat_it(ranking):
    rows = dict(opened(ranking_workbook(ranking))["方法"].iter_rows(min_row=2, values_only=True))
    assert rows["随机种子"] == ranking.seed
    assert rows["模拟次数"] == 2_000
    assert rows["联合置信水平"] == "95%"


def test_english(ranking):
    book = opened(ranking_workbook(ranking, language="en"))
    assert book.sheetnames == ["Ranking", "Pairs", "Too few ratings, notes", "Method"]
    assert table(book["Ranking"])[0]["Department"] == ranking.departments[0].name


def test_groups_stand_before_the_whole(ranking):
    rows = table(opened(ranking_workbook(ranking, groups=[("执法", ranking)]))["排名"])
    assert [row["类别"] for row in rows] == ["执法"] * 6 + ["全部"] * 6


def test_too_many_pairs_are_cut_and_the_cut_is_told(ranking, monkeypatch):
    monkeypatch.setattr(workbook, "MAX_PAIRS", 4)
    book = opened(ranking_workbook(ranking))
    assert book["两两比较"].max_row == 5
    assert any("前 4 对" in str(text) for _, text in book["样本不足与说明"].iter_rows(values_only=True))


def test_a_number_that_does_not_exist_is_an_empty_cell(ranking):
    first = replace(ranking.departments[0], ci=(-math.inf, math.inf), mean=math.nan, n=None)
    book = opened(ranking_workbook(replace(ranking, departments=(first, *ranking.departments[1:]))))
    row = table(book["排名"])[0]
    assert row["区间下限"] is None
    assert row["未校正平均分"] is None
    assert row["评议数"] is None


def test_the_json_is_version_1_and_strict(ranking):
    def no_constant(name):
        raise AssertionError(name)

    first = replace(ranking.departments[0], ci=(-math.inf, math.inf))
    odd = replace(ranking, departments=(first, *ranking.departments[1:]))
    refused = GroupRanking("服务", None, (Note("group_not_ranked", "只有一个部门。", "One department."),))
    text = ranking_json(odd, groups=[GroupRanking("执法", ranking), refused])
    document = json.loads(text, parse_constant=no_constant)
    assert document["version"] == 1
    assert list(document)[:8] == [
        "version", "n_raters", "n_ratings", "level", "global_test", "departments", "pairs", "notes",
    ]  # fmt: skip
    assert document["departments"][0]["ci"] == [None, None]
    assert document["departments"][1]["adjusted"] == ranking.departments[1].adjusted
    assert [group["name"] for group in document["groups"]] == ["执法", "服务"]
    assert len(document["groups"][0]["departments"]) == 6
    assert document["groups"][1] == {"name": "服务", "departments": [], "notes": ["只有一个部门。"]}


def test_an_interrupted_run_leaves_the_old_files_whole(tmp_path):
    write_files(tmp_path, {"a": b"old", "b": b"old"})

    class Interrupted(dict):
        def items(self):
            yield "a", b"new"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_files(tmp_path, Interrupted(a=b"new", b=b"new"))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"old", "b": b"old"}


def test_a_corrected_score_that_is_a_bound_keeps_its_sign() -> None:
    """A bare 96.0 would be taken for the score where only "not below 96.0" may be published."""
    ranking = rank_estimates(["A", "B", "C"], [96, 80, 70], [1, 1, 1])
    meeting = for_meeting(ranking, first=1, last=1)
    bounded = replace(meeting.corrected, bounds=("at_least", "", "at_most"))
    value = convert(replace(meeting, corrected=bounded).to_dict(), MeetingFacts)
    content = ranking_workbook(ranking, more=lambda writer: write_meeting(writer, value))
    sheet = openpyxl.load_workbook(io.BytesIO(content))["结论的稳固程度"]
    rows = list(sheet.iter_rows(values_only=True))
    column = next(row for row in rows if "修正运气后的得分" in row).index("修正运气后的得分")
    found = {row[0]: row[column] for row in rows if row[0] in ("A", "B", "C")}
    assert str(found["A"]).startswith("≥")
    assert isinstance(found["B"], int | float)
    assert str(found["C"]).startswith("≤")


@pytest.mark.parametrize(
    ("style", "value", "shown_as"),
    [
        ("score", 79.996, "precise"),
        ("score", -0.004, "precise"),
        ("score", 80.0, "score"),
        ("score", 79.99, "score"),
        ("probability", 0.05004, "exact"),
        ("probability", 0.05, "probability"),
        ("probability", 0.2, "probability"),
        ("precise", 79.996, "precise"),
    ],
)
def test_no_cell_shows_a_line_that_its_number_does_not_reach(style: str, value: float, shown_as: str) -> None:
    column = workbook.WorkbookColumn("", 10, style)
    assert workbook._style(column, value) == shown_as
