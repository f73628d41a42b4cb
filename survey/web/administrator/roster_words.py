"""Words for what an import or a person changes on the roster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from survey.language import gettext as _
from survey.models import Round, State
from survey.services.roster import contacts
from survey.services.roster.enterprises import RosterImport
from survey.services.roster.singly import RosterChange
from survey.wording.numbers import day

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def changed(done: RosterImport) -> str:
    """Sentences on what an import changes of known enterprises, column by column; "" where nothing."""
    said = ""
    if done.fields:
        each = [_("%(name)s %(count)s 家", name=field(name), count=count) for name, count in done.fields]
        said = _("改动：%(each)s；文件里没有的列不动。", each=_("、").join(each))
    if done.retired:
        said += _("其中 %(count)s 家已停用，导入后仍然停用。", count=done.retired)
    return said


def field(name: str) -> str:
    """Name of a column; a stratum has its own."""
    names = {"name": _("企业名称"), "contact": _("联系人"), "phone": _("电话"), "email": _("邮箱")}
    return names.get(name, name)


def happened(change: RosterChange) -> str:
    """Sentence on what somebody did to one enterprise."""
    if change.action == "roster.edit":
        names = _("、").join(field(name) for name in change.fields)
        renamed = _("（原名“%(before)s”）", before=change.before) if change.before else ""
        return _("修改：%(names)s", names=names) + renamed
    return {"roster.add": _("加入名录"), "roster.retire": _("停用"), "roster.restore": _("恢复")}[
        change.action
    ] + (_("，原因：%(reason)s", reason=change.reason) if change.reason else "")


def contacts_kept(session: Session, round: Round, days: int) -> str:
    """Words for when contacts and telephones are erased, as a round's page says it."""
    keeping = contacts.keeping(session, round, days)
    if keeping.erased_on:
        return _("%(day)s已经自动删除", day=day(keeping.erased_on))
    if round.state in (State.DRAFT, State.OPEN):
        return _("截止 %(days)s 天后自动删除", days=days)
    if not keeping.held:
        return _("名录里没有")
    if keeping.until is None:
        return _("还有轮次在收票，截止 %(days)s 天后自动删除", days=days)
    return _("%(day)s以后自动删除", day=day(keeping.until))
