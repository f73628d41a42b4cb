"""Which of question and part is the department and which the item, and their bare names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from analysis.answers.spelling import name_key
from analysis.foreign.headings import clean
from analysis.foreign.layout import Question
from analysis.foreign.questions.near_names import is_near
from analysis.tables.headings import simplified

_DEPARTMENT: Final = re.compile(
    r"(局|委|办|厅|署|处|所|院|队|站|公司|中心|大厅|银行|集团|支行|部|会|办公室|政府|街道|镇|乡|园区|管委会|海关|学校|医院|馆"
    r"|单位|部门|科室|科|热线|窗口|邮政|移动|联通|电信|供电|供水|燃气)([一二三四五六七八九十甲乙丙丁A-Z0-9]{0,2})([(（].*[)）])?$"
    r"|\b(bureau|department|dept|office|agency|authority|administration|commission|ministry|court|police|council"
    r"|company|board|tax|customs|centre|center|service|services|fire|health|water|power|transport|bank)\b",
    re.IGNORECASE,
)
_SHORT: Final = re.compile(
    r"[省市县区]?(税务|公安|市监|市场监管|人社|住建|城管|城建|房管|教育|教体|民政|财政|司法|审计|统计|发改|工信|商务|文旅|卫健|应急|消防|气象|烟草"
    r"|环保|生态环境|交通|交警|水利|水务|农业|农业农村|林业|自然资源|国土|规划|行政审批|政务服务|退役军人|医保|社保|公积金|信访|人防|残联|工商联"
    r"|工会|妇联|团委|法院|检察|不动产登记)"
    r"|(the )?(city |county |town )?(public (works|safety|library)|librar(y|ies)|parks?( (and|&) recreation)?"
    r"|planning|housing|education|schools|sanitation|treasury|finance|labou?r|immigration|environment|agriculture"
    r"|statistics|human resources|social (security|welfare)|(land )?registry|law enforcement|animal control"
    r"|waste management)",
    re.IGNORECASE,
)
_NO_NAME: Final = re.compile(
    r"(以下|下列|如下|上述|这些|其他|其它|其余|相关|有关|各个?).{0,4}(部门|单位|机构|科室|窗口)"
    r"|\b(following|these|other|all|each|every) (\w+ )?(departments?|agenc(y|ies)|offices?|bureaus?)\b",
    re.IGNORECASE,
)
_OF_FIRMS: Final = re.compile(
    r"\b(size|types?|name|age|years?|number|no|location|sector|industry|region|id|code|revenue|turnover|employees"
    r"|staff|founded|ownership|status|category)\W*$",
    re.IGNORECASE,
)
_ITEM: Final = re.compile(
    r"态度|效率|质量|廉洁|自律|作风|能力|水平|公正|公平|规范|透明|公开|时限|程序|便利|便捷|落实|履职|沟通|专业|总体|整体|满意度|服务$"
    r"|执法$|收费|流程|速度|结果|评价$|印象|环境$|监管$|办事|诚信|担当|创新|效果|政策"
    r"|attitude|efficien|speed|quality|integrity|honest|fair|transparen|overall|courte|competen|helpful|satisf"
    r"|clarity|timel|profession|convenien|access|friendl|respons|clean",
    re.IGNORECASE,
)
_RATER: Final = re.compile(
    r"(评委|委员|人大代表|政协委员|代表|专家|评议员|评议人|评价人|企业|公司|选票|票|问卷|样本|组)\s*"
    r"([0-9０-９]+|[A-Za-z]|[一二三四五六七八九十甲乙丙丁]{1,3})"
)
_FIRM: Final = re.compile(
    r"(公司|集团|银行|中心|学校|医院|部|会|馆|站|科)([(（].*[)）])?$|\b(company|bank|group)\b", re.IGNORECASE
)
_LEADS_IN: Final = re.compile(
    r"(推荐|评价|评议|评分|打分|满意度|对于|关于|的|对|给|为|就|[:：、，"
    r",\-–—|/\]】)）\s]|\b(rate|with|of|the|about|for|is|to|at))\s*$",
    re.IGNORECASE,
)
_LEADS_OUT: Final = re.compile(
    r"(的|是否|服务|工作|满意|怎么样|如何|进行|打分|评分|评价|方面|[:：?？,，。、\-–—|/\[【(（"
    r"]|\s(is|in|at|on|with|for|as)\b|'s|’s|\s[-–—])",
    re.IGNORECASE,
)
_AROUND: Final = re.compile(r"[(（\[【]([^()（）\[\]【】]+)[)）\]】]")
_CLEAR: Final = 0.34
_TABLE: Final = 0.6


@dataclass(frozen=True)
class Named:
    """Department and item of a column; item "" where the table has none."""

    department: str
    item: str


@dataclass(frozen=True)
class Reading:
    """One way to tell departments from items: names by column, in the order of the questions given."""

    names: tuple[Named, ...]

    @property
    def departments(self) -> list[str]:
        return list(dict.fromkeys(name.department for name in self.names))

    @property
    def items(self) -> list[str]:
        return [item for item in dict.fromkeys(name.item for name in self.names) if item]


def looks_like_department(name: str) -> bool:
    """Whether a name ends like that of a department, or is a usual short name of one: 税务, Library."""
    name = simplified(name).strip()
    return _SHORT.fullmatch(name) is not None or _ends_like_department(name)


def _ends_like_department(name: str) -> bool:
    name = simplified(name).strip()
    no_name = any((_RATER.fullmatch(name), _NO_NAME.search(name), _OF_FIRMS.search(name)))
    return _DEPARTMENT.search(name) is not None and not no_name


def is_rater(name: str) -> bool:
    """Whether a name is that of a rater by number: 评委3, 企业12."""
    return _RATER.fullmatch(name.strip()) is not None


def department_share(names: Sequence[str]) -> float:
    """Share of names that look like departments; those that may be firms count half."""
    each = [0.0 if not looks_like_department(n) else 0.5 if _FIRM.search(n) else 1.0 for n in names]
    return sum(each) / max(len(each), 1)


def looks_like_item(name: str) -> bool:
    """Whether a name looks like that of an item (something rated about departments), such as 服务态度."""
    return not looks_like_department(name) and _ITEM.search(simplified(name)) is not None


def split_at_names(headings: Sequence[str]) -> list[Question] | None:
    """Department and item of headings that hold both without a sign between them, such as 税务局服务态度好;
    None if no table of departments by items comes of it."""
    cuts = [_cuts(text) for text in headings]
    counts = Counter(rest for pairs in cuts for rest in dict.fromkeys(pair.part for pair in pairs))
    if not all(cuts) or len(counts) < 2:
        return None
    found = [max(pairs, key=lambda pair: counts[pair.part]) for pairs in cuts]
    names, items = {pair.whole for pair in found}, {pair.part for pair in found}
    table = len(set(found)) == len(found) and len(found) >= _TABLE * len(names) * len(items)
    said = sum(map(looks_like_item, items)) * 2 >= len(items)
    return found if min(len(names), len(items)) > 1 and table and said else None


def split_before_item(headings: Sequence[str]) -> list[str] | None:
    """Departments of headings that all end with one and the same item, such as 税务局办事效率高; None for
    others."""
    cuts = [{pair.part: pair.whole for pair in _cuts(text)} for text in headings]
    same = set.intersection(*map(set, cuts)) if len(cuts) > 1 else set()
    item = max(filter(looks_like_item, same), key=len, default="")
    return [cut[item] for cut in cuts] if item else None


def _cuts(text: str) -> list[Question]:
    """Ways to cut a heading after what may be a department's name, the shortest name first."""
    return [
        Question(text[:at], clean(text[at:]).removeprefix("的"))
        for at in range(2, len(text) - 1)
        if _ends_like_department(text[:at]) and text[at : at + 2] not in ("员会", "公室")
    ]


def readings(questions: Sequence[Question], departments: Mapping[str, str]) -> list[Reading]:
    """Ways to read the headings: one if it is clear, two if question and part could both be the department.

    `departments`: name or code as it stands in headings → name, as the user gave them; {} if not given.
    """
    wholes, parts = bare_names([q.whole for q in questions]), bare_names([q.part for q in questions])
    if departments:
        return _by_list(wholes, parts, [q.whole for q in questions], [q.part for q in questions], departments)
    if not any(parts):
        return [Reading(tuple(Named(whole, "") for whole in wholes))]
    outer = Reading(tuple(Named(whole, part) for whole, part in zip(wholes, parts, strict=True)))
    inner = Reading(tuple(_turned(whole, part, wholes) for whole, part in zip(wholes, parts, strict=True)))
    merit = _merit(outer) - _merit(inner)
    if abs(merit) >= _CLEAR:
        return [outer if merit > 0 else inner]
    return [outer, inner]


def without_questions(reading: Reading) -> Reading:
    """Reading without items that are only the questions between which the departments were divided: each
    department stands under one of several, and these are not named like items."""
    names, items = reading.names, reading.items
    divided = len(set(reading.departments)) == len(names) and len(items) > 1
    if not divided or any(map(looks_like_item, items)):
        return reading
    return Reading(tuple(Named(name.department, "") for name in names))


def _turned(whole: str, part: str, wholes: Sequence[str]) -> Named:
    return Named(part or whole, (whole if part and len(set(wholes)) > 1 else ""))


def _merit(reading: Reading) -> float:
    names, items = reading.departments, reading.items
    if len(names) < 2:
        return -1.0
    share = sum(map(looks_like_department, names)) / len(names) - sum(map(looks_like_item, names)) / len(
        names
    )
    if items:
        share += sum(map(looks_like_item, items)) / len(items) - sum(map(looks_like_department, items)) / len(
            items
        )
    return share


def _by_list(
    wholes: list[str], parts: list[str], given: list[str], inner: list[str], departments: Mapping[str, str]
) -> list[Reading]:
    """Reading in which the names that the user gave are the departments; none if they are found nowhere. A
    name is not taken for a shorter one of the list that another heading has (县税务局, 税务局)."""
    found = []
    for texts, bare, others in ((given, wholes, parts), (inner, parts, wholes)):
        codes = [_contained(text, departments) for text in texts]
        sure = {c for c, name in zip(codes, bare, strict=True) if not is_near(name, c)}
        near = [c in sure and is_near(name, c) for c, name in zip(codes, bare, strict=True)]
        names = ["" if other else departments.get(c, "") for c, other in zip(codes, near, strict=True)]
        if any(names):
            rest = others if len(set(others)) > 1 else [""] * len(others)
            found.append((sum(map(bool, names)), [Named(n, r) for n, r in zip(names, rest, strict=True)]))
        elif not found and _in_order(bare, departments):
            order = dict(zip(dict.fromkeys(bare), departments.values(), strict=True))
            found.append((0, [Named(order[text], other) for text, other in zip(bare, others, strict=True)]))
    found.sort(key=lambda pair: -pair[0])
    return [Reading(tuple(found[0][1]))] if found else []


def _in_order(texts: Sequence[str], departments: Mapping[str, str]) -> bool:
    return len(departments) > 1 and len(set(texts)) == len(departments) and all(texts)


def _contained(text: str, departments: Collection[str]) -> str:
    """Name or code of the list that stands in the text; the longest of several; "" for none."""
    key = name_key(text).casefold()
    inside = [code for code in departments if _stands_in(name_key(code).casefold(), key)]
    return max(inside, key=len, default="")


def _stands_in(code: str, text: str) -> bool:
    if code.isascii():
        return re.search(rf"(?<![a-z0-9]){re.escape(code)}(?![a-z0-9])", text) is not None
    return code in text


def bare_names(texts: list[str]) -> list[str]:
    """Names without what all have around them, such as 请评价… or …的服务是否满意."""
    distinct = [text for text in dict.fromkeys(texts) if text]
    if len(distinct) < 2:
        return texts
    start = _lead(common_start(distinct))
    shortened = [text[start:] for text in distinct]
    end = _tail(common_start([text[::-1] for text in shortened])[::-1])
    bare = [text[: len(text) - end] if end else text for text in shortened]
    if not all(map(clean, bare)) or len(set(bare)) < len(bare):
        return texts
    around = [_AROUND.fullmatch(clean(text)) for text in bare]
    cleaned = [found[1] for found in around if found] if all(around) else list(map(clean, bare))
    names = dict(zip(distinct, cleaned, strict=True))
    return [names.get(text, text) for text in texts]


def _lead(prefix: str) -> int:
    """Length of the part of a common beginning that is no part of the names."""
    ends = [at for at in range(len(prefix), 0, -1) if _LEADS_IN.search(prefix[:at])]
    return ends[0] if ends else 0


def _tail(suffix: str) -> int:
    """Length of the part of a common end that is no part of the names."""
    for at in range(len(suffix)):
        if _LEADS_OUT.match(suffix[at:]) and not _DEPARTMENT.fullmatch(suffix[at:]):
            return len(suffix) - at
    return 0


def common_start(texts: Sequence[str]) -> str:
    """Common beginning of texts."""
    first, last = min(texts), max(texts)
    return first[: next((i for i, c in enumerate(first) if i >= len(last) or c != last[i]), len(first))]
