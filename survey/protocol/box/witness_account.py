"""What an export says of the round's witness: its statement, beside what the box took in from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from survey.errors import N_
from survey.protocol.box.counts import Counts
from survey.protocol.canonical_json import canonical_json
from survey.protocol.description import RoundDescription
from survey.protocol.errors import InvalidBox
from survey.protocol.plain_json import plain
from survey.protocol.witness.statements import Statement

_TAKEN = ("batches", "kept", "refused")


@dataclass(frozen=True, slots=True)
class WitnessAccount:
    """Account of the witness in an export: its newest statement that the box has, and the numbers of batches
    that the box took in, of ballots kept from them, and of ballots refused."""

    statement: Statement
    batches: int
    kept: int
    refused: int

    @property
    def received(self) -> int:
        """Number of ballots in the batches."""
        return self.kept + self.refused

    @property
    def missing(self) -> int:
        """Number of ballots that were acknowledged to phones, and did not come in a batch."""
        return max(0, self.statement.posted - self.received)

    @property
    def final(self) -> bool:
        """Whether the witness had closed and handed over everything when it made the statement."""
        return self.statement.closed and self.statement.waiting == 0

    @property
    def agrees(self) -> bool:
        """Whether the box received as many batches and ballots as the witness says that it handed over."""
        return (self.batches, self.received) == (self.statement.batches, self.statement.handed_over)

    def to_dict(self) -> dict[str, Any]:
        return {"statement": self.statement.to_dict()} | {name: getattr(self, name) for name in _TAKEN}

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> WitnessAccount:
        """Read what `to_dict` wrote, without looking at the signature; raises `ValueError`, `KeyError`,
        `TypeError` or `InvalidInput`."""
        if value.keys() != {"statement", *_TAKEN} or any(plain("int", value[n]) < 0 for n in _TAKEN):
            raise ValueError("witness")
        statement = Statement.from_json(canonical_json(value["statement"]))
        return cls(statement, *(value[name] for name in _TAKEN))


def check_account(
    account: WitnessAccount, description: RoundDescription, counts: Counts, published: Statement | None = None
) -> None:
    """Check that the witness signed the statement, and that box, batches and statement count the same.

    `published` is a statement that came from the witness itself; the one in the export must be the same.
    Raises `InvalidBox`, or `InvalidInput` for a statement that is not the witness's.
    """
    said = account.statement
    said.check(description)
    if published is not None:
        published.check(description)
        if published != said:
            raise InvalidBox(
                N_("票箱文件里监票机的声明是第 %(here)s 号，监票机自己给出的是第 %(there)s 号，两份不同。"),
                here=said.number,
                there=published.number,
            )
    _compare_batches(account, counts)
    if said.closed and counts.cast > said.stamped:
        raise InvalidBox(
            N_("票箱里有 %(cast)s 张选票，监票机只盖了 %(stamped)s 个章：有人伪造了选票。"),
            cast=counts.cast,
            stamped=said.stamped,
        )
    if said.closed and (said.codes, said.replaced) != (counts.invited, counts.replaced):
        raise InvalidBox(
            N_("监票机有 %(there)s 个邀请码（换发 %(old)s），票箱有 %(here)s 个（换发 %(replaced)s）。"),
            remedy=N_(
                "多半是有一份名单只有一台机器导入了。请管理员在“两台机器”页看缺哪一份，监票单位补导入或撤回，"
                "再取一次声明，重新导出票箱。"
            ),
            there=said.codes,
            old=said.replaced,
            here=counts.invited,
            replaced=counts.replaced,
        )


def _compare_batches(account: WitnessAccount, counts: Counts) -> None:
    said = account.statement
    if account.kept != counts.cast:
        raise InvalidBox(
            N_("票箱里有 %(cast)s 张选票，由监票机移交的是 %(kept)s 张：有选票被增加或删去。"),
            cast=counts.cast,
            kept=account.kept,
        )
    if account.final and not account.agrees:
        raise InvalidBox(
            N_(
                "监票机声明移交了 %(there)s 张（%(batches)s 批），票箱说收到 %(here)s 张（%(taken)s 批）："
                "有选票被增加或删去。"
            ),
            there=said.handed_over,
            batches=said.batches,
            here=account.received,
            taken=account.batches,
        )


def remark(account: WitnessAccount, counts: Counts) -> InvalidBox | None:
    """Remark on counts that prove no fraud but that people should ask about, such as more stamps than
    credentials; None where nothing is odd. It is returned, not raised."""
    said = account.statement
    if not account.final:
        return InvalidBox(
            N_(
                "截止时监票机已经不在，只核对了它最后一份声明（第 %(number)s 号）：盖章至少 %(stamped)s 个，"
                "收到至少 %(posted)s 张，其中至少 %(missing)s 张没有进票箱。"
            ),
            number=said.number,
            stamped=said.stamped,
            posted=said.posted,
            missing=account.missing,
        )
    if said.stamped > counts.collected:
        return InvalidBox(
            N_(
                "监票机盖了 %(stamped)s 个章，领走的票只有 %(collected)s 张。多出来的章投不了票；"
                "请监票单位说明是有人只领到一半，还是多盖了。"
            ),
            stamped=said.stamped,
            collected=counts.collected,
        )
    if account.refused:
        return InvalidBox(
            N_("监票机移交的选票有 %(refused)s 张作废：少了印章，或内容不合规定。"), refused=account.refused
        )
    return None
