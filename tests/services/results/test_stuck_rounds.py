"""A round whose texts cannot be drawn: its numbers are kept, and one that is stuck from before is freed."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from county import County
from sqlalchemy import text

from survey.documents.edition import opening_files
from survey.documents.layout.attempts import Failure
from survey.errors import Conflict, InvalidInput
from survey.protocol.answers import Answers
from survey.services.invitations import issuing
from survey.services.opening import opening_job
from survey.services.results import ranking as rankings
from survey.services.results.facts import facts_of
from survey.services.rounds import lifecycle
from survey.texts import require_drawable

pytestmark = pytest.mark.drawn
ALL = ["bulletin.docx", "facts.json", "ranking.pdf", "ranking.png", "ranking.svg", "ranking.xlsx"]
NAME = "住\u200b建\U0001f600局\x08"


@pytest.fixture
def closed(place_on_sqlite: County, monkeypatch: pytest.MonkeyPatch) -> County:
    """Closed, a department's name spoiled in the database as installations have it that took any text."""
    place = place_on_sqlite
    place.populate().draft()
    questionnaire = json.loads(place.round().questionnaire)
    questionnaire["departments"][1]["name"] = NAME
    given = {"text": json.dumps(questionnaire)}
    place.database.write(lambda s: s.execute(text("UPDATE round SET questionnaire = :text"), given) and None)
    with monkeypatch.context() as before_there_was_a_check:
        before_there_was_a_check.setattr(issuing, "missing_before_issuing", lambda *_: [])
        place.issue(14)
    place.start()
    chance = random.Random(3)
    levels = [[[1 + (chance.random() < d / 4) for _ in range(2)] for d in range(4)] for _ in range(14)]
    place.cast_all([Answers(tuple(map(tuple, one)), (chance.randrange(3),), {}) for one in levels])
    return place.close()


def files_of(place: County) -> list[str]:
    return [name for name, _, _ in place.look(rankings.artifacts)]


def open_it(place: County) -> None:
    opening_job.open_round(place.database, place.slug, place.key_files, "人大")


def test_what_no_font_has_keeps_no_round_from_being_opened(closed: County) -> None:
    open_it(closed)
    assert NAME in [d["name"] for d in closed.look(rankings.version1_of)["departments"]]
    assert (files_of(closed), closed.look(rankings.not_drawn)) == (ALL, [])


def test_a_round_that_is_stuck_since_before_is_freed(closed: County, monkeypatch: pytest.MonkeyPatch) -> None:
    def before(*_given: object) -> None:
        raise InvalidInput("文件没有生成：字体中没有这些字")

    with monkeypatch.context() as patch:
        patch.setattr(opening_job, "analyse_round", before)
        with pytest.raises(InvalidInput):
            open_it(closed)
    assert closed.look(rankings.version1_of) is None
    opening_job.remake(closed.database, closed.slug)
    assert len(closed.look(rankings.version1_of)["departments"]) == 4
    assert files_of(closed) == ALL


def test_numbers_are_kept_before_anything_is_drawn(closed: County, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_given: object, **_named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(opening_files, "make_artifacts", killed)
        with pytest.raises(KeyboardInterrupt):
            open_it(closed)
    assert closed.look(rankings.version1_of)["n_raters"] == 14
    assert closed.look(facts_of).ranking.departments
    opening_job.remake(closed.database, closed.slug)
    assert files_of(closed) == ALL


def test_a_file_that_was_not_made_is_named_and_made_again(
    closed: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: object, **_named: object) -> bytes:
        raise InvalidInput("磁盘满了。")

    with monkeypatch.context() as patch:
        patch.setattr(opening_files, "write_bulletin", broken)
        open_it(closed)
    told = [Failure(**entry) for entry in closed.look(rankings.not_drawn)]
    assert told == [Failure("bulletin.docx", "磁盘满了。", "磁盘满了。")]
    assert files_of(closed) == ALL[1:]
    digest = closed.look(rankings.score_table).digest
    opening_job.remake(closed.database, closed.slug)
    assert (files_of(closed), closed.look(rankings.not_drawn)) == (ALL, [])
    assert closed.look(rankings.score_table).digest == digest


def test_the_check_would_have_stopped_it_before_it_was_frozen(closed: County) -> None:
    questionnaire = closed.description().questionnaire
    with pytest.raises(InvalidInput, match="U\\+0008"):
        require_drawable(lifecycle.texts_of("标题", "主办", questionnaire))
    assert closed.look(lifecycle.missing_before_issuing) == [], "a frozen round is not held up by it"


def test_nothing_is_remade_before_the_opening(closed: County) -> None:
    with pytest.raises(Conflict):
        opening_job.remake(closed.database, closed.slug)


def test_the_command_remakes(closed: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from survey.cli import main, results

    open_it(closed)
    monkeypatch.setattr(results, "opened", lambda _data: _Opened(closed))
    done = CliRunner().invoke(main, ["results", "remake", closed.slug, "--data", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "6 个" in done.output


class _Opened:
    def __init__(self, place: County) -> None:
        self._place = place

    def __enter__(self) -> tuple[object, None]:
        return self._place.database, None

    def __exit__(self, *_: object) -> None:
        pass
