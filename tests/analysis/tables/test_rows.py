"""The quick look at a name's last letter takes no total for a name."""

import re

import pytest

from analysis.answers.signs import SPACES, without_invisible
from analysis.tables.rows import _TOTALS, is_total


def slowly(text):
    plain = SPACES.sub("", without_invisible(text)).strip(":：（）()").casefold()
    return re.fullmatch(_TOTALS, plain) is not None


WORDS = [
    f"{first}{last}"
    for first in ("", "本页", "全县", "全市", "全部")
    for last in ("合计", "总计", "小计", "共计", "累计", "总分", "平均", "平均分", "平均值", "均值")
] + ["total", "grandtotal", "SubTotal", "SUM", "Average", "mean"]
NAMES = [
    "税务局",
    "r12",
    "统计局",
    "会计",
    "审计",
    "公平均",
    "Mean Street 5",
    "局",
    "9",
    "",
    "：",
    "average age",
]


@pytest.mark.parametrize("shape", ["{}", " {} ", "{}：", "（{}）", "{}\u200b", "\ufeff{}", "{}1", "一{}"])
def test_totals_are_told_as_without_the_quick_look(shape):
    for word in WORDS + [" ".join(word) for word in WORDS] + NAMES:
        assert is_total(shape.format(word)) == slowly(shape.format(word)), word
    assert all(is_total(word) for word in WORDS)
