"""docs/vectors.json is what this program makes, and what the phone's half makes of the same."""

from __future__ import annotations

import json

import worked_example

from survey.protocol.canonical_json import canonical_json


def test_it_is_current() -> None:
    stored = worked_example.PATH.read_text("utf-8")
    assert worked_example.text_of(json.loads(stored)) == stored


def test_the_canonical_text_is_the_frozen_part() -> None:
    known = json.loads(worked_example.PATH.read_text("utf-8"))
    assert canonical_json(known["round"]["frozen"]).decode() == known["frozen"]["canonical"]
    assert json.loads(known["frozen"]["canonical"]) == known["round"]["frozen"]
