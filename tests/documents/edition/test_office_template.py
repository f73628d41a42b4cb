"""Templates of the office's own: filled in, refused with where and why, and kept to their names."""

from __future__ import annotations

import dataclasses
import io
import os
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import docx
import pytest
from attached import docx as word_file
from attached import related
from docxtpl import DocxTemplate
from jinja2 import TemplateError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from survey.documents.attachments.examining import AttachmentRefused
from survey.documents.edition.bulletin import (
    BLOCKS,
    FIELDS,
    ROW,
    VOCABULARY,
    default_template,
    write_bulletin,
)
from survey.documents.edition.bulletin_parts import BulletinContext
from survey.documents.edition.office_template import checking
from survey.documents.edition.office_template.checking import TemplateRefused, check
from survey.documents.edition.office_template.problems import problems_of
from survey.documents.edition.office_template.template_problem import TemplateProblem
from survey.facts.wire import ranking_from
from survey.web.reviewer import template_names
from tests.documents.rankings import COUNTS, DIGEST, NAMES, make_ranking
from tests.documents.readers import text_in

READS_ENVIRONMENT = "{{ 轮次.__class__.__base__.__subclasses__() }}"
READS_SECRET = (
    "{% for c in ''.__class__.__base__.__subclasses__() %}{% if c.__name__ == '_wrap_close' %}"
    "{{ c.__init__.__globals__['environ']['PINGYI_SECRET'] }}{% endif %}{% endfor %}"
)


@pytest.fixture(scope="module")
def context() -> BulletinContext:
    return BulletinContext(
        round_title="第四季度 <评议> & 回访 {{ 7*7 }}", body="县人大常委会", opens_on=date(2026, 10, 1),
        closes_on=date(2026, 12, 20), ranking=ranking_from(make_ranking()), counts=COUNTS,
        digest=DIGEST, issued_on=date(2027, 1, 5),
    )  # fmt: skip


def changed(change: Callable[[Any], object]) -> bytes:
    """The default template after `change`."""
    document, made = docx.Document(io.BytesIO(default_template())), io.BytesIO()
    change(document)
    document.save(made)
    return made.getvalue()


def saying(*paragraphs: str) -> bytes:
    """Template of these paragraphs alone, which was not begun from the default one."""
    document, made = docx.Document(), io.BytesIO()
    for text in paragraphs:
        document.add_paragraph(text)
    document.save(made)
    return made.getvalue()


def with_rows(document: Any) -> None:
    table = document.add_table(rows=3, cols=len(ROW))
    table.cell(0, 0).text = "{%tr for 部门 in 各部门 %}"
    for place, name in enumerate(ROW):
        table.cell(1, place).text = f"{{{{ 部门.{name} }}}}"
    table.cell(2, 0).text = "{%tr endfor %}"


def filled(context: BulletinContext, template: bytes) -> list[str]:
    document = docx.Document(io.BytesIO(write_bulletin(context, template)))
    return [text_in(p) for p in document.element.body.iter(docx.oxml.ns.qn("w:p"))]


def test_numbers_are_filled_in_and_nothing_of_them_is_read_as_a_template(context: BulletinContext) -> None:
    said = filled(context, saying("发出 {{ 邀请数 }}，有效{{有效数}}，{{ 回收率 }}，{{ 轮次 }}"))
    assert said == ["发出 400，有效375，93.8%，第四季度 <评议> & 回访 {{ 7*7 }}"]


def test_names_cut_into_runs_as_word_cuts_them(context: BulletinContext) -> None:
    def cut(document: Any) -> None:
        paragraph = document.add_paragraph("有 {")
        for part in ("{ 有", "效数 }", "} 张"):
            paragraph.add_run(part).bold = True

    assert "有 375 张" in filled(context, changed(cut))


def test_sections_are_numbered_as_the_template_orders_them(context: BulletinContext) -> None:
    said = filled(context, saying("{{ 排名 }}", "第二部分", "{{ 评议情况正文 }}", "{{p 评议方法 }}"))
    assert [text for text in said if text[:2] in ("一、", "二、", "三、")] == ["一、排名", "二、评议方法"]
    assert said[said.index("第二部分") + 1].startswith("本轮发出邀请 400 份")


def test_a_row_for_each_department(context: BulletinContext) -> None:
    document = docx.Document(io.BytesIO(write_bulletin(context, changed(with_rows))))
    rows = [[cell.text for cell in row.cells] for row in document.tables[-1].rows]
    assert [row[1] for row in rows] == [d.name for d in context.ranking.departments]
    assert [row[-1] for row in rows] == [str(d.n) for d in context.ranking.departments]
    assert set(NAMES) > {row[1] for row in rows}


def test_a_template_of_another_origin_gets_ruled_tables(context: BulletinContext) -> None:
    def without(document: Any) -> None:
        style = document.styles["Table Grid"].element
        style.getparent().remove(style)

    made = docx.Document(io.BytesIO(write_bulletin(context, changed(without))))
    assert "Table Grid" in {table.style.name for table in made.tables}


def test_heads_and_properties(context: BulletinContext) -> None:
    def head(document: Any) -> None:
        document.sections[0].header.paragraphs[0].text = "{{ 轮次 }}"
        document.core_properties.author = "李四的电脑"

    made = docx.Document(io.BytesIO(write_bulletin(context, changed(head))))
    assert made.sections[0].header.paragraphs[0].text == context.round_title
    assert made.core_properties.author == "县人大常委会"


def test_every_name_is_explained_and_has_a_value(context: BulletinContext) -> None:
    assert tuple(template_names.FIELDS) == FIELDS
    assert tuple(template_names.ROW) == ROW
    assert set(template_names.BLOCKS) == {name for name in BLOCKS if not name.endswith("正文")}
    said = filled(context, saying(*(f"{{{{ {name} }}}}" for name in FIELDS)))
    assert all(said)
    assert len(said) == len(FIELDS)


@pytest.mark.parametrize(
    ("text", "why", "about", "instead"),
    [
        ("共 {{ 有效票数 }} 张", "name", "有效票数", "有效数"),
        ("{{ 部门.名称 }}", "name", "部门", "各部门"),
        ("{{ 有效数 + 1 }}", "grammar", "{{ 有效数 + 1 }}", ""),
        ("{{ 有效数|upper }}", "grammar", "{{ 有效数|upper }}", ""),
        ("{{ range(9) }}", "grammar", "{{ range(9) }}", ""),
        ("{{ 轮次.__class__ }}", "name", "轮次", "轮次"),
        ("见 {{ 排名 }}", "block", "排名", "排名"),
        ("｛｛ 有效数 ｝｝", "wide", "", ""),
        ("{{ 有效数 }", "braces", "", ""),
        ("{% include '/etc/passwd' %}", "grammar", "{% include '/etc/passwd' %}", ""),
        ("{% if 有效 %}", "name", "有效", "有效数"),
    ],
)
def test_what_cannot_be_filled_in_is_named_with_its_place(
    text: str, why: str, about: str, instead: str
) -> None:
    (problem,) = problems_of(saying("前一段", text), VOCABULARY)
    assert (problem.why, problem.about, problem.place) == (why, about, "body")
    assert problem.near in text
    if why == "name":
        assert problem.instead in ("", instead)


def test_problems_of_tables_heads_loops_and_repeats() -> None:
    def wrong(document: Any) -> None:
        with_rows(document)
        document.tables[-1].cell(1, 1).text = "{{ 部门.名子 }}"
        document.tables[-1].cell(1, 2).text = "{{ 排名 }}"
        document.sections[0].header.paragraphs[0].text = "{{ 单位 }}"
        document.add_paragraph("{{ 版记 }}")

    found = problems_of(changed(wrong), VOCABULARY)
    assert [(p.why, p.about, p.place, p.instead) for p in found] == [
        ("twice", "版记", "", ""),
        ("member", "名子", "table", "名称"),
        ("block", "排名", "table", "排名"),
        ("name", "单位", "header", ""),
    ]
    nested = ("{%p for 部门 in 各部门 %}", "{%p for 另 in 各部门 %}", "{%p endfor %}", "{%p endfor %}")
    assert problems_of(saying(*nested), VOCABULARY) == [TemplateProblem("nested")]
    for unfinished in (
        ("{%p for 部门 in 各部门 %}",),
        ("{%p endif %}",),
        ("{%p if 有效数 %}", "{%p endfor %}"),
    ):
        assert problems_of(saying(*unfinished), VOCABULARY) == [TemplateProblem("unfinished")]
    late = ("{%p for 部门 in 各部门 %}", "{%p endfor %}", "{{ 部门.名称 }}")
    assert problems_of(saying(*late), VOCABULARY) == [TemplateProblem("name", "部门")]


def test_a_template_cannot_read_what_is_around_it(
    context: BulletinContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attack: a template walks from a text to `os.environ`. docxtpl alone lets it; Jinja's sandbox and the
    look at the tree each stop it."""
    monkeypatch.setenv("PINGYI_SECRET", "the key of the site")
    assert os.environ["PINGYI_SECRET"]
    attack = saying(READS_SECRET)
    alone = DocxTemplate(io.BytesIO(attack))
    alone.render({"轮次": "甲"})
    assert "the key of the site" in alone.docx.element.xml
    sandboxed = DocxTemplate(io.BytesIO(attack))
    with pytest.raises(SecurityError):
        sandboxed.render({"轮次": "甲"}, ImmutableSandboxedEnvironment())
    with pytest.raises(TemplateError):
        write_bulletin(context, attack)
    assert problems_of(attack, VOCABULARY)[0].why == "grammar"
    with pytest.raises(TemplateError):
        write_bulletin(context, saying(READS_ENVIRONMENT))


def test_the_look_holds_for_heads_and_properties_too(context: BulletinContext) -> None:
    """Attack: what the body must not say stands in the head or in the title of the file."""

    def head(document: Any) -> None:
        document.sections[0].footer.paragraphs[0].text = READS_ENVIRONMENT

    def title(document: Any) -> None:
        document.core_properties.title = READS_ENVIRONMENT

    for attack in (head, title):
        with pytest.raises(TemplateError):
            write_bulletin(context, changed(attack))
        with pytest.raises(TemplateRefused):
            check("模板.docx", changed(attack))


def test_the_check_takes_the_default_and_shows_a_specimen() -> None:
    checked = check("我们的通报.docx", default_template())
    assert checked.name == "我们的通报.docx"
    specimen = docx.Document(io.BytesIO(checked.specimen))
    said = "\n".join(text_in(p._p) for p in specimen.paragraphs)
    assert "县政务服务局" in "".join(cell.text for table in specimen.tables for cell in table._cells)
    assert "这里写与上一版的不同" in said
    assert specimen.inline_shapes
    assert "{{" not in said


def bomb() -> bytes:
    """Attack: a small file that unpacks to more than is looked at."""
    return word_file({"word/media/a.xml": b"<a>" + b" " * (101 << 20) + b"</a>"})


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (lambda: word_file({"word/vbaProject.bin": b"macros"}), "macros"),
        (lambda: word_file(related("attachedTemplate", "https://example.com/a.dotm")), "elsewhere"),
        (lambda: word_file(related("image", "https://example.com/a.png")), "elsewhere"),
        (bomb, "large"),
        (lambda: b"not a zip", "kind"),
    ],
)
def test_what_is_refused_in_any_word_file(content: Callable[[], bytes], why: str) -> None:
    with pytest.raises(AttachmentRefused) as refused:
        check("模板.docx", content())
    assert refused.value.why == why


def test_too_much_text_and_too_many_bytes() -> None:
    heavy = word_file({"customXml/item1.xml": b"<a>" + b"x" * (5 << 20) + b"</a>"})
    for content in (heavy, b"PK\x03\x04" + b"0" * (3 << 20)):
        with pytest.raises(TemplateRefused) as refused:
            check("模板.docx", content)
        assert "".join(map(str, refused.value.lines[0])).startswith("这份模板太大。")


def test_what_is_said_of_a_problem() -> None:
    with pytest.raises(TemplateRefused, match=r"“模板[.]docx”没有收") as refused:
        check("模板.docx", saying("本次共收回 {{ 有效票数 }} 张"))
    assert "".join(map(str, refused.value.lines[0])) == (
        "正文“本次共收回 {{ 有效票数 }} 张”：没有“有效票数”这个字段。是不是“有效数”？字段名见下面的表。"
    )
    assert set(checking.WHY) >= {"name", "member", "grammar", "nested", "twice", "block", "wide", "braces"}


def test_the_office_s_template_goes_into_the_zip(context: BulletinContext) -> None:
    own = saying("通报：{{ 有效数 }} 张有效")
    assert filled(dataclasses.replace(context, issued_on=None), own) == ["通报：375 张有效"]
    with zipfile.ZipFile(io.BytesIO(own)) as parts:
        assert "word/document.xml" in parts.namelist()
