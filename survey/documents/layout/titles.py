"""Lines of a title, broken between words: GB/T 9704-2012 §7.3.1 forbids breaks inside them."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

MOST_EMS: Final = 19  # of 2 号 in 156 mm
# Words of titles of reviews; other Chinese is one word up to the next of these.
_LISTED: Final = """
政务服务 营商环境 行政审批 人大常委会 委员会 人民政府 企业家 满意度 上半年 下半年 第一季度
第二季度 第三季度 第四季度 一季度 二季度 三季度 四季度 半年度 季度 年度 各有关 单位 企业
部门 机关 窗口 政府 政协 群众 代表 委员 服务 发展 环境 行风 作风 政风 效能 民主 评议
评价 评估 测评 调查 试点 专项 工作 活动 开展 反馈 结果 情况 问题 整改 综合 合并 排名
总排名 关于 通报 总结 分析 报告 优化 监督 涉企 第一轮 第二轮 第三轮 第四轮
"""
_WORDS: Final = frozenset(_LISTED.split())
_CLOSING: Final = "、，；：。的”》）〉』"
_TOKEN: Final = re.compile(
    "|".join(
        [
            r"[A-Za-z0-9.\-—–]+\s?(?:年|月|日|号|届|次|轮|季度)?",
            *sorted(map(re.escape, _WORDS), key=len, reverse=True),
            r"\s+",
            r"[“《（〈『]",
            f"[{_CLOSING}]",
            r".",
        ]
    ),
    re.DOTALL,
)


def ems(text: str) -> float:
    """Width of `text` in Chinese characters."""
    return sum(0.5 if c.isascii() else 1.0 for c in text)


def title_lines(head: str, tail: str) -> list[str]:
    """Lines of a title: one where it fits, else `head` and `tail`, each broken further between words only
    where it is too long. A word longer than a line stays whole."""
    if ems(head + tail) <= MOST_EMS:
        return [head + tail]
    return [*_broken(head), *_broken(tail)]


def _broken(text: str) -> list[str]:
    """Lines of about equal length, as few as there can be."""
    words = list(_words(text))
    fewest = _filled(words, MOST_EMS)
    best = fewest
    for most in range(MOST_EMS - 1, 0, -1):
        tried = _filled(words, most)
        if len(tried) > len(fewest) or max(map(ems, tried)) > max(map(ems, best)):
            break
        best = tried
    return best


def _filled(words: Sequence[str], most: float) -> list[str]:
    lines = [""]
    for word in words:
        if lines[-1] and ems(lines[-1] + word.rstrip()) > most:
            lines.append("")
        lines[-1] += word if lines[-1] else word.lstrip()
    return [line.rstrip() for line in lines]


def _words(text: str) -> Iterator[str]:
    """Parts of `text` that are never broken."""
    part, opened = "", False
    for found in _TOKEN.finditer(text):
        token = found[0]
        starts = token in _WORDS or token[0] in "“《（〈『" or token[0].isascii()
        if part and not opened and starts and token not in _CLOSING:
            yield part
            part = ""
        part, opened = part + token, token[0] in "“《（〈『"
        if token in _WORDS or token in _CLOSING or token[0].isascii():
            after = text[found.end() : found.end() + 1]
            if not opened and after not in _CLOSING:
                yield part
                part = ""
    if part:
        yield part
