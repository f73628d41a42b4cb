"""Redaction of comments: words that could identify the writer are suggested to the reviewers, who decide.

Rules find numbers of a known form, names with a title, and the names and contacts of the roster. No rule
finds a nickname or “the only cement works in town”; two people read every comment for that.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from survey.documents.uploads.credit_code import is_well_formed
from survey.errors import N_
from survey.services.followup import name_forms

PHONE, IDENTITY, CREDIT, PLATE = N_("电话"), N_("证件号"), N_("信用代码"), N_("车牌")
PERSON, ENTERPRISE, ADDRESS, NUMBER = N_("人名"), N_("企业名"), N_("网址邮箱"), N_("编号")

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_COMPOUND = "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|司徒"
_TITLE = (
    "先生|女士|小姐|师傅|老师|局长|副局长|科长|副科长|股长|副股长|主任|副主任|所长|副所长|队长|副队长|站长|处长|"
    "书记|经理|总经理|董事长|老板|会计|厂长|院长|庭长|法官|检察官|警官|同志|大姐|大哥|总|局|科|所"
)
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
# An ASCII letter or digit on either side makes it part of something longer.
_NAME = rf"(?:{_COMPOUND}|[{_SURNAMES}])[\u4e00-\u9fff]"
_A, _Z = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"
_GAP = r"[-\s]?"
_RULES = (
    (ADDRESS, re.compile(r"https?://\S+|www\.\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)),
    (IDENTITY, re.compile(rf"{_A}[1-9]\d{{5}}(?:19|20)\d{{2}}(?:0[1-9]|1[0-2])\d{{2}}\d{{3}}[\dXx]{_Z}")),
    (CREDIT, re.compile(rf"{_A}[0-9A-HJ-NPQRTUWXYa-hj-npqrtuwxy]{{18}}{_Z}")),
    (PHONE, re.compile(rf"{_A}(?:\+?86{_GAP})?1[3-9]\d(?:{_GAP}\d{{4}}){{2}}{_Z}")),
    (PHONE, re.compile(rf"{_A}0\d{{2,3}}{_GAP}\d{{7,8}}{_Z}|{_A}400{_GAP}\d{{3}}{_GAP}\d{{4}}{_Z}")),
    (PLATE, re.compile(rf"[{_PROVINCES}][A-HJ-NP-Za-hj-np-z][·•.\s]?[A-HJ-NP-Za-hj-np-z0-9]{{5,6}}{_Z}")),
    (NUMBER, re.compile(r"(?:微信|VX|wx|QQ|Q)号?[:：\s]*[A-Za-z0-9_-]{5,20}", re.IGNORECASE | re.ASCII)),
    (NUMBER, re.compile(r"[〔\[（(]20\d\d[〕\]）)]\s*第?\s*\d+\s*号|\d{7,}")),
    (PERSON, re.compile(rf"{_NAME}{{0,2}}?(?:{_TITLE})(?![\u4e00-\u9fff]?长)")),
    (PERSON, re.compile(rf"(?<![\u4e00-\u9fff]){_NAME}[\u4e00-\u9fff](?![\u4e00-\u9fff])")),
    (PERSON, re.compile(rf"(?:姓名|我叫|我是|联系人|经办人|名叫)[:：\s]*{_NAME}{{1,2}}")),
)  # fmt: skip
# Ordinary words that begin like a surname, which the rule for names would match.
_NO_NAMES = re.compile(r"^(?:任何|何时|方便|方面|白跑|高总|石油|金融|田地|江边|夏天|万一|严格|严重|何况)")
_SMALL = {ord(capital): capital.lower() for capital in string.ascii_uppercase}
SHORTEST_CONTACT = 2


@dataclass(frozen=True, slots=True)
class IdentifyingSpan:
    """Characters [start, end) of a comment, and what they seem to be (a message id)."""

    start: int
    end: int
    kind: str


class KnownNames:
    """Names with their kinds, which `find` finds in a text in time that does not grow with their number.

    A roster has thousands: by their first two characters they are narrowed to a few lengths.
    """

    def __init__(self, kinds: Mapping[str, str]) -> None:
        self._kinds = dict(kinds)
        self._lengths: dict[str, set[int]] = {}
        for name in self._kinds:
            self._lengths.setdefault(name[:SHORTEST_CONTACT], set()).add(len(name))

    def find(self, text: str) -> Iterator[IdentifyingSpan]:
        """Spans of all places where a name stands, also where names overlap."""
        text = text.translate(_SMALL)
        for start in range(len(text)):
            for length in self._lengths.get(text[start : start + SHORTEST_CONTACT], ()):
                end = start + length
                kind = self._kinds.get(text[start:end])
                # A slice over the end is a shorter name; pinyin within a longer word is another word.
                if kind is not None and end <= len(text) and not _cuts_a_word(text, start, end):
                    yield IdentifyingSpan(start, end, kind)


def suggest(text: str, known: KnownNames | None = None) -> list[IdentifyingSpan]:
    """Spans to black out in `text`, in order, without overlaps; `known` comes from `known_names`."""
    found = [
        IdentifyingSpan(*match.span(), kind)
        for kind, rule in _RULES
        for match in rule.finditer(text)
        if _counts(kind, match.group())
    ]
    return _apart([*found, *(known.find(text) if known else ())])


def redacted(text: str, findings: Iterable[IdentifyingSpan]) -> str:
    """`text` with each span replaced by its kind in brackets, such as 〔电话〕."""
    parts, at = [], 0
    for finding in findings:
        parts += [text[at : finding.start], f"〔{finding.kind}〕"]
        at = finding.end
    return "".join([*parts, text[at:]])


def known_names(enterprises: Iterable[tuple[str, str]]) -> KnownNames:
    """Names to look for, from the (name, contact) pairs of a roster: enterprises in all the ways of
    `name_forms`, and contacts."""
    known, listed = {}, list(enterprises)
    places = name_forms.places_of(name for name, _contact in listed)
    for name, contact in listed:
        for form in name_forms.forms(name, places):
            known[form.translate(_SMALL)] = ENTERPRISE
        if len(contact) >= SHORTEST_CONTACT:
            known[contact.translate(_SMALL)] = PERSON
    return KnownNames(known)


def _cuts_a_word(text: str, start: int, end: int) -> bool:
    """Whether a Latin letter stands on the other side of either end, which is one, too."""
    before, after = text[max(0, start - 1) : start + 1], text[end - 1 : end + 1]
    return any(len(pair) == 2 and pair.isascii() and pair.isalpha() for pair in (before, after))


def _counts(kind: str, found: str) -> bool:
    if kind == CREDIT:
        return is_well_formed(found.upper())
    return kind != PERSON or not _NO_NAMES.match(found)


def _apart(found: list[IdentifyingSpan]) -> list[IdentifyingSpan]:
    """Spans in order; those that share characters are joined to one, so that no part of them stays."""
    kept: list[IdentifyingSpan] = []
    for finding in sorted(found, key=lambda f: (f.start, -f.end)):
        if kept and finding.start < kept[-1].end:
            last = kept[-1]
            kept[-1] = IdentifyingSpan(last.start, max(last.end, finding.end), last.kind)
        else:
            kept.append(finding)
    return kept
