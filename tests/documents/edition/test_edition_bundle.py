"""All documents of an edition, each opened by another program: the same numbers, digit by digit."""

import hashlib
import io
import json
import os
import re
import zipfile
from collections.abc import Mapping
from typing import Any

import cheap
import docx
import openpyxl
import pypdfium2
import pytest
from msgspec.structs import replace
from PIL import Image

from analysis.charts import rendering
from analysis.charts.rendering import render
from analysis.ranking.reading import reading
from survey.documents.edition import bundle
from survey.documents.edition.bundle import MANIFEST, archive, file_name, write_bundle
from survey.documents.edition.charts import charts_of
from survey.documents.edition.content import Edition
from survey.documents.edition.ranking_parts import headings, ranking_rows, tier_note
from survey.documents.layout.attempts import Failure
from survey.documents.layout.canonical import canonical
from survey.documents.layout.typesetting import TypesettingFailed
from survey.facts.ranking import RankedDepartment
from survey.facts.wire import edition_from, written_edition
from survey.wording.numbers import interval, percent, points, signed
from tests.documents.edition_data import LONG, make_edition
from tests.documents.readers import ruled_tables, text_in
from tests.facts.made import made

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def edition() -> Edition:
    return make_edition()


@pytest.fixture(scope="module")
def steps() -> list[tuple[str, int, int]]:
    return []


@pytest.fixture(scope="module")
def files(edition: Edition, steps: list[tuple[str, int, int]]) -> Files:
    made = write_bundle(
        edition, canonical(written_edition(edition.content)), lambda *step: steps.append(step)
    )
    with zipfile.ZipFile(io.BytesIO(made)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def word(content: bytes) -> Any:
    return docx.Document(io.BytesIO(content))


def text_of(content: bytes) -> str:
    document = word(content)
    cells = [cell.text for t in document.tables for row in t.rows for cell in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def pdf_pages(content: bytes) -> list[str]:
    pages = pypdfium2.PdfDocument(content)
    return [page.get_textpage().get_text_bounded().replace("\r\n", "\n") for page in pages]


def rows_of(table: Any) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_the_manifest_is_of_sha256sum_and_names_every_file(files: Files) -> None:
    listed = dict(line.split("  ", 1)[::-1] for line in files[MANIFEST].decode().splitlines())
    assert set(listed) == set(files) - {MANIFEST}
    for name, digest in listed.items():
        assert hashlib.sha256(files[name]).hexdigest() == digest


def test_the_frozen_content_is_in_it_under_its_published_digest(files: Files, edition: Edition) -> None:
    assert hashlib.sha256(files["公布内容.json"]).hexdigest() == edition.digest


def test_every_kind_of_document_is_there(files: Files, edition: Edition) -> None:
    assert {"通报.docx", "评议报告.pdf", "排名表.xlsx", "分析.docx", "年度总排名.docx"} <= set(files)
    letters = [name for name in files if name.startswith("反馈函/")]
    assert len(letters) == len(edition.profiles)
    charts = {name.removeprefix("图表/") for name in files if name.startswith("图表/")}
    names = (
        "ranking",
        "ranking-16x9-1",
        "pairs",
        "pairs-16x9",
        "items",
        "importance",
        "treatment-1",
        "change-2026-q3",
        "combined",
    )
    assert charts == {f"{name}.{fmt}" for name in names for fmt in ("png", "svg", "pdf")}


def test_charts_are_of_300_dpi(files: Files) -> None:
    for name in (n for n in files if n.endswith(".png")):
        assert Image.open(io.BytesIO(files[name])).info["dpi"] == pytest.approx((300, 300), abs=0.5)


def test_progress_grows_to_its_end(files: Files, steps: list[tuple[str, int, int]]) -> None:
    done = [step[1] for step in steps]
    assert done == sorted(done)
    assert steps[-1][1] == steps[-1][2]
    assert max(done) <= steps[-1][2]


def test_the_ranking_is_the_same_to_the_digit(files: Files, edition: Edition) -> None:
    """Word, Excel, PDF and chart against the facts."""
    digits = edition.digits
    bulletin = {row[1]: row for row in rows_of(ruled_tables(word(files["通报.docx"]))[-1])[1:]}
    sheet = openpyxl.load_workbook(io.BytesIO(files["排名表.xlsx"]))["排名"]
    excel = {row[1]: row for row in sheet.iter_rows(min_row=2, values_only=True)}
    report = "\n".join(pdf_pages(files["评议报告.pdf"]))
    chart = pdf_pages(files["图表/ranking.pdf"])[0]
    for d in edition.ranked:
        score, bounds = points(d.adjusted, digits), interval(d.ci, digits)
        assert bulletin[d.name][4:] == [score, bounds, str(d.n)]
        assert excel[d.name][5:8] == pytest.approx((d.adjusted, *d.ci), abs=1e-12)
        assert excel[d.name][0] == d.rank
        assert isinstance(excel[d.name][5], int | float)  # a number, read as whole where it is
        assert re.search(rf"{score}\s+{re.escape(bounds)}\s+{d.n}\b", report), d.name
        assert score in chart


def _change_with_its_certainty(change: Mapping[str, Any] | None) -> str:
    """Attack: a change of −13.4 without its interval, which was within chance."""
    if change is None:
        return "—"
    low, high = change.ci
    if change.direction == "same":
        return "未超出偶然"
    assert low > 0 if change.direction == "up" else high < 0
    word = "上升" if change.direction == "up" else "下降"
    return f"{word} {abs(change.change):.1f}（{signed(low)} 至 {signed(high)}）"


def test_letters_have_the_items_of_the_facts(files: Files, edition: Edition) -> None:
    report = "\n".join(pdf_pages(files["评议报告.pdf"]))
    for number, profile in enumerate(edition.profiles, start=1):
        letter = word(files[f"反馈函/{number:03d} {profile.name}.docx"])
        said = [text_in(p._p) for p in letter.paragraphs]
        assert f"{profile.name}：" in said
        assert said.count("特此函告。") == 1
        rows = rows_of(ruled_tables(letter)[0])[1:]
        assert [row[1] for row in rows] == [item.name for item in profile.items]
        for row, item in zip(rows, profile.items, strict=True):
            if item.mean is None:
                assert row[3:5] == ["—", "—"]
                continue
            shown = [str(item.n), points(item.mean), share_told(item)]
            assert row[2:5] == shown
            assert row[6] == _change_with_its_certainty(item.change)
            assert re.search(r"\s+".join(map(re.escape, shown)), report)


def share_told(item: dict[str, Any]) -> str:
    """The exact share, or the bound rounded to the safe side."""
    if item.satisfied is not None:
        return percent(item.satisfied)
    bound = item.satisfied_at_least
    assert bound is not None
    text = f"{100 * bound:.1f}"
    return f"≥{text if float(text) <= 100 * bound else f'{float(text) - 0.1:.1f}'}%"


def test_a_letter_holds_its_own_comments_and_problems_only(files: Files, edition: Edition) -> None:
    first, last = edition.profiles[0].name, edition.profiles[-1].name
    letters = {name: text_of(content) for name, content in files.items() if name.startswith("反馈函/")}
    with_comment = [name for name, text in letters.items() if "材料要了三遍" in text]
    assert with_comment == [f"反馈函/001 {first}.docx"]
    with_problem = [name for name, text in letters.items() if "压缩审批时限" in text]
    assert with_problem == [f"反馈函/{len(letters):03d} {last}.docx"]


def test_comments_stand_in_no_document_for_everybody(files: Files) -> None:
    everybody = [text_of(files[n]) for n in ("通报.docx", "分析.docx", "年度总排名.docx")]
    assert not any("材料要了三遍" in text for text in [*everybody, *pdf_pages(files["评议报告.pdf"])])


def test_what_is_withheld_stands_nowhere(files: Files, edition: Edition) -> None:
    """The last department but one was rated by four: no score of it in any document."""
    few = edition.profiles[-2]
    assert not few.ranked
    letter = text_of(files[f"反馈函/{len(edition.profiles) - 1:03d} {few.name}.docx"])
    assert "没有参加排名" in letter
    assert "校正得分" not in letter
    sheet = openpyxl.load_workbook(io.BytesIO(files["排名表.xlsx"]))["指标"]
    shown = [row for row in sheet.iter_rows(min_row=2, values_only=True) if row[0] == few.name]
    assert len(shown) == 3
    assert all(row[4] is None and row[5] is None for row in shown)


def test_the_workbook_is_set_up(files: Files) -> None:
    book = openpyxl.load_workbook(io.BytesIO(files["排名表.xlsx"]))
    assert book.sheetnames == [
        "排名", "类别内排名", "两两比较", "结论的稳固程度", "易变的两两结论", "部门",
        "指标", "变化", "合并总排名", "企业类别", "问题清单",
        "其他数据", "样本不足与说明", "方法",
    ]  # fmt: skip
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.page_setup.paperSize == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
    values = {row[0]: row[1] for row in book["方法"].iter_rows(min_row=2, values_only=True)}
    assert values["发出邀请"] == 200
    assert values["校验根"] == "ab" * 32


def test_the_report_is_whole(files: Files, edition: Edition) -> None:
    pages = pdf_pages(files["评议报告.pdf"])
    assert 10 <= len(pages) <= 25
    assert "目录" in pages[1]
    whole = "\n".join(pages)
    for chapter in ("一、提要", "三、排名", "十一、方法、局限和核对"):
        assert whole.count(chapter) == 2  # in the contents and above the chapter
    assert edition.digest[:8] in whole
    assert "\ufffd" not in whole


def test_no_heading_stands_at_the_foot_of_a_page(files: Files) -> None:
    document = pypdfium2.PdfDocument(files["评议报告.pdf"])
    for page in list(document)[2:]:
        lines = page.get_textpage().get_text_bounded().replace("\r\n", "\n").strip().splitlines()
        last = [line for line in lines if not line.strip().isdigit()][-1]
        assert not re.match(r"^(按|与“|方法$|局限$|核对$|[一二三四五六七八九十]+、)\S{0,12}$", last), last


def test_the_last_three_only_as_far_as_rank_sets_go(files: Files, edition: Edition) -> None:
    analysis = text_of(files["分析.docx"])
    certain = [d.name for d in edition.ranked if d.rank_set[0] >= len(edition.ranked) - 2]
    possible = [d.name for d in edition.ranked if d.rank_set[0] < len(edition.ranked) - 2 <= d.rank_set[1]]
    surely = f"确定在后 3 名的：{'、'.join(certain)}。" if certain else "没有哪个部门确定在后 3 名。"
    maybe = f"可能在后 3 名的：{'、'.join(possible)}。" if possible else "其余部门都不在后 3 名。"
    assert surely in analysis
    assert maybe in analysis


def test_the_year_is_combined_with_who_moved(files: Files, edition: Edition) -> None:
    annual = word(files["年度总排名.docx"])
    assert any("关于2026年度政务服务评议" in p.text for p in annual.paragraphs[:6])
    recipient = next(n for n, p in enumerate(annual.paragraphs) if text_in(p._p) == "各有关部门：")
    opening = annual.paragraphs[recipient + 1].text
    assert opening.startswith("2026年，")
    assert "2 轮匿名评议" in opening  # of all rounds, not of the last one's days
    combined = edition.facts.combined.ranking.departments
    rows = rows_of(ruled_tables(annual)[0])[1:]
    assert [row[1] for row in rows] == [d.name for d in combined]
    assert [row[4] for row in rows] == [points(d.adjusted, edition.digits) for d in combined]
    moved = [c for c in edition.facts.changes[0].changes if c.direction != "same"]
    told = [row for table in ruled_tables(annual)[1:] for row in rows_of(table)[1:]]
    assert sorted(row[1] for row in told) == sorted(c.department for c in moved)


def test_tiers_too_long_to_print_are_left_out_with_a_word() -> None:
    """Attack: 120 departments, whose tier letters ran over the neighbouring columns."""
    department = made(
        RankedDepartment, rank=1, name="甲", rank_set=(1, 9), tier="abcdefghi", vs_average="above",
        adjusted=80.0, ci=(79.0, 81.0),
    )  # fmt: skip
    departments = [department]
    assert ranking_rows(departments, 1) == [("1", "甲", "1—9", "高于", "80.0", "79.0—81.0", "")]
    assert headings(departments)[3] == "比平均"
    assert tier_note(departments).endswith(reading("pairs"))
    short = [replace(department, tier="abcdefgh")]
    assert ranking_rows(short, 1)[0][3] == "abcdefgh"
    assert headings(short)[3] == "档次"
    assert tier_note(short) == reading("letters")


def test_official_type_everywhere(files: Files) -> None:
    """Every run names its Chinese font: without it Word sets Chinese in a Latin one."""
    tag = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    for name in (n for n in files if n.endswith(".docx")):
        body = word(files[name]).element.body
        for run in body.iter(f"{tag}r"):
            if run.find(f"{tag}t") is not None:
                assert run.find(f"{tag}rPr/{tag}rFonts").get(f"{tag}eastAsia"), name


def test_long_names_are_whole(files: Files) -> None:
    assert LONG in text_of(files["通报.docx"])
    assert LONG in "".join(pdf_pages(files["评议报告.pdf"])).replace("\n", "")


def test_the_same_edition_gives_the_same_zip() -> None:
    files = {"甲.txt": b"1", "乙.docx": b"2"}
    assert archive(files) == archive(dict(files))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts at 40 dpi, documents in Chinese: only whether they can be made is of interest."""
    real = rendering.render
    monkeypatch.setattr(bundle, "LANGUAGES", ("zh",))
    monkeypatch.setattr(bundle, "render", lambda figure, fmt, dpi=40: real(figure, fmt, dpi=min(dpi, 40)))


@pytest.fixture
def blank(monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts are built and laid out, not drawn."""
    monkeypatch.setattr(rendering, "_CANVASES", dict.fromkeys(rendering._CANVASES, cheap.Blank))


@pytest.fixture
def without_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Finding the outlines of Chinese in a font for each PDF takes half of the time: by night only."""
    if os.environ.get("NIGHTLY") != "1":
        monkeypatch.setattr(bundle, "FORMATS", ("png", "svg"))


@pytest.mark.usefixtures("blank", "without_pdf")
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"count": 5, "rounds": 1, "groups": 1, "period": "month"}, {"通报.docx", "评议报告.pdf"}),
        ({"count": 5, "rounds": 2, "period": "half_year"}, {"总结.docx", "年度总排名.docx"}),
    ],
)
def test_small_counties(given: dict[str, Any], expected: set[str]) -> None:
    nothing = {"comments": {}, "problems": [], "indicators": []}
    made = bundle.edition_files(make_edition(**given, extras=nothing))
    assert expected <= set(made)
    assert ("分析.docx" in made) is False
    assert 8 <= len(pdf_pages(made["评议报告.pdf"])) <= 25
    assert "没有转给你单位的意见原文" in text_of(made[next(n for n in made if n.startswith("反馈函/"))])


@pytest.mark.usefixtures("quick")
def test_a_name_that_no_font_has_costs_no_file() -> None:
    edition = make_edition(5, rounds=1)
    spoiled = (
        canonical(written_edition(edition.content))
        .decode()
        .replace("第2局", "\U00031350\u0f40第\u200b2\\u0008局")
    )
    failures: list[Failure] = []
    made = bundle.edition_files(Edition(edition_from(json.loads(spoiled))), failures=failures)
    assert failures == []
    assert {"通报.docx", "评议报告.pdf", "排名表.xlsx", "图表/ranking.png"} <= set(made)
    assert sum(name.endswith("第2〓局.docx") for name in made) == 1
    words = "".join(pdf_pages(made["评议报告.pdf"]))
    assert "〓" in words
    assert "U+0F40" in words


@pytest.mark.usefixtures("blank", "without_pdf")
def test_a_file_that_cannot_be_made_is_named_in_the_zip(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_given: Any, **_named: Any) -> bytes:
        raise TypesettingFailed("no such font")

    edition = make_edition(5, rounds=1)
    monkeypatch.setattr(bundle, "write_report", broken)
    failures: list[Failure] = []
    with zipfile.ZipFile(io.BytesIO(write_bundle(edition, b"{}", failures=failures))) as archive:
        names = archive.namelist()
        told = archive.read("没有生成的文件.txt").decode()
    assert {"通报.docx", "排名表.xlsx", "公布内容.json"} <= set(names)
    assert "评议报告.pdf" not in names
    assert "评议报告.pdf：排版没有成功：no such font" in told
    assert [f.name for f in failures] == ["评议报告.pdf", "English/report.pdf"]


def test_a_chart_alone(edition: Edition) -> None:
    charts = {chart.name: chart for chart in charts_of(edition)}
    assert next(iter(charts)) == "ranking"
    assert render(charts["items"].draw(), "svg").lstrip().startswith(b"<?xml")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a/b\\c:d", "a_b_c_d"), ("..", "_"), ("第2局 ", "第2局"), ("..\\..\\甲", "_.._甲")],
)
def test_names_of_files_cannot_leave_their_folder(text: str, expected: str) -> None:
    assert file_name(text) == expected


def test_what_progress_raises_gives_the_work_up(edition: Edition) -> None:
    def stop(*_step: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_bundle(edition, b"{}", stop)
