import csv
import gzip
import io
import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
from click.testing import CliRunner
from PIL import Image

from survey.cli import main

DATA = Path(__file__).parents[2] / "data"
FILES = {"ranking.json", "ranking.xlsx", "ranking.png", "ranking.svg", "ranking.pdf", "report.html"}
DEPARTMENTS = ("税务局", "公安局", "供电公司", "消防救援大队")


def rows(raters=20, departments=DEPARTMENTS):
    return [
        {"rater": f"企业{r}", "department": name, "score": 90 - 8 * d + (r * 7 + d * 3) % 5}
        for r in range(raters)
        for d, name in enumerate(departments)
    ]


def as_csv(records):
    text = io.StringIO()
    writer = csv.DictWriter(text, records[0])
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


@pytest.fixture
def pingyi(tmp_path):
    def run(*args, ratings=None, out=tmp_path / "out"):
        if ratings is not None:
            path = tmp_path / "ratings.csv"
            path.write_text(ratings if isinstance(ratings, str) else as_csv(ratings), encoding="utf-8")
            args = (path, *args)
        return CliRunner().invoke(main, ["rank", *map(str, args), "--out", str(out)])

    return run


def document(tmp_path):
    return json.loads((tmp_path / "out" / "ranking.json").read_text(encoding="utf-8"))


def refused(result, *words):
    assert result.exit_code == 2, result.output
    assert not result.stdout
    assert "Traceback" not in result.stderr
    for word in words:
        assert word in result.stderr


@pytest.fixture(scope="module")
def insteval(tmp_path_factory):
    """Folder of the ranking of 73 421 ratings, and what was said; its charts are drawn."""
    folder = tmp_path_factory.mktemp("insteval")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LANG", "C.UTF-8")
        done = CliRunner().invoke(main, ["rank", str(DATA / "insteval.csv.gz"), "--out", str(folder / "out")])
    assert done.exit_code == 0, done.output
    return folder, done.stdout


@pytest.mark.drawn
def test_insteval_is_written_in_five_formats_that_agree(insteval):
    folder, said = insteval
    out = folder / "out"
    assert "14 个部门参加排名" in said
    assert {path.name for path in out.iterdir()} == FILES
    result = document(folder)
    assert (result["n_raters"], result["n_ratings"], result["level"]) == (2972, 73421, 0.95)
    assert {d["name"] for d in result["departments"]} == {str(i) for i in range(1, 16)} - {"13"}
    words = pdf_words(out / "ranking.pdf")
    sheet = openpyxl.load_workbook(out / "ranking.xlsx")["排名"]
    for row, d in zip(sheet.iter_rows(min_row=2, values_only=True), result["departments"], strict=True):
        assert row[1] == d["name"]
        assert row[5] == pytest.approx(d["adjusted"], rel=1e-14)
        assert f"{d['adjusted']:.2f}" in words
    with Image.open(out / "ranking.png") as image:
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)


def pdf_words(path):
    with pypdfium2.PdfDocument(path) as pdf:
        page = pdf[0]
        text = page.get_textpage()
        words = text.get_text_range()
        text.close()
        page.close()
    return words


@pytest.mark.drawn
def test_contrasts_and_standard_errors_of_insteval_are_those_of_the_reference(insteval):
    """estimatr::lm_robust(y ~ dept, fixed_effects = ~s, clusters = s, se_type = "CR0")."""
    file = DATA / "reference" / "insteval_fe_cluster.json"
    expected = json.loads(file.read_text(encoding="utf-8"))["expected"]
    written = document(insteval[0])
    adjusted = {d["name"]: d["adjusted"] for d in written["departments"]}
    against_first = {
        p["b"] if p["a"] == "1" else p["a"]: p for p in written["pairs"] if "1" in (p["a"], p["b"])
    }
    for i, name in enumerate(expected["names"]):
        department = name.removeprefix("dept")
        pair = against_first[department]
        assert adjusted[department] - adjusted["1"] == pytest.approx(expected["theta"][name], abs=1e-8)
        assert abs(pair["difference"]) == pytest.approx(abs(expected["theta"][name]), abs=1e-8)
        assert pair["se_cr0"] == pytest.approx(expected["V_CR0"][i][i] ** 0.5, abs=1e-8)


def test_given_estimates(pingyi, tmp_path):
    result = pingyi("--estimates", DATA / "pisa2018_math.csv", "--language", "en")
    assert result.exit_code == 0, result.output
    units = document(tmp_path)["departments"]
    with (DATA / "pisa2018_math.csv").open(encoding="utf-8") as file:
        given = {row["unit"]: row for row in csv.DictReader(file)}
    assert [u["name"] for u in units] == sorted(given, key=lambda name: -float(given[name]["estimate"]))
    for unit in units:
        assert unit["adjusted"] == pytest.approx(float(given[unit["name"]]["estimate"]), rel=1e-12)
        assert unit["se"] == pytest.approx(float(given[unit["name"]]["se"]), rel=1e-12)
        assert unit["rank_set"][0] <= unit["rank"] <= unit["rank_set"][1]


@pytest.mark.drawn
def test_the_same_input_gives_the_same_files(pingyi, tmp_path):
    contents = []
    for name in ("one", "two"):
        assert pingyi("--seed", 7, ratings=rows(), out=tmp_path / name).exit_code == 0
        contents.append({p.name: p.read_bytes() for p in (tmp_path / name).iterdir()})
    assert contents[0] == contents[1]


def test_groups_from_a_file_are_ranked_within_and_overall(pingyi, tmp_path):
    groups = tmp_path / "groups.csv"
    groups.write_text(
        "部门,类别\n税务局,执法\n公安局,执法\n供电公司,服务\n消防救援大队,服务\n别的局,其他\n",
        encoding="utf-8",
    )
    result = pingyi("--groups", groups, ratings=rows())
    assert result.exit_code == 0, result.output
    written = document(tmp_path)
    assert [(g["name"], [d["name"] for d in g["departments"]]) for g in written["groups"]] == [
        ("执法", ["税务局", "公安局"]),
        ("服务", ["供电公司", "消防救援大队"]),
    ]
    assert [d["name"] for d in written["departments"]] == list(DEPARTMENTS)
    assert result.stdout.index("【执法】") < result.stdout.index("【全部部门】")
    # Ranked alone, two departments differ by as much, but the group's interval is for one pair only.
    widths = [g["pairs"][0]["ci"][1] - g["pairs"][0]["ci"][0] for g in written["groups"]]
    assert all(width > 0 for width in widths)


def test_groups_from_a_column_and_a_group_of_one(pingyi, tmp_path):
    kinds = dict(zip(DEPARTMENTS, ("甲类", "甲类", "甲类", "乙类"), strict=True))
    records = [{**row, "kind": kinds[row["department"]]} for row in rows()]
    result = pingyi("--groups", "kind", ratings=records)
    assert result.exit_code == 0, result.output
    first, second = document(tmp_path)["groups"]
    assert len(first["departments"]) == 3
    assert (second["name"], second["departments"]) == ("乙类", [])
    assert second["notes"]


def test_a_department_without_a_group_is_named(pingyi, tmp_path):
    groups = tmp_path / "groups.csv"
    groups.write_text("department,group\n税务局,执法\n", encoding="utf-8")
    refused(pingyi("--groups", groups, ratings=rows()), "公安局、供电公司、消防救援大队")
    assert not (tmp_path / "out").exists()


def test_weights_from_a_file_a_column_and_doubled_are_the_same(pingyi, tmp_path):
    weights = tmp_path / "weights.csv"
    weights.write_text(
        "rater,weight\n" + "".join(f"企业{r},{1 + r % 3}\n" for r in range(20)), encoding="utf-8"
    )
    results = []
    for args, records in [
        (("--weights", weights), rows()),
        (("--weights", "w"), [{**row, "w": 2 * (1 + int(row["rater"][2:]) % 3)} for row in rows()]),
        ((), rows()),
    ]:
        assert pingyi(*args, ratings=records).exit_code == 0
        results.append([d["adjusted"] for d in document(tmp_path)["departments"]])
    assert results[0] == pytest.approx(results[1], abs=1e-9)
    assert results[0] != pytest.approx(results[2], abs=1e-3)


def test_item_weights_move_the_score_towards_the_weighty_item(pingyi, tmp_path):
    records = [
        {**row, "item": item, "score": row["score"] if item == "态度" else 170 - row["score"]}
        for row in rows()
        for item in ("态度", "效率")
    ]
    assert pingyi("--item-weights", "态度=9,效率=1", "--items", "态度,效率", ratings=records).exit_code == 0
    assert [d["name"] for d in document(tmp_path)["departments"]] == list(DEPARTMENTS)
    assert pingyi("--item-weights", "态度=1, 效率=9", "--items", "态度,效率", ratings=records).exit_code == 0
    assert [d["name"] for d in document(tmp_path)["departments"]] == list(reversed(DEPARTMENTS))


def test_a_finite_roster_narrows_the_intervals(pingyi, tmp_path):
    widths = []
    for args in ((), ("--population", 25)):
        assert pingyi(*args, ratings=rows()).exit_code == 0
        pair = document(tmp_path)["pairs"][0]
        widths.append(pair["ci"][1] - pair["ci"][0])
    # 20 of 25 answered: the variance is multiplied by 1 - 20/25, and its n/(n-1) stands where (n-1)/n stood.
    assert widths[1] / widths[0] == pytest.approx(0.2**0.5 * 20 / 19, rel=0.005)


def test_repeated_ratings_all_count_and_are_mentioned(pingyi, tmp_path):
    result = pingyi(ratings=rows() + rows()[:3])
    assert result.exit_code == 0
    assert any("3 条评分是同一评议人对同一部门的再次评分" in note for note in document(tmp_path)["notes"])
    assert document(tmp_path)["n_ratings"] == 83


def test_too_few_raters_are_listed_apart(pingyi, tmp_path):
    few = [{"rater": f"企业{r}", "department": "供水公司", "score": 99} for r in range(4)]
    result = pingyi(ratings=rows() + few)
    written = document(tmp_path)
    assert "供水公司" not in {d["name"] for d in written["departments"]}
    assert [d["name"] for d in written["insufficient"]] == ["供水公司"]
    assert "没有参加排名：供水公司" in result.stdout
    assert pingyi("--threshold", 21, ratings=rows()).exit_code == 2


def test_excel_and_gzip_in(pingyi, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["评议人", "部门", "得分"])
    for row in rows():
        book.active.append(list(row.values()))
    book.save(tmp_path / "r.xlsx")
    (tmp_path / "r.csv.gz").write_bytes(gzip.compress(as_csv(rows()).encode("gb18030")))
    texts = []
    for name in ("r.xlsx", "r.csv.gz"):
        assert pingyi(tmp_path / name).exit_code == 0
        texts.append((tmp_path / "out" / "ranking.json").read_bytes())
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ("文件是空的", "is empty")),
        ("rater,department,score\na,X,gxxd\n", ("第 2 行", "score", "Row 2")),
        (as_csv(rows(departments=("税务局",))), ("部门",)),
        ("".join(["rater,department,score\n", *(f"r{i},{'XY'[i % 2]},5\n" for i in range(40))]), ("部门",)),
    ],
)
def test_what_cannot_be_ranked_is_refused_and_nothing_is_written(pingyi, tmp_path, text, words):
    refused(pingyi(ratings=text), *words)
    assert not (tmp_path / "out").exists() or not any((tmp_path / "out").iterdir())


def test_a_refused_run_leaves_the_last_ranking_as_it_was(pingyi, tmp_path):
    assert pingyi(ratings=rows()).exit_code == 0
    before = {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()}
    refused(pingyi(ratings=rows(departments=("税务局",))))
    refused(pingyi(ratings=rows(departments=("税务局", "#N/A"))), "#N/A")
    assert {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()} == before
    assert set(before) == FILES


def test_english_messages_are_english_only(pingyi):
    result = pingyi("--language", "en", ratings="rater,department,score\na,X,gxxd\n")
    refused(result, "Row 2")
    assert "第" not in result.stderr


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("nowhere.csv",), "路径"),
        ((".",), "文件夹"),
        ((), "二者选一"),
        (("a.csv", "--estimates", "b.csv"), "二者选一"),
        (("--level", "1"), "level"),
        (("--threshold", "0"), "threshold"),
    ],
)
def test_wrong_arguments(pingyi, args, words):
    refused(pingyi(*args), words)


def test_item_weights_that_cannot_be_read(pingyi):
    refused(pingyi("--item-weights", "态度:2", ratings=rows()), "态度:2", "服务态度=2")


def test_an_out_that_is_a_file(pingyi, tmp_path):
    (tmp_path / "taken").write_text("x", encoding="utf-8")
    refused(pingyi(ratings=rows(), out=tmp_path / "taken"), "写不进", "--out")
    refused(pingyi(ratings=rows(), out=tmp_path / "taken" / "below"), "写不进")


def test_help_does_not_load_numpy():
    code = (
        "import sys\nfrom survey.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "assert 'rank' in main.list_commands(None)\n"
        "sys.exit('numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


def test_raters_of_one_owner_are_one_cluster(pingyi, tmp_path):
    """Forty firms of eight owners who judge alike: by firm all is certain, by owner little is."""
    records = [
        {
            "rater": f"企业{r}",
            "department": name,
            "score": 60 + 3 * d + (7 * (r // 5) * (d + 1)) % 17,
            "house": f"集团{r // 5}",
        }
        for r in range(40)
        for d, name in enumerate(DEPARTMENTS)
    ]
    assert pingyi(ratings=records).exit_code == 0
    alone = document(tmp_path)
    assert pingyi("--cluster", "house", ratings=records).exit_code == 0
    together = document(tmp_path)
    assert sum(p["significant"] for p in alone["pairs"]) > sum(p["significant"] for p in together["pairs"])
    assert any("8 个互不相干的群" in note for note in together["notes"])
    for record in records:
        record["house"] = (
            record["house"] if record["rater"] != "企业0" else "集团7" if "税" in record["department"] else ""
        )
    refused(pingyi("--cluster", "house", ratings=records), "cluster", "企业0")


def test_first_last_and_grades_are_said_and_written(pingyi, tmp_path):
    result = pingyi("--last", "1", "--first", "0", "--grades", "88,80", ratings=rows())
    assert result.exit_code == 0, result.output
    meeting = document(tmp_path)["meeting"]
    assert meeting["first"] is None
    assert meeting["last"]["certain"] == ["消防救援大队"]
    assert [d["grade_zh"] for d in meeting["departments"]][::3] == ["确定第 1 等", "确定第 3 等"]
    assert "确定在后 1 名的：消防救援大队" in result.stdout
    assert all(d["carried"]["removed"] >= 1 for d in meeting["departments"] if d["carried"])
    book = openpyxl.load_workbook(tmp_path / "out" / "ranking.xlsx")
    sheet = list(book["结论的稳固程度"].values)
    assert sheet[0][0] == "部门"
    assert {row[0] for row in sheet[1:]} == set(DEPARTMENTS)
    assert {row[1] for row in sheet[1:]} == {"—"}
    assert [row[2] for row in sheet[1:]] == ["确定不在后 1 名"] * 3 + ["确定在后 1 名"]


def test_lines_of_grades_that_do_not_fit_are_refused(pingyi):
    refused(pingyi("--grades", "80,x", ratings=rows()), "--grades")
    refused(pingyi("--grades", "80,90", ratings=rows()), "--grades", "90,80")
