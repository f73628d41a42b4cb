"""Steps of a round with two machines: who has done what, and for whom the round waits now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from survey.clock import today
from survey.errors import Phrase
from survey.language import gettext as _
from survey.models import Round, State
from survey.protocol.box.witness_account import WitnessAccount
from survey.protocol.witness.offers import WitnessOffer
from survey.protocol.witness.statements import Statement
from survey.services.rounds import closing, code_lists, witnessing
from survey.wording.numbers import day

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class WitnessStep:
    who: str
    what: str
    done: bool


@dataclass(frozen=True, slots=True)
class WitnessView:
    """A round's witness as its pages show it.

    `lists`: (digest, digest of the witness's list, number of codes) of imported lists; `not_ready`: why the
    round cannot begin, or how lists or ballots differ since; `taken`: batches, ballots kept, ballots refused;
    `missing`: acknowledged to phones, and not here; `reason`: of a proposal to close without the
    witness.
    """

    offer: WitnessOffer
    statement: Statement | None
    lists: list[tuple[str, str, int]]
    not_ready: list[Phrase]
    taken: tuple[int, int, int]
    steps: list[WitnessStep]
    reason: str

    @property
    def waits(self) -> WitnessStep | None:
        """The first step that is not done."""
        return next((step for step in self.steps if not step.done), None)

    @property
    def account(self) -> WitnessAccount | None:
        return WitnessAccount(self.statement, *self.taken) if self.statement else None

    @property
    def missing(self) -> int:
        return self.account.missing if self.account else 0

    @property
    def complete(self) -> bool:
        """Whether the witness has closed and all that it handed over is here."""
        return self.account is not None and self.account.final and self.account.agrees


def witness_view(session: Session, round: Round) -> WitnessView | None:
    """The round's witness, and what it waits for; None in a round of one machine."""
    offer = witnessing.offer_of(round)
    if offer is None:
        return None
    statement, lists = witnessing.statement_of(round), code_lists.imported(session, round)
    not_ready = witnessing.missing_at_witness(session, round) if round.state == State.DRAFT else []
    if round.state != State.DRAFT and statement is not None:
        not_ready = code_lists.differences(session, round, statement)
    steps = _steps(round, offer.name, bool(lists), not not_ready, bool(statement and statement.closed))
    taken, reason = witnessing.taken(session, round), closing.reason_without_witness(session, round)
    if statement is not None:
        not_ready += witnessing.not_received(WitnessAccount(statement, *taken))
    return WitnessView(offer, statement, lists, not_ready, taken, steps, reason)


def _steps(round: Round, name: str, imported: bool, ready: bool, ended: bool) -> list[WitnessStep]:
    office, issuer = _("管理员"), _("签发人")
    begun, closed = round.state != State.DRAFT, round.state in (State.CLOSED, State.OPENED)
    without = round.close_without_witness
    proposed = round.close_proposed_by is not None
    over = closed or ended or proposed or (begun and today() > round.closes_on)
    return [
        WitnessStep(_("管理员和%(name)s", name=name), _("核对指纹，然后由管理员定稿"), round.frozen),
        WitnessStep(issuer, _("在不联网的电脑上运行 pingyi invitations make，制作邀请和两份名单"), imported),
        WitnessStep(office, _("导入 codes-box.json"), imported),
        WitnessStep(
            name,
            _("运行 pingyi witness import-codes 和 serve；好了以后由管理员取声明"),
            begun or (imported and ready),
        ),
        WitnessStep(office, _("点“开始收票”"), begun),
        WitnessStep(_("企业"), _("填写，到%(day)s为止", day=day(round.closes_on)), over),
        WitnessStep(name, _("运行 pingyi witness close；好了以后由管理员取声明"), closed or ended or without),
        WitnessStep(office, _("提议截止"), closed or proposed),
        WitnessStep(_("评议员"), _("确认截止"), closed),
    ]
