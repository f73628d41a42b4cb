"""`lists.json`: which lists of codes the box imported, for the witness and for watchers to compare."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from survey.errors import N_
from survey.protocol.canonical_json import canonical_json
from survey.protocol.plain_json import hex_bytes, plain_texts
from survey.protocol.witness.signed_files import VERSION, check_format, read_known

FORMAT = "pingyi-lists"


@dataclass(frozen=True, slots=True)
class ImportedLists:
    """Digests of the lists of codes that the box imported: pairs (of the box's codes, of the witness's),
    ascending."""

    round_id: str
    lists: tuple[tuple[str, str], ...]

    def to_dict(self) -> dict[str, Any]:
        listed = [{"box": box, "witness": witness} for box, witness in self.lists]
        return {"format": FORMAT, "version": VERSION, "round_id": self.round_id, "lists": listed}

    def to_json(self) -> str:
        return canonical_json(self.to_dict()).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> ImportedLists:
        """Read what `to_json` wrote; raises `InvalidInput` on anything else."""
        return read_known(text, _read, N_("票箱机公布的名单摘要无法识别：%(why)s"))


def _read(value: dict[str, Any]) -> ImportedLists:
    check_format(value, FORMAT)
    hex_bytes(value["round_id"], 16)
    pairs = [plain_texts((each["box"], each["witness"])) for each in value["lists"]]
    found = tuple((box, witness) for box, witness in pairs)
    for digest in (digest for pair in found for digest in pair):
        hex_bytes(digest, 32)
    if any(before >= after for before, after in pairwise(found)):
        raise ValueError("lists")
    return ImportedLists(value["round_id"], found)
