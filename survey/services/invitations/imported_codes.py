"""Import of codes-box.json: invitations of a round with a witness, made away from both machines."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from survey.database.kinds import kind_of
from survey.database.locking import locked
from survey.errors import N_, Conflict, InvalidInput
from survey.models import Enterprise, ImportedList, Invitation, Mode, Round, State
from survey.protocol.witness.code_lists import BOX, HEX_SHOWN, CodeList
from survey.services.invitations import growth
from survey.services.invitations.replacing import check_bound
from survey.services.operations.audit import Actor, record
from survey.services.rounds import witnessing
from survey.services.rounds.descriptions import describe

SHOWN = 5


@dataclass(frozen=True, slots=True)
class PlannedImport:
    """Plan of an import: `hashes` of new codes of one `kind`, `owners` the id of each code's enterprise (None
    for a slip), and `replaced` hashes of invitations that would no longer count."""

    kind: Mode
    hashes: tuple[bytes, ...]
    owners: tuple[bytes | None, ...]
    replaced: tuple[bytes, ...]

    @property
    def added(self) -> int:
        """Number by which valid invitations would increase: new less replaced ones."""
        return len(self.hashes) - len(self.replaced)


def plan(session: Session, round: Round, codes: CodeList) -> PlannedImport:
    """Plan of what `import_codes` would do with the list; changes nothing and raises the same errors."""
    codes.check_of(describe(session, round), BOX)
    if not round.frozen or round.state not in (State.DRAFT, State.OPEN):
        raise Conflict(N_("本轮现在不能导入邀请码：还没有定稿，或者已经截止。"))
    kind = Mode.ATTRIBUTED if codes.enterprises else Mode.SLIP
    if round.mode not in (kind, Mode.BOTH):
        raise Conflict(N_("本轮的邀请方式不包括这一种。"))
    if session.get(ImportedList, (round.id, bytes.fromhex(codes.other))) is not None:
        raise Conflict(N_("这份邀请码名单已经导入过。"))
    statement = witnessing.statement_of(round)
    if statement is not None and statement.closed and codes.other not in statement.lists:
        raise Conflict(
            N_("监票机已经截止，没有这份名单：导入了，两台机器的名单就不同，本轮不能截止。"),
            remedy=N_("请先让监票单位导入同一次制作的 codes-witness.json，再取声明。"),
        )
    hashes = tuple(bytes.fromhex(code) for code in codes.codes)
    _check_new(session, round, hashes)
    old = _replaced(session, round, codes)
    planned = PlannedImport(kind, hashes, _owners(session, round, codes), old)
    if old:
        check_bound(session, round, len(old))
    if planned.added:
        growth.fitting(session, round, kind, codes.enterprises, planned.added)
    return planned


def import_codes(session: Session, round: Round, codes: CodeList, actor: Actor) -> int:
    """Make the codes of a list valid, and those that it replaces void; returns the number of codes in the
    list.

    Before the round collects nothing but the list is needed; afterwards new invitations need what two people
    confirmed (`growth`), and a replacement must keep the bound of every round. Raises `InvalidInput` for a
    list of another machine, round or description, `Conflict` for one that does not fit; then nothing is
    stored.
    """
    round = locked(session, round)
    planned = plan(session, round, codes)
    replaced, added = len(planned.replaced), planned.added
    said = growth.spend(session, round, planned.kind, codes.enterprises, added) if added else {}
    if replaced:
        mine = (Invitation.round_id == round.id, Invitation.code_hash.in_(planned.replaced))
        session.execute(update(Invitation).where(*mine).values(replaced=True))
    rows = list(zip(planned.hashes, planned.owners, strict=True))
    kind_of(session).insert_invitations(session.connection(), round.id, rows)
    digests = {"other": bytes.fromhex(codes.other), "digest": bytes.fromhex(codes.digest)}
    values = {"round_id": round.id, "codes": len(rows), "replaced": replaced} | digests
    session.execute(insert(ImportedList).values(values))
    if replaced:
        # Without names: that somebody asked would say that it took part.
        for _ in range(replaced):
            record(session, actor=actor, action="invitation.replace", subject=round.slug)
    else:
        count = {"attributed": len(rows)} if codes.enterprises else {"slips": len(rows)}
        record(session, actor=actor, action="invitation.issue", subject=round.slug, **count, **said)
    return len(rows)


def _check_new(session: Session, round: Round, hashes: tuple[bytes, ...]) -> None:
    mine = select(Invitation.code_hash).where(Invitation.round_id == round.id)
    known = set(map(bytes, session.scalars(mine)))
    for row, code in enumerate(hashes, 1):
        if code in known:
            said = N_("codes 第 %(row)s 个 %(code)s… 已经导入过，什么都没有导入。")
            raise Conflict(said, row=row, code=code.hex()[:HEX_SHOWN])


def _replaced(session: Session, round: Round, codes: CodeList) -> tuple[bytes, ...]:
    """Hashes of the invitations that the list replaces; a list either adds or replaces, one for one, and an
    enterprise's invitation is replaced once."""
    if not codes.replaces:
        return ()
    if round.state != State.OPEN:
        raise Conflict(N_("本轮不在收票中，不能换发邀请。"))
    if len(codes.replaces) != len(codes.codes) or not codes.enterprises:
        raise InvalidInput(N_("换发的名单应当一个换一个，并且写明企业。"))
    old = {bytes.fromhex(code) for code in codes.replaces}
    query = select(Enterprise.credit_code, Invitation.code_hash, Invitation.replaced)
    query = query.join(Invitation, Invitation.enterprise_id == Enterprise.id)
    rows = session.execute(query.where(Invitation.round_id == round.id)).all()
    if {row.credit_code for row in rows if row.replaced} & set(codes.enterprises):
        raise Conflict(N_("这家企业的邀请已经换发过一次，不能再换。"))
    live = {row.credit_code: bytes(row.code_hash) for row in rows if not row.replaced}
    if {live.get(code) for code in codes.enterprises} != old:
        raise Conflict(N_("要换发的邀请码与企业对不上。"))
    return tuple(sorted(old))


def _owners(session: Session, round: Round, codes: CodeList) -> tuple[bytes | None, ...]:
    """Ids of the codes' enterprises, None for slips; raises `Conflict` for one not on the roster or with a
    valid invitation that is not replaced."""
    if not codes.enterprises:
        return (None,) * len(codes.codes)
    roster = session.execute(select(Enterprise.credit_code, Enterprise.id))
    known = {row.credit_code: row.id for row in roster}
    missing = [code for code in codes.enterprises if code not in known]
    if missing:
        raise Conflict(
            N_("名单里有 %(count)s 家企业不在本机的名录里：%(codes)s"),
            remedy=N_("请先导入签发时用的那份名录。"),
            count=len(missing),
            codes="、".join(missing[:SHOWN]),
        )
    owners = tuple(known[code] for code in codes.enterprises)
    if not codes.replaces:
        mine = (Invitation.round_id == round.id, ~Invitation.replaced, Invitation.enterprise_id.is_not(None))
        if not set(session.scalars(select(Invitation.enterprise_id).where(*mine))).isdisjoint(owners):
            raise Conflict(N_("名单里有企业已经邀请过。"))
    return owners
