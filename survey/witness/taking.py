"""Taking a sealed ballot: one a ticket, kept durably, then acknowledged by a signature."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from survey.errors import N_, Malformed, RoundClosed
from survey.protocol.witness.posting import acknowledge, blob_hash, post_size
from survey.protocol.witness.stamps import check_ticket
from survey.witness.errors import TicketSpent
from survey.witness.rounds import WitnessRound, read_round, signing_key
from survey.witness.store import POST, Store

WAITS = 0


def take(
    store: Store, round: WitnessRound, message: bytes, signature: bytes, blob: bytes
) -> tuple[bytes, bytes]:
    """Store a posted blob (sealed ballot) under its ticket; returns its hash and the witness's signature on
    that hash.

    message, signature: the ticket, and the witness's blind signature on it, unblinded. The same blob on the
    same ticket gets the same answer, also after closing: the phone may have lost the first one. Raises
    `Malformed`, `CredentialInvalid`, `TicketSpent`, or why the round is not collecting (docs/formats.md,
    "A round with a witness").
    """
    description = round.begun
    if len(blob) != post_size(description):
        raise Malformed(N_("选票或凭证的长度不对。"))
    ticket, posted = check_ticket(description, message, signature), blob_hash(blob)
    with store.read() as connection:
        known = _is_known(connection, round.id, ticket, posted)
    if not known:
        round.require_collecting()
        store.write(lambda connection: _keep(connection, round.id, ticket, posted, blob))
    return posted, acknowledge(signing_key(store, round.id), description.id, posted)


def _keep(connection: Connection, round_id: bytes, ticket: bytes, posted: bytes, blob: bytes) -> None:
    if read_round(connection, round_id, held=True).closed:
        raise RoundClosed
    if not _is_known(connection, round_id, ticket, posted):
        values = {"round_id": round_id, "ticket": ticket, "hash": posted, "blob": blob, "batch": WAITS}
        connection.execute(insert(POST).values(values))


def _is_known(connection: Connection, round_id: bytes, ticket: bytes, posted: bytes) -> bool:
    """Whether this ticket came before with the same blob; raises `TicketSpent` if it came with another."""
    mine = (POST.c.round_id == round_id, POST.c.ticket == ticket)
    before = connection.execute(select(POST.c.hash).where(*mine)).scalar()
    if before is not None and bytes(before) != posted:
        raise TicketSpent
    return before is not None
