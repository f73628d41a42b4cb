"""Handing over: what waits goes to the box in batches, whose order and time say nothing of any ballot.

A batch is put together by one commit and sent until the box acknowledges it, always as the same bytes; only
then are its blobs forgotten. Whatever is killed at whatever moment, nothing is lost and nothing is doubled.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from survey.errors import N_
from survey.protocol.plain_json import strict_json
from survey.protocol.witness.batches import Batch, blobs_at_once
from survey.witness.errors import NotTaken
from survey.witness.rounds import WitnessRound, read_round, signing_key, state
from survey.witness.store import BATCH, POST, ROUND, Store
from survey.witness.taking import WAITS

TIMEOUT = 120.0
_LONGEST_REPLY = 4096

Send = Callable[[WitnessRound, Batch], dict[str, Any]]


def send_batch(round: WitnessRound, batch: Batch) -> dict[str, Any]:
    """Post a batch to the box; its answer. Raises `NotTaken`."""
    url = f"{round.box}/s/{round.begun.slug}/batch"
    headers = {"Content-Type": "application/json", "Accept-Language": "zh-CN"}
    request = urllib.request.Request(url, json.dumps(batch.to_dict()).encode(), headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as reply:  # noqa: S310 - the operator's address
            answer = strict_json(reply.read(_LONGEST_REPLY))
            return answer if isinstance(answer, dict) else {}
    except urllib.error.HTTPError as error:
        why = f"{error.code} {_told(error.read(_LONGEST_REPLY))}"
        raise NotTaken(N_("票箱机没有收下这一批：%(why)s"), why=why) from error
    except (OSError, ValueError) as error:
        raise NotTaken(N_("票箱机没有应答：%(why)s"), why=error) from error


def _told(reply: bytes) -> str:
    """What the box says in its answer, which may come from a proxy instead."""
    try:
        value = json.loads(reply)
        return f"{value['message']}{value.get('remedy', '')}"
    except (ValueError, TypeError, KeyError):
        return reply.decode(errors="replace")


def gather(store: Store, round_id: bytes, *, everything: bool = False) -> None:
    """Put all that waits into batches, if it is as many as the round's threshold or `everything`."""
    store.write(lambda connection: _gather(connection, round_id, everything=everything))


def hand_over(store: Store, round_id: bytes, *, send: Send = send_batch) -> tuple[int, int]:
    """Send the batches that the box has not acknowledged; how many ballots of them it (kept, refused).

    Raises `NotTaken` after all were tried; what was not taken is kept and sent the next time.
    """
    unacknowledged = select(BATCH.c.number).where(BATCH.c.round_id == round_id, BATCH.c.kept.is_(None))
    with store.read() as connection:
        numbers = list(connection.scalars(unacknowledged.order_by(BATCH.c.number)))
    kept = refused = 0
    failed: NotTaken | None = None
    for number in numbers:
        try:
            answer = _deliver(store, round_id, number, send)
        except NotTaken as error:
            failed = failed or error
            continue
        kept, refused = kept + answer[0], refused + answer[1]
    if failed:
        raise failed
    return kept, refused


def note_day(store: Store, round_id: bytes, day: str) -> bool:
    """Whether this day's handing over is still to be done; from now on it is not."""

    def keep(connection: Connection) -> bool:
        if read_round(connection, round_id, held=True).handed_on >= day:
            return False
        connection.execute(update(ROUND).where(ROUND.c.id == round_id).values(handed_on=day))
        return True

    return store.write(keep)


def _gather(connection: Connection, round_id: bytes, *, everything: bool) -> None:
    """Divide all that waits into batches, by hash: what comes next to what is chance.

    A blob that somebody posted again on another ticket comes in a later batch, where the box refuses it: the
    box takes no batch that holds one twice.
    """
    round = read_round(connection, round_id, held=True)
    waiting = (POST.c.round_id == round_id, POST.c.batch == WAITS)
    query_all = select(POST.c.ticket, POST.c.hash).where(*waiting).order_by(POST.c.hash, POST.c.ticket)
    turns = _without_copies([(bytes(t), bytes(posted)) for t, posted in connection.execute(query_all)])
    if not turns or (not everything and len(turns[0]) < round.begun.threshold):
        return
    query = select(func.coalesce(func.max(BATCH.c.number), 0)).where(BATCH.c.round_id == round_id)
    last: int = connection.execute(query).scalar_one()
    most = blobs_at_once(round.begun)
    pieces = [turn[start : start + most] for turn in turns for start in range(0, len(turn), most)]
    for number, chosen in enumerate(pieces, start=last + 1):
        connection.execute(insert(BATCH).values(round_id=round_id, number=number, size=len(chosen)))
        for ticket in chosen:
            mine = (POST.c.round_id == round_id, POST.c.ticket == ticket)
            connection.execute(update(POST).where(*mine).values(batch=number))


def _without_copies(posts: Sequence[tuple[bytes, bytes]]) -> list[list[bytes]]:
    """Tickets of (ticket, hash) pairs in lists, none of which has two with the same hash."""
    turns: list[list[bytes]] = []
    seen: Counter[bytes] = Counter()
    for ticket, posted in posts:
        if seen[posted] == len(turns):
            turns.append([])
        turns[seen[posted]].append(ticket)
        seen[posted] += 1
    return turns


def _deliver(store: Store, round_id: bytes, number: int, send: Send) -> tuple[int, int]:
    mine = (POST.c.round_id == round_id, POST.c.batch == number)
    batch = (BATCH.c.round_id == round_id, BATCH.c.number == number)
    with store.read() as connection:
        round = read_round(connection, round_id)
        done = connection.execute(select(BATCH.c.kept, BATCH.c.refused).where(*batch)).one()
        if done.kept is not None:  # by the clock and a command at once
            return done.kept, done.refused
        blobs = list(map(bytes, connection.scalars(select(POST.c.blob).where(*mine))))
    answer = send(round, Batch.signed(signing_key(store, round_id), round.id.hex(), number, blobs))
    kept, refused = (answer.get(name) for name in ("kept", "refused"))
    if type(kept) is not int or type(refused) is not int or answer.get("number") != number or kept < 0:
        raise NotTaken(N_("票箱机的应答看不懂。"))
    if refused < 0 or kept + refused != len(blobs):
        said = N_("票箱机说收到 %(said)s 张，移交的是 %(sent)s 张。")
        raise NotTaken(said, said=kept + refused, sent=len(blobs))

    def acknowledge(connection: Connection) -> None:
        connection.execute(update(BATCH).where(*batch).values(kept=kept, refused=refused))
        connection.execute(update(POST).where(*mine).values(blob=None))
        state(store, connection, round_id)

    store.write(acknowledge)
    return kept, refused
