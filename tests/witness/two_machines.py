"""A county whose round has a witness: `place.phone()` collects from both machines, posts to the witness."""

from __future__ import annotations

import io
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from county import SECRET, County, Phone

from survey.models import Enterprise
from survey.protocol.answers import Answers
from survey.protocol.ballots import CastBallot
from survey.protocol.box.verify import verify_box
from survey.protocol.codes import format_code, parse_pinned
from survey.protocol.receipts import format_receipt, receipt_bytes
from survey.protocol.witness.batches import Batch
from survey.protocol.witness.code_lists import NewCode, make_lists
from survey.protocol.witness.posting import seal_post
from survey.protocol.witness.statements import Statement
from survey.services.invitations import imported_codes
from survey.services.opening import box_files
from survey.services.rounds import closing, lifecycle, witnessing
from survey.services.voting import batches
from tests.witness.witnessed import ADDRESS, BOX, Witness, WitnessPhone


@dataclass
class TwoMachines(County):
    """`folder`: where the witness keeps its data, but for a database at `witness_url`; `address`: what the
    description names; `box`: the site's address."""

    folder: Path = Path()
    witness_url: str | None = None
    address: str = ADDRESS
    box: str = BOX
    witness: Witness = field(init=False)

    def draft(self, **options: Any) -> TwoMachines:
        super().draft(**options)
        self.witness = Witness(self.folder / "witness", self.round().id.hex(), self.witness_url)
        self.witness.begin(self.address, self.box)
        text = self.witness.offer.to_json()
        self.act(lambda s, r: witnessing.set_witness(s, r, text, secret_key=SECRET, actor="管理员"))
        return self

    def freeze(self) -> TwoMachines:
        self.act(
            lambda s, r: witnessing.freeze(s, r, lifecycle.missing_before_issuing(s, r), "管理员") and None
        )
        return self

    def made(self, count: int = 0, enterprises: list[str] | None = None) -> tuple[Any, Any]:
        """What the issuer makes: (box's list, witness's list); the codes are kept for `phone`."""
        owners = enterprises or [""] * count
        new = [NewCode(secrets.token_bytes(16), owner) for owner in owners]
        self.codes += [format_code(each.code) for each in new]
        return make_lists(self.description(), new)

    def issue(self, slips: int = 5) -> TwoMachines:
        if not self.round().frozen:
            self.freeze()
        return self.import_lists(*self.made(slips))

    def import_further_slips(self, count: int) -> TwoMachines:
        """What two people confirmed while the round collects."""
        self.grow(slips=count)
        return self.issue(count)

    def issue_attributed(self) -> TwoMachines:
        if not self.round().frozen:
            self.freeze()
        codes = self.look(lambda s, _r: [e.credit_code for e in s.query(Enterprise)])
        return self.import_lists(*self.made(enterprises=codes))

    def import_lists(self, box_list: Any, witness_list: Any) -> TwoMachines:
        self.act(lambda s, r: imported_codes.import_codes(s, r, box_list, "管理员"))
        self.witness.import_codes(self.description(), witness_list)
        return self.take_statement()

    def take_statement(self) -> TwoMachines:
        """The box fetches what the witness publishes."""
        text = self.witness.round.statement
        self.act(lambda s, r: witnessing.accept_statement(s, r, text, "管理员") and None)
        return self

    def send(self, _round: Any, batch: Batch) -> dict[str, Any]:
        """The network between the machines."""
        return batches.take_batch(self.database, self.slug, Batch.from_dict(batch.to_dict()))

    def hand_over(self) -> tuple[int, int]:
        return self.witness.hand_over(self.send)

    def close(self) -> TwoMachines:
        self.witness.close(self.send)
        self.take_statement()
        super().close()
        return self

    def propose(self, **how: Any) -> TwoMachines:
        """The administrator's half of closing."""
        self.act(lambda s, r: closing.propose_closing(s, r, self.administrator, **how) and None)
        return self

    def confirm(self) -> TwoMachines:
        """The reviewer's half of closing, again."""
        self.act(lambda s, r: closing.confirm_closing(s, r, self.reviewers[0]) and None)
        return self

    def failures(self, statement: Statement | None = None) -> list[str]:
        """What `verify` finds wrong in an export, beside a statement that the witness itself gave out."""
        path = self.folder / "box.jsonl"
        path.unlink(missing_ok=True)
        box_files.export_box(self.database, self.slug, path)
        return verify_box(io.BytesIO(path.read_bytes()), statement=statement).failures

    def phone(self, code: str | None = None) -> TwoPhone:
        return TwoPhone(self, code or self.codes.pop())


class TwoPhone(Phone):
    """The phone's half with both machines, without HTTP; `ballot` and `answer` are those of any phone."""

    county: TwoMachines

    def __init__(self, county: TwoMachines, code: str) -> None:
        super().__init__(county, code)
        self.other = WitnessPhone(self.description, parse_pinned(code)[0], self.prepared)

    def collect(self) -> bytes:
        """From both machines; the box's answer."""
        answer = super().collect()
        self.other.signature = self.signature
        self.other.take_stamp(self.county.witness)
        return answer

    def ballot(self, sealed: bytes | None = None) -> CastBallot:
        return self.other.ballot(sealed or self.sealed)

    def cast(self) -> str:
        """Post to the witness; the receipt, which the phone computes itself."""
        self.other.blob = self.other.blob or seal_post(self.description, self.ballot())
        self.other.post(self.county.witness)
        return format_receipt(receipt_bytes(self.sealed))

    def answer(self, answers: Answers | None = None) -> str:
        self.collect()
        return self.seal(answers).cast()
