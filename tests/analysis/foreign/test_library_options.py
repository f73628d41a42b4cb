"""Options of the command line in Python: codes for no answer, and the columns' headings."""

import pytest
from shapes import FLAT, text, wide
from test_tools import per_rater, right

from analysis import InputError, read_ratings, understand_ratings
from analysis.foreign.layout import positions_of
from analysis.foreign.melt import _index


@pytest.mark.parametrize("codes", [[-3], ["-3"], (-3.0,)])
def test_missing(tmp_path, codes):
    path = text(tmp_path / "r.csv", wide(empty=-3))
    with pytest.raises(InputError, match="--missing -3"):
        read_ratings(path)
    assert per_rater(read_ratings(path, missing=codes)) == right(FLAT)
    assert understand_ratings(path, missing=codes).no_rating[0].word == "-3"
    assert read_ratings(path, missing=["none"]).score.min() == -3


def test_columns_under_other_headings(tmp_path):
    rows = [["打分者", "部门", "打分者部门", "数"], ["甲", "税务局", "x", 80], ["乙", "公安局", "y", 70]]
    path = text(tmp_path / "r.csv", rows)
    with pytest.raises(InputError):
        read_ratings(path)
    read = read_ratings(path, columns={"rater": "打分者", "score": "数"})
    assert (read.rater_names, list(read.score)) == (("甲", "乙"), [80, 70])
    with pytest.raises(InputError, match="columns"):
        read_ratings(path, columns={"name": "x"})
    with pytest.raises(InputError, match="missing"):
        read_ratings(path, missing=[None])


def test_letters_of_a_mapping_may_be_small():
    assert [_index(letters) for letters in ("G", "g", " aB ")] == [6, 6, 27]
    for wrong in ("", "7", "列"):
        with pytest.raises(InputError, match="应是字母"):
            _index(wrong)


def test_the_sign_for_number_is_a_heading(tmp_path):
    assert positions_of(["#", "甲"], ("No.", "#")) == [0]
    rows = [["#" if n == 0 else n, *row[1:]] for n, row in enumerate(wide())]
    read = understand_ratings(text(tmp_path / "r.csv", rows))
    assert [(key.role, key.heading) for key in read.keys] == [("rater", "#")]
