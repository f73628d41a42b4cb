"""The invented review in the shape of each tool, by its documented headings: the same ratings come back."""

from collections import Counter

import pyreadstat
import pytest
from shapes import DEPARTMENTS, FLAT, ITEMS, PAIRS, POINTS, REVIEW, WORDS, cells, excel, text

from analysis import read_ratings, understand_ratings
from analysis.foreign.hints import Ambiguous

ENGLISH = {
    5: "Very satisfied",
    4: "Satisfied",
    3: "Neutral",
    2: "Dissatisfied",
    1: "Very dissatisfied",
}


def per_rater(ratings):
    """Ratings as a set of (department, item, score) a rater, in any order of raters."""
    found = {}
    for at in range(ratings.n_ratings):
        item = "" if ratings.item is None else ratings.item_names[ratings.item[at]]
        name = ratings.department_names[ratings.department[at]]
        found.setdefault(ratings.rater[at], set()).add((name, item, round(float(ratings.score[at]), 6)))
    return Counter(map(frozenset, found.values()))


def right(rows, points=POINTS):
    return Counter(frozenset((d, i, round(float(points[v]), 6)) for (d, i), v in row.items()) for row in rows)


def check(path, told, rows=REVIEW, points=POINTS, **hints):
    assert understand_ratings(path, **hints).tool == told
    assert per_rater(read_ratings(path, **hints)) == right(rows, points)


def asked(path, *words, **hints):
    with pytest.raises(Ambiguous) as caught:
        read_ratings(path, **hints)
    assert len(caught.value.readings) == 2
    for word in words:
        assert word in caught.value.zh
    return caught.value


WJX = ["序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP"]


def wjx_rows(headings, shown, empty, extra=()):
    rows = [[*WJX, *(h for h, _ in extra), *headings, "总分"]]
    for n, row in enumerate(REVIEW, 1):
        own = [n, "2026/3/5 10:12:00", "95秒", "微信", "N/A", "10.0.0.1(测试)", *(v for _, v in extra)]
        rows.append([*own, *cells(row, shown, empty), sum(row.values())])
    return rows


def wjx_headings():
    return [
        f"{n}、请您评价{d}：—{i}" if i == ITEMS[0] else f"{n}、{i}"
        for n, d in enumerate(DEPARTMENTS, 3)
        for i in ITEMS
    ]


def test_wjx_by_text_with_other_questions(tmp_path):
    extra = [("1、您的企业规模是？", "小型"), ("2、您经营几年了？", "3年以上┋10年")]
    path = excel(tmp_path / "r.xlsx", {"Sheet1": wjx_rows(wjx_headings(), WORDS.get, "(跳过)", extra)})
    check(path, "wjx")
    unused = {part.heading: part.why for part in understand_ratings(path).unused}
    assert unused["1、您的企业规模是？"] == "text"
    assert unused["总分"] == "own"


def test_wjx_by_number_is_asked_for_its_direction(tmp_path):
    first_is_best = {v: 6 - v for v in WORDS}
    path = excel(tmp_path / "r.xlsx", {"Sheet1": wjx_rows(wjx_headings(), first_is_best.get, -3)})
    asked(path, "--best", "第 1 个选项")
    check(path, "wjx", points={v: v for v in WORDS}, best="low")
    check(path, "wjx", points=first_is_best, best="high")
    levels = {str(6 - v): points for v, points in POINTS.items()}
    check(path, "wjx", levels=levels, best="high")


def test_wjx_early_headings_by_number(tmp_path):
    headings = [f"第{n}题({d})" for n in (1, 2, 3) for d in DEPARTMENTS]
    pairs = [(d, i) for i in ITEMS for d in DEPARTMENTS]
    rows = [[*WJX, *headings]]
    rows += [[n, "", "", "", "", "", *cells(row, POINTS.get, -2, pairs)] for n, row in enumerate(REVIEW, 1)]
    path = excel(tmp_path / "r.xlsx", {"Sheet1": rows})
    named = dict(zip(ITEMS, ("第1题", "第2题", "第3题"), strict=True))
    check(path, "wjx", [{(d, named[i]): v for (d, i), v in row.items()} for row in REVIEW])


TENCENT = ["编号", "开始答题时间", "结束答题时间", "答题时长", "地理位置国家和地区", "自定义字段"]


@pytest.mark.parametrize(("encoding", "separator"), [("utf-8-sig", ":"), ("gbk", "_"), ("utf-16", "：")])
def test_tencent(tmp_path, encoding, separator):
    headings = [f"{n}.请评价{d}{separator}{i}" for n, d in enumerate(DEPARTMENTS, 1) for i in ITEMS]
    rows = [[*TENCENT, *headings, "5.您的建议", ""]]
    for n, row in enumerate(REVIEW, 1):
        own = [n, "2026-03-05 10:00:00", "2026-03-05 10:01:00", 60, "中国", ""]
        rows.append([*own, *cells(row, WORDS.get), f"建议{n}", ""])
    check(text(tmp_path / "r.csv", rows, encoding), "tencent")


def test_wenjuan_readable(tmp_path):
    headings = [f"请评价{d}的工作_{i}" for d in DEPARTMENTS for i in ITEMS]
    rows = [["序号", "开始时间", "结束时间", "答题时长", *headings]]
    rows += [[n, "10:00", "10:02", "2分", *cells(row, WORDS.get)] for n, row in enumerate(REVIEW, 1)]
    check(text(tmp_path / "All_Data_Readable.csv", rows, "gbk"), "wenjuan")


def test_wenjuan_original_takes_its_words_from_code_csv(tmp_path):
    headings = [f"Q{n}_R{k}" for n in range(1, 5) for k in range(1, 4)]
    rows = [["seq", "start", "finish", *headings]]
    rows += [[n, "10:00", "10:02", *cells(row, lambda v: 6 - v)] for n, row in enumerate(REVIEW, 1)]
    path = text(tmp_path / "All_Data_Original.csv", rows, "gbk")
    asked(path, "Q1", "R1")
    code = []
    for n, name in enumerate(DEPARTMENTS, 1):
        code.append([f"Q{n}", f"请评价{name}", "矩阵单选题"])
        code += [["", 6 - v, word] for v, word in WORDS.items()]
    text(tmp_path / "code.csv", code, "gbk")
    kept = dict(zip(ITEMS, ("R1", "R2", "R3"), strict=True))
    check(path, "wenjuan", [{(d, kept[i]): v for (d, i), v in row.items()} for row in REVIEW])


LIME = ["id", "submitdate", "lastpage", "startlanguage", "seed"]


def lime(tmp_path, own, headings, shown, delimiter=","):
    rows = [[*own, *headings, "interviewtime"]]
    for n, row in enumerate(REVIEW, 1):
        rows.append([n, "2026-03-05 10:00:00", 3, "zh-Hans", 77123 + n, *cells(row, shown), 61.5])
    return text(tmp_path / "results-survey1.csv", rows, delimiter=delimiter)


def codes():
    return [f"Q{n}[SQ00{k}]" for n in range(1, 5) for k in range(1, 4)]


def test_limesurvey_by_code_needs_names_and_a_direction(tmp_path):
    path = lime(tmp_path, LIME, codes(), lambda v: f"A{6 - v}")
    asked(path, "Q1", "SQ001", "--departments")
    names = {f"Q{n}": name for n, name in enumerate(DEPARTMENTS, 1)}
    asked(path, "A1", "--best", departments=names)
    kept = dict(zip(ITEMS, ("SQ001", "SQ002", "SQ003"), strict=True))
    rows = [{(d, kept[i]): v for (d, i), v in row.items()} for row in REVIEW]
    check(path, "limesurvey", rows, departments=names, best="low")
    turned = {v: 100 - POINTS[v] + 20 for v in POINTS}
    check(path, "limesurvey", rows, turned, departments=names, best="high")


def test_limesurvey_by_code_with_full_answers(tmp_path):
    path = lime(tmp_path, LIME, codes(), WORDS.get, ";")
    names = {f"Q{n}": name for n, name in enumerate(DEPARTMENTS, 1)}
    kept = dict(zip(ITEMS, ("SQ001", "SQ002", "SQ003"), strict=True))
    rows = [{(d, kept[i]): v for (d, i), v in row.items()} for row in REVIEW]
    check(path, "limesurvey", rows, departments=names)


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_limesurvey_by_text(tmp_path, delimiter):
    own = ["Response ID", "Date submitted", "Last page", "Start language", "Seed"]
    headings = [f"请评价{d} [{i}]" for d, i in PAIRS]
    check(lime(tmp_path, own, headings, WORDS.get, delimiter), "limesurvey")


def test_limesurvey_by_code_and_text(tmp_path):
    headings = [f"{code}. 请评价{d} [{i}]" for code, (d, i) in zip(codes(), PAIRS, strict=True)]
    check(lime(tmp_path, LIME, headings, WORDS.get), "limesurvey")


QUALTRICS = ["StartDate", "EndDate", "Status", "Progress", "Finished", "ResponseId", "DistributionChannel"]


def qualtrics(tmp_path, shown, status=lambda n: "IP Address"):
    names = [f"Q{n}_{k}" for n in range(1, 5) for k in range(1, 4)]
    rows = [[*QUALTRICS, *names]]
    rows.append([*QUALTRICS, *(f"How would you rate <b>{d}</b>? - {i}" for d, i in PAIRS)])
    rows.append([f'{{"ImportId":"{name}"}}' for name in (*QUALTRICS, *names)])
    for n, row in enumerate(REVIEW, 1):
        own = ["2026-03-05", "2026-03-05", status(n), 100, "True", f"R_{n:05}", "anonymous"]
        rows.append([*own, *cells(row, shown)])
    return text(tmp_path / "q.csv", rows)


def test_qualtrics_by_text(tmp_path):
    check(qualtrics(tmp_path, ENGLISH.get), "qualtrics")


def test_qualtrics_by_number_is_asked(tmp_path):
    path = qualtrics(tmp_path, str)
    asked(path, "--best high")
    check(path, "qualtrics", points={v: v for v in WORDS}, best="high")


def test_qualtrics_previews_are_left_out(tmp_path):
    path = qualtrics(tmp_path, ENGLISH.get, lambda n: "Survey Preview" if n == 3 else "IP Address")
    check(path, "qualtrics", REVIEW[:2] + REVIEW[3:])
    assert ("preview", (6,)) in [(left.why, left.rows) for left in understand_ratings(path).left_out]


def test_google_forms_of_a_chinese_account(tmp_path):
    rows = [["时间戳记", *(f"{d} [{i}]" for d, i in PAIRS), "意见"]]
    rows += [["2026/3/5 10:00", *cells(row, WORDS.get), "无"] for row in REVIEW]
    check(excel(tmp_path / "r.xlsx", {"表单回复 1": rows}), "google")


def test_microsoft_forms(tmp_path):
    rows = [["ID", "Start time", "Completion time", "Email", "Name", *(f"{d}.{i}" for d, i in PAIRS)]]
    for n, row in enumerate(REVIEW, 1):
        rows.append([n, "3/5/26 10:00:00", "3/5/26 10:01:00", "anonymous", "", *cells(row, WORDS.get)])
    check(excel(tmp_path / "r.xlsx", {"Sheet1": rows}), "microsoft")


KOBO = ["_id", "_uuid", "_submission_time", "_validation_status", "_submitted_by", "__version__", "_index"]


@pytest.mark.parametrize("words", [WORDS, {k: word.lower().replace(" ", "_") for k, word in ENGLISH.items()}])
def test_kobo_with_groups(tmp_path, words):
    rows = [["start", "end", *(f"评议/{d}/{i}" for d, i in PAIRS), *KOBO]]
    for n, row in enumerate(REVIEW, 1):
        own = [90000 + n, f"uuid{n}", "2026-03-05T10:00:00", "", "", "v1", n]
        rows.append(["2026-03-05T10:00", "2026-03-05T10:02", *cells(row, words.get), *own])
    check(text(tmp_path / "r.csv", rows, delimiter=";"), "kobo")


def test_surveymonkey_with_two_rows_of_headings(tmp_path):
    own = ["Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address"]
    first = [f"How satisfied are you with {d}?" if i == ITEMS[0] else "" for d, i in PAIRS]
    rows = [
        [*own, *first, "Anything else?"],
        ["", "", "", "", "", *(i for _, i in PAIRS), "Open-Ended Response"],
    ]
    for n, row in enumerate(REVIEW, 1):
        when = "03/05/2026 10:00"
        rows.append([11800 + n, 401, when, when, "10.0.0.1", *cells(row, ENGLISH.get), "no"])
    check(text(tmp_path / "r.csv", rows), "surveymonkey")


def sav(path, labels, value_labels, shown=float):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"id": range(1, len(REVIEW) + 1)})
    for at, pair in enumerate(PAIRS):
        frame[f"V{at + 1}"] = [shown(row[pair]) if pair in row else None for row in REVIEW]
    named = ["编号", *labels] if labels else None
    values = {f"V{at + 1}": value_labels for at in range(len(PAIRS))} if value_labels else None
    pyreadstat.write_sav(frame, str(path), column_labels=named, variable_value_labels=values)
    return path


def test_spss_with_labels(tmp_path):
    check(sav(tmp_path / "r.sav", [f"{d}：{i}" for d, i in PAIRS], WORDS), "spss")


def test_spss_of_wjx_numbers_without_value_labels(tmp_path):
    path = sav(tmp_path / "r.sav", wjx_headings(), None, lambda v: float(POINTS[v]))
    check(path, "spss")


def test_a_file_of_two_tools_is_asked(tmp_path):
    own = ["编号", "开始答题时间", "_id", "_uuid"]
    rows = [[*own, *(f"{d}-{i}" for d, i in PAIRS)]]
    rows += [[n, "10:00", n, f"u{n}", *cells(row, WORDS.get)] for n, row in enumerate(REVIEW, 1)]
    path = text(tmp_path / "r.csv", rows)
    asked(path, "--as tencent", "--as kobo")
    check(path, "tencent", tool="tencent")


def test_departments_as_single_questions(tmp_path):
    rows = [["Timestamp", *(f"您对{d}的工作是否满意？" for d in DEPARTMENTS)]]
    rows += [["10:00", *cells(row, WORDS.get, pairs=[(d, "") for d in DEPARTMENTS])] for row in FLAT]
    check(text(tmp_path / "r.csv", rows), "google", FLAT)


def test_matrix_with_departments_as_parts(tmp_path):
    pairs = [(d, i) for i in ITEMS for d in DEPARTMENTS]
    rows = [["Timestamp", *(f"各部门的{i}怎么样 [{d}]" for d, i in pairs)]]
    rows += [["10:00", *cells(row, WORDS.get, pairs=pairs)] for row in REVIEW]
    check(text(tmp_path / "r.csv", rows), "google")


STEM = "请对下列部门的服务作出评价"
ONE_NUMBER = {
    **{
        f"around{a}{z}": lambda d, first, a=a, z=z: f"2、{STEM}{a}{d}{z}"
        for a, z in ("（）", "()", "【】", "[]", ("-", ""), ("_", ""), ("－", ""), ("—", ""), ("：", ""))
    },
    **{
        f"first{a}{z}": lambda d, first, a=a, z=z: f"2、{STEM}{a}{d}{z}" if first else f"2、{d}"
        for a, z in ("（）", "()", "【】", "[]", ("-", ""), ("_", ""), ("：", ""))
    },
    "stem, then brackets": lambda d, first: f"2、{STEM if first else ''}({d})",
    "dot": lambda d, first: f"2.{STEM}({d})",
    "number on the first only": lambda d, first: f"2、{STEM}—{d}" if first else d,
    "bare": lambda d, first: f"2、{d}",
    "brackets in the stem": lambda d, first: f"2、请评价（区级）部门（{d}）",
    "brackets in the name": lambda d, first: f"2、{STEM}（{d}{'（本级）' * first}）",
}


def one_number(path, heading, first="1、您的企业规模"):
    heads = [heading(d, d == DEPARTMENTS[0]) for d in DEPARTMENTS]
    rows = [[*WJX, first, *heads]]
    pairs = [(d, "") for d in DEPARTMENTS]
    own = ["2026/3/5 10:12:00", "95秒", "微信", "N/A", "10.0.0.1(测试)", "大型"]
    rows += [[n, *own, *cells(row, WORDS.get, "(跳过)", pairs)] for n, row in enumerate(FLAT, 1)]
    return excel(path, {"Sheet1": rows})


@pytest.mark.parametrize("heading", ONE_NUMBER)
def test_wjx_headings_of_one_number_are_all_departments(tmp_path, heading):
    path = one_number(tmp_path / "r.xlsx", ONE_NUMBER[heading])
    read = read_ratings(path)
    own = {d: f"{d}（本级）" if "name" in heading and d == DEPARTMENTS[0] else d for d in DEPARTMENTS}
    named = [{(own[d], i): v for (d, i), v in row.items()} for row in FLAT]
    assert per_rater(read) == right(named)


def test_wjx_a_column_of_the_number_that_cannot_be_placed_is_asked(tmp_path):
    names = dict(zip(DEPARTMENTS, "甲乙丙丁", strict=True))
    path = one_number(tmp_path / "r.xlsx", lambda d, first: f"2、{STEM}（甲）" if first else f"2、{names[d]}")
    error = asked(path, "甲", "乙", "--departments")
    assert [name for name, _ in error.choices] == ["departments", "departments"]
    named = [{(names[d], i): v for (d, i), v in row.items()} for row in FLAT]
    assert per_rater(read_ratings(path, departments=list("甲乙丙丁"))) == right(named)
