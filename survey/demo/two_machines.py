"""The office's half of a demonstration with two machines; the other halves are the real commands."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import TypeVar

from sqlalchemy.orm import Session

from survey.clock import today
from survey.demo.county import ADMINISTRATOR, SEED, CountyBuilder, Invited
from survey.demo.data import Quarter, demo_roster, quarters_until
from survey.documents.uploads.roster_files import write_roster
from survey.models import Round
from survey.protocol.canonical_json import canonical_json
from survey.protocol.witness.code_lists import CodeList
from survey.services.invitations import imported_codes
from survey.services.rounds import descriptions, lifecycle, witnessing

T = TypeVar("T")

ACTOR = ADMINISTRATOR[0]


class TwoMachineCounty(CountyBuilder):
    """Builder of one round with a witness: what the administrator does, step by step in this order."""

    enterprises = 60
    steps = 4

    @property
    def quarter(self) -> Quarter:
        return list(quarters_until(today()))[-1]

    def draft(self) -> str:
        """Make the draft with its holders' keys; returns its id."""
        self._draft(self.quarter)
        self._add_liaison()
        self._open = self.quarter.slug
        return self._look(lambda _s, r: r.id.hex())

    def freeze(self, offer: str) -> bytes:
        """Take over witness.json and freeze; returns round.json."""
        secret = self._settings.secret_key
        self._act(lambda s, r: witnessing.set_witness(s, r, offer, secret_key=secret, actor=ACTOR))
        self._act(lambda s, r: witnessing.freeze(s, r, lifecycle.missing_before_issuing(s, r), ACTOR))
        return self._look(lambda s, r: canonical_json(descriptions.describe(s, r).to_dict()))

    def roster(self) -> bytes:
        """Workbook of the roster, for the issuer."""
        return write_roster(demo_roster(self.enterprises, SEED))

    def import_codes(self, text: str) -> None:
        codes = CodeList.from_json(text)
        self._act(lambda s, r: imported_codes.import_codes(s, r, codes, ACTOR))

    def take_statement(self) -> None:
        """Fetch the witness's statement from its address and keep it."""
        text = witnessing.fetch_statement(self._look(descriptions.describe))
        self._act(lambda s, r: witnessing.accept_statement(s, r, text, ACTOR))

    def start(self) -> None:
        self._act(lambda s, r: lifecycle.start_round(s, r, ACTOR))

    def invited(self, codes: list[str]) -> list[Invited]:
        """Links of the codes, which stand in the order of the enterprises' names, with their strata."""
        url = f"{self._settings.base_url}/s/{self._open}#"
        rows = sorted(demo_roster(self.enterprises, SEED), key=attrgetter("name"))
        return [(url + code, row.strata) for code, row in zip(codes, rows, strict=True)]

    def keep_links(self, links: list[str]) -> None:
        """Links that nobody used, for visitors of the demonstration."""
        self._links = links

    def _act(self, work: Callable[..., object]) -> None:
        self._database.write(lambda s: work(s, lifecycle.get_round(s, self._open)) and None)

    def _look(self, work: Callable[[Session, Round], T]) -> T:
        with self._database.read() as session:
            return work(session, lifecycle.get_round(session, self._open))
