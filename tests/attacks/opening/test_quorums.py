"""Any k of n holders, from export to import: the opening itself on a computer without network or database.

And everything that must be refused, with nothing half opened.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from county import SECRET, County
from offline import OFFLINE, PHONES, closed_round, keys_for, offline

from survey.models import State
from survey.services.opening import box_files
from survey.services.opening import opening_job as openings
from survey.services.results import ranking

HOLDERS = [(1, 1), (2, 2), (1, 3), (2, 3), (3, 3), (2, 4), (3, 4), (4, 4)]


@pytest.fixture(autouse=True)
def _no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openings, "analyse_round", lambda *_: None)


@pytest.mark.parametrize(("quorum", "holders"), HOLDERS)
def test_exactly_k_of_n_open_here(place_on_sqlite: County, quorum: int, holders: int) -> None:
    """The last k holders; one fewer, or one of them twice, opens nothing."""
    place = closed_round(place_on_sqlite, quorum, holders)
    some = place.key_files[-quorum:]
    for too_few in (some[1:], [some[0]] * quorum if quorum > 1 else []):
        with pytest.raises(Exception, match="钥"):
            openings.open_round(place.database, place.slug, too_few, "人大")
        assert place.round().state == State.CLOSED
    openings.open_round(place.database, place.slug, some, "人大")
    assert place.look(ranking.score_table).valid == PHONES


def test_two_of_three_by_files_alone(place: County, tmp_path: Path) -> None:
    place = closed_round(place, 2, 3)
    box = tmp_path / "box.jsonl"
    box_files.export_box(place.database, place.slug, box)
    digests = set()
    for chosen in ([0, 1], [0, 2], [2, 1]):
        done = offline(tmp_path, "open", box, *keys_for(place, tmp_path, chosen))
        assert done.returncode == 0, done.stderr
        digests.add((tmp_path / "box.opened.json").read_bytes())
    assert len(digests) == 1, "any two open the same"
    assert SECRET not in done.stdout
    box_files.import_opened(place.database, place.slug, tmp_path / "box.opened.json", "人大")
    assert place.round().state == State.OPENED
    after = tmp_path / "after.jsonl"
    box_files.export_box(place.database, place.slug, after)
    root = place.round().merkle_root.hex()
    verified = offline(tmp_path, "verify", after, "--root", root, "--opened", tmp_path / "box.opened.json")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "✗" not in verified.stdout


def test_the_computer_really_has_no_network(tmp_path: Path) -> None:
    """The same wrapper stops what would need one."""
    probe = OFFLINE.replace("from survey.cli.__main__ import main\nmain()", "import sqlite3")
    assert subprocess.run([sys.executable, "-c", probe], capture_output=True, check=False).returncode != 0
    probe = OFFLINE.replace(
        "from survey.cli.__main__ import main\nmain()", "socket.create_connection(('127.0.0.1', 9))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=False)
    assert "there is no network here" in done.stderr
