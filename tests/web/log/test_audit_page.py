"""The audit log as people read it: every action and every detail has words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from county import County
from flask import Flask

import survey
from survey.models import ProposalKind, Role
from survey.services.operations.audit import record
from survey.web.log.details import details
from survey.wording.staff import action, subject_kinds

RECORDING = re.compile(r"^from survey\.services\.operations\.audit import .*\brecord\b", re.MULTILINE)
CODE = re.compile(r'"([a-z]+\.(?!json"|docx")[a-z_]+)"')
STAGES = ("recorded", "assigned", "working", "answered", "verified", "withdrawn")


def recorded_actions() -> set[str]:
    """The codes in every module that writes the log."""
    modules = [path.read_text("utf-8") for path in Path(survey.__file__).parent.rglob("*.py")]
    codes = {code for module in modules if RECORDING.search(module) for code in CODE.findall(module)}
    return codes | {f"problem.{stage}" for stage in STAGES}


def test_every_action_has_words_and_a_kind(site: Flask) -> None:
    actions = recorded_actions() - set(site.view_functions)
    assert {"round.close", "user.sign_in", "publication.confirm", "comment.take_back"} <= actions
    with site.test_request_context():
        assert [code for code in sorted(actions) if action(code) == code] == []
        assert {code.split(".")[0] for code in actions} <= set(subject_kinds())


def test_details_are_told_in_words(site: Flask) -> None:
    with site.test_request_context():
        told = details({"role": "reviewer", "themes": ["态度", "拖延"], "seed": "7", "unheard_of": 3})
    assert told == [
        ("角色", "评议员（持钥人）", False),
        ("主题", "态度、拖延", False),
        ("随机种子", "7", True),
        ("unheard_of", "3", False),
    ]


@pytest.mark.parametrize("kind", ProposalKind)
def test_what_was_asked_for_is_told_in_words(site: Flask, kind: ProposalKind) -> None:
    with site.test_request_context():
        (_, asked, _), (_, with_it, _) = details({"asked": kind.value, "part_of": "user.create"})
    assert re.fullmatch(r"[一-龥]{4,}", asked)
    assert with_it == "添加人员"


@pytest.mark.parametrize("kind", ["assessment", "nonsense"])
def test_the_page_tells_them(place: County, administrator, kind: str) -> None:
    place.database.write(
        lambda s: record(s, actor=place.administrator, action="indicator.remove", kind=kind, rows=12) and None
    )
    page = administrator.get("/audit/?kind=indicator").text
    assert "删除外部指标" in page
    assert ("省市评估" in page) == (kind == "assessment")
    assert re.search(r"行数</span>\s*12", page)
    assert Role.REVIEWER not in page
