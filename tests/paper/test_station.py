"""A station keeps what it read; two people settle each alone; nothing that is open is counted."""

from __future__ import annotations

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from survey.documents.paper.codes import form_number
from survey.documents.paper.layout import Question, QuestionKind
from survey.errors import Conflict, InvalidInput
from survey.language import translator
from survey.paper.scans.judge import Doubt
from survey.paper.scans.pages import Source, Unreadable
from survey.paper.scans.reading import PageFinding, Sheet
from survey.paper.station import erasing, folder, taking_in
from survey.paper.station.ends import CAST, NOT_COUNTED, OPEN, state_of
from survey.paper.station.erasing import erase, go_on, is_begun, keep
from survey.paper.station.findings import said_of
from survey.paper.station.folder import IMAGES, KEPT, PAGES, STARTED, Station, digest
from survey.paper.station.forms import CODE, COUNTED, MISSING, UNREADABLE, answers_of
from survey.paper.station.people import People
from survey.paper.station.report import count, report
from survey.paper.station.settling import THIRD, Settling
from survey.paper.station.taking_in import take_in
from survey.paper.web.work import READING, Work
from tests.paper.rounds import described, invited, questionnaire
from tests.paper.stations import begun, keep_form

ROUND = described(questionnaire(30, 2, 5))  # two pages
CODES = [each.code for each in invited(ROUND, 4)]
ASKED = Question(QuestionKind.RATING, 3, 1)


@pytest.fixture
def station(tmp_path: Path) -> Station:
    return begun(tmp_path / "station", ROUND)


def settle(station: Station, place: int, said: str) -> None:
    settling = Settling(station)
    for item in settling.waiting(place):
        settling.decide(place, item, said)


def test_what_was_read_is_there_when_opened_again(station: Station) -> None:
    form = keep_form(station, CODES[0], {ASKED: 4})
    again = Settling(Station(station.folder)).forms()[form]
    assert again.values[ASKED] == 4
    assert again.items == []
    answers = answers_of(ROUND.questionnaire, again, {})
    assert answers.ratings[3] == (1, 4)
    assert answers.ratings[0] == (1, 1)
    assert again.invitation == f"{CODES[0]}-{ROUND.check_number}"


def test_two_people_agree(station: Station) -> None:
    form = keep_form(station, CODES[0], doubts={ASKED: Doubt.SEVERAL})
    settle(station, 0, "2")
    settling = Settling(station)
    assert settling.settled() == {}
    assert [item.key for item in settling.waiting(1)] == ["rating:3:1"]
    settle(station, 1, "2")
    said = Settling(station).settled()[form]
    assert answers_of(ROUND.questionnaire, Settling(station).forms()[form], said).ratings[3][1] == 2


def test_where_they_differ_a_third_look_decides(station: Station) -> None:
    form = keep_form(station, CODES[0], doubts={ASKED: Doubt.FAINT})
    settle(station, 0, "2")
    assert Settling(station).waiting(THIRD) == []
    settle(station, 1, "3")
    assert Settling(station).settled() == {}
    assert state_of(Settling(station).forms()[form], {}, {}) == OPEN
    settle(station, THIRD, "3")
    assert Settling(station).settled() == {form: {"rating:3:1": "3"}}


GOOD = ("correct horse battery staple", "another line of odd words")


def test_the_two_are_two(station: Station) -> None:
    assert People(station).enrol(" 张 三 ", GOOD[0]) == 0
    for name in ("张 三", "张三", "张\u3000三"):
        with pytest.raises(InvalidInput, match="另一个人"):
            People(station).enrol(name, GOOD[1])
    with pytest.raises(InvalidInput, match="口令不能一样"):
        People(station).enrol("李四", GOOD[0])
    with pytest.raises(InvalidInput, match="太容易猜到"):
        People(station).enrol("李四", "1234567890")
    assert People(station).enrol("李四", GOOD[1]) == 1
    with pytest.raises(Conflict, match="张 三、李四"):
        People(station).enrol("王五", "a third line of odd words")
    people = People(station)
    assert [people.proves(n, said) for n in (0, 1) for said in GOOD] == [True, False, False, True]
    assert people.letters == People(station).letters
    assert not any(word in (station.folder / "people.json").read_text() for word in GOOD)


def test_a_decision_is_taken_back_until_its_form_is_cast(station: Station) -> None:
    form = keep_form(station, CODES[0], doubts={ASKED: Doubt.FAINT})
    settle(station, 0, "2")
    settling = Settling(station)
    settling.withdraw(0, form, "rating:3:1")
    assert [item.key for item in settling.waiting(0)] == ["rating:3:1"]
    for place in (0, 1):
        settle(station, place, "3")
    station.note_cast(form, {"message": "begun"})
    with pytest.raises(Conflict, match="已经开始投票"):
        settling.withdraw(0, form, "rating:3:1")
    assert Settling(station).settled() == {form: {"rating:3:1": "3"}}


@pytest.mark.parametrize("said", ["9", "", "-1", "yes"])
def test_no_decision_that_is_no_answer(station: Station, said: str) -> None:
    keep_form(station, CODES[0], doubts={ASKED: Doubt.FAINT})
    with pytest.raises(InvalidInput):
        settle(station, 0, said)


def test_pages_that_are_missing(station: Station) -> None:
    form = keep_form(station, CODES[0], pages={0})
    assert Settling(station).forms()[form].missing == (1,)
    assert "缺第 2 页" in said_of(station)[0].say()
    for place in (0, 1):
        settle(station, place, COUNTED)
    found, said = Settling(station).forms()[form], Settling(station).settled()[form]
    assert state_of(found, said, {}) == ""
    assert state_of(found, said | {MISSING: UNREADABLE}, {}) == NOT_COUNTED
    keep_form(station, CODES[0], pages={1})
    assert Settling(station).forms()[form].items == [], "the page was found"


def test_a_torn_code_is_typed_and_checked_against_the_form(station: Station) -> None:
    form = keep_form(station, CODES[0], with_code=False)
    settling = Settling(station)
    item = settling.waiting(0)[0]
    assert item.key == CODE
    with pytest.raises(InvalidInput, match="不是表号"):
        settling.decide(0, item, CODES[1])
    with pytest.raises(InvalidInput, match="邀请码不完整"):
        settling.decide(0, item, "1234")
    settling.decide(0, item, CODES[0].replace("-", " ").lower())
    assert settling.decisions(0) == {form: {CODE: CODES[0]}}


def test_the_same_page_twice_counts_once(station: Station) -> None:
    form = keep_form(station, CODES[0])
    keep_form(station, CODES[0], copy="b")
    assert Settling(station).forms()[form].items == []
    keep_form(station, CODES[0], {ASKED: 5}, copy="c")
    assert [item.doubt for item in Settling(station).forms()[form].items] == ["copies"]
    assert sum("同一页读过两次" in said.say() for said in said_of(station)) == 4
    assert count(station).returned == 1


def test_pages_that_are_no_form_are_named_with_a_remedy(station: Station) -> None:
    for number in (10, 7, 9):
        station.keep(f"x-{number:04}", Source(Path("scan.pdf"), number), PageFinding("blank"))
    station.keep("x-0002", Source(Path("scan.pdf"), 8), PageFinding("round", (Sheet("ABCDEFGH", 2, False),)))
    said = [phrase.say() for phrase in said_of(station)]
    assert said == [
        "scan.pdf 第 7、9、10 页：空白页。双面表的空白背面可以不管；不是的请重扫。",
        "scan.pdf 第 8 页（表号 ABCDEFGH 第 2 页）：是另一轮或另一份问卷的表。请挑出来，不计入本轮。",
    ]


def test_the_protocol_says_everything_and_cannot_return_more_than_was_handed_out(station: Station) -> None:
    for code in CODES[:2]:
        keep_form(station, code)
    keep_form(station, CODES[2], doubts={ASKED: Doubt.FAINT})
    station.note_cast(keep_form(station, CODES[3]), {"state": "cast", "receipt": "AAAA-AAAA-AAAA-AAAA"})
    found = count(station)
    assert (found.returned, found.cast, found.ready, found.undecided) == (4, 1, 2, 1)
    text = report(station, 10, str)
    assert "发出  10" in text
    assert "收回  4" in text
    assert "AAAA" not in text, "whose receipt it is stays here"
    assert "Handed out  10" in report(station, 10, translator("en"))
    with pytest.raises(InvalidInput, match="收回却有 4 份"):
        report(station, 3, str)


def test_a_folder_belongs_to_one_round(station: Station, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="另一轮"):
        begun(station.folder, described(questionnaire(8, 1, 5)))
    with pytest.raises(InvalidInput, match="不是阅表站的目录"):
        Station(tmp_path)
    assert (station.folder.stat().st_mode & 0o077) == 0


def test_a_page_read_after_its_form_was_cast_is_named(station: Station) -> None:
    """It is not in the ballot any more, whatever people decide now."""
    form = keep_form(station, CODES[0], pages={0})
    assert [item.key for item in Settling(station).waiting(0)] == [MISSING]
    station.note_cast(form, {"state": CAST, "receipt": "AAAA-AAAA-AAAA-AAAA", "pages": [0]})
    assert said_of(station) == []
    keep_form(station, CODES[0], pages={1}, doubts={Question(QuestionKind.RATING, 29, 1): Doubt.FAINT})
    assert list(map(str, said_of(station))) == [
        f"表号 {form} 已经投票，后读的第 2 页没有计入。请在计票记录上注明。"
    ]
    keep_form(station, CODES[0], {ASKED: 2}, pages={0}, copy="again")
    assert Settling(station).waiting(0) == []
    assert "同一页读过两次。这份表已经投票，不再改。" in str(said_of(station)[0])


def test_an_address_that_was_mistyped_is_mended(tmp_path: Path) -> None:
    """Made without a network, nobody noticed."""
    begun(tmp_path / "station", ROUND, "https://pingyi.exmaple/s/2026-q4")
    begun(tmp_path / "station", ROUND, "https://pingyi.example/s/2026-q4")
    assert Station(tmp_path / "station").url == "https://pingyi.example/s/2026-q4"


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    """The scans were named before the station."""
    (tmp_path / "scan.pdf").write_bytes(b"%PDF")
    with pytest.raises(InvalidInput, match="不能建目录") as refused:
        begun(tmp_path / "scan.pdf", ROUND)
    assert "先写阅表站的目录" in refused.value.say_remedy()
    with pytest.raises(InvalidInput, match="不是阅表站的目录"):
        Station(tmp_path / "scan.pdf")


def test_pages_that_come_while_somebody_settles_are_seen(station: Station) -> None:
    settling = Settling(station)
    assert settling.waiting(0) == []
    keep_form(station, CODES[0], doubts={ASKED: Doubt.FAINT})
    assert [item.doubt for item in settling.waiting(0)] == ["faint"]


@pytest.mark.parametrize("said", [UNREADABLE, COUNTED])
def test_a_form_with_both_corners_torn_came_back_and_is_not_forgotten(station: Station, said: str) -> None:
    """Its number alone is known: two people say what becomes of it, and the count says that it came back."""
    number = form_number(CODES[0])
    station.keep("x-0001", Source(Path("scan.pdf"), 1), PageFinding("corners", (Sheet(number, 1, True),)))
    assert (count(station).returned, count(station).undecided) == (1, 1)
    for place in (0, 1):
        settle(station, place, said)
    assert (count(station).undecided, count(station).not_counted, count(station).empty) == (0, 1, 0)
    keep_form(station, CODES[0])
    assert count(station).ready == 1, "another scan of it could be read"


def test_a_disk_pulled_out_while_it_is_read_spoils_no_page(
    station: Station, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its pages are read when the file is there again; a page kept as unreadable would never be."""
    path, away = tmp_path / "scan.tif", tmp_path / "away.tif"
    blank = Image.new("L", (1600, 2300), 255)
    blank.save(path, save_all=True, append_images=[blank, blank])
    reading = take_in(station, taking_in.waiting(station, path), workers=1)
    next(reading)
    path.rename(away)
    rest = list(reading)
    assert station.page_count() == 1
    assert all(isinstance(each, Unreadable) for each in rest)
    assert len(set(map(str, rest))) == 1
    assert "读到一半没有了" in str(rest[0])
    away.rename(path)
    list(take_in(station, taking_in.waiting(station, path), workers=1))
    assert station.page_count() == 3
    assert {page.found for page in station.pages()} == {PageFinding("blank")}


def test_a_full_disk_is_named(station: Station) -> None:
    def full(_tell: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    work = Work()
    work.start(READING, full)
    work.wait()
    assert "读写磁盘出错：No space left on device" in work.ended(READING, str)
    assert "请清理磁盘或换一处" in work.ended(READING, str)


def test_what_is_half_erased_is_neither_counted_nor_added_to(station: Station) -> None:
    """Its protocol would say that nothing came back, and a page read now would be erased uncounted."""
    keep_form(station, CODES[0])
    (station.folder / STARTED).write_text("the record", encoding="utf-8")
    for refused in (lambda: report(station, 5, str), lambda: list(take_in(station, [], 1))):
        with pytest.raises(InvalidInput, match="已经销毁"):
            refused()
    certificate = go_on(station, str)
    assert "the record" in certificate.read_text("utf-8")
    with pytest.raises(InvalidInput, match="已经销毁"):
        report(station, 5, str)


def test_half_a_decision_of_a_killed_program_is_erased_too(station: Station) -> None:
    (station.folder / ".new-x1y2").write_text('{"form": {"comment:1": "what somebody wrote"}}', "utf-8")
    erase(station, "the record", str)
    assert not (station.folder / ".new-x1y2").exists()


def test_nothing_is_erased_while_somebody_reads(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page kept after the certificate would stay for good."""
    keep_form(station, CODES[0])
    monkeypatch.setattr(taking_in, "_read", lambda *_given: PageFinding("blank"))
    reading = take_in(station, [(f"x-000{n}", Source(Path("scan.pdf"), n)) for n in (1, 2)], workers=1)
    next(reading)
    for begin in (lambda: erase(station, "the record", str), lambda: go_on(station, str)):
        with pytest.raises(InvalidInput, match="正在往这个阅表站读表"):
            begin()
    assert len(list(take_in(station, [("y-0001", Source(Path("other.pdf"), 1))], workers=1))) == 1
    assert len(list(reading)) == 1
    assert count(station).returned == 1
    erase(station, "the record", str)


def test_no_list_of_digests_is_made_while_somebody_reads(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking_in, "_read", lambda *_given: PageFinding("blank"))
    reading = take_in(station, [(f"x-000{n}", Source(Path("scan.pdf"), n)) for n in (1, 2)], workers=1)
    next(reading)
    with pytest.raises(InvalidInput, match="正在往这个阅表站读表"):
        keep(station, "the record", str)
    assert not (station.folder / KEPT).exists()
    list(reading)
    keep(station, "the record", str)
    assert len((station.folder / "kept-files.txt").read_text("utf-8").splitlines()) == 2


def test_a_file_erased_by_halves_is_listed_once_as_it_was(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_form(station, CODES[0])
    whole = {digest(path) for path in (station.folder / PAGES).iterdir()}

    def killed(path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(errno.EIO, "killed")

    with monkeypatch.context() as patched:
        patched.setattr(erasing, "overwrite", killed)
        with pytest.raises(OSError, match="killed"):
            erase(station, "the record", str)
    go_on(station, str)
    listed = (station.folder / "erased-files.txt").read_text("utf-8").splitlines()
    assert {line.partition("  ")[0] for line in listed} == whole
    assert len(listed) == len(whole)


def test_nothing_is_erased_while_a_decision_is_written(station: Station) -> None:
    """It would be written again after the certificate."""
    keep_form(station, CODES[0])
    with ThreadPoolExecutor(1) as beside:
        with station.deciding():
            erasing = beside.submit(erase, station, "the record", str)
            with pytest.raises(TimeoutError):
                erasing.result(0.3)
            assert not is_begun(station)
        assert erasing.result(10).exists()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
def test_an_image_is_on_the_disk_before_what_was_read(
    station: Station, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a loss of power a page that is known has an image to look at."""
    Image.new("L", (1600, 2300), 255).save(tmp_path / "scan.png")
    synced, fsync = list[str](), os.fsync

    def note(file: int) -> None:
        synced.append(Path(f"/proc/self/fd/{file}").readlink().parent.name)
        fsync(file)

    monkeypatch.setattr(os, "fsync", note)
    list(take_in(station, taking_in.waiting(station, tmp_path / "scan.png"), workers=1))
    assert synced[:2] == [IMAGES, PAGES]


def test_an_erasing_begins_with_its_whole_record(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed before the record is on the disk, it has not begun: the certificate would have no numbers."""
    keep_form(station, CODES[0])
    with monkeypatch.context() as patched:
        patched.setattr(folder.os, "fsync", lambda _file: (_ for _ in ()).throw(OSError(errno.EIO, "killed")))
        with pytest.raises(OSError, match="killed"):
            erase(station, "the record", str)
    assert not is_begun(station)
    assert count(station).returned == 1
