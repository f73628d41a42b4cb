"""What is said about numbers is worded once, in survey/wording; one way to be bilingual."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from jinja2 import Environment, nodes

ROOT = Path(__file__).resolve().parents[2]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sdg]|\{(\w*)[^}]*\}")
# What a statement about results speaks of.
RESULTS = re.compile(
    "名次|排名|得分|满意率|警戒线|区间|不能区分|分得出|分不出|高低|高于|低于|末位|超出偶然|回收率|加权|把握|平均分"
)
ROOMS = (
    "survey/wording", "survey/documents/edition", "survey/documents/ranking", "survey/web/result_views",
    "survey/web/reviewer", "survey/web/liaison", "survey/web/problems", "survey/web/public",
    "survey/services/results", "survey/services/disclosure", "templates/parts", "templates/reviewer",
    "templates/liaison", "templates/public",
)  # fmt: skip
# What tells where something stands or what to do with it, not what came out.
GUIDES = {
    "survey/documents/edition/bulletin_parts.py": ("另附",),
    "survey/documents/edition/charts.py": ("全部数字在排名表的“企业类别”里",),
    "survey/documents/edition/file_bulletin.py": ("另附",),
    "survey/documents/edition/letter.py": ("满意率 %(share)s。",),
    "survey/documents/edition/occasions.py": ("现将各轮合并的排名通报如下",),
    "survey/documents/edition/report_chapters.py": ("见《年度总排名》",),
    "survey/documents/edition/report_departments.py": ("条见排名表的",),
    "survey/documents/ranking/report_body.html": ("没有列出的",),
    "survey/web/reviewer/template_names.py": ("没有就不写",),
    "templates/parts/profile.html": ("画不出重要性与得分图",),
    "templates/parts/workflow.html": ("下一轮开箱以后", "以红字标出"),
    "templates/reviewer/departments/page.html": ("更名的，得分和问题都接着算",),
    "templates/reviewer/composites.html": ("如 2026", "照样定下"),
    "templates/reviewer/documents/documents.html": ("装在一个压缩包里",),
    "templates/reviewer/indicators.html": ("放在评议结果旁边对照",),
    "templates/reviewer/job.html": ("可以离开这个页面",),
    "templates/reviewer/open.html": ("生成图表和通报",),
    "templates/reviewer/overview.html": ("点列名可以排序", "按校正得分从高到低", "及以上的评价所占的比例"),
    "templates/reviewer/problems.html": ("要不要列入清单，由您判断",),
    "templates/reviewer/publication.html": ("连同区间、名次范围",),
    "templates/reviewer/unfinished.html": ("排名还没有算完",),
}


class Sentence(NamedTuple):
    """A Chinese text of code or template; `refused`: it stands with the error that it words."""

    place: str
    text: str
    refused: bool = False


def texts_of(node: ast.AST, place: str, refused: bool = False) -> Iterator[Sentence]:
    """Every text but docstrings; the parts of an f-string as one, its values as {}."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        if isinstance(child, ast.JoinedStr):
            parts = (p.value if isinstance(p, ast.Constant) else "{}" for p in child.values)
            yield Sentence(place, "".join(map(str, parts)), refused)
        elif isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield Sentence(place, child.value, refused)
        named = isinstance(child, ast.FunctionDef | ast.ClassDef)
        inner = f"{place.partition(':')[0]}:{child.name}" if named else place
        yield from texts_of(child, inner, refused or isinstance(child, ast.Raise))


def texts_of_template(path: Path) -> Iterator[Sentence]:
    place, environment = (
        str(path.relative_to(ROOT)),
        Environment(autoescape=True, extensions=["jinja2.ext.i18n"]),
    )
    for constant in environment.parse(path.read_text("utf-8")).find_all((nodes.Const, nodes.TemplateData)):
        value = constant.value if isinstance(constant, nodes.Const) else constant.data
        if isinstance(value, str):
            yield Sentence(place, value)


def sentences() -> Iterator[Sentence]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.*")):
            if path.suffix == ".py":
                yield from texts_of(ast.parse(path.read_text("utf-8")), str(path.relative_to(ROOT)))
            elif path.suffix == ".html":
                yield from texts_of_template(path)


ALL = [found for found in sentences() if CHINESE.search(found.text)]
ABOUT_RESULTS = [s for s in ALL if RESULTS.search(s.text) and re.search("[。；]", s.text) and not s.refused]


def placeholders(text: str) -> int:
    return len({found[1] or found[2] or found.start() for found in PLACEHOLDER.finditer(text)})


SAME = {
    "不能区分高低|不能区分|分不出高低|分不出": "≈",
    "没有一个|没有哪个|没有一项": "无",
    "能够确定|能确定|可以确定": "确定",
    "排在|排到|排": "排",
    "最后|末位": "末位",
    "这一轮|本轮": "本轮",
    "或者|或": "或",
    "联合区间": "区间",
    "没有超出|未超出": "未超出",
    "部门的|的部门": "部门",
}


def bones(text: str) -> str:
    """What is left of a sentence without values, punctuation and words that change nothing."""
    text = PLACEHOLDER.sub("", text)
    for words, one in SAME.items():
        text = re.sub(words, one, text)
    return re.sub(r"[^\u4e00-\u9fff≈]|[的了是个在有和与就也都只这那]", "", text)


def likeness(a: str, b: str) -> float:
    """Dice's coefficient of the pairs of neighbouring characters."""
    one, other = ({text[i : i + 2] for i in range(len(text) - 1)} for text in (a, b))
    return 2 * len(one & other) / max(1, len(one) + len(other))


def alike(one: Sentence, other: Sentence) -> bool:
    a, b = bones(one.text), bones(other.text)
    long_enough = min(len(a), len(b)) >= 4
    return long_enough and placeholders(one.text) == placeholders(other.text) and likeness(a, b) > 0.8


# Pairs that differ in the one word that matters: above and below, first and last, one side and the other.
OPPOSITES = (
    ("高于", "低于"), ("前", "后"), ("第一", "末位"), ("高", "低"), ("上升", "下降"), ("不低于", "不高于"),
    ("上升", "变化"), ("有改善", "变差了"), ("最高", "最低"),
)  # fmt: skip


def are_opposites(one: str, other: str) -> bool:
    return any(
        (a in one and b in other and a not in other) or (b in one and a in other and a not in one)
        for a, b in OPPOSITES
    )


def test_no_sentence_about_results_stands_in_two_places() -> None:
    places = defaultdict(set)
    for found in ABOUT_RESULTS:
        places[found.text].add(found.place)
    assert {text: sorted(found) for text, found in places.items() if len(found) > 1} == {}


def test_no_two_sentences_about_results_say_the_same() -> None:
    twice = [
        (one, other)
        for one, other in combinations(ABOUT_RESULTS, 2)
        if one.text != other.text and alike(one, other) and not are_opposites(one.text, other.text)
    ]
    assert twice == []


def test_sentences_about_results_stand_in_wording() -> None:
    assert [s for s in ABOUT_RESULTS if not s.place.startswith("survey/wording/") and not guides(s)] == []


def guides(sentence: Sentence) -> bool:
    known = GUIDES.get(sentence.place.partition(":")[0], ())
    return any(words in sentence.text for words in known)


@pytest.mark.parametrize("place", GUIDES)
def test_every_guide_still_stands(place: str) -> None:
    assert all(any(s.place.startswith(place) and g in s.text for s in ALL) for g in GUIDES[place])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("没有哪个部门能确定高于或低于平均。", "没有一个部门能够确定高于或者低于平均。"),
        (
            "与%(round)s相比，变化没有超出偶然（联合区间 %(interval)s）。",
            "与“{}”相比，变化未超出偶然（区间 {}）。",
        ),
        ("%(total)s 对部门都不能区分高低。", "{} 对部门都分不出高低。"),
        ("可以确定排最后的是%(names)s。", "能够确定排在末位的是{}。"),
    ],
)
def test_two_wordings_of_one_statement_are_found(one: str, other: str) -> None:
    """Attack: these stood in pages and documents side by side."""
    assert alike(Sentence("", one), Sentence("", other))
    assert not are_opposites(one, other)


def test_opposites_are_two_statements() -> None:
    one, other = "确定在前 %(count)s 名的：%(names)s。", "确定在后 %(count)s 名的：%(names)s。"
    assert are_opposites(one, other)


# Refusals that the analysis takes as pairs, and names that a questionnaire holds in two languages.
PAIRED = (
    "survey/documents/uploads", "survey/demo", "survey/services/rounds/defaults.py",
    "survey/paper/station/settling.py",
)  # fmt: skip


def said_by(node: ast.AST) -> str:
    """A text, or an f-string with X for its values; else empty."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(p.value) if isinstance(p, ast.Constant) else "X" for p in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def pairs_in(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """A Chinese text beside an English one: in a tuple, a list, a call or a choice."""
    for node in ast.walk(tree):
        parts = node.elts if isinstance(node, ast.Tuple | ast.List) else []
        parts = node.args if isinstance(node, ast.Call) else parts
        parts = [node.body, node.orelse] if isinstance(node, ast.IfExp) else parts
        for one, other in pairwise(map(said_by, parts)):
            if CHINESE.search(one) and re.search("[A-Za-z]{2,} ", other) and not CHINESE.search(other):
                yield one, other


def test_nothing_is_worded_in_two_languages_side_by_side() -> None:
    found = {
        str(path.relative_to(ROOT)): pair
        for path in (ROOT / "survey").rglob("*.py")
        for pair in pairs_in(ast.parse(path.read_text("utf-8")))
    }
    assert {place: pair for place, pair in found.items() if not place.startswith(PAIRED)} == {}


@pytest.mark.parametrize(
    "code",
    ['X = ("不能区分。", "They are alike.")', 'say("没有", "There is none")', 'f"第 {n}" if zh else "Row n"'],
)
def test_a_pair_is_found(code: str) -> None:
    assert list(pairs_in(ast.parse(code)))
