"""Verification of an export: every check is made and reported, whether or not others fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO

from survey.errors import N_, PingyiError
from survey.protocol.box import checks as boxchecks
from survey.protocol.box.evident import check_evident
from survey.protocol.box.format import Box
from survey.protocol.box.jsondiff import first_difference
from survey.protocol.box.opened import BoxContents
from survey.protocol.box.quorums import OpeningsDiffer, compare_openings
from survey.protocol.box.scan import scan_box
from survey.protocol.box.scoretable import ScoreTable
from survey.protocol.box.spread import check_spread
from survey.protocol.box.witness_account import check_account, remark
from survey.protocol.description import RoundDescription
from survey.protocol.errors import InvalidBox
from survey.protocol.receipt_list import verify_receipt
from survey.protocol.witness.statements import Statement

Rank = Callable[[RoundDescription, ScoreTable], dict[str, Any]]

TITLES = {
    "format": N_("文件完整，格式正确"),
    "key": N_("签名公钥与公布的指纹一致"),
    "description": N_("轮次说明（问卷、部门、持钥人、开箱把数）与公布的摘要一致"),
    "number": N_("轮次说明（问卷、部门、持钥人、开箱把数）与纸上的核对号一致"),
    "order": N_("选票按回执号排列，没有重复"),
    "counts": N_("人数合理：邀请 ≥ 领取 ≥ 投票，换发不超过上限，投票数等于票箱里的票数"),
    "root": N_("选票与截止时公布的校验根一致"),
    "credentials": N_("每张选票的凭证都由本轮签发、只用过一次，选票是用它投的那一张"),
    "witness": N_("监票机的声明由它签名，盖章、移交、收到的数目与票箱一致"),
    "scores": N_("分数表与公布的摘要一致，有效票加无效票等于投票数"),
    "ranking": N_("由分数表重新计算的排名与公布的一致"),
    "opened": N_("自行开箱得到的分数表与公布的一致"),
    "others": N_("另一次开箱的结果与自行开箱的一致"),
    "receipt": N_("回执号在票箱里，可由校验根证明"),
}


@dataclass(frozen=True, slots=True)
class Check:
    """Outcome of one check: `passed` is None if it was not made; `problem`: why it failed or was not made."""

    name: str
    passed: bool | None
    problem: PingyiError | None = None

    @property
    def title(self) -> str:
        """Statement that holds if the check passed, as a Chinese message id."""
        return TITLES[self.name]


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """Outcomes of all checks, in the order in which they were made."""

    checks: tuple[Check, ...]
    box: Box | None = None

    @property
    def passed(self) -> bool:
        return all(check.passed is not False for check in self.checks)

    @property
    def failures(self) -> list[str]:
        """Names of the checks that failed."""
        return [check.name for check in self.checks if check.passed is False]

    def to_dict(self, translate: Callable[[str], str] = str) -> dict[str, Any]:
        """JSON-safe values: whether all checks passed, and each check with its title and problem in words."""
        checks = [
            {
                "name": check.name,
                "passed": check.passed,
                "title": translate(check.title),
                "problem": check.problem.say(translate) if check.problem else "",
            }
            for check in self.checks
        ]
        return {"passed": self.passed, "checks": checks}


def verify_box(
    file: BinaryIO,
    *,
    rank: Rank | None = None,
    fingerprint: str | None = None,
    root: bytes | None = None,
    frozen_digest: str | None = None,
    check_number: str | None = None,
    opened: BoxContents | None = None,
    others: Sequence[BoxContents] = (),
    receipt: str | None = None,
    statement: Statement | None = None,
    processes: int = 1,
    progress: boxchecks.Progress | None = None,
) -> VerificationReport:
    """Make every check on an export; what is wrong inside it is reported, not raised.

    `rank` computes a version-1 ranking from a description and a score table. `fingerprint`, `root`,
    `frozen_digest` and `check_number` are values published elsewhere (a notice, the closing record), `opened`
    is the reviewer's own opening, from whose rows ranking and digest are recomputed, `others` are openings by
    other holders, `receipt` an enterprise's receipt, `statement` what the witness itself gave out: each is
    compared if given. `processes`: how many check a large box.
    """
    try:
        box = scan_box(file)
    except PingyiError as error:
        return VerificationReport((Check("format", passed=False, problem=error),))
    steps: list[tuple[str, Callable[[], None]]] = [
        ("format", lambda: None),
        ("key", lambda: boxchecks.check_key(box, fingerprint)),
        ("order", lambda: boxchecks.check_order(box)),
        ("counts", lambda: boxchecks.check_counts(box)),
        ("root", lambda: _check_root(box, root)),
        ("credentials", lambda: _check_credentials(box, processes, progress)),
        ("scores", lambda: _check_scores(box, _scores(box, opened))),
        ("ranking", lambda: _check_ranking(box, _scores(box, opened), rank)),
    ]
    if box.witness is not None or statement is not None:
        steps.insert(6, ("witness", lambda: _check_witness(box, statement)))
    if frozen_digest is not None:
        steps.insert(2, ("description", lambda: boxchecks.check_digest(box.description, frozen_digest)))
    if check_number is not None:
        steps.insert(2, ("number", lambda: boxchecks.check_number(box.description, check_number)))
    if opened is not None:
        steps += [("opened", partial(_check_opened, box, opened)), *_others(box, opened, others)]
    if receipt is not None:
        steps.append(("receipt", lambda: verify_receipt(box.receipts, box.merkle_root, receipt)))
    return VerificationReport(tuple(_carry_out(name, step) for name, step in steps), box)


def _others(
    box: Box, opened: BoxContents, others: Sequence[BoxContents]
) -> list[tuple[str, Callable[[], None]]]:
    return [("others", partial(_check_other, box, opened, other)) for other in others]


class _NothingToCheckError(Exception):
    """Signal that a check cannot be made because the export lacks the data for it; `remark`: message on a
    part that could not be checked, or None."""

    def __init__(self, remark: PingyiError | None = None) -> None:
        super().__init__()
        self.remark = remark


def _carry_out(name: str, step: Callable[[], None]) -> Check:
    try:
        step()
    except _NothingToCheckError as nothing:
        return Check(name, passed=None, problem=nothing.remark)
    except PingyiError as error:
        return Check(name, passed=False, problem=error)
    return Check(name, passed=True)


def _check_root(box: Box, root: bytes | None) -> None:
    boxchecks.check_root(box)
    if root is not None:
        boxchecks.compare_root(box.receipts, root)


def _check_credentials(box: Box, processes: int, progress: boxchecks.Progress | None) -> None:
    check_spread(box.description, box.ballots, box.receipts, processes, progress)
    boxchecks.check_tokens(box)


def _check_witness(box: Box, published: Statement | None) -> None:
    if box.witness is None:
        raise InvalidBox(N_("这份票箱的轮次没有监票机，不能与声明比较。"))
    check_account(box.witness, box.description, box.counts, published)
    if odd := remark(box.witness, box.counts):
        raise _NothingToCheckError(odd)


def _scores(box: Box, opened: BoxContents | None) -> ScoreTable:
    """Score table to check: of one's own opening, else the one in an export of version 1."""
    own = box.score_table()
    table = opened.scores if opened else own
    if table is None:
        raise _NothingToCheckError
    table.check_fits(box.description)
    return table


def _check_scores(box: Box, table: ScoreTable) -> None:
    if table.digest != (box.scores_digest or table.digest):
        raise InvalidBox(N_("分数表与公布的摘要不同。"))
    if table.valid + table.invalid != len(box.ballots):
        raise InvalidBox(
            N_("有效票 %(valid)s 张加无效票 %(invalid)s 张，不等于票箱里的 %(found)s 张。"),
            valid=table.valid,
            invalid=table.invalid,
            found=len(box.ballots),
        )


def _check_ranking(box: Box, table: ScoreTable, rank: Rank | None) -> None:
    if box.ranking is None or rank is None:
        raise _NothingToCheckError
    found, stated = rank(box.description, table), box.ranking
    other_method = stated.get("method_version") != found.get("method_version")
    if other_method:  # figures of another method differ; means and counts do not depend on it
        found, stated = _plain_figures(found, stated), _plain_figures(stated, found)
    place = first_difference(stated, found)
    if place:
        raise InvalidBox(N_("公布的排名与重新计算的不同，第一处在 %(place)s。"), place=place)
    if other_method:
        raise _NothingToCheckError(
            InvalidBox(
                N_(
                    "公布的排名由另一版程序的统计方法得出：各部门的票数和平均分核对一致，名次和区间请用当时那一版程序核对。"
                )
            )
        )


def _plain_figures(ranking: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Counts and plain means, which no method version changes, of the departments that both rankings have."""
    both = {entry["name"] for entry in other["departments"]}
    figures = {e["name"]: [e["n"], e["mean"]] for e in ranking["departments"] if e["name"] in both}
    return {"n_raters": ranking["n_raters"], "departments": figures}


def _check_opened(box: Box, opened: BoxContents) -> None:
    _check_of_box(box, opened)
    if box.scores_digest is None:
        raise _NothingToCheckError
    if opened.scores.digest == box.scores_digest:
        return
    several = len(box.description.subsets) > 1
    unread = [receipt for receipt, reason in opened.invalid if several and reason == "decryption"]
    if unread:
        # The published opening does not say which ballots it could not decrypt; one's own does.
        raise InvalidBox(
            N_(
                "公布的分数表与自行开箱的结果不同。自行开箱解不开、换一组持钥人或许解得开的选票：%(receipts)s。"
            ),
            remedy=OpeningsDiffer.remedy,
            receipts=" ".join(unread),
        )
    raise InvalidBox(
        N_("公布的分数表与自行开箱的结果不同。"), remedy=OpeningsDiffer.remedy if several else None
    )


def _check_other(box: Box, mine: BoxContents, other: BoxContents) -> None:
    _check_of_box(box, other)
    compare_openings(mine, other)


def _check_of_box(box: Box, opened: BoxContents) -> None:
    found = (opened.round_id, opened.description, opened.merkle_root)
    if found != (box.description.id, box.description.frozen_digest(), box.merkle_root):
        raise InvalidBox(N_("开箱结果不是这份票箱文件的。"))
    opened.check_fits(box.description)
    check_evident(box.description, box.ballots, opened.invalid)
