"""`pingyi witness status`: is everything as it must be, and how far is each round?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from survey.database.kinds_of_store import check_store
from survey.errors import N_, InvalidInput, Phrase, PingyiError
from survey.protocol.description import RoundDescription
from survey.protocol.plain_json import strict_json
from survey.protocol.witness.statements import Statement
from survey.witness.box import check_clock, get, require_same
from survey.witness.rounds import WitnessRound, all_rounds, signing_key, state
from survey.witness.store import Store

Line = tuple[bool, Phrase]


def statuses(store: Store) -> Iterator[Line]:
    """Whether each thing is as it must be, and words for it; the rounds' counts are of this moment."""
    yield tried(lambda: Phrase(check_store(store.engine)))
    yield tried(lambda: _private(store))
    for round in all_rounds(store):
        yield tried(partial(_unlocks, store, round))
        if round.description is not None:
            yield True, _counts(store, round)
            yield tried(partial(_box, round))
            yield compare_lists(store, round)
            yield tried(partial(_reachable, round))


def tried(check: Callable[[], Phrase]) -> Line:
    """Line (passed, sentence) of a check; an error that it raises makes it (False, the error's message)."""
    try:
        return True, check()
    except PingyiError as error:
        said = {"message": Phrase(error.message, error.values), "remedy": Phrase(error.remedy, error.values)}
        return False, Phrase(N_("%(message)s%(remedy)s"), said)
    except (OSError, ValueError) as error:
        return False, Phrase(N_("没有查成：%(why)s"), {"why": error})


def compare_lists(store: Store, round: WitnessRound) -> Line:
    """Line on whether the box imported the same lists of codes, and has the same time."""
    return tried(partial(_lists, store, round))


def _private(store: Store) -> Phrase:
    if store.data.stat().st_mode & 0o077:
        raise InvalidInput(
            N_("数据目录 %(path)s 别的用户也能读。"), remedy=N_("请运行 chmod 700。"), path=store.data
        )
    return Phrase(N_("数据目录只有本用户能读。"))


def _unlocks(store: Store, round: WitnessRound) -> Phrase:
    signing_key(store, round.id)
    shown = {"round": round.id.hex(), "print": round.offer.fingerprint}
    return Phrase(N_("轮次 %(round)s：密钥完好，指纹 %(print)s。"), shown)


def _counts(store: Store, round: WitnessRound) -> Phrase:
    with store.read() as connection:
        now = state(store, connection, round.id, keep=False)
    said = N_(
        "邀请码 %(codes)s 个，换发 %(replaced)s，已盖章 %(stamped)s；收到选票 %(posted)s 张，"
        "已移交 %(handed_over)s（%(batches)s 批），等待 %(waiting)s。"
    )
    names = ("codes", "replaced", "stamped", "posted", "handed_over", "batches", "waiting")
    return Phrase(said, {name: getattr(now, name) for name in names})


def _box(round: WitnessRound) -> Phrase:
    """The box is there, describes the round as it was imported, and its clock is ours."""
    reply, date = get(f"{round.box}/s/{round.begun.slug}/round.json")
    value = strict_json(reply)
    found = RoundDescription.from_dict(value.get("round", value))
    if found.frozen_digest() != round.begun.frozen_digest():
        raise InvalidInput(N_("票箱机给出的轮次说明与导入的不同。"), remedy=N_("请告诉持钥人，先不要收票。"))
    if not round.closed and found.closes_on != round.begun.closes_on:
        raise InvalidInput(
            N_("票箱机公布的截止日期是 %(day)s，这里不同。"),
            remedy=N_("如果确实延期，请用新的 round.json 再运行 import-codes。"),
            day=found.closes_on,
        )
    check_clock(date)
    return Phrase(N_("票箱机在运行，轮次说明与导入的相同。"))


def _reachable(round: WitnessRound) -> Phrase:
    reply, _ = get(f"{round.offer.address}/{round.id.hex()}/statement.json")
    Statement.from_json(reply).check(round.begun)
    return Phrase(N_("从公布的网址能取到本机的声明。"))


def _lists(store: Store, round: WitnessRound) -> Phrase:
    """The box imported the same lists."""
    later = N_("票箱机运行以后，请用 pingyi witness status 再比。")
    require_same(store, round, silent=later, differ="")
    return Phrase(N_("两台机器导入的邀请码名单相同。"))
