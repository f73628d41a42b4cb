"""A server for phones: the real page and the real two posts over a round in memory, that can be made to fail.

The services behind the views are replaced by the protocol itself (survey.protocol), so that a test can open
the ballots that a browser cast, and can say how the next request is to go wrong.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from answers_read import decode_answers
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask, Response, request
from served import RunningServer

from survey.config import Settings
from survey.contact import Contact
from survey.errors import CodeUnknown, CredentialSpent, InvitationReplaced, InvitationUsed
from survey.paths import TEMPLATES
from survey.protocol import answers, codes, credentials, receipts
from survey.protocol.ballots import CastBallot
from survey.protocol.crypto import hpke
from survey.protocol.crypto.blind import RoundKey
from survey.protocol.description import Holder, RoundDescription
from survey.protocol.holders import sealing
from survey.services.rounds.defaults import default_questionnaire
from survey.services.rounds.descriptions import PublicRound
from survey.web.languages import install_languages
from survey.web.phone import page as survey_page
from survey.web.phone import protocol as respond
from survey.web.site.assets import install_assets
from survey.web.site.error_pages import install_errors
from survey.web.site.security import csrf, secure

ROUND_ID = "00112233445566778899aabbccddeeff"
SLUG = "2026-q4"


@cache
def round_key() -> RoundKey:
    return RoundKey.generate()


@cache
def holder_keys() -> tuple[ec.EllipticCurvePrivateKey, ...]:
    return tuple(ec.generate_private_key(ec.SECP256R1()) for _ in range(2))


def describe(**changes: Any) -> RoundDescription:
    public = round_key().public
    values: dict[str, Any] = {
        "id": ROUND_ID,
        "slug": SLUG,
        "title": "2026 年第四季度评议",
        "body": "县人大常委会、县政协",
        "opens_on": "2020-01-01",
        "closes_on": "2099-12-20",
        "blind_key_n": public.n_bytes,
        "blind_key_e": public.e,
        "blind_key_fingerprint": public.fingerprint,
        "quorum": 2,
        "holders": tuple(
            Holder(name, hpke.point(key))
            for name, key in zip(("县人大", "县政协"), holder_keys(), strict=True)
        ),
        "questionnaire": default_questionnaire(),
    }
    return RoundDescription(**(values | changes))


@dataclass
class PhoneServer:
    """`faults` are taken one by one by the next posts: "drop", "lost", "500", "503".

    `script_faults` are taken by requests for the ballot's script, `scripts` of them came; "404" is one more.

    `cut_page` is how much of the page comes before the connection breaks, `change_page` what becomes of it.
    """

    description: RoundDescription = field(default_factory=describe)
    state: str = "open"
    faults: list[str] = field(default_factory=list)
    script_faults: list[str] = field(default_factory=list)
    scripts: int = 0
    cut_page: float | None = None
    change_page: Callable[[Response], Response] | None = None
    replaced: set[str] = field(default_factory=set)
    collected: dict[bytes, tuple[bytes, bytes]] = field(default_factory=dict)
    ballots: dict[bytes, bytes] = field(default_factory=dict)
    posts: list[tuple[str, str]] = field(default_factory=list)
    contact: Contact | None = None
    url: str = ""
    running: RunningServer | None = None
    _known: dict[bytes, str] = field(default_factory=dict)

    def invite(self, code: str = "") -> str:
        """A new invitation's code, `code` where it was made elsewhere."""
        code = code or codes.new_code()
        self._known[self.hash_of(code)] = code
        return code

    def hash_of(self, code: str) -> bytes:
        return codes.hash_code(codes.parse_code(code), self.description.id, self.description.version)

    def link(self, code: str) -> str:
        """As the office hands it out, of the description as it stands; without a code the bare address."""
        if not code:
            return f"{self.url}/s/{self.description.slug}"
        return codes.invitation_link(self.url, self.description.slug, code, self.description.check_number)

    def public(self, _database: object, _slug: str) -> PublicRound:
        return PublicRound(self.description, self.state, contact=self.contact)

    def collect(self, _database: object, _slug: str, code: str, blinded: bytes) -> bytes:
        self._require_open()
        key = codes.hash_of_sent(self.description, code)
        if key not in self._known:
            raise CodeUnknown
        if self._known[key] in self.replaced:
            raise InvitationReplaced
        earlier = self.collected.setdefault(key, (blinded, round_key().sign_blinded(blinded)))
        if earlier[0] != blinded:
            raise InvitationUsed
        return earlier[1]

    def cast(self, _database: object, _slug: str, ballot: CastBallot) -> str:
        self._require_open()
        message, signature, sealed, proof = ballot[:4]
        spent = credentials.check_credential(round_key().public, self.description, message, signature)
        credentials.check_proof(self.description, message, sealed, proof)
        assert len(sealed) == self.description.sealed_size
        if self.ballots.setdefault(spent, sealed) != sealed:
            raise CredentialSpent
        return receipts.format_receipt(receipts.receipt_bytes(sealed))

    def opened(self) -> list[answers.Answers]:
        """What the ballots say."""
        keys = dict(enumerate(holder_keys()))
        plaintexts = [sealing.Opener(self.description, keys).open(sealed) for sealed in self.ballots.values()]
        return [decode_answers(self.description.questionnaire, text) for text in plaintexts]

    def receipts(self) -> list[str]:
        return [receipts.format_receipt(receipts.receipt_bytes(sealed)) for sealed in self.ballots.values()]

    def _require_open(self) -> None:
        public = PublicRound(self.description, self.state)
        public.require_collecting(survey_page.today())


def make_app(server: PhoneServer, patch: pytest.MonkeyPatch, folder: Path) -> Flask:
    app = Flask("survey", template_folder=str(TEMPLATES), static_folder=None)
    settings = Settings(folder, "sqlite://", "http://127.0.0.1", "x" * 32, insecure_http=True)
    secure(app, settings)
    install_languages(app)
    install_errors(app)
    install_assets(app)
    app.register_blueprint(respond.blueprint)
    csrf.exempt(respond.blueprint)
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    for module in (respond, survey_page):
        patch.setattr(module, "database", lambda: None)
    patch.setattr(survey_page, "public_description", server.public)
    patch.setattr(respond.collecting, "collect", server.collect)
    patch.setattr(respond.casting, "cast", server.cast)
    _install_faults(app, server)
    return app


def _install_faults(app: Flask, server: PhoneServer) -> None:
    @app.before_request
    def _before() -> Response | None:
        if "ballot-page" in request.path:
            server.scripts += 1
            fault = server.script_faults.pop(0) if server.script_faults else ""
        elif request.method == "POST":
            fault = server.faults.pop(0) if server.faults else ""
            server.posts.append((request.path, fault))
        else:
            return None
        request.environ["fault"] = fault
        if fault == "drop":
            _cut()
        if fault in ("404", "500", "503"):
            return Response("broken", int(fault))
        return None

    @app.after_request
    def _after(response: Response) -> Response:
        if request.environ.get("fault") == "lost":
            _cut()
        if request.method == "GET" and server.change_page is not None:
            return server.change_page(response)
        if request.method == "GET" and server.cut_page is not None:
            return _half(response, server.cut_page)
        return response


def _half(response: Response, share: float) -> Response:
    """The same answer, with its whole length announced, but broken off."""
    body = response.get_data()
    connection: socket.socket = request.environ["werkzeug.socket"]

    def parts() -> Iterator[bytes]:
        yield body[: int(len(body) * share)]
        time.sleep(1)  # else the browser may hear of the end before it has read what came
        connection.shutdown(socket.SHUT_RDWR)

    length = str(len(body))
    response.response = parts()
    response.headers["Content-Length"] = length
    return response


def _cut() -> None:
    connection: socket.socket = request.environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
