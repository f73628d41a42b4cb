"""What `pingyi demo` says of a county that stands already."""

from __future__ import annotations

import json
from pathlib import Path

from survey.cli.demo import _say_again


def test_a_county_that_was_moved_names_its_keys_where_they_are(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    reviewers = [{"name": "甲", "key_file": "/elsewhere/demo/keys/2026-q3-甲.key.json"}]
    path.write_text(
        json.dumps({"url": "http://old", "links": ["http://old/r/1#x"], "reviewers": reviewers}),
        encoding="utf-8",
    )
    _say_again(path, "http://new")
    told = json.loads(path.read_text(encoding="utf-8"))
    assert told["reviewers"][0]["key_file"] == str(tmp_path / "keys" / "2026-q3-甲.key.json")
    assert told["links"] == ["http://new/r/1#x"]
