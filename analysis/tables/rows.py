"""Recognition of rows that are no data: totals, footnotes, repeated headings."""

import re
from collections.abc import Collection, Sequence
from typing import Final

from analysis.answers.signs import SPACES, without_invisible
from analysis.tables.cells import Region
from analysis.tables.headings import simplified

_TOTALS: Final = re.compile(
    r"(本页|全县|全市|全部)?(合计|总计|小计|共计|累计|总分|平均分?|平均值|均值)|(grand|sub)?total|sum|average|mean"
)
_SUMMARIES: Final = re.compile(
    r"(去掉)?(最高|最低|综合|加权|最终|最后)(得?分|值|平均分?)?|排名|名次|位次|标准差|方差|中位数|众数|极差"
    r"|(不?满意|合格|优秀|及格|参评|回收)率|(有效)?(票|份)数|(参评|评议|打分)?人数|满分|标准分|权重|分值|maximum|minimum|median"
)
_NO_RATERS: Final = re.compile(
    r"(去掉|剔除|除去)一?个?(最高|最低).*|.{0,8}(平均|均)(得?分|值)?|.{0,8}(小计|合计|总计)|(最终|最后|综合|加权|总)?得分率?|汇总|总体|总评|整体|总均"
    r"|(综合|最终|总)?(排名|排序|名次)|(参考|参照|对照|目标|基准)(值|分)?"
    r"|(去年|上年|往年|前年|历年|上期|同期|20[0-9][0-9]年(度)?)(度|同期)?(得分|平均分?|均值|成绩|评分|排名)?"
    r"|(有效|无效|实际|应)?(参评|评议|打分|评分|投票)?(人|份|票|次)数|有效票|评分数|备注|说明|注|极值|偏差|误差"
)
_VOID: Final = re.compile(
    r"(测试|样例|示例|演示|范例|试填)(企业|单位|评议人|数据|答卷|问卷|用户)?[0-9]{0,2}|(空白|废|作废|无效)(票|答卷|问卷)[0-9]{0,3}"
    r"|.+[(（](作废|无效|废票|测试|空白)[)）]|预览|(测试|试用)(账号|用户|员|人员)[0-9]{0,3}|.{0,4}测试[0-9]{0,3}"
    r"|(test|demo|dummy|sample|preview)([ _-]?(user|response|rater|account|data|survey|entry))?"
    r"[ _-]?[0-9]{0,3}|survey (test|preview)",
    re.IGNORECASE,
)
_FIRST_OF_VOID: Final = frozenset("测測样樣示演范範试試空废廢作无無预預 tdspTDSP")
"""First letters of the words in `_VOID`."""
_LAST: Final = frozenset("计計分均值lmenLMEN")
"""Last letters of the words in `_TOTALS`, for a quick check."""
_LAST_OF_SUMMARIES: Final = frozenset("分值均高低合权權终終后後名次差数數率重mnMN")
"""Last letters of the words in `_SUMMARIES`."""
_SUMS_OF: Final = ("小计", "小計", "合计", "合計", "平均", "平均分", "均值")
_FOOTNOTE: Final = re.compile(
    r"[(（]?(注|备注|说明|附注|填表|填报|制表|审核|联系电话|日期|数据来源)(说明|单位|人|日期)?[:：1-9]"
    r"|note[s:]|remarks?:|source:",
    re.IGNORECASE,
)
_SIGNED: Final = re.compile(
    r"[(（]?(填表|填报|制表|审核|复核|审定|批准|负责|监票|计票|唱票|统计|经办|打印|汇总|录入|联系)"
    r"(人|员|单位|日期|时间|电话|签字|签名|人签字)?([(（][^()（）]*[)）])?[:：]"
)
_MARK: Final = re.compile(r"[0-9]{1,3}(\.[0-9]+)?")
_ERROR: Final = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA|#+)")


def is_total(text: str) -> bool:
    """Whether a text is the name of a row of totals or averages, such as 合计."""
    return _names(text, _TOTALS, _LAST)


def is_summary(text: str) -> bool:
    """Whether a text is the name of a row about the columns: a total, or 最高分, 排名, 满意率, 满分."""
    return is_total(text) or _names(text, _SUMMARIES, _LAST_OF_SUMMARIES)


def is_sum_of(text: str) -> bool:
    """Whether a text names a row about the columns, or about one name's rows, such as 税务局小计."""
    return is_summary(text) or text.rstrip().endswith(_SUMS_OF)


def _names(text: str, words: re.Pattern[str], last_letters: Collection[str]) -> bool:
    last = text[-1:]
    if last.isalnum() and last not in last_letters:  # nearly every name of a million, at once
        return False
    plain = simplified(SPACES.sub("", without_invisible(text))).strip(":：（）()").casefold()
    return words.fullmatch(plain) is not None


def is_no_rater(text: str) -> bool:
    """Whether a text in the raters' column names a row about others: 去掉一个最高分…, 去年得分, 参考值."""
    if text.isascii() or text[-1:].isdigit():  # nearly every name of a million, at once
        return False
    plain = simplified(SPACES.sub("", without_invisible(text))).strip(":：").casefold()
    return _NO_RATERS.fullmatch(plain) is not None


def is_void(text: str) -> bool:
    """Whether a text in the raters' column says that answers are void or a trial: 空白票, 张三（作废）."""
    if text[-1:] not in ")）试試" and text[:1] not in _FIRST_OF_VOID:
        return False
    plain = simplified(without_invisible(text))
    return _VOID.fullmatch(plain.strip()) is not None or _VOID.fullmatch(SPACES.sub("", plain)) is not None


def is_signed(cells: Sequence[object]) -> bool:
    """Whether a row holds signatures or dates, such as 制表人：… 审核：…, and no mark."""
    texts = [text for cell in cells if (text := str(cell).strip()) and cell is not None]
    return (
        bool(texts)
        and _SIGNED.match(simplified(texts[0])) is not None
        and not any(map(_MARK.fullmatch, texts))
    )


def is_footnote(number: int, cells: Sequence[str], merged: Sequence[Region]) -> bool:
    """Whether row `number` (from 1) is a note: a single text, merged across columns or beginning like a
    note; or a row of signatures."""
    texts = [cell for cell in cells if cell.strip()]
    if len(texts) != 1:
        return is_signed(cells)
    wide = any(top <= number <= bottom and right - left >= 1 for top, left, bottom, right in merged)
    return wide or _FOOTNOTE.match(simplified(texts[0].strip())) is not None


def is_heading_again(cells: Sequence[object], headings: Sequence[str]) -> bool:
    """Whether a row repeats the headings, as printed tables do on every page."""
    pairs = [(str(c).strip(), h) for c, h in zip(cells, headings, strict=False) if isinstance(c, str)]
    filled = [(cell, heading.strip()) for cell, heading in pairs if cell]
    return len(filled) > 1 and all(SPACES.sub("", a) == SPACES.sub("", b) for a, b in filled)


def is_error_value(text: str) -> bool:
    """Whether a text is one of Excel's error values."""
    return _ERROR.fullmatch(text.strip().upper()) is not None
