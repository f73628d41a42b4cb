"""Further tools and habits: files in their documented shapes give the invented review back, or a question."""

import json

import pytest
from shapes import DEPARTMENTS, FLAT, ITEMS, POINTS, REVIEW, SINGLE, WORDS, cells, excel, text, wide
from test_tools import ENGLISH, WJX, asked, per_rater, right

from analysis import InputError, read_ratings, understand_ratings

NAMES = dict(
    zip(DEPARTMENTS, ("Tax Office", "Police Department", "Water Company", "Fire Service"), strict=True)
)
ENGLISH_ITEMS = dict(zip(ITEMS, ("Attitude", "Speed", "Integrity"), strict=True))
MARKS = {v: v for v in WORDS}


def translated(rows):
    return [{(NAMES[d], ENGLISH_ITEMS.get(i, "")): v for (d, i), v in row.items()} for row in rows]


def table(before, heads, after, shown, rows=FLAT, own="x", empty=""):
    """Rows of a form: its own columns before and after, and a column a department (and item) between."""
    pairs = SINGLE if rows is FLAT else [(d, i) for d in DEPARTMENTS for i in ITEMS]
    body = [
        [
            *([n] + [own] * (len(before) - 1))[: len(before)],
            *cells(row, shown, empty, pairs),
            *[own] * len(after),
        ]
        for n, row in enumerate(rows, 1)
    ]
    return [[*before, *heads, *after], *body]


EN = [NAMES[d] for d in DEPARTMENTS]
CHINESE = {
    "问卷星 matrix slider": table(
        WJX,
        ["1、请打分（0-100）：—" + d if k == 0 else "1、" + d for k, d in enumerate(DEPARTMENTS)],
        ["总分"],
        POINTS.get,
        empty="(空)",
    ),
    "金数据": table(
        ["序号"],
        [f"请评价以下部门 - {d}" for d in DEPARTMENTS],
        ["提交人", "提交时间", "更新时间", "填写设备"],
        WORDS.get,
    ),
    "腾讯文档收集表": table(
        ["提交者（自动）", "提交时间（自动）"], [f"{d}（必填）" for d in DEPARTMENTS], [], WORDS.get
    ),
    "WPS表单": table(
        ["编号", "提交人", "提交时间"], [f"{k}.{d}" for k, d in enumerate(DEPARTMENTS, 1)], [], WORDS.get
    ),
    "钉钉": table(
        ["提交人", "提交人部门", "提交时间"], [f"对{d}是否满意" for d in DEPARTMENTS], [], WORDS.get
    ),
    "marks of a full mark": wide(lambda v: f"{v}/5"),
    "marks and words": wide(lambda v: f"{POINTS[v]}分/{WORDS[v]}"),
    "numbers before English words": wide(lambda v: f"{v} - {ENGLISH[v]}"),
}
CHINESE["腾讯文档收集表"] = [
    [f"用户{n}" if n else r[0], *r[1:]] for n, r in enumerate(CHINESE["腾讯文档收集表"])
]
STARS = {
    "麦客": table(
        ["编号", "提交时间", "IP地址"], [f"{d}评分" for d in DEPARTMENTS], ["备注"], lambda v: f"{v}星"
    ),
    "飞书多维表格": table(["提交人", "提交时间"], DEPARTMENTS, ["父记录"], str),
    "emoji": wide(lambda v: "⭐️" * v),
    "stars": wide(lambda v: "★" * v + "☆" * (5 - v)),
    "Google Forms linear": table(
        ["时间戳记"], [f"对{d}的满意度 (1 非常不满意 - 5 非常满意)" for d in DEPARTMENTS], [], str
    ),
}
WESTERN = {
    "Jotform": table(
        ["Submission Date"], [f"Please rate >> {n}" for n in EN], ["Submission ID"], ENGLISH.get
    ),
    "Zoho Survey": [
        ["Response ID", "Response Status", "IP Address", "Q1. Rate the departments", "", "", ""],
        ["", "", "", *EN],
        *table(["ID", "Status", "IP"], EN, [], ENGLISH.get, empty="-")[1:],
    ],
    "Formstack": table(
        ["Time", "Unique ID", "Browser"], [f"Rate ({n})" for n in EN], [], lambda v: f"{v} - {ENGLISH[v]}"
    ),
    "REDCap labels": table(["Record ID", "Survey Identifier"], EN, ["Complete?"], ENGLISH.get),
    "Alchemer": table(
        ["Response ID", "Time Started", "Status"], [f"{n}:Please rate" for n in EN], [], ENGLISH.get
    ),
    "SurveyMonkey expanded": [
        ["Respondent ID", "Collector ID", *(h for n in EN for h in (n, "", "", "", ""))],
        ["", "", *[*ENGLISH.values()] * 4],
        *(
            [
                f"1{n}",
                "7",
                *(ENGLISH[v] if row.get((d, "")) == v else "" for d in DEPARTMENTS for v in ENGLISH),
            ]
            for n, row in enumerate(FLAT)
        ),
    ],
}


@pytest.mark.parametrize("name", CHINESE)
def test_chinese_forms_and_marks_as_written(tmp_path, name):
    assert per_rater(read_ratings(text(tmp_path / "r.csv", CHINESE[name]))) == right(FLAT)


@pytest.mark.parametrize("name", STARS)
def test_marks_from_one_to_five(tmp_path, name):
    assert per_rater(read_ratings(text(tmp_path / "r.csv", STARS[name]))) == right(FLAT, MARKS)


@pytest.mark.parametrize("name", WESTERN)
def test_western_tools(tmp_path, name):
    assert per_rater(read_ratings(text(tmp_path / "r.csv", WESTERN[name]))) == right(translated(FLAT))


def test_typeform_and_redcap_by_number(tmp_path):
    typeform = table(
        ["#"], [f"How satisfied are you with {n}?" for n in EN], ["Start Date (UTC)", "Network ID"], str
    )
    assert per_rater(read_ratings(text(tmp_path / "t.csv", typeform))) == right(translated(FLAT), MARKS)
    heads = [f"rate_{n.lower().replace(' ', '_')}" for n in EN]
    raw = table(["record_id"], heads, ["review_complete"], str, own=2)
    read = understand_ratings(text(tmp_path / "r.csv", raw))
    assert read.rated == tuple(head.removeprefix("rate_") for head in heads)


@pytest.mark.parametrize("shape", ["{d} >> {i}", "{d}-{i}", "{d} [{i}]"])
def test_items_of_jotform_and_odk(tmp_path, shape):
    heads = [shape.format(d=NAMES[d], i=ENGLISH_ITEMS[i]) for d in DEPARTMENTS for i in ITEMS]
    after = ["KEY", "SubmitterID", "AttachmentsPresent", "FormVersion"]
    rows = table(["SubmissionDate", "meta-instanceID"], heads, after, str, REVIEW, own="uuid:1")
    assert per_rater(read_ratings(text(tmp_path / "r.csv", rows))) == right(translated(REVIEW), MARKS)


def test_feishu_survey_of_two_rows_of_headings(tmp_path):
    own = ["序号", "答题开始时间", "答题结束时间", "答题时长"]
    rows = [[*own, "1. 请对以下部门评分", "", "", ""], ["", "", "", "", *DEPARTMENTS]]
    rows += [[n, "a", "b", "30s", *cells(row, WORDS.get, pairs=SINGLE)] for n, row in enumerate(FLAT, 1)]
    path = excel(tmp_path / "r.xlsx", {"Sheet1": rows}, [(0, 4, 0, 7, rows[0][4])])
    assert per_rater(read_ratings(path)) == right(FLAT)


def test_a_form_a_department_names_it_in_a_column(tmp_path):
    """As a collection form of 腾讯文档 that is filled in once for each department."""
    rows = [
        ["提交者（自动）", "提交时间（自动）", "您本次要评价的部门（必填）", *(f"{i}（必填）" for i in ITEMS)]
    ]
    for n, row in enumerate(REVIEW):
        rated = [d for d in DEPARTMENTS if any((d, i) in row for i in ITEMS)]
        rows += [
            [f"用户{n}", "2026/3/5", d, *cells(row, WORDS.get, pairs=[(d, i) for i in ITEMS])] for d in rated
        ]
    assert per_rater(read_ratings(text(tmp_path / "r.csv", rows))) == right(REVIEW)
    head = [["提交时间", "评议人", "评议部门", "评价等次"]]
    long = [[2026, f"厂{n}", d, WORDS[v]] for n, row in enumerate(FLAT) for (d, _), v in row.items()]
    read = understand_ratings(text(tmp_path / "l.csv", head + long))
    assert (read.rated, read.n_ratings) == (DEPARTMENTS, len(long))


def test_departments_in_a_column_of_another_name_are_no_reason_to_rank_something_else(tmp_path):
    rows = [["企业", "属性", "值"]]
    rows += [[f"厂{n}", d, POINTS[v]] for n, row in enumerate(FLAT) for (d, _), v in row.items()]
    with pytest.raises(InputError, match="“属性”列里像是部门"):
        read_ratings(text(tmp_path / "r.csv", rows))


def test_a_scale_that_says_its_ends_without_signs_is_asked(tmp_path):
    rows = [["时间戳记", *(f"您对{d}的总体满意度 (1 非常满意 - 5 非常不满意)" for d in DEPARTMENTS)]]
    rows += [["2026/3/5", *cells(row, str, pairs=SINGLE)] for row in FLAT]
    asked(text(tmp_path / "r.csv", rows), "1 非常满意", "--best")


def test_items_about_time_stay(tmp_path):
    rows = [
        ["企业", "部门", "服务态度", "办理时间"],
        *([f"厂{n}", d, 80, 60] for n in range(6) for d in DEPARTMENTS),
    ]
    assert understand_ratings(text(tmp_path / "r.csv", rows)).rated_items == ("服务态度", "办理时间")


def test_ranks_letters_faces_and_other_files_are_asked_or_refused(tmp_path):
    for name, shown in (("letters", lambda v: "ABCDE"[5 - v]), ("faces", lambda v: "😡🙁😐🙂😀"[v - 1])):
        with pytest.raises(InputError, match="--levels"):
            read_ratings(text(tmp_path / f"{name}.csv", wide(shown)))
    heads = [("1、请排序：—" if k == 0 else "1、") + d for k, d in enumerate(DEPARTMENTS)]
    rows = [[*WJX, *heads], *([n, *"abcde", *(1 + (k + n) % 4 for k in range(4))] for n in range(1, 15))]
    asked(text(tmp_path / "s.csv", rows), "--best")
    (tmp_path / "o.json").write_text(json.dumps({"value": [{"__id": "1", "rate": {"a": 1}}]}))
    with pytest.raises(InputError, match="JSON"):
        read_ratings(tmp_path / "o.json")
    (tmp_path / "d.dta").write_bytes(b"<stata_dta><header><release>118")
    with pytest.raises(InputError, match="Stata"):
        read_ratings(tmp_path / "d.dta")


def test_ticks_under_options_of_each_department_are_refused(tmp_path):
    heads = [f"{d}-{word}" for d in DEPARTMENTS for word in WORDS.values()]
    rows = [["企业", *heads]]
    for n, row in enumerate(FLAT):
        rows.append([f"厂{n}", *(int(row.get((d, "")) == v) for d in DEPARTMENTS for v in WORDS)])
    with pytest.raises(InputError, match="格里打勾"):
        read_ratings(text(tmp_path / "r.csv", rows))
