"""Two machines for phones to visit: the box in memory (phone_server.py) and the witness's own program."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field
from pathlib import Path

from answers_read import Answers, decode_answers
from flask import Response, request
from phone_server import PhoneServer, RunningServer, holder_keys, round_key
from witnessed import FakeBox, Witness, codes, described, lists

from survey.protocol import credentials
from survey.protocol.codes import format_code
from survey.protocol.holders.sealing import Opener
from survey.protocol.receipts import format_receipt, receipt_bytes
from survey.witness.app import create_app

CODES = 4


@dataclass
class TwoMachines:
    """`faults` are taken one by one by the next posts to the witness: "drop", "lost", "503", "hold".

    `posts` are their paths and bodies; "hold" answers only when `released` is set.
    """

    box: PhoneServer
    folder: Path
    faults: list[str] = field(default_factory=list)
    posts: list[tuple[str, bytes]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        self.witness = Witness(self.folder, self.box.description.id)
        app = create_app(self.witness.store)
        app.before_request(self._before)
        app.after_request(self._after)
        self.running = RunningServer(app)
        self.running.start()
        self.witness.begin(f"http://127.0.0.1:{self.running.port}", self.box.url)
        self.box.description = described(self.box.description, self.witness.offer)
        self._codes = codes(CODES)
        self.witness.import_codes(self.box.description, lists(self.box.description, self._codes)[1])

    def stop(self) -> None:
        self.released.set()
        self.running.stop()
        self.witness.store.close()

    def link(self) -> str:
        """Of a new invitation that both machines know."""
        return self.box.link(self.box.invite(format_code(self._codes.pop())))

    def handed_over(self) -> dict[str, Answers]:
        """Answers by receipt, of all ballots that the witness hands over, each looked at as the box does."""
        description, taken = self.box.description, FakeBox(self.box.description)
        self.witness.hand_over(taken)
        found = {}
        for ballot in taken.ballots.values():
            public = round_key().public
            credentials.check_credential(public, description, ballot.message, ballot.signature)
            credentials.check_proof(description, ballot.message, ballot.sealed, ballot.proof)
            text = Opener(description, dict(enumerate(holder_keys()))).open(ballot.sealed)
            receipt = format_receipt(receipt_bytes(ballot.sealed))
            found[receipt] = decode_answers(description.questionnaire, text)
        return found

    def _before(self) -> Response | None:
        if request.method != "POST":
            return None
        fault = self.faults.pop(0) if self.faults else ""
        self.posts.append((request.path, request.get_data()))
        request.environ["fault"] = fault
        if fault == "drop":
            _cut()
        if fault == "hold":
            self.released.wait(60)
        return Response("broken", int(fault)) if fault == "503" else None

    def _after(self, response: Response) -> Response:
        if request.environ.get("fault") == "lost":
            _cut()
        return response


def _cut() -> None:
    connection: socket.socket = request.environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
