"""Taking over of batches from the witness: every ballot is verified, and one commit stores all with the
batch's number."""

from __future__ import annotations

from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from survey.database.engine import Database
from survey.database.locking import locked
from survey.errors import (
    N_,
    Conflict,
    CredentialInvalid,
    Malformed,
    NotFound,
    RoundCancelled,
    RoundClosed,
    RoundNotOpen,
)
from survey.models import Ballot, PostedBatch, Round, State
from survey.protocol.description import RoundDescription
from survey.protocol.witness.batches import Batch
from survey.protocol.witness.posting import open_post
from survey.services.rounds import witnessing
from survey.services.rounds.descriptions import public_description
from survey.services.voting.casting import Verified, verified

Answer = dict[str, int]


class BatchDiffers(Conflict):
    """Batch that came under a number that another batch had."""

    code = "batch_differs"
    remedy = N_("什么也没有保存。请监票单位检查是否有两台监票机在运行。")

    def __init__(self) -> None:
        super().__init__(N_("这个批号下已经收过另一批选票。"))


def take_batch(database: Database, slug: str, batch: Batch) -> Answer:
    """Store the valid ballots of a batch durably; returns {"number", "kept", "refused"}.

    The same batch gets the same answer again. It is taken as long as the round is not closed, also after its
    last day. Raises `CredentialInvalid` for one that the round's witness did not sign, `BatchDiffers`, and
    the reason why a round takes nothing.
    """
    public = public_description(database, slug)
    description = public.description
    if description.witness is None:
        raise NotFound(N_("本轮没有监票机。"))
    batch.check(description)
    round_id = bytes.fromhex(description.id)
    with database.read() as session:
        known = _known(session, round_id, batch)
    if known is not None:
        return known
    if public.state != State.OPEN:
        raise {State.DRAFT: RoundNotOpen, State.CANCELLED: RoundCancelled}.get(public.state, RoundClosed)
    good = _good(description, _post_key(database, round_id), batch)
    return database.write(lambda session: _keep(session, round_id, batch, good))


def _good(description: RoundDescription, key: EllipticCurvePrivateKey, batch: Batch) -> dict[bytes, Verified]:
    """Valid ballots of the batch, by spent key; of several with one key the first."""
    good: dict[bytes, Verified] = {}
    for blob in batch.blobs:
        try:
            ballot = verified(description, open_post(description, key, blob))
        except (Malformed, CredentialInvalid):
            continue
        good.setdefault(ballot.spent, ballot)
    return good


def _keep(session: Session, round_id: bytes, batch: Batch, good: dict[bytes, Verified]) -> Answer:
    round = session.get_one(Round, round_id)
    if locked(session, round).state != State.OPEN:
        raise RoundClosed
    known = _known(session, round_id, batch)  # two of the same at once: the second waited for the lock
    if known is not None:
        return known
    mine = select(Ballot.spent).where(Ballot.round_id == round_id, Ballot.spent.in_(list(good)))
    before = set(map(bytes, session.scalars(mine)))
    rows = [
        {name: getattr(good[spent], name) for name in Ballot.CAST} | {"round_id": round_id, "spent": spent}
        for spent in sorted(good.keys() - before)
    ]
    if rows:
        session.execute(insert(Ballot), rows)
    kept, refused = len(rows), len(batch.blobs) - len(rows)
    values = {"round_id": round_id, "number": batch.number, "digest": batch.digest}
    session.execute(insert(PostedBatch).values(values | {"kept": kept, "refused": refused}))
    return {"number": batch.number, "kept": kept, "refused": refused}


def _known(session: Session, round_id: bytes, batch: Batch) -> Answer | None:
    """Answer given before to the same batch, None without one; raises `BatchDiffers` when the number had
    another batch."""
    columns = (PostedBatch.digest, PostedBatch.kept, PostedBatch.refused)
    mine = (PostedBatch.round_id == round_id, PostedBatch.number == batch.number)
    row = session.execute(select(*columns).where(*mine)).first()
    if row is None:
        return None
    if bytes(row.digest) != batch.digest:
        raise BatchDiffers
    return {"number": batch.number, "kept": row.kept, "refused": row.refused}


@lru_cache(maxsize=16)
def _post_key(database: Database, round_id: bytes) -> EllipticCurvePrivateKey:
    return witnessing.post_key(database, round_id)
