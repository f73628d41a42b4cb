"""Words for the details that the audit log stores with an action."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from survey.errors import N_
from survey.language import gettext as _
from survey.models import IndicatorKind, ProposalKind, Role, SuccessionKind
from survey.web.problems import words as workflow_words
from survey.wording import staff

NAMES: Final = {
    "added": N_("新增"),
    "arrived": N_("收到了"),
    "asked": N_("什么变更"),
    "body": N_("单位"),
    "bulletin.docx": N_("通报文件的摘要"),
    "part_of": N_("随同"),
    "proposed_by": N_("提出人"),
    "after": N_("改为"),
    "attributed": N_("记名邀请"),
    "address": N_("网址"),
    "batches": N_("批数"),
    "before": N_("原来"),
    "cast": N_("投票"),
    "succession": N_("怎样变的"),
    "closed": N_("监票机已截止"),
    "codes": N_("邀请码"),
    "collected": N_("领票"),
    "confirmed_by": N_("确认人"),
    "columns": N_("改动的列"),
    "count": N_("条数"),
    "day": N_("从哪天起"),
    "department": N_("部门"),
    "digest": N_("摘要"),
    "drawn": N_("抽取"),
    "edition": N_("版次"),
    "empty": N_("空白"),
    "enterprises": N_("企业"),
    "factor": N_("凭据"),
    "fields": N_("改动的项"),
    "files": N_("文件数"),
    "fingerprint": N_("指纹"),
    "frame": N_("抽样框"),
    "handed_out": N_("发出"),
    "hour": N_("时段"),
    "invalid": N_("无效票"),
    "invited": N_("邀请"),
    "kind": N_("数据来源"),
    "kept": N_("收下"),
    "kept_until": N_("保留到"),
    "merkle_root": N_("校验根"),
    "missing": N_("没有移交到的"),
    "name": N_("名称"),
    "not_counted": N_("不计"),
    "number": N_("声明第几份"),
    "people": N_("阅表人"),
    "period": N_("时期"),
    "predecessor": N_("原部门"),
    "posted": N_("监票机收到的选票"),
    "problem": N_("问题编号"),
    "reason": N_("原因"),
    "refused": N_("作废"),
    "replaced": N_("替换的行"),
    "returned": N_("收回"),
    "role": N_("角色"),
    "rows": N_("行数"),
    "seed": N_("随机种子"),
    "slips": N_("无记名票"),
    "stamped": N_("盖章"),
    "station": N_("阅表站"),
    "statement": N_("声明第几份"),
    "themes": N_("主题"),
    "tries": N_("次数"),
    "updated": N_("更新"),
    "valid": N_("有效票"),
    "weights": N_("权重"),
    "witness": N_("监票机"),
    "without_witness": N_("不等监票机"),
}

ASKED: Final = {
    ProposalKind.PERSON_ADD: N_("添加人员"),
    ProposalKind.PERSON_LINK: N_("发出登录链接"),
    ProposalKind.PERSON_RESET: N_("重设账号"),
    ProposalKind.PERSON_PLACE: N_("修改人员资料"),
    ProposalKind.PERSON_ACTIVATE: N_("启用账号"),
    ProposalKind.BODY_ADD: N_("加上机构"),
    ProposalKind.BODY_REMOVE: N_("去掉机构"),
    ProposalKind.INVITATIONS: N_("增发邀请"),
    ProposalKind.REISSUE: N_("整批换发邀请"),
    ProposalKind.CANCEL: N_("取消轮次"),
}

# What is compared letter by letter, not read.
COMPARED = ("merkle_root", "digest", "fingerprint", "seed", "bulletin.docx")


def details(detail: Mapping[str, object]) -> list[tuple[str, str, bool]]:
    """Triples (name, value, whether people compare it letter by letter) of a log entry's details; a name
    without words keeps its code."""
    return [(_name(name), _value(name, value), name in COMPARED) for name, value in detail.items()]


def _name(name: str) -> str:
    return _(NAMES[name]) if name in NAMES else name


def _value(name: str, value: object) -> str:
    if isinstance(value, list):
        return _("、").join(str(part) for part in value)
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, dict):
        return _("、").join(f"{_name(part)} {_value(part, each)}" for part, each in value.items())
    code = str(value)
    if name == "role" and code in set(Role):
        return staff.role(code)
    if name == "kind" and code in set(IndicatorKind):
        return workflow_words.kind(code)
    if name == "asked" and code in set(ASKED):
        return _(ASKED[ProposalKind(code)])
    if name == "succession" and code in set(SuccessionKind):
        return workflow_words.succession_kind(code)
    if name == "part_of":
        return staff.action(code)
    if name == "factor":
        return {"password": _("密码"), "code": _("验证码")}.get(code, code)
    return code
