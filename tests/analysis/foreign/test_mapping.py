"""A mapping that `--explain` wrote and a person edited: every slip is named with its field, and what fits is
applied."""

import copy
import json

import pytest
from shapes import FLAT, POINTS, WORDS, excel, text, wide

from analysis import InputError, Understood, read_ratings, understand_ratings
from analysis.foreign.hints import Hints
from analysis.foreign.mapping.changes import changes
from analysis.foreign.mapping.content import MOST_BYTES, mapping_from
from analysis.foreign.reading import read_any


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return text(tmp_path_factory.mktemp("mapping") / "r.csv", wide(WORDS.get, "不了解"))


@pytest.fixture(scope="module")
def written(path):
    return as_read(path)


def as_read(path, **hints):
    """Mapping of a file as JSON gives it back."""
    return json.loads(json.dumps(understand_ratings(path, **hints).to_json()))


def edited(written, change):
    content = copy.deepcopy(written)
    change(content)
    return content


def put(*places_and_value):
    *places, last, value = places_and_value

    def change(content):
        for place in places:
            content = content[place]
        content[last] = value

    return change


def drop(*places):
    def change(content):
        for place in places[:-1]:
            content = content[place]
        del content[places[-1]]

    return change


SLIPS = {
    "another field": (put("colums", []), "colums", "是不是 columns"),
    "a field gone": (drop("columns"), "columns", "少了这一项"),
    "a field of a column gone": (drop("columns", 1, "heading"), "columns[2, C].heading", "少了这一项"),
    "another field of a column": (put("columns", 1, "dept", "x"), "columns[2, C].dept", "department"),
    "points in words": (put("levels", 0, "points", "很多"), "levels[1, 非常满意].points", "应是一个数"),
    "points none": (put("levels", 0, "points", None), "levels[1, 非常满意].points", "应是一个数"),
    "points true": (put("levels", 0, "points", True), "levels[1, 非常满意].points", "应是一个数"),
    "points huge": (put("levels", 0, "points", 1e300), "levels[1, 非常满意].points", "不大于"),
    "points infinite": (put("levels", 0, "points", float("inf")), "levels[1, 非常满意].points", "不大于"),
    "points nan": (put("levels", 0, "points", float("nan")), "levels[1, 非常满意].points", "NaN"),
    "a list as text": (put("columns", "B,C"), "columns", "应是列表"),
    "an entry as text": (put("columns", 0, "B"), "columns[1]", "应是 { … }"),
    "letters as number": (put("columns", 0, "column", 2), "columns[1].column", "应是文字"),
    "letters wrong": (put("columns", 0, "column", "B1"), "columns[1, B1].column", "应是列的字母"),
    "a department as number": (put("columns", 0, "department", 7), "columns[1, B].department", "应是文字"),
    "a department blank": (put("columns", 0, "department", " "), "columns[1, B].department", "应是文字"),
    "no department": (put("columns", 0, "department", None), "columns[1, B].department", "没有写"),
    "a text without end": (put("columns", 0, "department", "局" * 2000), "columns[1, B].department", "最多"),
    "a role unknown": (put("keys", 0, "role", "评议人"), "keys[1, A].role", "rater"),
    "a role twice": (lambda c: c["keys"].append(dict(c["keys"][0], column="E")), "keys", "rater”写了 2 次"),
    "a column twice": (put("columns", 0, "column", "C"), "columns", "C”写了 2 次"),
    "a word twice": (put("levels", 0, "word", "满意"), "levels", "满意”写了 2 次"),
    "a word that is none too": (put("no_rating", 0, "word", "满意"), "levels", "满意”写了 2 次"),
    "rows in words": (put("headings", ["一"]), "headings[1]", "应是一个数"),
    "no headings": (put("headings", []), "headings", "至少"),
    "data above headings": (put("first", 1), "first", "之后"),
    "row nought": (put("first", 0), "first", "至少"),
    "a tool unknown": (put("tool", "excel"), "tool", "wjx"),
    "a direction unknown": (put("best", "高"), "best", "high, low"),
    "a reason unknown": (put("unused", [{"column": "F", "heading": "", "why": ""}]), "unused[1, F].why", ""),
    "no columns": (put("columns", []), "columns", "没有一列"),
    "another version": (put("version", 2), "version", "version: 1"),
    "version true": (put("version", True), "version", "version: 1"),
}  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS)
def test_every_slip_is_named_with_its_field(written, slip):
    change, field, mend = SLIPS[slip]
    with pytest.raises(InputError) as caught:
        Understood.from_json(edited(written, change))
    assert field in caught.value.zh
    assert field in caught.value.en
    assert mend in caught.value.zh
    assert "参数" not in caught.value.zh


@pytest.mark.parametrize("content", [None, [], "x", 1])
def test_what_is_no_mapping_is_refused(content):
    with pytest.raises(InputError, match="version: 1"):
        Understood.from_json(content)


FILES = {
    "not json": (b"\xef\xbb\xbf{\n 'a': 1}", "第 2 行第 2 个字"),
    "chinese quotes": ("{“version”: 1}".encode(), "中文的引号"),
    "a field twice": (b'{"version": 1, "tool": "plain", "tool": "wjx"}', "tool 在同一个 { } 里写了两次"),
    "nan": (b'{"version": 1, "levels": [{"points": NaN}]}', "NaN 不是数"),
    "a workbook": (b"PK\x03\x04\x00\x00", "不是 JSON"),
    "nested without end": (b"[" * 100_000, "不是 JSON"),
    "too large": (b" " * (MOST_BYTES + 1), "大于 4 MB"),
    "empty": (b"", "不是 JSON"),
}


@pytest.mark.parametrize("name", FILES)
def test_files_that_hold_no_mapping_are_refused_in_words(name):
    data, words = FILES[name]
    with pytest.raises(InputError) as caught:
        mapping_from(data, "m.json")
    assert words in caught.value.zh


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_editors_save_in_several_encodings(written, encoding):
    data = json.dumps(written, ensure_ascii=False).encode(encoding)
    assert mapping_from(data, "m.json") == Understood.from_json(written)


def test_edits_are_applied_and_said(path, written):
    content = copy.deepcopy(written)
    del content["columns"][3]
    content["columns"][0]["department"] = "政务局"
    content["levels"][0]["points"] = 95
    content["no_rating"].append({"word": content["levels"].pop()["word"], "count": 0})
    content["n_raters"] = 3
    after = Understood.from_json(content)
    kept = [
        {
            ("政务局" if d == "行政审批局" else d, i): v
            for (d, i), v in row.items()
            if d != "供电公司" and v > 1
        }
        for row in FLAT
    ]
    found = read_ratings(path, mapping=after)
    points = {**POINTS, 5: 95}
    assert sorted(found.score) == sorted(points[v] for row in kept for v in row.values())
    assert set(found.department_names) == {"政务局", "税务局", "公安局"}
    assert [zh for zh, _ in changes(Understood.from_json(written), after)] == [
        "不再用的列：E 供电公司。",
        "B 列的部门：行政审批局 → 政务局。",
        "“非常满意”：100 分 → 95 分。",
        "“非常不满意”：20 分 → 不算评分。",
        "只作说明的几项，改了不起作用：n_raters。",
    ]
    assert changes(after, after) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (put("columns", 0, "column", "Z"), "没有对应表里的 Z 列，最后一列是 E"),
        (put("columns", 0, "heading", "税务局"), "B 列的表头是“行政审批局”，对应表写的是“税务局”"),
        (drop("levels", 0), "对应表的 levels"),
        (put("sheets", ["一月"]), "没有工作表“一月”"),
    ],
)
def test_a_mapping_that_does_not_fit_the_file_is_refused(path, written, change, words):
    """A column that was put in since would move all departments by one."""
    with pytest.raises(InputError, match=words):
        read_ratings(path, mapping=Understood.from_json(edited(written, change)))


def test_two_columns_of_one_department_are_named(path, written):
    mapping = Understood.from_json(edited(written, put("columns", 0, "department", "税务局")))
    remarks = understand_ratings(path, mapping=mapping).remarks
    assert any("税务局" in remark.zh and "B、C" in remark.zh for remark in remarks)


def test_what_a_mapping_says_is_not_said_beside_it(path, written):
    mapping = Understood.from_json(written)
    for hints in (Hints(mapping=mapping, best="low"), Hints(mapping=mapping, levels={"满意": 1})):
        with pytest.raises(InputError, match="--map 已经说明怎样读"):
            read_any(path, hints)


def test_long_tables_have_mappings_that_count(tmp_path):
    rows = [["谁", "部门", "得分"]]
    rows += [[f"厂{n}", d, WORDS[v]] for n, row in enumerate(FLAT) for (d, _), v in row.items()]
    path = text(tmp_path / "l.csv", [*rows, ["厂x", "税务局", "不了解"]])
    content = as_read(path, columns={"rater": "谁"})
    assert [(v["word"], v["points"]) for v in content["levels"]] == [(WORDS[v], POINTS[v]) for v in WORDS]
    assert content["no_rating"] == [{"word": "不了解", "count": 1}]
    content["levels"][0]["points"] = 99
    found = read_ratings(path, mapping=Understood.from_json(content))
    assert sorted(found.score) == sorted({**POINTS, 5: 99}[v] for row in FLAT for v in row.values())
    numbers = [
        [*row[:2], POINTS[v]] for row, v in zip(rows[1:], (v for r in FLAT for v in r.values()), strict=True)
    ]
    path = text(tmp_path / "n.csv", [["评议人", "部门", "得分"], *numbers])
    low = Understood.from_json({**as_read(path), "best": "low"})
    assert sorted(read_ratings(path, mapping=low).score) == sorted(120 - row[2] for row in numbers)


def test_sheets_of_departments_are_mapped(tmp_path):
    sheets = {d: [["企业", "得分"], *([f"厂{n}", 60 + n] for n in range(9))] for d in ("税务局", "古城")}
    path = excel(tmp_path / "r.xlsx", sheets)
    read = understand_ratings(path, columns={"department": "工作表"})
    assert understand_ratings(path, mapping=Understood.from_json(read.to_json())) == read
