"""Weights fixed before closing and held by the audit log; the index that comes of them, on both databases."""

from __future__ import annotations

import json

import pytest
from county import County
from opened import falling_levels, keep_box

from analysis import composite
from survey.documents.uploads.indicator_row import IndicatorRow
from survey.errors import Conflict, InvalidInput
from survey.models import AuditEvent, Composite
from survey.services.followup import indicators
from survey.services.results import composite_results, composites
from survey.services.results.composites import CompositePart
from survey.services.results.ranking import score_table
from survey.services.results.scored_round import ScoredRound
from survey.services.rounds import lifecycle
from survey.services.rounds.descriptions import describe

FIRMS, DELEGATES = "2026-q4", "2026-delegates"
FIGURE = ("assessment", "2026", "省评")
PARTS = (
    CompositePart("企业", 60, slug=FIRMS),
    CompositePart("代表委员", 30, slug=DELEGATES),
    CompositePart("省评", 10, figure=FIGURE),
)


@pytest.fixture
def county(place: County) -> County:
    """Two rounds that take ballots, and a figure from outside."""
    place.collecting(threshold=5)
    County(place.database, slug=DELEGATES).populate_again(place).draft(threshold=5).issue(5).start()
    rows = [
        IndicatorRow(d, "省评", 90.0 - n, None, None, "分")
        for n, d in enumerate(("税务局", "公安局", "供电公司", "财政局"))
    ]
    rows.append(IndicatorRow("税务局", "件数", 12.0, None, None, "件"))
    place.database.write(lambda s: indicators.import_indicators(s, "assessment", "2026", rows, "甲") and None)
    return place


def fix(place: County, parts=PARTS, name: str = "年度综合得分", different: bool = False) -> str:
    return place.database.write(lambda s: composites.fix(s, name, parts, different, "甲").id.hex())


def opened(place: County, slug: str, seed: int) -> None:
    """Open a round with ballots whose later departments do worse, as an opening would leave it."""
    County(place.database, slug=slug).populate_again(place).close()
    place.database.write(lambda s: keep_box(s, slug, falling_levels(seed)) and None)


def look(place: County, key: str) -> Composite:
    with place.database.read() as session:
        return composites.by_id(session, key)


def test_the_index_is_the_engines_composite_of_the_opened_rounds(county: County) -> None:
    key = fix(county)
    with pytest.raises(Conflict, match="没有开箱"):
        composite_results.work_out(county.database, key)
    opened(county, FIRMS, 1)
    opened(county, DELEGATES, 2)
    composite_results.work_out(county.database, key)
    found = look(county, key)
    with county.database.read() as session:
        both = [lifecycle.get_round(session, slug) for slug in (FIRMS, DELEGATES)]
        ratings = [ScoredRound(describe(session, r), score_table(session, r)).ratings() for r in both]
        names = [name for name, _size in composite_results.files_of(session, found)]
        kept = json.loads(composite_results.file_of(session, found, "ranking.json").content)
    points = {"税务局": 90.0, "公安局": 89.0, "供电公司": 88.0, "财政局": 87.0}
    expected = composite(
        {"企业": ratings[0], "代表委员": ratings[1], "省评": points},
        {"企业": 60, "代表委员": 30, "省评": 10},
        threshold=5,
    )
    for told, exact in zip(
        found.result["ranking"]["departments"], expected.to_dict()["ranking"]["departments"], strict=True
    ):
        same = ("name", "rank", "rank_set", "tier", "vs_average")
        assert [told[key] for key in same] == [exact[key] for key in same]
        assert told["adjusted"] % 0.5 == 0
        assert abs(told["adjusted"] - exact["adjusted"]) <= 0.5
        # Nine tenths of marks from 20 to 100, one tenth of figures from 87 to 90, in half points: 26.7 to 99.
        lowest, highest = 26.5, 99.0
        low, high = max(exact["ci"][0], lowest), min(exact["ci"][1], highest)
        assert lowest - 1e-9 <= told["ci"][0] <= low < high <= told["ci"][1] <= highest + 1e-9
    for told, exact in zip(found.result["moves"], expected.to_dict()["moves"], strict=True):
        same = ("electorate", "department", "direction", "rank", "rank_without", "p_adjusted")
        assert [told[key] for key in same] == [exact[key] for key in same]
        assert abs(told["shift"] - exact["shift"]) <= 0.05 + 1e-9
        assert told["ci"][0] <= exact["ci"][0] + 1e-9
        assert exact["ci"][1] <= told["ci"][1] + 1e-9
    assert found.result["level"] == expected.level
    assert "企业 60%" in found.result["summary_zh"]
    assert {"ranking.json", "ranking.xlsx", "ranking.pdf", "electorates.png"} <= set(names)
    assert kept["composite"]["moves"] == found.result["moves"]


def test_what_was_fixed_stands_in_the_audit_log_and_a_changed_weight_is_seen(county: County) -> None:
    key = fix(county)
    opened(county, FIRMS, 1)
    opened(county, DELEGATES, 2)
    found = look(county, key)
    with county.database.read() as session:
        event = session.get(AuditEvent, found.event)
        assert (event.action, event.subject) == ("composite.fix", "年度综合得分")
        assert event.detail["weights"] == ["企业 60%", "代表委员 30%", "省评 10%"]
        assert composites.is_ready(session, found)

    def tamper(session) -> None:
        row = composites.by_id(session, key)
        changed = json.loads(json.dumps(row.definition))
        changed["parts"][0]["weight"], changed["parts"][1]["weight"] = 30, 60
        row.definition = changed

    county.database.write(tamper)
    with county.database.read() as session:
        assert not composites.unaltered(session, composites.by_id(session, key))
    with pytest.raises(Conflict, match="操作日志不符"):
        composite_results.work_out(county.database, key)


def test_a_figure_imported_anew_after_the_opening_does_not_change_the_index(county: County) -> None:
    key = fix(county)
    rows = [IndicatorRow("税务局", "省评", 1.0, None, None, "分")]
    county.database.write(
        lambda s: indicators.import_indicators(s, "assessment", "2026", rows, "甲") and None
    )
    assert look(county, key).definition["parts"][2]["points"]["税务局"] == 90.0


def test_weights_come_before_closing(county: County) -> None:
    """Key holders could open an exported box by themselves once the round is closed."""
    County(county.database, slug=DELEGATES).populate_again(county).close()
    with pytest.raises(Conflict, match="已经截止或取消"):
        fix(county)
    with county.database.read() as session:
        assert [r.slug for r in composites.available(session)[0]] == [FIRMS]


def test_only_points_and_shares_can_enter(county: County) -> None:
    with county.database.read() as session:
        assert composites.available(session)[1] == [FIGURE]
    with pytest.raises(InvalidInput, match="外部指标"):
        fix(county, (PARTS[0], CompositePart("件数", 40, figure=("assessment", "2026", "件数"))))


UNFIT: list[tuple[tuple[CompositePart, ...], str]] = [
    (PARTS[:2], "100"),
    (PARTS[:1], "两个部分"),
    (PARTS[2:] + PARTS[2:], "两个部分"),
    ((PARTS[0], CompositePart("企业", 40, slug=DELEGATES)), "各不相同"),
    ((PARTS[0], CompositePart(" ", 40, slug=DELEGATES)), "各不相同"),
    ((PARTS[0], CompositePart("代表", float("nan"), slug=DELEGATES)), "正数"),
    ((PARTS[0], CompositePart("代表", -40, slug=DELEGATES)), "正数"),
]


def test_weights_that_do_not_fit_are_refused(county: County) -> None:
    for parts, word in UNFIT:
        with pytest.raises(InvalidInput) as caught:
            pytest.fail(f"{parts} taken: {fix(county, parts)}")
        assert word in caught.value.say(), parts


def test_names_are_used_once(county: County) -> None:
    fix(county)
    with pytest.raises(InvalidInput) as caught:
        fix(county)
    assert "已经有一个" in caught.value.say()
    with pytest.raises(InvalidInput):
        fix(county, name=" ")
