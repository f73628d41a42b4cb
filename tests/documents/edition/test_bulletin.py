"""The bulletin, opened again by python-docx."""

import copy
import dataclasses
import io
import re
import zipfile
from datetime import date
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from msgspec.structs import replace
from PIL import Image

from survey.documents.edition.bulletin import write_bulletin
from survey.documents.edition.bulletin_parts import BulletinContext
from survey.documents.edition.report_blocks import UNDER_HEADINGS_MM, paged, picture
from survey.facts.meeting import MeetingFacts, MeetingNote
from survey.facts.ranking import GroupRankingFacts, OmnibusTest, RankedDepartment, RankingFacts
from survey.facts.wire import ranking_from
from survey.language import speaking
from survey.wording.ranking import certain
from tests.documents.rankings import COUNTS, DIGEST, NAMES, make_ranking
from tests.documents.readers import ruled_tables, text_in
from tests.facts.made import made


def typed(ranking: dict[str, Any]) -> RankingFacts:
    return ranking_from(copy.deepcopy(ranking))


@pytest.fixture(scope="module")
def ranking() -> dict[str, Any]:
    return make_ranking()


@pytest.fixture(scope="module")
def context(ranking: dict[str, Any]) -> BulletinContext:
    return BulletinContext(
        round_title="2026 年第四季度政务服务评议", body="县人大常委会、县政协", opens_on=date(2026, 10, 1),
        closes_on=date(2026, 12, 20), ranking=typed(ranking), counts=COUNTS,
        digest=DIGEST, issued_on=date(2027, 1, 5),
    )  # fmt: skip


def opened(context: BulletinContext) -> Any:
    return docx.Document(io.BytesIO(write_bulletin(context)))


@pytest.fixture(scope="module")
def document(context: BulletinContext) -> Any:
    return opened(context)


def texts(document: Any) -> list[str]:
    return [text_in(paragraph._p) for paragraph in document.paragraphs]


def test_the_page_of_gb_t_9704(document: Any) -> None:
    section = document.sections[0]
    assert (section.page_width.mm, section.page_height.mm) == pytest.approx((210, 297), abs=0.02)
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(margin.mm) for margin in margins] == [37, 35, 28, 26]
    assert document.settings.odd_and_even_pages_header_footer
    for footer in (section.footer, section.even_page_footer):
        assert footer.paragraphs[0].text.startswith("— ")
        assert "PAGE" in footer._element.xml


def test_east_asian_fonts_are_set_on_every_run_with_text(document: Any) -> None:
    cells = [
        p
        for table in ruled_tables(document)
        for row in table.rows
        for cell in row.cells
        for p in cell.paragraphs
    ]
    runs = [run for paragraph in [*document.paragraphs, *cells] for run in paragraph.runs if run.text]
    assert len(runs) > 100
    for run in runs:
        assert run._r.rPr.rFonts.get(qn("w:eastAsia")), run.text


def font_of(paragraph: Any) -> tuple[str, float]:
    run = paragraph.runs[0]
    return run._r.rPr.rFonts.get(qn("w:eastAsia")), run.font.size.pt


def test_type_and_order_of_the_parts(document: Any) -> None:
    paragraphs, said = document.paragraphs, texts(document)
    title = said.index("关于2026 年第四季度政务服务评议\n结果的通报")
    assert font_of(paragraphs[title]) == ("方正小标宋简体", 22)
    assert said[title - 2 : title] == ["", ""]  # two lines below the red rule
    assert said[title + 1 : title + 3] == ["", "各有关部门："]
    first = paragraphs[title + 3]
    assert font_of(first) == ("仿宋_GB2312", 16)
    assert first.paragraph_format.first_line_indent == Pt(32)
    headings = [
        p
        for p in paragraphs
        if p.text[:2] in ("一、", "二、", "三、", "四、", "五、", "六、", "七、", "八、")
    ]
    assert [p.text for p in headings] == [
        "一、评议情况", "二、评议方法", "三、可以确认的结论", "四、需要注意的情况", "五、排名",
        "六、没有参加排名的部门", "七、怎样看本通报", "八、核对信息",
    ]  # fmt: skip
    assert {font_of(p) for p in headings} == {("黑体", 16)}
    assert all(p.paragraph_format.keep_with_next for p in headings)
    seconds = [p for p in paragraphs if p.text.startswith("（")]
    assert [p.text for p in seconds] == ["（一）行政管理类部门", "（二）公共服务类部门", "（三）全部部门"]
    assert {font_of(p) for p in seconds} == {("楷体_GB2312", 16)}
    signed = [text_in(p) for p in document.tables[-1]._tbl.iter(qn("w:p"))]
    assert signed == ["县人大常委会", "县政协"]
    assert said[-5:] == ["2027年1月5日", "抄送：×××", "\t", "×××\t2027年1月5日印发", ""]
    assert said[said.index("附件：评议排名表") - 1] == ""


def test_fonts_that_are_missing_have_alternatives(context: BulletinContext) -> None:
    with zipfile.ZipFile(io.BytesIO(write_bulletin(context))) as archive:
        table = archive.read("word/fontTable.xml").decode()
    assert '<w:font w:name="仿宋_GB2312"><w:altName w:val="仿宋,' in table


def test_the_numbers_of_the_ranking_are_in_the_tables(document: Any, ranking: dict[str, Any]) -> None:
    tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in ruled_tables(document)]
    parts = [group["departments"] for group in ranking["groups"]] + [ranking["departments"]]
    assert len(tables) == 3
    for rows, departments in zip(tables, parts, strict=True):
        overall = departments is ranking["departments"]
        head = ["总名次", "部门", "总名次范围", "档次", "校正得分", "联合区间", "评议数"]
        assert rows[0] == (head if overall else ["类内名次", "部门", "类内名次范围", "档次", "评议数"])
        for row, d in zip(rows[1:], departments, strict=True):
            best, worst = d["rank_set"]
            score = [f"{d['adjusted']:.1f}", f"{d['ci'][0]:.1f}—{d['ci'][1]:.1f}"] if overall else []
            assert row == [
                str(d["rank"]), d["name"], f"{best}—{worst}" if best != worst else str(best), d["tier"],
                *score, str(d["n"]),
            ]  # fmt: skip


def test_a_department_has_one_score_in_the_bulletin(document: Any, ranking: dict[str, Any]) -> None:
    """Attack: 72.4 within its group and 73.1 overall, in two orders without names."""
    printed = [cell.text for table in ruled_tables(document) for row in table.rows for cell in row.cells]
    scores = [text for text in printed if re.fullmatch(r"\d+\.\d", text)]
    assert len(scores) == len(ranking["departments"])
    assert "先后可以不同" in "\n".join(texts(document))


@pytest.mark.parametrize(
    "code", ["careless", "ceiling", "low_df", "disconnected", "separated", "fragile_of_late"]
)
def test_every_note_of_the_engine_is_in_the_bulletin(context: BulletinContext, code: str) -> None:
    """Whatever codes there will be; those of a group carry its name, and nothing is said twice."""
    notes = {"notes": ("甲说明", "类内说明"), "note_codes": (code, code)}
    groups = (made(GroupRankingFacts, name="行政管理", departments=(), **notes),)
    ranking = replace(context.ranking, notes=("甲说明",), note_codes=(code,), groups=groups)
    written = write_bulletin(dataclasses.replace(context, ranking=ranking, remarks=["另一条说明"]))
    said = texts(docx.Document(io.BytesIO(written)))
    start = said.index("四、需要注意的情况")
    assert said[start + 1 : start + 4] == ["甲说明", "行政管理类：类内说明", "另一条说明"]
    assert "".join(said).count("甲说明") == 1


def test_a_quiet_round_has_no_section_of_cautions(context: BulletinContext) -> None:
    quiet = replace(context.ranking, notes=(), note_codes=(), groups=())
    said = texts(docx.Document(io.BytesIO(write_bulletin(dataclasses.replace(context, ranking=quiet)))))
    assert not any("需要注意的情况" in text for text in said)


def test_tables_fit_the_text_and_repeat_their_headings(document: Any) -> None:
    for table in ruled_tables(document):
        assert sum(column.width for column in table.columns) == pytest.approx(Mm(156), abs=Mm(0.1))
        assert "w:tblHeader" in table.rows[0]._tr.xml
        assert all("w:cantSplit" in row._tr.xml for row in table.rows)


def test_counts_and_digests(document: Any) -> None:
    text = "\n".join(texts(document))
    assert (
        "本轮发出邀请 400 份，领取选票 380 张，投出选票 377 张，有效选票 375 张、无效 2 张，回收率 93.8%；"
        in text
    )
    assert text.count("校验根 " + "ab" * 32) == text.count("评分摘要 " + "cd" * 32) == 1
    assert (text.count("ab" * 32), text.count("cd" * 32)) == (1, 1)
    assert "部门之间确有差别：假如各部门其实一样，出现这样大的差别的机会不到千分之一。" in text


def test_insufficient_departments_are_named_without_a_score(document: Any, ranking: dict[str, Any]) -> None:
    text = "\n".join(texts(document))
    assert [entry["name"] for entry in ranking["insufficient"]] == ["消防队"]
    assert "不参加排名，得分和票数都不公布。" in text
    assert "消防队：评议人数少于公布门槛。" in text
    assert text.count("消防队") == 1


def test_only_what_is_certain_is_stated(ranking: dict[str, Any]) -> None:
    statements = list(certain(typed(ranking)))
    for department in ranking["departments"]:
        named = [s for s in statements if department["name"] in s]
        assert bool(named) == (
            department["vs_average"] != "same" or tuple(department["rank_set"]) in {(1, 1), (6, 6)}
        )
    assert statements[1].startswith("确定高于平均的有 ")


def test_english_sentences_are_apart(ranking: dict[str, Any]) -> None:
    with speaking("en"):
        assert not [text for text in certain(typed(ranking)) if re.search(r"[.;][A-Z]", text)]


def test_nothing_certain_is_said_as_such() -> None:
    departments = tuple(
        made(RankedDepartment, name=str(n), vs_average="same", rank_set=(1, 3), component=0) for n in range(3)
    )
    test = made(OmnibusTest)
    said = list(certain(made(RankingFacts, level=0.95, global_test=test, departments=departments)))
    assert said[1:] == ["没有哪个部门能确定高于或低于平均。"]


def test_noise_is_never_called_first(ranking: dict[str, Any]) -> None:
    unsure = [
        department | {"rank_set": [1, 6], "vs_average": "same"} for department in ranking["departments"]
    ]
    text = "".join(certain(typed(ranking | {"departments": unsure})))
    assert "第一" not in text
    assert "末位" not in text


def test_one_group_and_no_date(context: BulletinContext, ranking: dict[str, Any]) -> None:
    quiet = {"note_codes": [], "notes": []}
    single = ranking | {"groups": [ranking["groups"][0] | quiet], "insufficient": []} | quiet
    document = opened(dataclasses.replace(context, ranking=typed(single), issued_on=None))
    assert len(ruled_tables(document)) == 1
    assert texts(document)[-5] == "    年  月  日"
    assert "    年  月  日印发" in texts(document)[-2]
    assert "五、怎样看本通报" in texts(document)
    assert not [text for text in texts(document) if text.startswith("（")]


def test_a_group_that_could_not_be_ranked_is_left_out(
    context: BulletinContext, ranking: dict[str, Any]
) -> None:
    broken = ranking | {
        "groups": [*ranking["groups"], {"name": "行政执法", "departments": [], "notes": ["x"]}]
    }
    assert len(ruled_tables(opened(dataclasses.replace(context, ranking=typed(broken))))) == 3


def test_the_same_bulletin_is_the_same_file(context: BulletinContext) -> None:
    assert write_bulletin(context) == write_bulletin(context)


def test_long_names_are_whole(document: Any) -> None:
    assert any(NAMES[3] in cell.text for table in ruled_tables(document) for cell in table.columns[1].cells)


def test_old_rankings_have_no_part_for_the_meeting() -> None:
    from survey.wording.meeting import sentences

    assert sentences(made(RankingFacts)) == []
    notes = (MeetingNote(code="last", zh="后", en="last"), MeetingNote(code="luck", zh="运气", en="luck"))
    kept = made(RankingFacts, meeting=made(MeetingFacts, notes=notes))
    assert sentences(kept) == ["运气"]
    with speaking("en"):
        assert sentences(kept) == ["luck"]


def drawn(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(buffer, "PNG", dpi=(100, 100))
    return buffer.getvalue()


def test_a_chart_too_long_for_a_page_stands_on_pages_of_its_own(context: BulletinContext) -> None:
    long, page = drawn(800, 4000), drawn(827, 1169)
    several = {"chart_pages": [page] * 3, "pairs_pages": [page] * 6}
    paged = opened(dataclasses.replace(context, chart_png=long, pairs_png=drawn(3000, 3000), **several))
    assert len(paged.inline_shapes) == 9
    assert not any("另附" in text for text in texts(paged))
    for shape in paged.inline_shapes:
        assert shape.height.mm <= 205.1
        assert shape.width.mm > 140
    without = opened(dataclasses.replace(context, chart_png=long))
    assert any("另附（ranking.pdf）" in text for text in texts(without))
    short = opened(dataclasses.replace(context, chart_png=drawn(800, 800), **several))
    assert len(short.inline_shapes) == 1


def test_the_report_names_the_pages_of_a_chart_that_is_too_long() -> None:
    svg = b'<svg width="%dpt" height="%dpt">'
    pages = {f"pairs-a4-0{n}.svg": svg % (595, 842) for n in (1, 2)}
    long = {"pairs.svg": svg % (1600, 1600)} | pages
    (told,) = paged(long, "pairs.svg", "pairs-a4-", "图")
    assert "分印在 2 页 A4 纸上：另附的“图表/pairs-a4-01.pdf”至“图表/pairs-a4-02.pdf”" in told["text"]
    short = {"pairs.svg": svg % (500, 500)} | pages
    assert [b["file"] for b in paged(short, "pairs.svg", "pairs-a4-", "图")] == ["pairs.svg"]
    assert [b["kind"] for b in paged({"pairs.svg": svg % (1600, 1600)}, "pairs.svg", "pairs-a4-", "图")] == [
        "note"
    ]


def test_an_empty_cell_is_as_low_as_one_with_text(document: Any) -> None:
    """The mark of its paragraph sets its height; at the size of the body rows without a verdict stood out."""
    for table in ruled_tables(document):
        for cell in table._tbl.iter(qn("w:tc")):
            for paragraph in cell.iter(qn("w:p")):
                mark = paragraph.find(f"{qn('w:pPr')}/{qn('w:rPr')}/{qn('w:sz')}")
                sizes = {size.get(qn("w:val")) for size in paragraph.iter(qn("w:sz"))}
                assert mark is not None
                assert len(sizes) == 1


def test_a_chart_leaves_room_for_the_headings_of_its_chapter() -> None:
    """Thirty departments: a chart of the page's height stood alone on the page after its heading."""
    svg = b'<svg width="400pt" height="640pt" viewBox="0 0 400 640">'
    (tall,), (short,) = picture("t.svg", svg, "t"), picture("t.svg", svg, "t", UNDER_HEADINGS_MM)
    assert tall["width"] * 640 / 400 == pytest.approx(215, abs=0.2)
    assert short["width"] * 640 / 400 == pytest.approx(185, abs=0.2)
