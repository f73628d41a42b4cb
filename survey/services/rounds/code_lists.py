"""Lists of codes of a round with a witness: whether both machines imported the same."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.errors import N_, Conflict, Phrase
from survey.models import ImportedList, Round
from survey.protocol.witness.code_lists import HEX_SHOWN
from survey.protocol.witness.imported_lists import ImportedLists
from survey.protocol.witness.statements import Statement
from survey.services.rounds.counting import count_invitations

_ONLY_HERE = N_(
    "名单 %(list)s… 只有票箱机导入了。请监票单位用同一次制作的 codes-witness.json 运行"
    " pingyi witness import-codes（截止以后也可以），再由管理员取声明。"
)
_ONLY_THERE = N_(
    "名单 %(list)s… 只有监票机导入了。请管理员导入同一次制作的 codes-box.json；两家都不要它，"
    "就请监票单位运行 pingyi witness withdraw-codes 撤回，再由管理员取声明。"
)
_COUNTED = N_(
    "两台机器的名单是同一批，邀请码数却不同：监票机 %(there)s 个（换发 %(old)s），这里 %(here)s 个"
    "（换发 %(replaced)s）。这里导入的 codes-box.json 被改过，只能取消本轮，另建一轮。"
)


def imported(session: Session, round: Round) -> list[tuple[str, str, int]]:
    """Triples (digest of the list, digest of the witness's list, number of codes) of imported lists, to be
    compared on both screens."""
    query = select(ImportedList.digest, ImportedList.other, ImportedList.codes).where(
        ImportedList.round_id == round.id
    )
    return sorted((row.digest.hex(), row.other.hex(), row.codes) for row in session.execute(query))


def published(session: Session, round: Round) -> ImportedLists:
    """The imported lists by their digests, for the witness and for watchers."""
    pairs = tuple((digest, other) for digest, other, _codes in imported(session, round))
    return ImportedLists(round.id.hex(), pairs)


def differences(session: Session, round: Round, statement: Statement) -> list[Phrase]:
    """What differs between the lists here and those that the witness states, each with what to do; where it
    is empty, `verify` finds no difference either."""
    here = {other for _digest, other, _codes in imported(session, round)}
    there = set(statement.lists)
    only = {_ONLY_HERE: here - there, _ONLY_THERE: there - here}
    found = [
        Phrase(said, {"list": digest[:HEX_SHOWN]})
        for said, digests in only.items()
        for digest in sorted(digests)
    ]
    counts = count_invitations(session, round)
    if not found and (statement.codes, statement.replaced) != (counts.issued, counts.replaced):
        values = {"there": statement.codes, "old": statement.replaced}
        found.append(Phrase(_COUNTED, values | {"here": counts.issued, "replaced": counts.replaced}))
    return found


def require_same(session: Session, round: Round, statement: Statement) -> None:
    """Raise `Conflict` with the first difference between the lists of both machines."""
    if found := differences(session, round, statement):
        raise Conflict(N_("现在不能截止：%(what)s"), remedy=N_("什么都没有改变。"), what=found[0])
