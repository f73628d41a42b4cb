"""A small county for tests: staff, a round in any of its states, and phones that answer."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from types import SimpleNamespace

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from survey.clock import now, today
from survey.database.engine import Database
from survey.models import Body, Mode, Period, Role, User
from survey.models.base import random_id
from survey.protocol.answers import Answers, encode_answers
from survey.protocol.ballots import CastBallot
from survey.protocol.codes import hash_code, parse_code, parse_pinned, secret_to_send
from survey.protocol.credentials import prepare
from survey.protocol.crypto.blind import BlindPublicKey, RoundKey, blind, finalize
from survey.protocol.description import VERSION, RoundDescription
from survey.protocol.holders.keyfile import answer_challenge, create_key_file, open_key_file
from survey.protocol.holders.sealing import seal
from survey.protocol.questionnaire import Department, Item, Level, Questionnaire, Scale, Stratum
from survey.services.invitations import issuing
from survey.services.people import confirmations, proposals
from survey.services.roster import enterprises as rosters
from survey.services.rounds import closing, descriptions, keyholders, lifecycle
from survey.services.voting import casting
from survey.services.voting import collecting as credentials

SECRET = "a secret of the tests, long enough to be one"
PASSWORD = "correct horse battery"
SLUG = "2026-q4"
BODIES = ("县人大常委会", "县政协")
BASE_URL = "https://pingyi.example"
# A stored password hash that no password fits: argon2 takes a tenth of a second a user.
NO_HASH = "!"


_generate = RoundKey.generate


@cache
def round_key() -> RoundKey:
    """One signing key for all tests' rounds: making one takes a second."""
    return _generate()


@dataclass
class County:
    """A database with one administrator, reviewers, and a round; what a test needs to act on it."""

    database: Database
    slug: str = SLUG
    administrator: User = field(init=False)
    reviewers: list[User] = field(default_factory=list)
    key_files: list[tuple[str, str]] = field(default_factory=list)
    version: int = VERSION
    """1 for a round that an older program froze."""
    links: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)

    def __getstate__(self) -> dict[str, object]:
        """All but the open database, for a copy of its file (built_once.py)."""
        return self.__dict__ | {"database": None}

    def populate(self, reviewers: int = 2, enterprises: int = 0) -> County:
        def fill(session: Session) -> list[User]:
            """In one transaction: each costs a flush, and thousands of tests begin here."""
            for name in BODIES:
                session.merge(Body(name=name))
            if enterprises:
                rosters.import_roster(session, roster(enterprises), actor="管理员")
            first = _user(session, "管理员", Role.ADMINISTRATOR)
            return [first, *(_user(session, f"评议员{n}", Role.REVIEWER) for n in range(reviewers))]

        self.administrator, *self.reviewers = self.database.write(fill)
        return self

    def populate_again(self, other: County) -> County:
        """The people of another county on the same database."""
        self.administrator, self.reviewers = other.administrator, other.reviewers
        return self

    def add_user(self, name: str, role: Role, department: str = "") -> User:
        return self.database.write(lambda session: _user(session, name, role, department))

    def add_liaison(self, department: str) -> User:
        return self.add_user(f"{department}联络员", Role.LIAISON, department)

    def new_round(self, **changes) -> lifecycle.NewRound:
        values = {
            "slug": self.slug,
            "title": "2026 年第四季度评议",
            "body": "县人大常委会、县政协",
            "period": Period.QUARTER,
            "mode": Mode.BOTH,
            "opens_on": today() - timedelta(days=1),
            "closes_on": today() + timedelta(days=30),
            "threshold": 3,
            "at_least": 1,
            "quorum": len(self.reviewers),
            "questionnaire": small_questionnaire(),
            "holders": tuple(user.id for user in self.reviewers),
        }
        return lifecycle.NewRound(**(values | changes))

    def draft(self, *, keys: bool = True, **changes) -> County:
        new = self.new_round(**changes)
        self.database.write(lambda s: lifecycle.create_round(s, new, secret_key=SECRET, actor="管理员"))
        if self.version != VERSION:
            self.act(lambda _s, r: setattr(r, "format_version", self.version))
        if keys:
            self.key_files = [self.make_key(user) for user in self.reviewers]
        return self

    def make_key(self, user: User) -> tuple[str, str]:
        """What a reviewer's browser does; returns (text of the key file, passphrase)."""
        round_id = self.description().id
        text, public = create_key_file(slug=self.slug, round_id=round_id, holder=user.name, passphrase="口令")
        challenge = self.act(lambda s, r: keyholders.register_key(s, r, user, public))
        proof = answer_challenge(open_key_file(text, "口令", round_id=round_id), round_id, challenge)
        self.act(lambda s, r: keyholders.prove_key(s, r, user, proof))
        return text, "口令"

    def issue(self, slips: int = 5) -> County:
        issued = self.act(lambda s, r: issuing.prepare_slips(s, r, BASE_URL, slips))
        self.act(lambda s, r: issuing.store(s, r, issued, "管理员"))
        self.links += [entry.link for entry in issued]
        self.codes += [entry.code for entry in issued]
        return self

    def grow(self, slips: int = 0) -> County:
        """What two people do before invitations are added while collecting: slips, or the uninvited firms."""
        kind = Mode.SLIP if slips else Mode.ATTRIBUTED
        asker, other = self.administrator, self.reviewers[0]
        made = self.act(lambda s, r: proposals.propose_invitations(s, asker, r, kind, slips, "补发", now()))
        self.database.write(lambda s: confirmations.confirm(s, made, other, BASE_URL, now()) and None)
        return self

    def issue_attributed(self) -> County:
        issued = self.act(lambda s, r: issuing.issue_attributed(s, r, BASE_URL, "管理员"))
        self.codes += [entry.code for entry in issued]
        return self

    def start(self) -> County:
        self.act(lambda s, r: lifecycle.start_round(s, r, "管理员"))
        return self

    def collecting(self, slips: int = 5, **changes) -> County:
        """From nothing to a round that takes ballots."""
        return self.populate().draft(**changes).issue(slips).start()

    def close(self) -> County:
        self.act(lambda s, r: closing.propose_closing(s, r, self.administrator))
        self.act(lambda s, r: closing.confirm_closing(s, r, self.reviewers[0]))
        return self

    def act(self, work):
        return self.database.write(lambda s: work(s, lifecycle.get_round(s, self.slug)))

    def look(self, work):
        with self.database.read() as session:
            return work(session, lifecycle.get_round(session, self.slug))

    def round(self):
        return self.look(lambda _s, r: r)

    def description(self) -> RoundDescription:
        return self.look(descriptions.describe)

    def code_hash(self, code: str) -> bytes:
        """By what the database knows an invitation."""
        about = self.description()
        return hash_code(parse_code(code), about.id, about.version)

    def sent(self, code: str) -> str:
        """What a phone shows the server of a code."""
        return secret_to_send(self.description(), parse_pinned(code)[0])

    def phone(self, code: str | None = None) -> Phone:
        return Phone(self, code or self.codes.pop())

    def cast_all(self, answers: Sequence[Answers]) -> list[str]:
        """One phone for each of the answers; returns the receipts."""
        return [self.phone().answer(entry) for entry in answers]


def _user(session: Session, name: str, role: Role, department: str = "") -> User:
    user = User(id=random_id(), name=name, body=f"{name}单位", role=role, department=department)
    user.password_hash = NO_HASH
    session.add(user)
    session.merge(Body(name=user.body))
    return user


class Phone:
    """The phone's half of the protocol, without HTTP."""

    def __init__(self, county: County, code: str) -> None:
        self.county = county
        self.code = code
        self.description = county.description()
        self.public = BlindPublicKey.from_bytes(self.description.blind_key_n, self.description.blind_key_e)
        self.prepared = prepare(self.description)
        self.message = self.prepared.message
        self.blinded, self._state = blind(self.public, self.message)
        self.signature = b""
        self.sealed = b""

    @property
    def sent(self) -> str:
        """What the server is shown of the code."""
        return secret_to_send(self.description, parse_pinned(self.code)[0])

    def collect(self) -> bytes:
        answer = credentials.collect(self.county.database, self.county.slug, self.sent, self.blinded)
        self.signature = finalize(self.public, self.message, answer, self._state)
        return answer

    def seal(self, answers: Answers | None = None) -> Phone:
        questionnaire = self.description.questionnaire
        self.sealed = seal(
            self.description, encode_answers(questionnaire, answers or plain_answers(questionnaire))
        )
        return self

    def cast(self) -> str:
        return casting.cast(self.county.database, self.county.slug, self.ballot())

    def ballot(self, sealed: bytes | None = None) -> CastBallot:
        """What is posted, proof and all; of another `sealed` than its own, too."""
        sealed = sealed or self.sealed
        return CastBallot(self.message, self.signature, sealed, self.prepared.prove(sealed))

    def answer(self, answers: Answers | None = None) -> str:
        self.collect()
        return self.seal(answers).cast()


def small_questionnaire(departments: int = 4) -> Questionnaire:
    """Four departments in two groups, two items, three levels."""
    names = ("税务局", "公安局", "供电公司", "财政局", "法院", "水务局")[:departments]
    return Questionnaire(
        items=(Item("态度", "Attitude"), Item("总体", "Overall", overall=True)),
        scale=Scale(
            levels=(Level("好", "Good", 100.0), Level("中", "Fair", 60.0), Level("差", "Poor", 20.0)),
            satisfied=2,
            warning_line=70.0,
            not_known="不了解",
            not_known_en="Don't know",
        ),
        departments=tuple(
            Department(name, "执法" if index < 2 else "服务", "x") for index, name in enumerate(names)
        ),
        strata=(Stratum("规模", "Size", ("大", "小"), ("Large", "Small")),),
        comments=True,
        comment_bytes=1024,
    )


def plain_answers(
    questionnaire: Questionnaire, level: int = 1, comments: dict[int, str] | None = None
) -> Answers:
    """The same level for everything."""
    ratings = tuple((level,) * len(questionnaire.items) for _ in questionnaire.departments)
    return Answers(ratings=ratings, strata=(0,) * len(questionnaire.strata), comments=comments or {})


def roster(count: int) -> list[SimpleNamespace]:
    """Rows as the roster's reader gives them."""
    return [
        SimpleNamespace(
            credit_code=f"91130999MA{n:08d}",
            name=f"企业{n:03d}",
            contact="王",
            phone=f"13800{n:06d}",
            email="",
            strata={"规模": "小"},
        )
        for n in range(count)
    ]


def yesterday() -> date:
    return today() - timedelta(days=1)


@contextlib.contextmanager
def without_guards(database: Database) -> Iterator[Connection]:
    """A transaction of somebody who owns the database: its triggers do not stop them."""
    with database.engine.execution_options(pingyi_write=True).begin() as connection:
        if database.kind.NAME == "sqlite":
            listed = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
            triggers = connection.exec_driver_sql(listed).fetchall()
            for name, _ in triggers:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            yield connection
            for _, sql in triggers:
                connection.exec_driver_sql(sql)
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            yield connection
