"""Sentences on an edition itself: added invitations, comments, problems, and the digests it can be checked
by."""

from __future__ import annotations

import re
from typing import Final

from survey.facts.publication import AddedInvitations, DepartmentThemes, EditionProblem, PaperFacts
from survey.language import gettext as _
from survey.wording.names import listed
from survey.wording.numbers import day

SLIP: Final = "slip"
INTERVIEW: Final = "interview"
_CHINESE: Final = "[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef“”‘’]"
_BREAK_INSIDE: Final = re.compile(rf"(?<={_CHINESE})\s*\n\s*(?={_CHINESE})")


def issued(
    kind: str, count: int | None, reason: str, threshold: int | None, *, reissued: bool = False
) -> str:
    """Clause on how many invitations of a kind were issued, with the reason where they were added later, or
    replaced a lost list (`reissued`); count None: fewer than `threshold`, or not told yet."""
    if reissued:
        return _reissued(kind, count, reason)
    told = str(count) if count is not None else _("不足 %(count)s", count=threshold)
    said = _("无记名票 %(count)s 张", count=told) if kind == SLIP else _("记名邀请 %(count)s 份", count=told)
    return _("收票期间增发%(what)s，原因：%(reason)s", what=said, reason=reason) if reason else said


def _reissued(kind: str, count: int | None, reason: str) -> str:
    slips = kind == SLIP
    if count is None:
        what = _("还没有用过的无记名票") if slips else _("还没有用过的记名邀请")
    elif slips:
        what = _("还没有用过的无记名票 %(count)s 张", count=count)
    else:
        what = _("还没有用过的记名邀请 %(count)s 份", count=count)
    return _("名单丢失，整批换发%(what)s，旧的全部作废，原因：%(reason)s", what=what, reason=reason)


def added(entry: AddedInvitations, threshold: int | None) -> str:
    """Sentence on invitations added while the round was collecting or reissued, with the day."""
    if entry.kind == INTERVIEW:
        return interviews(entry.count or 0)
    told = issued(entry.kind, entry.count, entry.reason, threshold, reissued=entry.reissued)
    return _("%(day)s：%(said)s", day=day(entry.day), said=told)


def interviews(count: int) -> str:
    """Sentence on ballots that the office filled in with enterprises on the telephone."""
    return _(
        "电话填写 %(count)s 份：企业事先同意，经办人在电话里念题、听答案，代为点选；"
        "这样填的选票最多这么多张，混在全部选票里，分不出来。",
        count=count,
    )


def restored(beyond: int | None) -> list[str]:
    """Sentence on a backup that was put back while the round collected; `beyond`: ballots beyond the
    credentials known to be collected, None without a backup."""
    if beyond is None:
        return []
    said = [_("收票期间，网站从备份恢复过：备份以后投的选票可能没有计入，可以用回执核对。")]
    if beyond:
        more = _(
            "计入的选票比记得领走的凭证多 %(count)s 张，凭证都有效；其中可能有同一家企业投的第二张。",
            count=beyond,
        )
        said.append(more)
    return said


def log_line(log: tuple[int, str] | None) -> str:
    """Number and digest of the newest log entry, for paper, so that a log cut off later can be detected; ""
    for None."""
    return _("第 %(number)s 条，摘要 %(digest)s", number=log[0], digest=log[1]) if log else ""


def receipts() -> str:
    """Sentence on how everybody can check that a ballot was counted."""
    return _("开箱前已公布全部选票回执，任何人可以用自己的回执核对选票是否计入。")


def digests(number: int | None = None) -> str:
    """Sentence on what the digests printed below it prove; `number` of the
    edition, None before there is one."""
    if number is None:
        return _("以下数字由选票和评分算出，有一处改动就会不同。")
    return _(
        "通报、报告、排名表、反馈函、图表和开放数据的数字，全部取自同一份定格的公布内容（第 %(number)s 版）；"
        "以下数字由它、由选票和评分算出，有一处改动就会不同。",
        number=number,
    )


def source(number: int) -> str:
    """Note on where the figures of a document come from."""
    return _("数字全部取自定格的公布内容第 %(number)s 版。", number=number)


def themes(counted: DepartmentThemes | None) -> str:
    """Sentences on the number of comments on a department and their themes."""
    if counted is None or counted.n is None:
        return _("意见较少，不按主题统计。")
    shown = sorted(((t.n, t.name) for t in counted.themes if t.n is not None), key=lambda t: -t[0])
    received = _("共收到意见 %(count)s 条。", count=counted.n)
    if not shown:
        return received + _("各主题的条数少于公布门槛，不公布。")
    each = listed([_("%(theme)s %(count)s 条", theme=name, count=n) for n, name in shown])
    return received + _("其中涉及：%(themes)s。一条意见可以涉及几个主题。", themes=each)


def one_line(text: str) -> str:
    """`text` with its line breaks removed; Chinese lines join without a space."""
    return " ".join(_BREAK_INSIDE.sub("", text.strip()).split())


def problem(entry: EditionProblem) -> str:
    """Sentence on an entry of the list of problems."""
    about = _("（%(item)s）", item=entry.item) if entry.item else ""
    return _(
        "第 %(number)s 号%(about)s：%(task)s，整改期限 %(day)s。",
        number=entry.number,
        about=about,
        task=entry.task,
        day=day(entry.deadline),
    )


def paper_forms(facts: PaperFacts | None) -> list[str]:
    """What is said of paper forms, in the current language; nothing where there were none."""
    if facts is None:
        return []
    said = _(
        "现场发出纸质评议表 %(out)s 份，收回 %(back)s 份：投入票箱 %(cast)s 份，"
        "票箱没有收的 %(refused)s 份（邀请码已在手机上用过或无效，或者投的时候已经截止），"
        "没有填写的 %(empty)s 份，"
        "两人认定无法计入的 %(not_counted)s 份。",
        out=facts.handed_out,
        back=facts.returned,
        cast=facts.cast,
        refused=facts.refused,
        empty=facts.empty,
        not_counted=facts.not_counted,
    )
    if facts.confirmed == facts.stations:
        signed = _(
            "计票记录由阅表的两个人各用自己的钥匙确认，并在纸上签名；阅表人看得到表上的内容，看不到是谁填的。"
        )
    else:
        signed = _("计票记录由阅表的两个人签名；阅表人看得到表上的内容，看不到是谁填的。")
    return [said, signed]
