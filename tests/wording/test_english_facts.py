"""On an English page every sentence is English: Chinese is only what somebody entered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.ctx import RequestContext
from msgspec.structs import replace

from survey.facts.base import Impossible
from survey.facts.publication import EditionContent
from survey.facts.whole import Facts
from survey.facts.wire import written
from survey.language import speaking
from survey.services.rounds.defaults import ITEMS, STRATA
from survey.web.languages import install_languages
from survey.wording.english_facts import content_in_page_language, in_page_language
from tests.documents.extremes import Extreme, extreme_edition

CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+")


@pytest.fixture(scope="module")
def content() -> EditionContent:
    return extreme_edition(Extreme(9, raters=140, share=0.5)).content


@pytest.fixture(scope="module")
def typed(content: EditionContent) -> Facts:
    return content.facts


@pytest.fixture(scope="module")
def facts(typed: Facts) -> dict[str, Any]:
    return written(typed)


def page(address: str) -> RequestContext:
    site = Flask("pages")
    install_languages(site)
    return site.test_request_context(address)


@pytest.fixture
def english(typed: Facts) -> Iterator[dict[str, Any]]:
    with page("/?lang=en"):
        yield written(in_page_language(typed))


def entered(facts: dict[str, Any]) -> str:
    """Names of departments, groups and rounds."""
    names = [p[key] for p in facts["profiles"] for key in ("name", "group")]
    return "|".join([*names, facts["round"]["title"], *(c["title"] for c in facts["changes"])])


def texts(value: Any, key: str = "") -> Iterator[str]:
    """Every text of an English page: all but the Chinese twins."""
    if isinstance(value, str) and not key.endswith("zh"):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from texts(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner, key)


@pytest.mark.parametrize("part", ["drivers", "treatment", "changes", "combined", "quality", "reliability"])
def test_sentences_of_parts(facts: dict[str, Any], part: str) -> None:
    found = facts[part] if isinstance(facts[part], list) else [facts[part]]
    for entry in found:
        said = entry.get("summary_en") or entry.get("reason_en") or ""
        left = [word for word in CHINESE.findall(said) if word not in entered(facts)]
        assert left == [], said


def test_why_a_department_is_not_ranked(facts: dict[str, Any]) -> None:
    missing = [p for p in facts["profiles"] if not p["ranked"]]
    assert [p["reason_zh"] for p in missing] == ["评议人数少于公布门槛。"]
    assert [p["reason_en"] for p in missing] == ["Fewer raters than the publication threshold."]
    assert all(p["reason_en"] == "" for p in facts["profiles"] if p["ranked"])


def test_notes_stand_in_both_languages(facts: dict[str, Any]) -> None:
    for ranking in (facts["ranking"], *facts["ranking"]["groups"]):
        assert len(ranking["notes"]) == len(ranking["notes_en"]) > 0
        assert not any(word not in entered(facts) for n in ranking["notes_en"] for word in CHINESE.findall(n))


def test_items_strata_and_options_have_their_english_names(english: dict[str, Any]) -> None:
    profile = english["profiles"][0]
    assert [item["name"] for item in profile["items"]] == [item.name_en for item in ITEMS]
    assert english["drivers"]["outcome"] == "Overall"
    assert {entry["item"] for entry in profile["importance"]} < {item.name_en for item in ITEMS}
    assert {entry["stratum"] for entry in profile["treatment"]} <= {stratum.name_en for stratum in STRATA}
    known = {option for stratum in STRATA for option in stratum.options_en}
    classes = {name for entry in profile["treatment"] for name in (entry["first"], entry["second"])}
    assert {option for name in classes for option in name.split("/")} <= known


def test_a_profile_has_no_chinese_but_names(facts: dict[str, Any], english: dict[str, Any]) -> None:
    for profile in english["profiles"]:
        left = [w for text in texts(profile) for w in CHINESE.findall(text) if w not in entered(facts)]
        assert left == []


def test_a_chinese_page_has_the_facts_themselves(typed: Facts) -> None:
    with page("/"):
        assert in_page_language(typed) is typed


def test_facts_without_a_table_of_answers_have_an_english_page(typed: Facts) -> None:
    """Attack: a round whose answers could not be set beside the roster had no page in English at all."""
    none = replace(typed, response=Impossible(reason_zh="没有名录。", reason_en="No roster."))
    with page("/?lang=en"):
        assert in_page_language(none).items[0].name == ITEMS[0].name_en


def named_in_english(content: EditionContent, names: list[str]) -> EditionContent:
    """The content of a round whose first departments have these English names."""
    named = [replace(p, name_en=name) for p, name in zip(content.facts.profiles, names, strict=False)]
    profiles = (*named, *content.facts.profiles[len(names) :])
    return replace(content, facts=replace(content.facts, profiles=profiles))


def test_an_english_edition_names_departments_in_english_wherever_they_stand(content: EditionContent) -> None:
    """Also inside sentences that were stored when the round was opened; what a firm wrote stays as it is."""
    names = [f"Bureau {letter}" for letter in "ABCDEFGHI"]
    firm = content.facts.profiles[0].name
    said = replace(content.comments[firm][0], text=firm)
    content = replace(content, comments={firm: (said,)})
    with speaking("en"):
        english = content_in_page_language(named_in_english(content, names))
    chinese = [profile.name for profile in content.facts.profiles]
    assert [text for text in texts(written(english.facts)) if any(name in text for name in chinese)] == []
    assert [p.name for p in english.facts.profiles] == names
    assert {d.name for d in english.facts.ranking.departments} <= set(names)
    assert english.problems[0].department == "Bureau A"
    assert english.comments["Bureau A"][0].text == firm
    ranked = [d.name for d in content.facts.ranking.departments]
    assert [d.name for d in english.facts.ranking.departments] == [names[chinese.index(n)] for n in ranked]


def test_a_department_without_an_english_name_keeps_its_chinese_one(content: EditionContent) -> None:
    with speaking("en"):
        english = content_in_page_language(named_in_english(content, ["Bureau A"]))
    assert [p.name for p in english.facts.profiles] == [
        "Bureau A",
        *(p.name for p in content.facts.profiles[1:]),
    ]
    assert {p.group for p in english.facts.profiles} == {
        "Administration",
        "Law enforcement",
        "Public services",
    }
    with speaking("zh"):
        assert content_in_page_language(content) is content


def test_no_two_departments_are_called_alike(content: EditionContent) -> None:
    """Attack: one department's English name is another's Chinese one, and their rows cannot be told apart."""
    other = content.facts.profiles[1].name
    with speaking("en"):
        english = content_in_page_language(named_in_english(content, [other]))
    assert len({p.name for p in english.facts.profiles}) == len(english.facts.profiles)
