"""What the witness asks the box: its clock, and which lists of codes it imported."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from sqlalchemy import select

from survey.errors import N_, Conflict, InvalidInput, Phrase
from survey.protocol.witness.code_lists import HEX_SHOWN
from survey.protocol.witness.imported_lists import ImportedLists
from survey.witness.rounds import WitnessRound
from survey.witness.store import LIST, Store

TIMEOUT = 10.0
_LONGEST = 1024 * 1024
_CLOCKS_APART = 60.0

_ONLY_THERE = N_(
    "票箱机导入了名单 %(list)s…，这里没有。请向签发人要同一次制作的 codes-witness.json，"
    "运行 pingyi witness import-codes 导入，截止以后也可以。"
)
_ONLY_HERE = N_(
    "这里导入了名单 %(list)s…，票箱机没有。请评议办公室导入同一次制作的 codes-box.json；"
    "两家都不要它，就运行 pingyi witness withdraw-codes 撤回。"
)
_CHANGED = N_(
    "名单 %(list)s…：票箱机导入的 codes-box.json 不是签发人制作的那一份，有邀请码增减过或换过。"
    "请告诉签发人和评议员，不要开始收票。"
)
_WAIT = N_("什么都没有改变。请等票箱机恢复再试；它不会回来了，就加上 --uncompared。")


def get(url: str) -> tuple[bytes, str]:
    """Body and `Date` of an answer; raises `OSError` or `ValueError`."""
    with urllib.request.urlopen(url, timeout=TIMEOUT) as reply:  # noqa: S310 - the operator's addresses
        return reply.read(_LONGEST), reply.headers.get("Date", "")


def check_clock(date: str) -> None:
    """Raise `InvalidInput` unless our clock is the box's, whose answer had this `Date`."""
    try:
        told = parsedate_to_datetime(date)
    except ValueError as error:
        raise InvalidInput(
            N_("票箱机的应答没有写明时间（Date），两台机器的时钟没有比成。"),
            remedy=N_("请检查票箱机和它前面的代理服务器。"),
        ) from error
    apart = abs((datetime.now(UTC) - told.replace(tzinfo=told.tzinfo or UTC)).total_seconds())
    if apart > _CLOCKS_APART:
        raise InvalidInput(
            N_("这台机器的时钟与票箱机的相差 %(seconds)s 秒。"),
            remedy=N_("请在钟不准的那台机器上运行 timedatectl set-ntp true：截止日期照本机的时钟算。"),
            seconds=int(apart),
        )


def _imported_lists(round: WitnessRound, silent: str) -> ImportedLists:
    """Lists that the box says it imported; raises `Conflict` with the remedy `silent` where it does not
    answer, `InvalidInput` for a clock or an answer that is not as it must be."""
    try:
        reply, date = get(f"{round.box}/public/{round.begun.slug}/lists.json")
    except (OSError, ValueError) as error:
        raise Conflict(N_("没有和票箱机比成时钟和名单：%(why)s。"), remedy=silent, why=error) from error
    check_clock(date)
    found = ImportedLists.from_json(reply)
    if found.round_id != round.id.hex():
        raise InvalidInput(N_("票箱机公布的名单摘要是另一个轮次的。"))
    return found


def differences(store: Store, round: WitnessRound, there: ImportedLists) -> Iterator[Phrase]:
    """What differs between the lists here and at the box, each with what to do."""
    with store.read() as connection:
        query = select(LIST.c.digest, LIST.c.other).where(LIST.c.round_id == round.id).order_by(LIST.c.number)
        here = {row.digest: row.other for row in connection.execute(query)}
    boxes = {witness: box for box, witness in there.lists}
    only = {_ONLY_THERE: boxes.keys() - here.keys(), _ONLY_HERE: here.keys() - boxes.keys()}
    for said, digests in only.items():
        for digest in sorted(digests):
            yield Phrase(said, {"list": digest[:HEX_SHOWN]})
    for digest in sorted(boxes.keys() & here.keys()):
        if here[digest] not in (None, boxes[digest]):
            yield Phrase(_CHANGED, {"list": digest[:HEX_SHOWN]})


def require_same(
    store: Store, round: WitnessRound, *, silent: str = _WAIT, differ: str = N_("改好再试，什么都没有改变。")
) -> None:
    """Raise `Conflict` or `InvalidInput` unless the box answers, has our time and the same lists.

    silent, differ: remedies where it does not answer, and where lists differ.
    """
    if found := next(differences(store, round, _imported_lists(round, silent)), None):
        raise Conflict(N_("两台机器的邀请码名单不同。%(what)s"), remedy=differ, what=found)


def require_absent(round: WitnessRound, digest: str) -> None:
    """Raise `Conflict` or `InvalidInput` unless the box answers and has no list that belongs to ours with
    this digest."""
    if any(witness == digest for _box, witness in _imported_lists(round, _WAIT).lists):
        raise Conflict(N_("票箱机导入了这份名单，不能撤回。"))
