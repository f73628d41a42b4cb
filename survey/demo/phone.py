"""Client without a screen that votes as a phone does: collects a credential, seals answers, casts them over
HTTP."""

from __future__ import annotations

import http.client
import json
import secrets
import ssl
import time
from dataclasses import dataclass
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from survey.errors import N_, InvalidInput, PingyiError
from survey.language import current_language
from survey.protocol.ballots import CastBallot
from survey.protocol.codes import parse_pinned, secret_to_send, witness_code
from survey.protocol.credentials import Prepared, prepare, public_key, token_of
from survey.protocol.crypto.blind import blind, finalize
from survey.protocol.crypto.encoding import b64u, unb64u
from survey.protocol.description import RoundDescription
from survey.protocol.holders.sealing import seal
from survey.protocol.receipts import format_receipt, receipt_bytes
from survey.protocol.witness.posting import blob_hash, is_acknowledged, seal_post
from survey.protocol.witness.stamps import loaded, prepare_stamp, prepare_ticket, witness_of

TRIES = 8
FIRST_WAIT = 0.2
LONGEST_WAIT = 5.0
TIMEOUT = 30.0

_OK = 200
_SERVER_ERROR = 500


class Unreachable(PingyiError):
    """Server that does not answer, or whose answer is not one that the site of a round gives."""

    code = "unreachable"
    remedy = N_("请确认网站已启动，网址和轮次无误。")


class Refused(PingyiError):
    """The server refused a request; message and remedy are its own, `code` is its `error`."""

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(N_("服务器没有接受：%(why)s"), remedy=remedy.replace("%", "%%"), why=message)
        self.code = code


class NotAsHandedOut(PingyiError):
    """The server describes another round than the one that the link was made for."""

    code = "not_as_handed_out"
    remedy = N_("没有领取选票。请把两个核对号告诉发链接的单位和持钥人。")


@dataclass(frozen=True, slots=True)
class Credential:
    """Credential with which one ballot can be cast."""

    prepared: Prepared
    signature: bytes


class Stamp(NamedTuple):
    """The witness's stamp on a credential, and a ticket for one post, each with its message."""

    message: bytes
    ticket_message: bytes
    signature: bytes
    ticket: bytes


class PhoneClient:
    """Connection of one phone to one round; not to be shared between threads.

    A request that gets no answer or a 5xx is repeated unchanged, after a growing pause.
    """

    content_type = "application/json"

    def __init__(
        self, base_url: str, slug: str, *, tries: int = TRIES, first_wait: float = FIRST_WAIT
    ) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InvalidInput(N_("网址“%(url)s”不对，应形如 http://127.0.0.1:8000。"), url=base_url)
        self._path = f"{parts.path.rstrip('/')}/s/{slug}"
        self._connection = _connect(parts.scheme, parts.hostname, parts.port)
        self._tries, self._first_wait = tries, first_wait

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; a later request opens it again."""
        self._connection.close()

    def description(self) -> RoundDescription:
        """Fetch the public description of the round."""
        value = self._request("GET", "round.json")
        return RoundDescription.from_dict(value.get("round", value))

    def collect(
        self, description: RoundDescription, code: str, prepared: Prepared | None = None
    ) -> Credential:
        """Exchange an invitation's code for a credential, by a blind signature on what was `prepared`.

        Raises as `secret_of` does.
        """
        secret, public = secret_of(description, code), public_key(description)
        prepared = prepared or prepare(description)
        blinded, inverse = blind(public, prepared.message)
        signature = finalize(public, prepared.message, self.sign(description, secret, blinded), inverse)
        return Credential(prepared, signature)

    def sign(self, description: RoundDescription, secret: bytes, blinded: bytes) -> bytes:
        """The box's blind signature of a credential's message, for the code (16 bytes) of an invitation;
        raises `Refused` or `Unreachable`."""
        sent = {"code": secret_to_send(description, secret), "blinded": b64u(blinded)}
        return _field(self._request("POST", "credential", sent), "blind_signature")

    def cast(self, credential: Credential, sealed: bytes) -> str:
        """Cast a sealed ballot; returns the receipt."""
        proof = credential.prepared.prove(sealed)
        parts = CastBallot(credential.prepared.message, credential.signature, sealed, proof).parts()
        return self.put({name: b64u(part) for name, part in parts.items()})

    def put(self, ballot: dict[str, str]) -> str:
        """Cast a ballot, its parts in base64url; returns the receipt that the box gives."""
        return str(self._request("POST", "ballot", ballot)["receipt"])

    def vote(self, description: RoundDescription, code: str, plaintext: bytes) -> str:
        """Collect a credential, seal the plaintext and cast it, through the witness where the round has one;
        returns the receipt."""
        sealed = seal(description, plaintext)
        if description.witness is None:
            return self.cast(self.collect(description, code), sealed)
        secret, prepared = secret_of(description, code), prepare(description)
        with WitnessClient(description, tries=self._tries, first_wait=self._first_wait) as witness:
            stamp = witness.stamp(secret, prepared)  # before the box, as phones do
            witness.post(self.collect(description, code, prepared), sealed, stamp)
        return format_receipt(receipt_bytes(sealed))

    def _request(self, method: str, name: str, body: dict[str, str] | None = None) -> dict[str, Any]:
        content = None if body is None else json.dumps(body).encode()
        for attempt in range(self._tries):
            if attempt:
                pause = min(self._first_wait * 2 ** (attempt - 1), LONGEST_WAIT)
                time.sleep(pause * (1 + secrets.randbelow(1000) / 1000))
            try:
                status, reply = self._exchange(method, name, content)
            except (OSError, http.client.HTTPException):
                self._connection.close()
                continue
            if status < _SERVER_ERROR:
                return _read(status, reply)
        raise Unreachable(N_("服务器没有应答，已试 %(tries)s 次。"), tries=self._tries)

    def _exchange(self, method: str, name: str, content: bytes | None) -> tuple[int, bytes]:
        language = "en" if current_language() == "en" else "zh-CN"  # of what the server says when it refuses
        headers = {"Accept": "application/json", "Accept-Language": language}
        if content is not None:
            headers["Content-Type"] = self.content_type
        self._connection.request(method, f"{self._path}/{name}", content, headers)
        response = self._connection.getresponse()
        return response.status, response.read()


class WitnessClient(PhoneClient):
    """Connection of one phone to the witness of one round."""

    content_type = "text/plain"

    def __init__(self, description: RoundDescription, **patience: Any) -> None:
        """`patience`: as for `PhoneClient`."""
        witness = witness_of(description)
        super().__init__(witness.address, description.slug, **patience)
        self._path = f"{urlsplit(witness.address).path}/{description.id}"
        self._round = description
        self._keys = (loaded(witness.stamp_key), loaded(witness.ticket_key))

    def stamp(self, secret: bytes, prepared: Prepared) -> Stamp:
        """Exchange the witness's half of a code (16 bytes) for a stamp on the token of what was prepared, and
        a ticket."""
        token = token_of(self._round.version, prepared.message)
        messages = (prepare_stamp(self._round, token), prepare_ticket(self._round))
        blinded = [blind(key, message) for key, message in zip(self._keys, messages, strict=True)]
        answers = self.sign_both(secret, *(one for one, _ in blinded))
        signatures = (
            finalize(key, message, answer, inverse)
            for key, message, answer, (_, inverse) in zip(self._keys, messages, answers, blinded, strict=True)
        )
        return Stamp(*messages, *signatures)

    def sign_both(self, secret: bytes, stamp: bytes, ticket: bytes) -> tuple[bytes, bytes]:
        """The witness's blind signatures of the blinded messages of a stamp and a ticket, for the code (16
        bytes) of an invitation; raises `Refused` or `Unreachable`."""
        half = witness_code(secret, self._round.id)
        sent = {"code": b64u(half), "description": self._round.frozen_digest()}
        reply = self._request("POST", "stamp", sent | {"stamp": b64u(stamp), "ticket": b64u(ticket)})
        return _field(reply, "stamp"), _field(reply, "ticket")

    def post(self, credential: Credential, sealed: bytes, stamp: Stamp) -> None:
        """Post a sealed ballot; raises `Unreachable` unless the witness signs that it holds it."""
        prepared = credential.prepared
        parts = (prepared.message, credential.signature, sealed, prepared.prove(sealed))
        blob = seal_post(self._round, CastBallot(*parts, stamp.message, stamp.signature))
        if not self.takes(stamp.ticket_message, stamp.ticket, blob):
            raise Unreachable(N_("监票机没有签名确认收到选票。"))

    def takes(self, ticket_message: bytes, ticket: bytes, blob: bytes) -> bool:
        """Post a blob with a ticket; whether the witness signs that it holds it."""
        sent = {"ticket_message": ticket_message, "ticket_signature": ticket, "blob": blob}
        reply = self._request("POST", "ballot", {name: b64u(part) for name, part in sent.items()})
        return is_acknowledged(self._round, blob_hash(blob), _field(reply, "signature"))


def secret_of(description: RoundDescription, code: str) -> bytes:
    """The 16 bytes of an invitation's code, for a description that may be used with it.

    Raises `NotAsHandedOut` if the code carries another check number (核对号), `InvalidInput` for a
    description that contradicts itself.
    """
    description.require_sealable()
    secret, pin = parse_pinned(code)
    if pin and pin != description.check_number:
        raise NotAsHandedOut(
            N_("链接里的核对号是 %(pin)s，网站给出的轮次说明的核对号是 %(found)s。"),
            pin=pin,
            found=description.check_number or "-",
        )
    if public_key(description).fingerprint != description.blind_key_fingerprint:
        raise InvalidInput(N_("签名公钥与公布的指纹不一致，已停止。"))
    return secret


def _connect(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=TIMEOUT, context=context)
    return http.client.HTTPConnection(host, port, timeout=TIMEOUT)


def _read(status: int, reply: bytes) -> dict[str, Any]:
    try:
        value = json.loads(reply)
    except ValueError:
        value = None
    if not isinstance(value, dict) or (status != _OK and "error" not in value):
        raise Unreachable(N_("服务器的应答（状态 %(status)s）看不懂。"), status=status)
    if status != _OK:
        raise Refused(str(value["error"]), str(value.get("message", "")), str(value.get("remedy", "")))
    return value


def _field(reply: dict[str, Any], name: str) -> bytes:
    try:
        return unb64u(reply[name])
    except (KeyError, ValueError) as error:
        raise Unreachable(N_("服务器的应答里没有 %(name)s。"), name=name) from error
