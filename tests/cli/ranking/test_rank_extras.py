"""What `pingyi rank` writes beside the ranking when asked: pairs, items, importance, groups, change."""

import csv
import io
import json

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from analysis import Ratings, compare_groups, item_scores
from survey.cli import main

ITEMS = ("服务态度", "办事效率", "依法行政", "总体评价")
DEPARTMENTS = ("税务局", "公安局", "供电公司", "消防救援大队", "供水公司")


def table(seed=1, *, raise_by=0.0, straight=0):
    g = np.random.default_rng(seed)
    rows = []
    for r in range(80):
        lenient = g.normal(0, 5)
        for d, name in enumerate(DEPARTMENTS):
            base = 80 + lenient - 4 * d + g.normal(0, 3) + (raise_by if d == 3 else 0)
            base += 12 if r % 2 and d == 0 else 0
            scores = base + g.normal(0, 4, 4)
            scores[3] = 0.7 * scores[0] + 0.2 * scores[1] + 0.1 * scores[2] + g.normal()
            for item, score in zip(ITEMS, scores, strict=True):
                given = 85 if r < straight else round(float(score), 1)
                rows.append(
                    {"rater": f"r{r}", "department": name, "item": item, "score": given,
                     "rater_group": "外来" if r % 2 else "本地"}
                )  # fmt: skip
    return rows


def written(path, rows, columns=("rater", "department", "item", "score", "rater_group")):
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


@pytest.fixture
def pingyi(tmp_path):
    def run(*args):
        return CliRunner().invoke(main, ["rank", *map(str, args), "--out", str(tmp_path / "out")])

    return run


def document(tmp_path, name):
    return json.loads((tmp_path / "out" / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.drawn
def test_all_charts_with_their_numbers(tmp_path, pingyi):
    rows, before = table(), table(2, raise_by=-15)
    done = pingyi(
        written(tmp_path / "r.csv", rows),
        "--charts",
        "all",
        "--previous",
        written(tmp_path / "p.csv", before),
    )
    assert done.exit_code == 0, done.output
    for name in ("ranking", "pairs", "items", "importance", "groups", "change"):
        for fmt in ("png", "svg", "pdf"):
            assert (tmp_path / "out" / f"{name}.{fmt}").stat().st_size > 1_000
        with Image.open(tmp_path / "out" / f"{name}.png") as image:
            assert image.width > 1_000
    y = np.array([row["score"] for row in rows]).reshape(80, 5, 4)
    ratings = Ratings.from_array(y, department_names=DEPARTMENTS, item_names=ITEMS)
    items = document(tmp_path, "items")["items"]
    at = [items["departments"].index(name) for name in DEPARTMENTS]
    np.testing.assert_allclose(np.array(items["adjusted"])[at], item_scores(ratings).adjusted, atol=1e-9)
    np.testing.assert_allclose(np.array(items["adjusted"])[at], y.mean(axis=0), atol=1e-9)
    drivers = document(tmp_path, "importance")["drivers"]["drivers"]
    assert max(drivers, key=lambda d: d["importance"])["item"] == "服务态度"
    groups = {d["department"]: d for d in document(tmp_path, "groups")["groups"]["differences"]}
    assert groups["税务局"]["significant"]
    own = compare_groups(ratings, ["外来" if r % 2 else "本地" for r in range(80)])
    sign = 1 if groups["税务局"]["first"] == own.differences[0].first else -1
    assert groups["税务局"]["difference"] == pytest.approx(sign * own.differences[0].difference)
    change = {c["department"]: c for c in document(tmp_path, "change")["change"]["changes"]}
    assert change["消防救援大队"]["direction"] == "up"
    assert "服务态度" in done.stdout
    assert "相对上升的有 消防救援大队" in done.stdout


def test_without_being_asked_only_the_ranking_is_written(tmp_path, pingyi):
    assert pingyi(written(tmp_path / "r.csv", table())).exit_code == 0
    assert {path.stem for path in (tmp_path / "out").iterdir()} == {"ranking", "report"}


def test_rater_groups_from_a_file_and_an_unknown_overall_item(tmp_path, pingyi):
    ratings = written(tmp_path / "r.csv", table(), ("rater", "department", "item", "score"))
    groups = written(
        tmp_path / "g.csv",
        [{"rater": f"r{r}", "group": "甲" if r < 40 else "乙"} for r in range(80)],
        ("rater", "group"),
    )
    assert pingyi(ratings, "--rater-groups", groups).exit_code == 0
    assert document(tmp_path, "groups")["groups"]["groups"] == {"甲": 40, "乙": 40}
    refused = pingyi(ratings, "--overall", "满意度")
    assert refused.exit_code == 2
    assert "满意度" in refused.stderr


def test_careless_raters_are_noted_and_the_difference_they_make_is_told(tmp_path, pingyi):
    done = pingyi(written(tmp_path / "r.csv", table(straight=16)))
    result = document(tmp_path, "ranking")
    assert {"careless", "careless_sensitivity"} <= set(result["note_codes"])
    assert "20% 的评议人可能未认真作答" in done.stdout
    assert "去掉 16 份有标记的答卷（共 80 份）重算" in done.stdout
    assert result["n_raters"] == 80


def test_a_refusal_of_the_analysis_in_any_verb_is_a_message(monkeypatch):
    from analysis.errors import InputError

    def refuse(*_args, **_options):
        raise InputError("第 3 行不对。", "Row 3 is wrong.")

    monkeypatch.setattr("survey.cli.LazyGroup.get_command", refuse)
    done = CliRunner().invoke(main, ["rank"])
    assert done.exit_code == 2
    assert "第 3 行不对" in done.stderr
    assert "Traceback" not in done.output


def test_a_large_run_tells_its_stages_and_a_small_one_does_not(tmp_path, pingyi, monkeypatch):
    ratings = written(tmp_path / "r.csv", table())
    assert "两两比较……" not in pingyi(ratings).stderr
    monkeypatch.setattr("survey.cli.ranking.ratings.LARGE", 0)
    stages = pingyi(ratings, "--language", "en").stderr
    assert (
        stages.index("Fitting the model")
        < stages.index("ordinal model")
        < stages.index("draws over all pairs")
    )


def test_a_matrix_that_nobody_could_read_is_not_drawn(tmp_path, pingyi, monkeypatch):
    monkeypatch.setattr("survey.cli.ranking.work.MOST_CELLS", 4)
    done = pingyi(written(tmp_path / "r.csv", table()), "--charts", "all")
    assert done.exit_code == 0
    assert "不画两两比较图" in done.stderr
    assert not (tmp_path / "out" / "pairs.png").exists()


@pytest.mark.parametrize(
    ("options", "said", "independent", "same"),
    [
        ((), ("--same-raters", "--different-raters", "80"), False, False),
        (("--different-raters",), ("--same-raters", "80"), True, False),
        (("--same-raters",), ("配对", "80"), False, True),
    ],
)
def test_equal_rater_codes_in_two_rounds_are_said_and_can_be_declared(
    tmp_path, pingyi, options, said, independent, same
):
    now, before = table(1), table(2)
    file, previous = written(tmp_path / "now.csv", now), written(tmp_path / "before.csv", before)
    result = pingyi(file, "--previous", previous, *options)
    assert result.exit_code == 0, result.output
    for word in said:
        assert word in result.output
    change = document(tmp_path, "change")
    assert "80" in change["summary"]
    assert (change["change"]["independent"], change["change"]["same_raters"]) == (independent, same)


def test_rounds_without_equal_codes_ask_nothing(tmp_path, pingyi):
    before = [row | {"rater": "b" + row["rater"]} for row in table(2)]
    file, previous = written(tmp_path / "now.csv", table(1)), written(tmp_path / "before.csv", before)
    assert "--same-raters" not in pingyi(file, "--previous", previous).output
    refused = pingyi(file, "--previous", previous, "--same-raters")
    assert refused.exit_code == 2
    assert "--same-raters" in refused.output
    assert "配对" in refused.output
