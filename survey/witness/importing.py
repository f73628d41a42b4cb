"""Lists of codes at the witness: imported, added to, and taken back where the box has them not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, delete, func, insert, select, update

from survey.errors import N_, Conflict, InvalidInput, Phrase
from survey.protocol.description import RoundDescription
from survey.protocol.plain_json import strict_json
from survey.protocol.replacements import most_replacements
from survey.protocol.witness.code_lists import HEX_SHOWN, WITNESS, CodeList
from survey.protocol.witness.statements import Statement
from survey.witness.rounds import WitnessRound, count, read_round, state
from survey.witness.store import ANSWER_BYTES, CODE, LIST, ROUND, Store


def import_codes(store: Store, description_text: str, codes: CodeList | None) -> Statement:
    """Take over the frozen description, and a list of codes made from it; returns the new statement.

    Without a list only what may still change is taken over, such as a later last day. After closing a list is
    still taken, so that both machines have the same; none of its codes can be used. Raises `InvalidInput` or
    `Conflict`, and then nothing is kept.
    """
    try:
        description = RoundDescription.from_dict(strict_json(description_text))
    except (ValueError, RecursionError) as error:
        raise InvalidInput(N_("轮次说明无法识别：%(why)s"), why=error) from error
    if codes is not None:
        codes.check_of(description, WITNESS)

    def keep(connection: Connection) -> Statement:
        round = read_round(connection, bytes.fromhex(description.id), held=True)
        if round.closed and codes is None:
            raise Conflict(N_("这一轮在监票机上已经截止，不能再导入。"))
        _check_same(round, description)
        if not round.closed:
            mine = update(ROUND).where(ROUND.c.id == round.id)
            connection.execute(mine.values(description=description_text))
        if codes is not None:
            _add(connection, round.id, codes)
        return state(store, connection, round.id)

    return store.write(keep)


def withdraw_codes(store: Store, codes: CodeList) -> Statement:
    """Take a list back that the box does not have, which the caller has asked; returns the new statement.

    A stamp on one of its codes is forgotten: without the box's credential it casts nothing. Raises `Conflict`
    for a list that was not imported, or one of whose codes was replaced since.
    """

    def remove(connection: Connection) -> Statement:
        round = read_round(connection, bytes.fromhex(codes.round_id), held=True)
        listed = (LIST.c.round_id == round.id, LIST.c.digest == codes.digest)
        if connection.execute(select(LIST.c.number).where(*listed)).first() is None:
            raise Conflict(N_("没有导入过这份邀请码名单。"))
        known = _known(connection, round.id)
        gone, back = (list(map(bytes.fromhex, part)) for part in (codes.codes, codes.replaces))
        if any(known[code] for code in gone):
            raise Conflict(N_("这份名单里有邀请码后来换发过，不能撤回。"))
        _mark_replaced(connection, round.id, back, replaced=False)
        for code in gone:
            connection.execute(delete(CODE).where(CODE.c.round_id == round.id, CODE.c.hash == code))
        connection.execute(delete(LIST).where(*listed))
        return state(store, connection, round.id)

    return store.write(remove)


def _check_same(round: WitnessRound, description: RoundDescription) -> None:
    if not description.complete or description.witness is None:
        raise InvalidInput(
            N_("轮次说明还没有定稿，或者没有写明监票机。"), remedy=N_("请用定稿以后下载的 round.json。")
        )
    witness = description.witness
    if witness != round.offer.described(witness.post_key):
        raise InvalidInput(
            N_("轮次说明里的监票机不是这一台：名称、网址或密钥不同。"),
            remedy=N_("请让评议办公室重新上传本机的 witness.json，再定稿。"),
        )
    before = round.description
    if before and before.frozen_digest() != description.frozen_digest():
        raise Conflict(N_("轮次说明与先前导入的不同，定稿以后不应再变。"))
    # Closing early sets the box's last day back.
    if before and not round.closed and description.closes_on < before.closes_on:
        raise Conflict(N_("截止日期只能推后，不能提前。"))


def _add(connection: Connection, round_id: bytes, codes: CodeList) -> None:
    listed = select(LIST.c.digest).where(LIST.c.round_id == round_id)
    if codes.digest in connection.scalars(listed).all():
        raise Conflict(N_("这份邀请码名单已经导入过。"))
    if wrong := _misfit(codes, _known(connection, round_id)):
        raise Conflict(
            N_("这份邀请码名单与先前导入的对不上：%(what)s。什么都没有导入。"),
            remedy=N_("请核对是不是拿错了文件；文件没有错，就请签发人重新制作。"),
            what=wrong,
        )
    rows = [
        {"round_id": round_id, "hash": bytes.fromhex(code), "replaced": False, "stamped": False}
        | {"asked": bytes(32), "answer": bytes(ANSWER_BYTES)}
        for code in codes.codes
    ]
    connection.execute(insert(CODE), rows)
    _mark_replaced(connection, round_id, map(bytes.fromhex, codes.replaces), replaced=True)
    replaced = count(connection, CODE, round_id, CODE.c.replaced)
    if replaced > (most := most_replacements(count(connection, CODE, round_id) - replaced)):
        raise Conflict(N_("本轮换发的邀请已达上限 %(most)s 个。"), most=most)
    last = select(func.coalesce(func.max(LIST.c.number), 0)).where(LIST.c.round_id == round_id)
    number = connection.execute(last).scalar_one() + 1
    values = {"round_id": round_id, "number": number, "digest": codes.digest, "other": codes.other}
    connection.execute(insert(LIST).values(values))


def _known(connection: Connection, round_id: bytes) -> dict[bytes, bool]:
    """Whether each code was replaced, by its hash."""
    query = select(CODE.c.hash, CODE.c.replaced).where(CODE.c.round_id == round_id)
    return {bytes(row.hash): row.replaced for row in connection.execute(query)}


def _mark_replaced(
    connection: Connection, round_id: bytes, hashes: Iterable[bytes], *, replaced: bool
) -> None:
    for code in hashes:
        mine = update(CODE).where(CODE.c.round_id == round_id, CODE.c.hash == code)
        connection.execute(mine.values(replaced=replaced))


def _misfit(codes: CodeList, known: Mapping[bytes, bool]) -> Phrase | None:
    """The first code of a list, with its place in the file, that does not fit the codes known before."""
    for row, code in enumerate(codes.codes, 1):
        if bytes.fromhex(code) in known:
            return Phrase(N_("codes 第 %(row)s 个 %(code)s… 先前已经导入"), _place(row, code))
    for row, code in enumerate(codes.replaces, 1):
        replaced = known.get(bytes.fromhex(code))
        if replaced is None:
            said = N_("replaces 第 %(row)s 个 %(code)s… 不在先前的名单里")
            return Phrase(said, _place(row, code))
        if replaced:
            return Phrase(N_("replaces 第 %(row)s 个 %(code)s… 已经换发过"), _place(row, code))
    return None


def _place(row: int, code: str) -> dict[str, object]:
    return {"row": row, "code": code[:HEX_SHOWN]}
