"""Words of the form itself, in both languages; at most 40 words of instruction."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, dict[str, str]]] = {
    "zh": {
        "promise": "这张表不属于任何人，没有人知道是谁填的。请不要写姓名。",
        "how": "每一行在一个方框里打 √。没办过事的部门不用填。",
        "correct": "打错了：把错的方框涂满，再在对的方框里打 √。",
        "phone": "也可以用手机扫码填。纸和手机，先到的算。",
        "skip": "没办过事",
        "facts": "关于您（可以不填）",
        "comments": "意见（可以不填）",
        "page": "第 {page} 页 共 {pages} 页",
        "form": "表号",
        "together": "各页都要交回",
        "check": "核对号",
        "ask": "有疑问请打电话：",
    },
    "en": {
        "promise": "This form belongs to nobody; nobody knows who filled it. Write no name.",
        "how": "Tick one box per line. Skip departments you never dealt with.",
        "correct": "Wrong box? Fill it solid, then tick the right one.",
        "phone": "Or scan by phone: first counts.",
        "skip": "No dealings",
        "facts": "About you (optional)",
        "comments": "Comments (optional)",
        "page": "Page {page} of {pages}",
        "form": "Form",
        "together": "Return all pages",
        "check": "Check number",
        "ask": "Questions? Call ",
    },
}
