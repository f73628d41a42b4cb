"""Head, fields and foot of an official document, read back from the XML and from LibreOffice's pages."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date

import docx
import pytest
from docx.oxml.ns import qn

from survey.documents.layout.official_docx import OfficialDocument, issuers
from survey.documents.layout.titles import ems, title_lines
from survey.documents.layout.word_tables import size_of_heading
from tests.documents import readers

JOINT, DAY = "云溪县人大常委会、政协云溪县委员会", date(2027, 1, 5)
HEX = "0123456789abcdef" * 4
FIELDS = (
    "发文机关标志1", "发文机关标志2", "发文字号", "签发人", "主送机关", "附件说明1", "附件说明2",
    "署名1", "署名2", "成文日期", "抄送机关", "印发机关", "印发日期",
)  # fmt: skip


def written(body: str = JOINT, *, letter: bool = False) -> bytes:
    document = OfficialDocument("关于评议结果的通报", body, DAY)
    (document.letterhead if letter else document.masthead)(body)
    document.title(["关于评议结果的通报"])
    document.recipient("各有关部门：")
    document.paragraph("现将结果通报如下。区间 +9.5 至 +17.5。" * 6)
    document.table(("总名次", "部门", "总名次范围"), [("1", "县财政局", "1—3")], (15, 45, 22))
    document.digest("操作日志第 1234 条", HEX)
    document.attachments(("评议排名表", "评议报告"))
    document.signature(body, DAY)
    document.imprint(DAY)
    return document.finish()


@pytest.fixture(scope="module")
def joint() -> bytes:
    return written()


def part(content: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(f"word/{name}.xml").decode()


def controls(content: bytes) -> dict[str, tuple[str, bool]]:
    """Name of each content control → its text, and whether the text is only a specimen."""
    body = docx.Document(io.BytesIO(content)).element.body
    found = {}
    for control in body.iter(qn("w:sdt")):
        properties = control.find(qn("w:sdtPr"))
        said = "".join(text.text for text in control.iter(qn("w:t")))
        specimen = properties.find(qn("w:showingPlcHdr")) is not None
        found[properties.find(qn("w:tag")).get(qn("w:val"))] = (said, specimen)
    return found


def test_everything_that_an_office_fills_in_is_a_field(joint: bytes) -> None:
    found = controls(joint)
    assert tuple(found) == FIELDS
    assert {name for name, (_, specimen) in found.items() if specimen} == {
        "发文字号",
        "签发人",
        "抄送机关",
        "印发机关",
    }
    assert [found[name][0] for name in ("署名1", "署名2")] == ["云溪县人大常委会", "政协云溪县委员会"]
    assert found["成文日期"][0] == "2027年1月5日"
    assert found["印发日期"][0] == "2027年1月5日印发"


def test_ids_of_fields_differ_and_stay(joint: bytes) -> None:
    """Word opens a file with two equal ids as damaged."""
    ids = re.findall(r"<w:sdtPr>.*?<w:id w:val=\"(\d+)\"", part(joint, "document"))
    assert len(set(ids)) == len(ids) == len(FIELDS)
    assert all(0 < int(number) < 2**31 for number in ids)
    assert written() == joint


def test_word_opens_it_as_a_chinese_document_of_today(joint: bytes) -> None:
    settings, styles = part(joint, "settings"), part(joint, "styles")
    assert re.search(r'w:name="compatibilityMode"[^>]*w:val="15"', settings)
    assert 'w:eastAsia="ja-JP"' not in settings
    assert re.search(r'<w:lang w:val="en-US" w:eastAsia="zh-CN"', styles)
    assert docx.Document(io.BytesIO(joint)).core_properties.language == "zh-CN"


@pytest.mark.parametrize(
    ("font", "others"),
    [("方正小标宋简体", "方正小标宋_GBK,华文中宋,宋体"), ("仿宋_GB2312", "仿宋,"), ("楷体_GB2312", "楷体,")],
)  # fmt: skip
def test_prescribed_fonts_have_others_to_fall_back_on(joint: bytes, font: str, others: str) -> None:
    assert f'<w:font w:name="{font}"><w:altName w:val="{others}' in part(joint, "fontTable")


# Order of the elements in the schema (ECMA-376, 17.3.1.26, 17.4.59, 17.4.69); Word refuses others.
ORDER = {
    "pPr": "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr pBdr shd tabs spacing ind "
    "contextualSpacing jc textAlignment outlineLvl rPr sectPr",
    "tblPr": "tblStyle tblpPr tblW jc tblInd tblBorders tblLayout tblCellMar tblLook",
    "tcPr": "tcW gridSpan vMerge tcBorders shd vAlign",
}


@pytest.mark.parametrize("kind", ORDER)
@pytest.mark.parametrize("letter", [False, True])
def test_properties_stand_in_the_order_of_the_schema(kind: str, letter: bool) -> None:
    document = docx.Document(io.BytesIO(written(letter=letter)))
    order = ORDER[kind].split()
    for properties in document.element.body.iter(qn(f"w:{kind}")):
        places = [order.index(child.tag.rpartition("}")[2]) for child in properties]
        assert places == sorted(places), [child.tag for child in properties]


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("县人大常委会、县政协", ["县人大常委会", "县政协"]),
        ("云溪县营商环境办公室", ["云溪县营商环境办公室"]),
        ("甲局，乙局；丙局", ["甲局", "乙局", "丙局"]),
    ],
)
def test_joint_issuers_are_told_apart(body: str, names: list[str]) -> None:
    assert issuers(body) == names


@pytest.fixture(scope="module")
def pages() -> dict[str, bytes]:
    return readers.through_libreoffice(
        {
            "joint.docx": written(),
            "one.docx": written("云溪县营商环境办公室"),
            "letter.docx": written(letter=True),
        }
    )


@readers.needs("soffice", "pdftotext")
def test_joint_issuers_sign_side_by_side_above_the_date(pages: dict[str, bytes]) -> None:
    page = readers.pages_of(pages["joint.docx"])[-1]
    found = {"".join(w.text for w in line): line for line in page.lines()}
    assert "云溪县人大常委会政协云溪县委员会" in found
    signed, dated = (
        found["云溪县人大常委会政协云溪县委员会"],
        next(line for text, line in found.items() if text == "2027年1月5日"),
    )
    assert signed[0].bottom < dated[0].top < signed[0].bottom + 30


@readers.needs("soffice", "pdftotext")
def test_the_imprint_stands_at_the_foot_of_the_text(pages: dict[str, bytes]) -> None:
    page = readers.pages_of(pages["joint.docx"])[-1]
    printed = next(line for line in page.lines() if "印发" in "".join(w.text for w in line))
    foot = (297 - 35) * 72 / 25.4
    assert foot - 30 < printed[0].bottom <= foot + 2


@readers.needs("soffice", "pdftotext")
def test_a_digest_and_a_number_stay_on_one_line(pages: dict[str, bytes]) -> None:
    """As Chinese, LibreOffice broke "+9.5" after its point."""
    for name, pdf in pages.items():
        words = [w.text for page in readers.pages_of(pdf) for w in page.words]
        lines = ["".join(w.text for w in line) for page in readers.pages_of(pdf) for line in page.lines()]
        assert f"操作日志第1234条{HEX}" in lines, name
        assert not any(re.search(r"[+−]\d+\.$", word) for word in words), name


@readers.needs("soffice", "pdftoppm")
def test_the_mark_is_red_in_every_head(pages: dict[str, bytes]) -> None:
    import pypdfium2

    for name, pdf in pages.items():
        image = pypdfium2.PdfDocument(pdf)[0].render(scale=0.5).to_pil().convert("RGB")
        upper = image.crop((0, 0, image.width, image.height // 3))
        red = sum(r > 200 and g < 90 and b < 90 for r, g, b in upper.get_flattened_data())
        assert red > 250, name


TITLES = [
    ("关于2026 年第四季度政务服务评议", "结果的通报", ["关于2026 年第四季度政务服务评议", "结果的通报"]),
    ("关于2026年政务服务评议", "结果的通报", ["关于2026年政务服务评议结果的通报"]),
    (
        "关于云溪县2026年下半年企业评议政府部门和有关单位政务服务工作暨营商环境满意度测评", "结果的通报",
        ["关于云溪县2026年下半年企业评议", "政府部门和有关单位政务服务工作", "暨营商环境满意度测评",
         "结果的通报"],
    ),
    (
        "关于“亲清云溪”专项行动评议活动及营商环境评价", "情况的总结",
        ["关于“亲清云溪”专项行动", "评议活动及营商环境评价", "情况的总结"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("head", "tail", "lines"), TITLES)
def test_a_title_is_broken_between_words(head: str, tail: str, lines: list[str]) -> None:
    assert title_lines(head, tail) == lines
    assert all(ems(line) <= 19 for line in lines)


def test_a_word_longer_than_a_line_stays_whole_in_smaller_type() -> None:
    long = "云溪高新技术产业开发区不动产登记交易事务中心一局"
    lines = title_lines(f"关于{long}评议", "结果的通报")
    assert any(long in line for line in lines)
    document = OfficialDocument("x", "甲", DAY)
    document.title(lines)
    paragraph = docx.Document(io.BytesIO(document.finish())).paragraphs[0]
    size = paragraph.runs[0].font.size.pt
    assert size * max(map(ems, lines)) <= 156 / 25.4 * 72
    assert size < 22


@pytest.mark.parametrize(("text", "width", "points"), [("总名次范围", 22, 10.5), ("总名次范围", 19.5, 9.0)])
def test_headings_stay_on_one_line(text: str, width: float, points: float) -> None:
    assert size_of_heading(text, width).pt == points
