"""Releases under attack: every guard with the attack that it stops."""

import json

import numpy as np
import pytest

from analysis.disclosure.attacker import Statement, attack
from analysis.disclosure.editions import compare_editions
from analysis.disclosure.protection import Rule, Table, primary_reason, protect
from analysis.disclosure.subtraction import compare_figures
from analysis.errors import InputError

LEVELS = ["满意", "基本满意", "不满意"]
DEPARTMENTS = ["公安局", "税务局"]
ORIGINS = ["本地", "外来"]


def by_origin(counts, name="按来源"):
    axes = {"部门": DEPARTMENTS, "来源": ORIGINS, "评价": LEVELS}
    return Table(name, axes, counts, response="评价")


SAFE = [[[20, 10, 5], [15, 8, 4]], [[30, 12, 6], [11, 9, 5]]]


def test_a_release_of_large_mixed_groups_is_left_alone():
    result = protect([by_origin(SAFE)])
    assert result.reasons == {}
    assert result.n_groups == 9  # four crossed groups, two departments, two origins, everybody
    assert result.shown({"部门": "公安局", "来源": "外来"})


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([5, 4, 0], "threshold"),
        ([5, 5, 0], ""),
        ([0, 0, 0], ""),
        ([40, 0, 0], "unanimous"),
        ([39, 1, 0], ""),
    ],
)
def test_threshold_and_unanimity(answers, reason):
    assert primary_reason(answers) == reason
    assert primary_reason([39, 1, 0], Rule(least_dissent=2)) == "unanimous"


def test_a_small_group_is_not_left_to_subtraction():
    """外来 of 公安局 has 3: hiding it alone leaves all minus 本地. A second group must go with it."""
    counts = np.array(SAFE)
    counts[0, 1] = [2, 1, 0]
    result = protect([by_origin(counts)])
    assert result.reasons[(("来源", "外来"), ("部门", "公安局"))] == "threshold"
    assert "complementary" in result.reasons.values()
    assert result.audit.disclosed == ()
    assert not result.shown({"部门": "公安局", "来源": "外来"})
    assert "用减法推算" in result.summary()
    assert "subtraction" in result.summary("en")
    assert result.shown({"部门": "税务局"})


def test_an_independent_attack_on_what_is_shown_finds_nothing():
    """Second implementation: rebuild the shown numbers by hand and attack the hidden group again."""
    counts = np.array(SAFE)
    counts[0, 1] = [2, 1, 0]
    result = protect([by_origin(counts)])
    shown = []
    for d in (None, 0, 1):
        for o in (None, 0, 1):
            group = {}
            if d is not None:
                group["部门"] = DEPARTMENTS[d]
            if o is not None:
                group["来源"] = ORIGINS[o]
            if result.shown(group):
                ds, os = [d] if d is not None else [0, 1], [o] if o is not None else [0, 1]
                for level in range(3):
                    terms = {(i, j, level): 1 for i in ds for j in os}
                    shown.append(Statement(f"{d}{o}{level}", terms, counts[np.ix_(ds, os, [level])].sum()))
    naive = [*shown, *(Statement(f"x{k}", {(0, 0, k): 1}, counts[0, 0, k]) for k in range(3))]
    naive += [Statement(f"t{k}", {(0, 0, k): 1, (0, 1, k): 1}, counts[0, :, k].sum()) for k in range(3)]
    target = {f"hidden{k}": {(0, 1, k): 1} for k in range(3)}
    assert attack(naive, target).disclosed == ("hidden0", "hidden1", "hidden2")
    assert attack(shown, target).disclosed == ()


def test_the_answers_of_a_unanimous_group_are_hidden_also_from_subtraction():
    counts = np.array(SAFE)
    counts[1, 1] = [25, 0, 0]
    result = protect([by_origin(counts)])
    assert result.reasons[(("来源", "外来"), ("部门", "税务局"))] == "unanimous"
    assert result.audit.disclosed == ()


def test_tables_are_attacked_together():
    """The second table has a small group; nothing of the first may give it away, nor the other way round."""
    first = by_origin(SAFE)
    sizes = {"部门": DEPARTMENTS, "规模": ["大", "小"], "评价": LEVELS}
    counts = np.array([[[33, 17, 8], [2, 1, 1]], [[20, 11, 6], [21, 10, 5]]])
    second = Table("按规模", sizes, counts, response="评价")
    result = protect([first, second])
    assert result.reasons[(("规模", "小"), ("部门", "公安局"))] == "threshold"
    assert result.audit.disclosed == ()
    withheld = json.loads(json.dumps(result.to_dict(), allow_nan=False))["withheld"]
    assert {"group": {"部门": "公安局", "规模": "小"}, "reason": "threshold"} in withheld


def test_counts_without_answers_need_only_the_threshold():
    table = Table("回收", {"乡镇": ["城关", "河西", "山前"]}, [40, 12, 6])
    result = protect([table])
    assert result.reasons[(("乡镇", "山前"),)] == "threshold"
    assert sorted(result.reasons.values()) == ["complementary", "threshold"]


def test_tables_that_disagree_are_refused_with_the_way_out():
    other = Table("总表", {"部门": DEPARTMENTS, "评价": LEVELS}, [[36, 18, 9], [41, 21, 11]], response="评价")
    with pytest.raises(InputError, match="未填"):
        protect([by_origin(SAFE), other])


@pytest.mark.parametrize(
    ("tables", "word"),
    [
        ([], "没有要发布"),
        ([Table("表", {"部门": ["甲"]}, [1, 2])], "形状"),
        ([Table("表", {"部门": ["甲"]}, [30]), Table("乙表", {"部门": ["乙"]}, [30])], "分类不同"),
        ([Table("表", {"部门": ["甲"]}, [-1])], "负数"),
    ],
)
def test_tables_that_cannot_be_audited_are_refused(tables, word):
    with pytest.raises(InputError, match=word):
        protect(tables)


def test_a_later_edition_with_three_more_ballots_is_refused():
    result = compare_editions({"公安局": 100, "税务局": 80}, {"公安局": 103, "税务局": 80, "法院": 5})
    assert [(e.figures, e.n) for e in result.exposures] == [(("公安局", "公安局"), 3)]
    assert "3 份" in result.summary()
    assert "Do not release" in result.summary("en")
    assert compare_editions({"公安局": 100}, {"公安局": 110}).safe
    assert compare_editions({"公安局": 100}, {"公安局": 91}).exposures[0].n == 9


def test_the_attack_that_comparing_editions_stops():
    """Two means and two counts give the mean of the three late ballots exactly."""
    first, late = np.full(100, 80.0), np.array([20.0, 20, 100])
    both = np.r_[first, late]
    assert (both.mean() * 103 - first.mean() * 100) / 3 == pytest.approx(late.mean())


def test_nested_figures_are_found_and_overlapping_ones_are_not():
    people = np.arange(100)
    members = [people >= 0, people >= 4, (people < 50), (people >= 40)]
    result = compare_figures(["全部", "未标记", "前半", "后六成"], members)
    assert ("全部", "未标记") in [e.figures for e in result.exposures]
    assert compare_figures(["前半", "后六成"], members[2:]).safe
    assert compare_figures(["全部"], members[:1]).summary("en").startswith("No subtraction")


def test_three_figures_that_expose_only_together_are_found():
    """A + B − (A ∪ B) is the sum of the overlap, here 4 people, though no two figures are nested."""
    people = np.arange(100)
    A, B = people < 52, people >= 48
    result = compare_figures(["甲", "乙", "合计"], [A, B, A | B])
    assert [(set(e.figures), e.n) for e in result.exposures] == [({"甲", "乙", "合计"}, 4)]


def test_a_figure_below_the_threshold_is_found_and_a_wrong_shape_refused():
    assert compare_figures(["甲"], [np.arange(50) < 9]).exposures[0].n == 9
    with pytest.raises(InputError, match="名单"):
        compare_figures(["甲", "乙"], [np.ones(5)])


def test_departments_are_not_added_up_when_kept_apart():
    """A respondent rates several departments, so their sum counts nobody; each is audited by itself."""
    counts = np.array(SAFE)
    counts[0, 1] = [2, 1, 0]
    table = Table("按来源", {"部门": DEPARTMENTS, "来源": ORIGINS, "评价": LEVELS}, counts, "评价", ("部门",))
    result = protect([table])
    assert result.n_groups == 6
    assert not result.shown({"部门": "公安局", "来源": "本地"})
    assert result.shown({"部门": "公安局"})
    assert result.shown({"部门": "税务局", "来源": "本地"})
    assert result.audit.disclosed == ()


def test_more_protection_leaves_wider_bounds():
    table = Table("回收", {"乡镇": ["城关", "河西", "山前"]}, [40, 12, 6])
    wide = protect([table], Rule(protection=15))
    bounds = [b for b in wide.audit.bounds if b.label == "山前"]
    assert bounds[0].upper - bounds[0].lower >= 15
    assert wide.shown({})
    assert not protect([table], Rule(protection=1000)).shown({})
