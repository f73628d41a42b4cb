"""What a monitor is told: what needs somebody, and nothing that moves when somebody votes."""

from __future__ import annotations

import re
from collections import namedtuple
from datetime import timedelta
from pathlib import Path

import pytest
from county import County
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text, update

from survey.cli.site.metrics import Figures
from survey.clock import now, today
from survey.models import Job, Round
from survey.services.operations import upkeep
from survey.services.waiting import figures

ROOT = Path(__file__).resolve().parents[3]
RULES = ROOT / "deploy/prometheus/pingyi.rules.yml"
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def disk(place: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk of a megabyte more than the ballots, so that whatever they take is seen."""

    def usage(_path: Path) -> Usage:
        with place.database.read() as session:
            stored = int(session.scalar(text("SELECT coalesce(sum(length(sealed)), 0) FROM ballot")) or 0)
        return Usage(4 << 20, stored, (2 << 20) + (100 << 10) - stored)

    monkeypatch.setattr(figures.shutil, "disk_usage", usage)


def scraped(place: County, data: Path) -> str:
    registry = CollectorRegistry()
    registry.register(Figures(place.database, data))
    return generate_latest(registry).decode()


def values(scrape: str) -> dict[str, float]:
    """Value by name, with its label's value in brackets."""
    return {
        sample.name + "".join(f"[{value}]" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(scrape)
        for sample in family.samples
    }


@pytest.mark.usefixtures("disk")
def test_nothing_moves_when_somebody_votes(place: County, tmp_path: Path) -> None:
    place.collecting(slips=4)
    before = scraped(place, tmp_path)
    phone = place.phone()
    phone.collect()
    collected = scraped(place, tmp_path)
    phone.seal().cast()
    assert scraped(place, tmp_path) == collected == before


@pytest.mark.usefixtures("disk")
def test_a_finer_figure_of_the_disk_would_tell(
    place: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "DISK_STEPS", 10**6)
    place.collecting(slips=1)
    before = scraped(place, tmp_path)
    place.phone().answer()
    assert scraped(place, tmp_path) != before


def test_what_needs_somebody_is_told(place: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place.collecting(slips=1)
    well = values(scraped(place, tmp_path))
    assert well["pingyi_database_up"] == well["pingyi_rounds[open]"] == 1
    assert well["pingyi_rounds_past_last_day"] == well["pingyi_rounds_behind"] == 0
    assert "pingyi_backup_timestamp_seconds" not in well
    (tmp_path / "backups").mkdir()
    for name in (upkeep.BACKUP, upkeep.FAILED, upkeep.DAMAGED):
        (tmp_path / name).touch()
    counted = update(Round).values(participation_on=today())
    place.database.write(lambda session: session.execute(counted))
    monkeypatch.setattr(figures, "today", lambda: place.round().closes_on + timedelta(days=1))
    job = {"kind": "opening", "state": "failed", "created_at": now(), "beat_at": now()}
    place.database.write(lambda session: session.add(Job(**job)))
    told = values(scraped(place, tmp_path))
    assert told["pingyi_backup_failed"] == told["pingyi_database_damaged"] == 1
    assert told["pingyi_rounds_past_last_day"] == told["pingyi_rounds_behind"] == 1
    assert told["pingyi_jobs[failed]"] == 1
    assert told["pingyi_backup_timestamp_seconds"] == pytest.approx(
        (tmp_path / upkeep.BACKUP).stat().st_mtime
    )
    assert told["pingyi_tasks_waiting[administrator]"] == 1  # to propose closing


def test_a_database_that_does_not_answer_is_one_figure(place_on_sqlite: County, tmp_path: Path) -> None:
    place_on_sqlite.database.close()
    Path(place_on_sqlite.database.url.partition("///")[2]).write_bytes(b"no database at all" * 500)
    told = values(scraped(place_on_sqlite, tmp_path))
    assert told["pingyi_database_up"] == 0
    assert told["pingyi_backup_failed"] == 0
    assert not [name for name in told if name.startswith("pingyi_rounds")]


def test_the_rules_name_figures_that_there_are(place: County, tmp_path: Path) -> None:
    (tmp_path / "backups").mkdir()
    (tmp_path / upkeep.BACKUP).touch()
    named = set(re.findall(r"pingyi_\w+", "".join(re.findall(r"expr: (.+)", RULES.read_text()))))
    there = {name.partition("[")[0] for name in values(scraped(place, tmp_path))}
    assert named
    assert named <= there
