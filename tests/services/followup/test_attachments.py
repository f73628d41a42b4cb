"""Files with the answer of a department: who adds, sees and removes them, and when they stay for good."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from attached import picture
from county import County
from opened import LATER, open_by_hand, publish, record, step

from survey.config import Settings
from survey.documents.attachments.examining import Attachment
from survey.documents.attachments.kinds import FileKind
from survey.errors import Conflict, InvalidInput, NotFound, PingyiError
from survey.models import AuditEvent, Problem, ProblemFile, User
from survey.services.doctor.antivirus import antivirus
from survey.services.followup import attachments
from survey.services.operations import virus_scan
from survey.services.operations.virus_scan import FileInfected, NotScanned, require_clean

EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The harmless text that antivirus programs report; in two pieces, so that none reports this file."""
SCANNER = """
import sys
from dataclasses import replace
content = sys.stdin.buffer.read()
sys.exit(1 if b"EICAR-STANDARD" in content else 0)
"""


@pytest.fixture
def handed(place: County) -> County:
    """Problem 1 of 公安局, which has it in hand; the liaison of 税务局 has nothing."""
    place.collecting(threshold=10)
    open_by_hand(place)
    record(place)
    publish(place)
    step(place, "assign", place.reviewers[0], LATER, nobody=True)
    step(place, "accept", place.add_liaison("公安局"), responsible="李四", measures="轮训")
    return place


def liaison(place: County, department: str = "公安局") -> User:
    found = place.look(lambda s, _r: s.query(User).filter_by(name=f"{department}联络员").one_or_none())
    return found or place.add_liaison(department)


def given(content: bytes = b"%PDF- 1", name: str = "回复.pdf") -> Attachment:
    return Attachment(name, FileKind.PDF, content)


def do(place: County, work: Any, *values: Any) -> Any:
    return place.act(lambda s, r: work(s, s.get(Problem, (r.id, 1)), *values))


def add(place: County, *values: Any) -> None:
    do(place, attachments.attach, liaison(place), given(*values))


def waiting(place: County, user: User | None = None) -> list[tuple[int, str]]:
    return [(f.number, f.name) for f in do(place, attachments.waiting, user or liaison(place))]


def test_files_wait_and_go_with_the_answer(handed: County) -> None:
    add(handed)
    add(handed, b"%PDF- 2", "照片.pdf")
    add(handed)  # the same once more
    assert waiting(handed) == [(1, "回复.pdf"), (2, "照片.pdf")]
    assert waiting(handed, liaison(handed, "税务局")) == waiting(handed, handed.reviewers[0]) == []
    do(handed, attachments.remove, liaison(handed), 1)
    do(handed, attachments.remove, liaison(handed), 1)  # gone already
    step(handed, "answer", liaison(handed), "办好了")
    (sent,) = do(handed, attachments.sent).values()
    assert [f.name for f in sent] == ["照片.pdf"]
    assert waiting(handed) == []
    last = handed.look(lambda s, _r: s.query(AuditEvent).order_by(AuditEvent.number).all())[-1]
    assert (last.action, last.detail["files"]) == ("problem.answered", 1)
    with pytest.raises(Conflict, match="现在不能加附件"):
        add(handed, b"%PDF- 3")
    do(handed, attachments.remove, liaison(handed), 2)
    assert do(handed, attachments.get, 2, handed.reviewers[0]).content == b"%PDF- 2"


def test_nobody_else_has_them(handed: County) -> None:
    add(handed)
    strange = liaison(handed, "税务局")
    for user in (strange, handed.reviewers[0]):
        with pytest.raises(NotFound):
            do(handed, attachments.get, 1, user)
        with pytest.raises(PingyiError):
            do(handed, attachments.attach, user, given(b"%PDF- 9"))
        do(handed, attachments.remove, user, 1)
    assert waiting(handed) == [(1, "回复.pdf")]
    step(handed, "answer", liaison(handed), "办好了")
    with pytest.raises(NotFound):
        do(handed, attachments.get, 1, strange)
    assert do(handed, attachments.get, 1, handed.reviewers[0]).name == "回复.pdf"


def test_what_was_not_sent_goes_when_the_problem_goes(handed: County) -> None:
    add(handed)
    step(handed, "answer", liaison(handed), "办好了")
    step(handed, "send_back", handed.reviewers[0], "没有办好", LATER)
    add(handed, b"%PDF- 2", "草稿.pdf")
    step(
        handed,
        "reassign",
        handed.reviewers[0],
        department="税务局",
        reason="职责",
        deadline=LATER,
        nobody=True,
    )
    left = handed.look(lambda s, _r: [f.name for f in s.query(ProblemFile)])
    assert left == ["回复.pdf"]
    # Who had sent it keeps it, up to the step by which the problem was taken.
    assert do(handed, attachments.get, 1, liaison(handed)).name == "回复.pdf"


def test_number_and_bytes_are_limited(handed: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MOST_FILES", 2)
    add(handed, b"%PDF- 1")
    add(handed, b"%PDF- 2")
    with pytest.raises(InvalidInput, match="最多 2 个附件"):
        add(handed, b"%PDF- 3")
    monkeypatch.setattr(attachments, "MOST_FILES", 9)
    monkeypatch.setattr(attachments, "MOST_OF_PROBLEM", 20)
    with pytest.raises(InvalidInput, match="合起来超过"):
        add(handed, b"%PDF- 3")


def test_a_scanner_is_asked_and_nothing_is_taken_unscanned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "scan.py"
    script.write_text(SCANNER)
    command = f"{sys.executable} {script}"
    require_clean(command, "一.pdf", b"nothing")
    require_clean("", "一.pdf", EICAR.encode())
    with pytest.raises(FileInfected, match="里发现了问题"):
        require_clean(command, "一.pdf", EICAR.encode())
    monkeypatch.setattr(virus_scan, "PATIENCE_SECONDS", 0.3)
    for broken in ("/no/such/scanner", f"{command}x", "/bin/sh -c 'exit 2'", "sleep 20"):
        with pytest.raises(NotScanned, match="没有经过杀毒检查"):
            require_clean(broken, "一.pdf", b"nothing")


def test_what_the_scanner_finds_never_reaches_the_database(handed: County, tmp_path: Path) -> None:
    user, script = liaison(handed), tmp_path / "scan.py"
    script.write_text(SCANNER)

    def find(session: Any) -> Problem:
        return session.query(Problem).one()

    with pytest.raises(FileInfected):
        attachments.take(
            handed.database, find, user, "一.jpg", picture() + EICAR.encode(), f"{sys.executable} {script}"
        )
    assert waiting(handed) == []
    attachments.take(handed.database, find, user, "一.jpg", picture(), f"{sys.executable} {script}")
    assert waiting(handed) == [(1, "一.jpg")]


@pytest.mark.parametrize(("exit_code", "level"), [(0, "ok"), (1, "bad"), (2, "bad")])
def test_the_doctor_asks_the_scanner(tmp_path: Path, exit_code: int, level: str) -> None:
    command = f"/bin/sh -c 'exit {exit_code}'"
    settings = Settings(tmp_path, "", "https://pingyi.example", "", scan_command=command)
    assert [finding.level for finding in antivirus(settings)] == [level]
    assert [finding.level for finding in antivirus(replace(settings, scan_command=""))] == ["warning"]
