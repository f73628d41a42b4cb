"""Words for what the audit log notes beside an action."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey.models import IndicatorKind, Role
from survey.web.problems import words as workflow_words
from survey.wording import staff
from survey.wording.gettext import gettext as _

# What is compared letter by letter, not read.
COMPARED = ("merkle_root", "digest", "fingerprint", "seed", "bulletin.docx")


def details(detail: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    """(name, value, whether it is to be compared letter by letter); a name without words keeps its code."""
    names = _names()
    return [(names.get(name, name), _value(name, value), name in COMPARED) for name, value in detail.items()]


def _value(name: str, value: Any) -> str:
    if name == "role" and value in set(Role):
        return staff.role(value)
    if name == "kind" and value in set(IndicatorKind):
        return workflow_words.kind(value)
    if name == "factor":
        return {"password": _("密码"), "code": _("验证码")}.get(value, str(value))
    return _("、").join(str(part) for part in value) if isinstance(value, list) else str(value)


def _names() -> dict[str, str]:
    return {
        "added": _("新增"),
        "asked": _("什么变更"),
        "body": _("单位"),
        "bulletin.docx": _("通报文件的摘要"),
        "part_of": _("随同"),
        "proposed_by": _("提出人"),
        "after": _("改为"),
        "attributed": _("记名邀请"),
        "before": _("原来"),
        "cast": _("投票"),
        "collected": _("领票"),
        "count": _("条数"),
        "department": _("部门"),
        "digest": _("摘要"),
        "drawn": _("抽取"),
        "edition": _("版次"),
        "factor": _("凭据"),
        "fields": _("改动的项"),
        "files": _("文件数"),
        "fingerprint": _("指纹"),
        "frame": _("抽样框"),
        "hour": _("时段"),
        "invalid": _("无效票"),
        "invited": _("邀请"),
        "kind": _("数据来源"),
        "merkle_root": _("校验根"),
        "period": _("时期"),
        "problem": _("问题编号"),
        "reason": _("原因"),
        "replaced": _("替换的行"),
        "role": _("角色"),
        "rows": _("行数"),
        "seed": _("随机种子"),
        "slips": _("无记名票"),
        "themes": _("主题"),
        "tries": _("次数"),
        "updated": _("更新"),
        "valid": _("有效票"),
        "weights": _("权重"),
    }
