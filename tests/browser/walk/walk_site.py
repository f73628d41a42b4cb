"""An empty installation, as `pingyi serve` runs it, and everybody who will sit before it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page
from served import Served, await_answer, free_port
from walk_hands import DESK, Hand, Ledger

from survey.clock import today
from survey.database.engine import Database
from survey.services.rounds.lifecycle import get_round
from survey.services.voting import participation

CEREMONY = (
    ("王主任", "administrator", "评议工作办公室"),
    ("李委员", "reviewer", "县人大常委会"),
    ("陈委员", "reviewer", "县政协"),
)
GROUPS = {
    "执法监管": ("税务局", "市场监督管理局", "公安局", "生态环境局"),
    "公共服务": ("水务局", "供电公司", "人力资源和社会保障局", "行政审批局"),
}
DEPARTMENTS = [name for names in GROUPS.values() for name in names]


@dataclass
class Walk:
    """The site, its people by name, what the steps cost, and files that went from hand to hand."""

    folder: Path
    pictures: Path
    visit: Callable[..., Page]
    ledger: Ledger = field(default_factory=Ledger)
    people: dict[str, Hand] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    invitations: list[str] = field(default_factory=list)
    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def step(self, name: str) -> AbstractContextManager[None]:
        return self.ledger.step(name)

    def hand(self, name: str, **look: object) -> Hand:
        """A person with a browser of their own."""
        page = self.visit(**(look or DESK))
        self.people[name] = Hand(page, name, self.url, self.ledger, self.pictures)
        return self.people[name]

    def start(self) -> None:
        command = [sys.executable, "-m", "survey.cli", "serve", "--port", str(self.port)]
        self._process = subprocess.Popen(command, env=self._settings(), start_new_session=True)
        await_answer(Served(self.port, self._process))

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(60)

    def hold_ceremony(self) -> None:
        """The first three are let in by the machine itself (docs/operations.md)."""
        for name, role, body in CEREMONY:
            words = ["user", "add", name, "--role", role, "--body", body, "--link"]
            said = subprocess.run(
                [sys.executable, "-m", "survey.cli", *words],
                env=self._settings(),
                capture_output=True,
                text=True,
                check=True,
            )
            link = re.search(r"http\S+", said.stdout)
            assert link, said.stdout
            self.links[name] = link.group()

    def pass_a_night(self, slug: str) -> None:
        """What is done once a day to the numbers of a round that collects, while the site rests."""
        self.stop()
        database = Database(f"sqlite:///{self.folder / 'pingyi.sqlite3'}")
        assert database.write(lambda s: participation.refresh(s, get_round(s, slug), today()))
        database.close()
        self.start()

    def _settings(self) -> dict[str, str]:
        own = {"PINGYI_DATA": str(self.folder), "PINGYI_INSECURE_HTTP": "1", "PINGYI_BASE_URL": self.url}
        return {k: v for k, v in os.environ.items() if not k.startswith("PINGYI_")} | own
