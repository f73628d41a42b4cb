"""Sentences on the count of paper forms."""

from __future__ import annotations

from survey.facts.publication import PaperFacts
from survey.language import gettext as _


def stated(facts: PaperFacts | None) -> list[str]:
    """What is said of paper forms, in the current language; nothing where there were none."""
    if facts is None:
        return []
    said = _(
        "现场发出纸质评议表 %(out)s 份，收回 %(back)s 份：投入票箱 %(cast)s 份，"
        "邀请码已在手机上用过或无效的 %(refused)s 份，没有填写的 %(empty)s 份，"
        "两人认定无法计入的 %(not_counted)s 份。",
        out=facts.handed_out,
        back=facts.returned,
        cast=facts.cast,
        refused=facts.refused,
        empty=facts.empty,
        not_counted=facts.not_counted,
    )
    return [said, _("计票记录由阅表的两个人签名；阅表人看得到表上的内容，看不到是谁填的。")]
