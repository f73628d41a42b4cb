"""A mail server for tests, on a port of this machine: as much of RFC 5321 as a client needs, and every way to
refuse or to break off."""

from __future__ import annotations

import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class MailDesk:
    """`answers`: reply to a command for a recipient, by (RCPT, DATA or END, address), once or as long as it
    stands; "" closes the connection instead. `got`: pairs (recipient, mail) that were taken."""

    answers: dict[tuple[str, str], str] = field(default_factory=dict)
    sender_refused: str = ""
    starttls: ssl.SSLContext | None = None
    got: list[tuple[str, EmailMessage]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    held: str = ""
    """Recipient whose mail is taken, but not answered until `go_on`; `at_held` is set then."""
    at_held: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?from=pingyi@county.example&to=o@county.example&rate=6000"

    @property
    def recipients(self) -> list[str]:
        return [address for address, _mail in self.got]


@contextmanager
def mail_desk() -> Iterator[MailDesk]:
    desk = MailDesk()

    class Handler(_Session):
        at = desk

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        desk.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield desk
        desk.go_on.set()
        server.shutdown()


class _Session(socketserver.StreamRequestHandler):
    at: MailDesk

    def handle(self) -> None:
        try:
            self._say("220 here")
            while line := self.rfile.readline():
                if not self._done(line.decode().strip()):
                    return
        except OSError:
            pass

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def _say(self, text: str) -> bool:
        """Whether the connection stays: "" closes it."""
        if text:
            self.wfile.write(text.encode() + b"\r\n")
        return bool(text)

    def _done(self, line: str) -> bool:
        word = line.split(" ")[0].split(":")[0].upper()
        self.at.commands.append(word)
        match word:
            case "EHLO":
                secured = isinstance(self.request, ssl.SSLSocket)
                return self._say(
                    "250-here\r\n250 STARTTLS" if self.at.starttls and not secured else "250 here"
                )
            case "STARTTLS":
                return self._secured()
            case "MAIL":
                return self._say(self.at.sender_refused or "250 well")
            case "RCPT":
                self.address = re.findall("<(.*?)>", line)[0]
                return self._say(self.at.answers.get(("RCPT", self.address), "250 well"))
            case "DATA":
                return self._taken()
        return self._say("250 well")

    def _secured(self) -> bool:
        assert self.at.starttls is not None
        self._say("220 go on")
        super().finish()
        self.request = self.at.starttls.wrap_socket(self.request, server_side=True)
        self.setup()
        return True

    def _taken(self) -> bool:
        begun = self.at.answers.get(("DATA", self.address), "354 go on")
        if not self._say(begun) or not begun.startswith("354"):
            return bool(begun)
        mail = b""
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False
            mail += line.removeprefix(b".")
        answer = self.at.answers.get(("END", self.address), "250 taken")
        if answer.startswith("250") or not answer:  # taken, and perhaps the answer is lost
            self.at.raw.append(mail)
            self.at.got.append((self.address, message_from_bytes(mail, policy=policy.default)))
        if self.address == self.at.held:
            self.at.at_held.set()
            self.at.go_on.wait(20)
        return self._say(answer)
