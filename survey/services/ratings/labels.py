"""Labels of what a person can say about an uploaded file, and the reader's messages with these labels in
place of the command line's options."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from survey.errors import N_
from survey.language import in_both

LABELS: Final[Mapping[str, str]] = {
    "tool": N_("文件出自哪里"),
    "best": N_("数字大的好还是小的好"),
    "high": N_("数字大的好"),
    "low": N_("数字小的好"),
    "departments": N_("部门名单"),
    "levels": N_("文字代表多少分"),
    "missing": N_("表示没有评分的代码"),
    "scale": N_("最低分和最高分"),
    "items": N_("只算哪些指标"),
    "rater": N_("评议人是哪一列"),
    "department": N_("部门是哪一列"),
    "score": N_("得分是哪一列"),
    "item": N_("指标是哪一列"),
}
"""Label by field of `Choices`, and of the two values of `best`."""
_FIELDS: Final = "levels|departments|scale|missing|best|items|rater|department|score|item"
_FILL_IN: Final = N_("在%(label)s填 %(codes)s")
Pair = tuple[str, str]


def on_page(zh: str, en: str) -> Pair:
    """Message of the reader in Chinese and English as the page says it: labels of fields, no options."""
    from analysis.foreign.hints import BY_MAPPING, LISTED_TOOLS

    zh, en = (
        text.replace(mapping, "").replace(tools, "")
        for text, mapping, tools in zip((zh, en), BY_MAPPING, LISTED_TOOLS, strict=True)
    )
    return re.sub(r"(?<=[^ -~]) ?(“[^“”]*”) ?(?=[^ -~])", r"\1", _labelled(zh, 0)), _labelled(en, 1)


def _labelled(text: str, place: int) -> str:
    from analysis.foreign.layout import TOOLS

    def label(name: str) -> str:
        return ("“{}”", "‘{}’")[place].format(in_both(LABELS[name])[place])

    def tool(name: str) -> str:
        return (f"在{label('tool')}选“{TOOLS[name][0]}”", f"{label('tool')} ‘{TOOLS[name][1]}’")[place]

    def codes(found: re.Match[str]) -> str:
        shown = ",".join(re.findall(r"--missing ([-\w.]*\w)", found[0]))
        return in_both(_FILL_IN)[place] % {"label": label("missing"), "codes": shown}

    rules: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
        (rf"(?<=as |.如 )--(?:{_FIELDS}) ", lambda _: ""),
        (r"--best (high|low)(?:（[^（）]*）)?", lambda found: label(found[1])),
        (rf"--as ({'|'.join(TOOLS)})\b", lambda found: tool(found[1])),
        (r"--as\b", lambda _: label("tool")),
        (r"(?:请加 |加 )?--missing [-\w.]*\w(?: --missing [-\w.]*\w)*", codes),
        (rf"--({_FIELDS})\b", lambda found: label(found[1])),
        (r"，用 --previous 比较| and compare them by --previous", lambda _: ""),
        (r"，或用 --[a-z_]+ 指明一列|, or choose one by --[a-z_]+", lambda _: ""),
    )
    for pattern, said in rules:
        text = re.sub(pattern, said, text)
    return text
