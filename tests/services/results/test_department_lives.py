"""Rounds whose departments were renamed, merged or split in between: results as if the name had stayed, or
without those whose work changed, and a sentence that says so."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from county import County, small_questionnaire
from opened import falling_levels, keep_box
from rounds_of_scores import DEPARTMENTS, description, levels, round_json, scores

from analysis import composite
from survey.clock import today
from survey.documents.uploads.indicator_row import IndicatorRow
from survey.facts.wire import facts_from
from survey.models import SuccessionKind
from survey.protocol.description import RoundDescription
from survey.services.departments import successions
from survey.services.departments.lineage import Lineage, SuccessionStep
from survey.services.followup import indicators
from survey.services.opening import opening_job
from survey.services.results import composite_results, composites
from survey.services.results.composites import CompositePart
from survey.services.results.facts import EarlierRound, earlier_rounds, joined
from survey.services.results.facts import facts_of as stored_facts
from survey.services.results.ranking import score_table
from survey.services.results.scored_round import ScoredRound
from survey.services.rounds import lifecycle
from survey.services.rounds.copying import copied_questionnaire
from survey.services.rounds.descriptions import describe
from survey.wording import department as words

DAY = date(2026, 9, 1)
RENAMED, MERGED, SPLIT = SuccessionKind


def renamed(about: RoundDescription, **names: str) -> RoundDescription:
    """The same round with other names of departments."""
    questionnaire = about.questionnaire
    departments = tuple(replace(d, name=names.get(d.name, d.name)) for d in questionnaire.departments)
    return replace(about, questionnaire=replace(questionnaire, departments=departments))


def facts_of(earlier: EarlierRound, about: RoundDescription | None = None) -> dict[str, Any]:
    return round_json(about or description(), scores(levels(1)), {}, [earlier])


def past(lineage: Lineage, about: RoundDescription | None = None, **names: str) -> EarlierRound:
    """The quarter before, in which departments had these names."""
    before = renamed(description("2026-q3", "2026-07-01"), **names)
    return joined(lineage, before, scores(levels(2, raters=50)), about or description())


def without_lives(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts without what is said of the life of departments, and without the sentences that say it."""
    bare = deepcopy(facts)
    for profile in bare["profiles"]:
        profile.pop("predecessors", None)
    for part in (*bare["changes"], bare["combined"]):
        part.pop("summary_zh", None), part.pop("summary_en", None)
    return bare


def test_a_new_name_changes_no_number() -> None:
    plain = facts_of(past(Lineage()))
    line = Lineage((SuccessionStep("县水利局", "丙局", RENAMED, DAY),))
    found = facts_of(past(line, 丙局="县水利局"))
    assert without_lives(found) == without_lives(plain)
    assert found["changes"][0]["possible"]
    assert found["combined"]["possible"]
    for told in (found["changes"][0]["summary_zh"], found["combined"]["summary_zh"]):
        assert told.endswith("丙局（原县水利局）只是改了名称，与改名前的结果连起来看。")
    assert "丙局 (formerly 县水利局)" in found["changes"][0]["summary_en"]
    profile = facts_from(found).profiles[2]
    assert next(words.changes(profile)).startswith("丙局（原县水利局）")


def test_without_the_succession_it_is_lost() -> None:
    """What the mend is for: before, a renamed department had no past."""
    found = facts_of(past(Lineage(), 丙局="县水利局"))
    assert found["profiles"][2]["changes"] == []
    assert "县水利局" in found["changes"][0]["not_compared"]


@pytest.mark.parametrize(
    ("steps", "names", "apart", "says"),
    [
        # 县畜牧局 was merged into 丙局, which went on.
        (
            [("丁局", "丙局", MERGED)],
            {},
            {"丙局", "丁局"},
            "丁局于2026年9月1日并入丙局；丙局职责有变，得分不与在这以前开始的轮次比较。",
        ),
        # Two were merged into a new one.
        (
            [("县农业局", "丙局", MERGED), ("县畜牧局", "丙局", MERGED)],
            {"丙局": "县农业局", "己局": "县畜牧局"},
            {"丙局", "己局"},
            "县农业局于2026年9月1日并入丙局，县畜牧局于2026年9月1日并入丙局；丙局职责有变",
        ),
        # 丁局 came out of 丙局, which was rated before and goes on.
        (
            [("丙局", "丁局", SPLIT)],
            {"丁局": "别的局"},
            {"丙局", "丁局"},
            "丁局于2026年9月1日由丙局拆分而来",
        ),
    ],
)
def test_changed_work_is_not_compared(
    steps: list[tuple[str, str, SuccessionKind]], names: dict[str, str], apart: set[str], says: str
) -> None:
    line = Lineage(tuple(SuccessionStep(b, a, kind, DAY) for b, a, kind in steps))
    found = facts_of(past(line, **names))
    moved = [c["department"] for c in found["changes"][0]["changes"]]
    assert moved == [name for name in DEPARTMENTS if name not in apart]
    ranked = {d["name"] for d in found["combined"]["ranking"]["departments"]}
    assert ranked == set(DEPARTMENTS) - apart
    for profile in found["profiles"]:
        if profile["name"] in apart:
            assert profile["changes"] == []
            assert all(item["change"] is None for item in profile["items"])
    assert says in found["changes"][0]["summary_zh"]
    assert says in found["combined"]["summary_zh"]


def test_within_the_same_time_they_are_compared() -> None:
    line = Lineage((SuccessionStep("丁局", "丙局", MERGED, date(2026, 7, 1)),))
    assert facts_of(past(line)) == facts_of(past(Lineage()))


def enter(place: County, before: str, after: str, kind: str = "renamed") -> None:
    new = successions.NewSuccession(before, after, kind, today() - timedelta(days=9), "机构改革")
    place.database.write(lambda s: successions.enter(s, new, place.reviewers[0], today()) and None)


def other_names(**names: str) -> Any:
    questionnaire = small_questionnaire()
    departments = tuple(replace(d, name=names.get(d.name, d.name)) for d in questionnaire.departments)
    return replace(questionnaire, departments=departments)


def test_the_rounds_of_a_county_are_joined(place: County) -> None:
    place.slug = "2026-q3"
    old = other_names(公安局="公安总局")
    first = today() - timedelta(days=90)
    place.populate().draft(opens_on=first, threshold=5, questionnaire=old).issue(5).start().close()
    place.database.write(lambda s: keep_box(s, "2026-q3", falling_levels(1)) and None)
    second = County(place.database, slug="2026-q4").populate_again(place)
    second.draft(opens_on=today(), threshold=5)

    def names() -> list[str]:
        (found,) = second.look(earlier_rounds)
        return [d.name for d in found.description.questionnaire.departments]

    assert names() == ["税务局", "公安总局", "供电公司", "财政局"]
    enter(place, "公安总局", "公安局")
    assert names() == ["税务局", "公安局", "供电公司", "财政局"]
    assert [d.name for d in place.description().questionnaire.departments][
        1
    ] == "公安总局"  # as it was frozen
    enter(place, "财政局", "税务局", "merged")
    (found,) = second.look(earlier_rounds)
    assert found.apart == {"财政局", "税务局"}


def test_results_that_are_there_are_worked_out_again(place_on_sqlite: County) -> None:
    """A succession entered after the opening changes them, and until then they are listed as outdated."""
    place = place_on_sqlite
    place.slug = "2026-q3"
    old, first = other_names(公安局="公安总局"), today() - timedelta(days=90)
    place.populate().draft(opens_on=first, threshold=5, questionnaire=old).issue(5).start().close()
    second = County(place.database, slug="2026-q4").populate_again(place)
    second.draft(opens_on=today(), threshold=5).issue(5).start().close()
    for seed, slug in enumerate(("2026-q3", "2026-q4")):
        place.database.write(lambda s, slug=slug, seed=seed: keep_box(s, slug, falling_levels(seed)) and None)
    opening_job.remake(place.database, "2026-q4")

    def told() -> list[str]:
        profile = next(p for p in second.look(stored_facts).profiles if p.name == "公安局")
        return [one.name for one in profile.predecessors]

    def outdated() -> list[str]:
        with place.database.read() as session:
            return [r.slug for r in successions.outdated(session)]

    assert (told(), outdated()) == ([], [])
    enter(place, "公安总局", "公安局")
    assert (told(), outdated()) == ([], ["2026-q4"])  # nothing precedes the third quarter
    opening_job.remake(place.database, "2026-q4")
    assert (told(), outdated()) == (["公安总局"], [])
    boss = place.reviewers[0]
    place.database.write(lambda s: successions.withdraw(s, "公安总局", "公安局", boss) and None)
    assert outdated() == ["2026-q4"]


def test_a_copied_round_has_present_names(place: County) -> None:
    place.populate().draft(keys=False)
    enter(place, "公安局", "公安分局")
    enter(place, "财政局", "财税局", "merged")
    copied = place.look(copied_questionnaire)
    assert [d.name for d in copied.departments] == ["税务局", "公安分局", "供电公司", "财政局"]
    assert (copied.departments[1].group, copied.departments[1].initials) == ("执法", "gafj")


def test_an_index_joins_its_rounds_and_figures(place: County) -> None:
    """Expected: the engine on the same answers under one name."""
    place.collecting(threshold=5)
    other = County(place.database, slug="delegates").populate_again(place)
    other.draft(
        threshold=5, opens_on=today() - timedelta(days=2), questionnaire=other_names(公安局="公安总局")
    )
    other.issue(5).start()
    points = {"税务局": 90.0, "公安处": 89.0, "供电公司": 88.0, "财政局": 87.0}
    rows = [IndicatorRow(name, "省评", value, None, None, "分") for name, value in points.items()]
    figure = ("assessment", "2026", "省评")
    place.database.write(lambda s: indicators.import_indicators(s, *figure[:2], rows, "甲") and None)
    parts = (
        CompositePart("企业", 60, slug=place.slug),
        CompositePart("代表委员", 30, slug="delegates"),
        CompositePart("省评", 10, figure=figure),
    )
    key = place.database.write(lambda s: composites.fix(s, "指数", parts, False, "甲").id.hex())
    with place.database.read() as session:
        definition = composites.by_id(session, key).definition
        assert composites.lacking(session, definition) == {"省评": ["公安局", "公安总局"]}
    enter(place, "公安总局", "公安局")
    # Only known names are succeeded: the figure's own is entered as what 公安总局 came from.
    with pytest.raises(Exception, match="公安处"):
        enter(place, "公安处", "公安总局")
    for seed, county in enumerate((place, other), start=1):
        county.close()
        slug = county.slug
        place.database.write(lambda s, slug=slug, seed=seed: keep_box(s, slug, falling_levels(seed)) and None)
    composite_results.work_out(place.database, key)
    with place.database.read() as session:
        result = composites.by_id(session, key).result
        firms, delegates = (lifecycle.get_round(session, slug) for slug in (place.slug, "delegates"))
        about = describe(session, firms)
        ratings = [ScoredRound(about, score_table(session, r)).ratings() for r in (firms, delegates)]
    expected = composite(
        {"企业": ratings[0], "代表委员": ratings[1], "省评": points},
        {"企业": 60, "代表委员": 30, "省评": 10},
        threshold=5,
    ).to_dict()["ranking"]["departments"]
    told = result["ranking"]["departments"]
    assert [d["name"] for d in told] == [d["name"] for d in expected]
    assert all(abs(a["adjusted"] - b["adjusted"]) <= 0.5 for a, b in zip(told, expected, strict=True))
