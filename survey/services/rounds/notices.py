"""Public notices of a round: what is said replaces what was said, but that a backup was restored stays."""

from __future__ import annotations

from survey.errors import N_, InvalidInput
from survey.models import Round

# Not translated, as all notices.
BEYOND = (
    "截止时，票箱里的选票比系统记得领走的凭证多 %(count)s 张：本网站从备份恢复过，备份以后领票的记录没有了。"
    "这些选票的凭证都核验过，已经计入；其中可能有同一家企业投的第二张。"
)
_STAYS = "本网站从备份恢复过"


def set_notice(round: Round, said: str) -> None:
    """Say something in public, instead of what was said but of a restored backup."""
    stays = [line for line in round.notice.splitlines() if _STAYS in line]
    round.notice = "\n".join([*stays, said])


def add_notice(round: Round, said: str) -> None:
    """Say something more in public."""
    round.notice = "\n".join(filter(None, (round.notice, said)))


def public_reason(reason: str) -> str:
    """The reason as pages show it; raises `InvalidInput` without one."""
    if not reason.strip():
        raise InvalidInput(N_("请写明原因，它会显示在公开页面上。"))
    return reason.strip()
