"""The station plays the phone: it collects with a form's code, seals the answers and casts them over HTTP.

What the next step needs is written down before it is sent. A station that is killed sends the same bytes
again, and the server answers them as before: nothing is cast twice.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec

from survey.demo.phone import NotAsHandedOut, PhoneClient, Refused, WitnessClient
from survey.errors import N_, InvalidInput
from survey.paper.station.ends import CAST, EMPTY, LATE, REFUSED, State, is_late, state_of
from survey.paper.station.folder import Station
from survey.paper.station.forms import CODE, Form, answers_of, is_empty
from survey.paper.station.settling import Settling
from survey.protocol.answers import encode_answers
from survey.protocol.ballots import CastBallot
from survey.protocol.codes import parse_pinned
from survey.protocol.credentials import Prepared, prepare, public_key, token_of
from survey.protocol.crypto.blind import BlindPublicKey, blind, finalize
from survey.protocol.crypto.encoding import b64u, unb64u
from survey.protocol.description import RoundDescription
from survey.protocol.holders.sealing import seal
from survey.protocol.receipts import format_receipt, receipt_bytes
from survey.protocol.witness.posting import seal_post
from survey.protocol.witness.stamps import loaded, prepare_stamp, prepare_ticket, witness_of

FORM_REFUSALS = {"invitation_used", "invitation_replaced", "code_unknown", "credential_spent"}
"""Errors that concern one form only; at any other the station stops and can go on later."""
_CURVE = ec.SECP256R1()


@dataclass(frozen=True, slots=True)
class Lines:
    """Connections of the station: to the box, and to the witness in a round that has one."""

    box: PhoneClient
    witness: WitnessClient | None

    @classmethod
    def to(cls, url: str, description: RoundDescription) -> Lines:
        """Connections for a round's address, such as https://pingyi.example/s/2026-q4."""
        base, slug = split_address(url)
        witness = WitnessClient(description) if description.witness else None
        return cls(PhoneClient(base, slug), witness)


def split_address(url: str) -> tuple[str, str]:
    """Address of the site and slug, of the address of a round; raises `InvalidInput`."""
    parts = urlsplit(url.partition("#")[0])
    before, _, slug = parts.path.rstrip("/").rpartition("/s/")
    if parts.scheme not in ("http", "https") or not parts.netloc or not slug or "/" in slug:
        raise InvalidInput(N_("网址“%(url)s”不对，应形如 https://pingyi.example/s/2026-q4。"), url=url)
    return f"{parts.scheme}://{parts.netloc}{before}", slug


def cast_all(station: Station, lines: Lines) -> Iterator[tuple[str, str]]:
    """Cast every form that is ready, in random order; yields (form number, end of it).

    Raises what the server says against the round, that it cannot be reached, or that another program is
    casting; what was done is kept.
    """
    station.require_unerased()
    with station.alone():
        _check_round(station.description, lines)
        yield from _each(station, lines)


def _each(station: Station, lines: Lines) -> Iterator[tuple[str, str]]:
    settling, casts = Settling(station), station.casts()
    forms = settling.forms()
    numbers = list(forms)
    secrets.SystemRandom().shuffle(numbers)
    for number in numbers:
        begun = _begun(station, lines, settling, forms[number], casts.get(number, {}))
        yield number, begun if isinstance(begun, str) else begun.run()


def _begun(station: Station, lines: Lines, settling: Settling, form: Form, known: State) -> _Casting | str:
    """Casting of a form on what is decided now, which nobody changes from here on; else the form's end."""
    with station.deciding():
        said = settling.settled().get(form.number, {})
        if end := state_of(form, said, {} if is_late(known) else known):
            return end
        answers = answers_of(station.description.questionnaire, form, said)
        if is_empty(answers):
            return EMPTY
        plaintext = encode_answers(station.description.questionnaire, answers)
        casting = _Casting(station, lines, form, form.invitation or said[CODE], plaintext, known)
        casting.begin()
        return casting


def _check_round(description: RoundDescription, lines: Lines) -> None:
    """Raise `NotAsHandedOut` when the site now describes another round than the forms were printed for."""
    found = lines.box.description()
    if found.frozen_digest() != description.frozen_digest():
        raise _other_round(description.check_number, found)


def _other_round(pin: str, found: RoundDescription) -> NotAsHandedOut:
    said = N_("表上的核对号是 %(pin)s，网站给出的轮次说明的核对号是 %(found)s。")
    return NotAsHandedOut(said, pin=pin, found=found.check_number)


class _Casting:
    """Casting of one form, step by step from what is written down of it."""

    def __init__(
        self,
        station: Station,
        lines: Lines,
        form: Form,
        invitation: str,
        plaintext: bytes,
        state: State,
    ) -> None:
        self._station, self._lines, self._form = station, lines, form
        self._description = station.description
        self._plaintext, self._state = plaintext, state
        self._code, pin = parse_pinned(invitation)
        if pin and pin != self._description.check_number:
            raise _other_round(pin, self._description)

    def begin(self) -> None:
        """Write down what the casting begins with: from here on no decision is taken back."""
        self._step("message", lambda _: self._prepared())

    def run(self) -> str:
        """Go on to the end; returns CAST or REFUSED."""
        try:
            self._step("stamp", self._stamp)  # before the box, as phones do: one code ends in one place
            self._step("signature", self._collect)
            self._step("sealed", self._seal)
            receipt = self._post(self._state)
            end = {"state": CAST, "receipt": receipt}
            end |= {name: self._state[name] for name in ("pages",) if name in self._state}
        except Refused as refusal:
            if refusal.code not in FORM_REFUSALS | {LATE}:
                raise
            # Of a late form what was collected stays: it is of use if the round is extended.
            end = (self._state if refusal.code == LATE else {}) | {"state": REFUSED, "why": refusal.code}
        self._station.note_cast(self._form.number, end)
        return str(end["state"])

    def _step(self, name: str, step: Callable[[State], State]) -> None:
        if name not in self._state:
            self._state = self._state | step(self._state)
            self._station.note_cast(self._form.number, self._state)

    def _prepared(self) -> State:
        prepared = prepare(self._description)
        state = {"message": b64u(prepared.message), "key": _key_text(prepared.key)}
        state |= _blinded("credential", public_key(self._description), prepared.message)
        if self._description.witness is not None:
            witness = witness_of(self._description)
            stamp = prepare_stamp(self._description, token_of(2, prepared.message))
            ticket = prepare_ticket(self._description)
            state |= {"stamp_message": b64u(stamp), "ticket_message": b64u(ticket)}
            state |= _blinded("stamp", loaded(witness.stamp_key), stamp)
            state |= _blinded("ticket", loaded(witness.ticket_key), ticket)
        return state

    def _collect(self, state: State) -> State:
        blinded = unb64u(state["credential_blinded"])
        answer = self._lines.box.sign(self._description, self._code, blinded)
        signed = _finalized("credential", public_key(self._description), state["message"], answer, state)
        return {"signature": signed}

    def _stamp(self, state: State) -> State:
        if self._lines.witness is None:
            return {"stamp": ""}
        witness = witness_of(self._description)
        blinded = (unb64u(state[f"{name}_blinded"]) for name in ("stamp", "ticket"))
        stamp, ticket = self._lines.witness.sign_both(self._code, *blinded)
        return {
            "stamp": _finalized("stamp", loaded(witness.stamp_key), state["stamp_message"], stamp, state),
            "ticket": _finalized(
                "ticket", loaded(witness.ticket_key), state["ticket_message"], ticket, state
            ),
        }

    def _seal(self, state: State) -> State:
        sealed = seal(self._description, self._plaintext)
        prepared = Prepared(unb64u(state["message"]), self._description.id, _key_of(state["key"]))
        ballot = CastBallot(
            prepared.message,
            unb64u(state["signature"]),
            sealed,
            prepared.prove(sealed),
            unb64u(state.get("stamp_message", "")),
            unb64u(state["stamp"]),
        )
        posted = {name: b64u(part) for name, part in ballot.parts().items()}
        if self._lines.witness is not None:
            blob = b64u(seal_post(self._description, ballot))
            posted = {"blob": blob}
        return {"sealed": b64u(sealed), "posted": posted, "pages": sorted(self._form.pages)}

    def _post(self, state: State) -> str:
        """Cast what was sealed; returns the receipt."""
        receipt = format_receipt(receipt_bytes(unb64u(state["sealed"])))
        if self._lines.witness is None:
            if self._lines.box.put(state["posted"]) != receipt:
                raise InvalidInput(N_("网站给的回执号和选票对不上，已停止。"))
            return receipt
        sent = (state["ticket_message"], state["ticket"], state["posted"]["blob"])
        if not self._lines.witness.takes(*map(unb64u, sent)):
            raise InvalidInput(N_("监票机的回复没有它的签名，已停止。"))
        return receipt


def _blinded(name: str, public: BlindPublicKey, message: bytes) -> State:
    blinded, inverse = blind(public, message)
    return {f"{name}_blinded": b64u(blinded), f"{name}_inverse": hex(inverse)}


def _finalized(name: str, public: BlindPublicKey, message: str, answer: bytes, state: State) -> str:
    return b64u(finalize(public, unb64u(message), answer, int(state[f"{name}_inverse"], 16)))


def _key_text(key: ec.EllipticCurvePrivateKey | None) -> str:
    return hex(key.private_numbers().private_value) if key else ""


def _key_of(text: str) -> ec.EllipticCurvePrivateKey | None:
    return ec.derive_private_key(int(text, 16), _CURVE) if text else None
