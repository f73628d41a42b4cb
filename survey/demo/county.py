"""Building of the demonstration county, through the same services that the pages use."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from sqlalchemy.orm import Session

from survey.clock import today
from survey.config import Settings
from survey.database.engine import Database
from survey.database.migrations import upgrade
from survey.demo.data import WORDS, Quarter, demo_roster, quarters_until
from survey.demo.followup import follow_up
from survey.models import Mode, Period, Role, Round, User
from survey.protocol.holders.keyfile import answer_challenge, create_key_file, open_key_file
from survey.services.invitations import issuing
from survey.services.opening import opening_job
from survey.services.people import accounts
from survey.services.roster import enterprises
from survey.services.rounds import closing, keyholders, lifecycle
from survey.services.rounds.defaults import default_questionnaire

T = TypeVar("T")

ENTERPRISES = 400
SEED = 20260930
ADMINISTRATOR = ("管理员", "评议工作办公室")
REVIEWERS = (("人大评议员", "县人大常委会"), ("政协评议员", "县政协"))
LIAISON = ("联络员", "水务局")
BODY = "县人大常委会、县政协"
# Ballots cast, of 400 invited: in the two opened quarters, and in the open one so far.
CAST = (312, 297, 140)
LINKS_LEFT = 20

Invited = tuple[str, Mapping[str, str]]  # the link of an enterprise, and its strata on the roster
Simulate = Callable[[str, Sequence[Invited], int], None]


class CountyBuilder:
    """Builder of one demonstration: call `populate`, then `hold_rounds` while the site is being served."""

    enterprises = ENTERPRISES
    steps = 5

    def __init__(self, settings: Settings, report: Callable[[str], None]) -> None:
        self._settings = settings
        self._report = report
        self._database = Database(settings.database_url)
        self._chance = random.Random(SEED)  # noqa: S311 - which invented firm answers, not a secret
        self._passwords: dict[str, str] = {}
        self._holders: list[dict[str, str]] = []
        self._opened: list[str] = []
        self._links: list[str] = []
        self._strata: dict[str, Mapping[str, str]] = {}
        self._open = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def populate(self) -> None:
        """Create the schema, the accounts and the roster."""
        count = self.enterprises
        self._report(
            f"  1/{self.steps} 数据库、账号和 {count} 家企业的名录 / schema, accounts, a roster of {count}"
        )
        upgrade(self._database.engine)
        self._account(*ADMINISTRATOR, Role.ADMINISTRATOR)
        for name, body in REVIEWERS:
            self._account(name, body, Role.REVIEWER)
        rows = demo_roster(count, SEED)
        self._strata = {row.credit_code: row.strata for row in rows}
        self._database.write(lambda s: enterprises.import_roster(s, rows, actor=ADMINISTRATOR[0]))

    def hold_rounds(self, simulate: Simulate) -> None:
        """Hold two rounds from draft to published ranking, and start one that is still collecting."""
        quarters = list(quarters_until(today()))
        for number, (quarter, ballots) in enumerate(zip(quarters, CAST, strict=True)):
            last = number == len(quarters) - 1
            self._report(f"  {number + 2}/5 {quarter.title}：{ballots} 家企业投票 / {ballots} ballots")
            invited = self._start(quarter)
            simulate(quarter.slug, invited[:ballots], SEED + number)
            if last:
                left = invited[ballots : ballots + LINKS_LEFT]
                self._open, self._links = quarter.slug, [link for link, _strata in left]
            else:
                self._finish(quarter)
        self._add_liaison()
        follow_up(self._database, self._opened[0], [name for name, _ in REVIEWERS])
        self._report("  5/5 完成 / done")

    def facts(self) -> dict[str, Any]:
        """Content of demo.json: accounts, keys, rounds and unused links."""
        reviewers = [
            {"name": name, "password": self._passwords[name]} | key
            for (name, _), key in zip(REVIEWERS, self._holders, strict=True)
        ]
        name = ADMINISTRATOR[0]
        return {
            "url": self._settings.base_url,
            "administrator": {"name": name, "password": self._passwords[name]},
            "reviewers": reviewers,
            "liaison": {"name": LIAISON[0], "password": self._passwords[LIAISON[0]]},
            "rounds": {"opened": self._opened, "open": self._open},
            "links": self._links,
        }

    def _add_liaison(self) -> None:
        """Once a round asks about the liaison's department."""
        self._account(*LIAISON, Role.LIAISON, department=LIAISON[1])

    def _account(self, name: str, body: str, role: Role, department: str = "") -> None:
        password = self._passwords[name] = _passphrase()
        self._database.write(
            lambda s: accounts.create_user(
                s, name=name, body=body, role=role, password=password, department=department
            )
        )

    def _start(self, quarter: Quarter) -> list[Invited]:
        """Take a round from draft to collecting; returns the invited enterprises in random order."""
        self._draft(quarter)
        issued = self._database.write(
            lambda s: issuing.issue_attributed(
                s, lifecycle.get_round(s, quarter.slug), self._settings.base_url, ADMINISTRATOR[0]
            )
        )
        self._database.write(
            lambda s: lifecycle.start_round(s, lifecycle.get_round(s, quarter.slug), ADMINISTRATOR[0])
        )
        invited = [(invitation.link, self._strata[invitation.credit_code]) for invitation in issued]
        self._chance.shuffle(invited)
        return invited

    def _draft(self, quarter: Quarter) -> None:
        """Make a draft whose holders have their keys."""
        new, secret = self._new_round(quarter), self._settings.secret_key
        self._database.write(
            lambda s: lifecycle.create_round(s, new, secret_key=secret, actor=ADMINISTRATOR[0])
        )
        self._holders = [self._make_key(quarter.slug, name) for name, _ in REVIEWERS]

    def _new_round(self, quarter: Quarter) -> lifecycle.NewRound:
        with self._database.read() as session:
            holders = tuple(user.id for user in accounts.list_users(session, Role.REVIEWER))
        return lifecycle.NewRound(
            slug=quarter.slug,
            title=quarter.title,
            body=BODY,
            period=Period.QUARTER,
            mode=Mode.BOTH,
            opens_on=quarter.opens_on,
            closes_on=max(quarter.closes_on, today() + timedelta(days=14)),
            threshold=10,
            quorum=2,
            questionnaire=default_questionnaire(),
            holders=holders,
        )

    def _make_key(self, slug: str, name: str) -> dict[str, str]:
        """Do what the key page does in a reviewer's browser: create a key, register it, prove possession."""
        passphrase = _passphrase()
        with self._database.read() as session:
            round_id = lifecycle.get_round(session, slug).id.hex()
        text, public_key = create_key_file(slug=slug, round_id=round_id, holder=name, passphrase=passphrase)
        challenge = self._as_reviewer(
            name, slug, lambda s, r, u: keyholders.register_key(s, r, u, public_key)
        )
        proof = answer_challenge(open_key_file(text, passphrase, round_id=round_id), round_id, challenge)
        self._as_reviewer(name, slug, lambda s, r, u: keyholders.prove_key(s, r, u, proof))
        path = self._settings.data / "keys" / f"{slug}-{name}.key.json"
        path.parent.mkdir(exist_ok=True, mode=0o700)
        path.write_text(text, encoding="utf-8")
        return {"key_file": str(path), "passphrase": passphrase}

    def _as_reviewer(self, name: str, slug: str, work: Callable[[Session, Round, User], T]) -> T:
        def run(session: Session) -> T:
            user = next(u for u in accounts.list_users(session) if u.name == name)
            return work(session, lifecycle.get_round(session, slug), user)

        return self._database.write(run)

    def _finish(self, quarter: Quarter) -> None:
        """Close the round by two people, open it with both keys, and set the closing day to the end of the
        quarter."""
        self._as_reviewer(ADMINISTRATOR[0], quarter.slug, closing.propose_closing)
        self._as_reviewer(REVIEWERS[0][0], quarter.slug, closing.confirm_closing)
        self._database.write(lambda s: _date_back(lifecycle.get_round(s, quarter.slug), quarter.closes_on))
        keys = [(Path(k["key_file"]).read_text(encoding="utf-8"), k["passphrase"]) for k in self._holders]
        opening_job.open_round(self._database, quarter.slug, keys, actor=REVIEWERS[0][0])
        self._opened.append(quarter.slug)


def _date_back(a_round: Round, day: date) -> None:
    # The ballots were cast today, but the demonstration shows a quarter that is over.
    a_round.closes_on, a_round.planned_closes_on = day, None


def _passphrase() -> str:
    return "-".join(secrets.choice(WORDS) for _ in range(3)) + f"-{secrets.randbelow(10**6):06d}"
