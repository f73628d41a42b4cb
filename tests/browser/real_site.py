"""The site as `pingyi serve` runs it, in a process that can be killed, over a county on SQLite."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from county import SECRET, County

from survey.database.engine import Database
from survey.models import Ballot
from survey.protocol.receipts import format_receipt, receipt_bytes

PATIENCE = 30.0


@dataclass
class RealSite:
    """`start`, `kill` (as a power cut does) and `start` again, on the same port and the same file."""

    place: County
    folder: Path
    port: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def link(self) -> str:
        return f"{self.url}/s/{self.place.slug}#{self.place.codes.pop()}"

    def start(self) -> None:
        if not self.port:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.port = probe.getsockname()[1]
        environment = os.environ | {
            "PINGYI_SECRET_KEY": SECRET,
            "PINGYI_DATABASE_URL": self.place.database.url,
            "PINGYI_INSECURE_HTTP": "1",
        }
        command = [sys.executable, "-m", "survey.cli", "serve", "--data", str(self.folder)]
        self._process = subprocess.Popen(
            [*command, "--port", str(self.port)], env=environment, start_new_session=True
        )
        deadline = time.monotonic() + PATIENCE
        while not self._listens():
            assert time.monotonic() < deadline, "the site does not start"
            time.sleep(0.1)

    def kill(self) -> None:
        """SIGKILL for the server and its workers: nobody tidies up."""
        if self._process is not None:
            os.killpg(self._process.pid, 9)
            self._process.wait(PATIENCE)
            self._process = None

    def receipts(self) -> list[str]:
        """Receipts of the ballots on disk, read by another process than the server's."""
        database = Database(self.place.database.url)
        with database.read() as session:
            found = [format_receipt(receipt_bytes(ballot.sealed)) for ballot in session.query(Ballot)]
        database.close()
        return found

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
