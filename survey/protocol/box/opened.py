"""Result of an opening, the file that `pingyi open` writes on the offline computer (docs/formats.md)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from survey.errors import N_, InvalidInput
from survey.protocol.answers import AnswerReader
from survey.protocol.box.scoretable import ScoreTable
from survey.protocol.description import RoundDescription
from survey.protocol.errors import REASONS
from survey.protocol.plain_json import plain, plain_texts, strict_json

FORMAT = "pingyi-opened"
KNOWN = (1, 2)


@dataclass(frozen=True, slots=True)
class BoxContents:
    """Result of an opening: score table, comments by department index (each list sorted), invalid (receipt,
    reason).

    `description`: frozen digest of the round description used; with departments exchanged in it, each would
    have got another's scores.
    """

    round_id: str
    description: str
    merkle_root: bytes
    scores: ScoreTable
    comments: dict[int, list[str]]
    invalid: list[tuple[str, str]]

    @property
    def version(self) -> int:
        """Format version, equal to the round's."""
        return 1 if self.scores.at_least is None else 2

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe values in the format `pingyi-opened` of docs/formats.md."""
        return {
            "format": FORMAT,
            "version": self.version,
            "round_id": self.round_id,
            "description": self.description,
            "merkle_root": self.merkle_root.hex(),
            "scores": self.scores.to_dict(),
            "comments": {str(department): texts for department, texts in self.comments.items()},
            "invalid": [{"receipt": receipt, "reason": reason} for receipt, reason in self.invalid],
        }

    def to_json(self) -> str:
        """Text of the result file; the same opening gives the same text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=1) + "\n"

    def check_fits(self, description: RoundDescription) -> None:
        """Raise `InvalidInput` unless rows and comments answer the round's questionnaire."""
        self.scores.check_fits(description)
        reader = AnswerReader(description.questionnaire)
        most = self.scores.valid if description.questionnaire.comments else 0
        for texts in self.comments.values():
            if not texts or len(texts) > most or texts != sorted(texts):
                raise InvalidInput(N_("开箱结果里的意见多于有效票，或者没有按规定排序。"))
            for text in texts:
                reader.check_comment(text)

    @classmethod
    def from_json(cls, text: str) -> BoxContents:
        """Read the text that `to_json` wrote; raises `InvalidInput` for anything else or a digest that does
        not fit.

        The caller must compare round and root with those expected.
        """
        try:
            return _read(strict_json(text))
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise InvalidInput(
                N_("这不是开箱结果文件，或者文件不完整。"), remedy=N_("请重新运行 pingyi open。")
            ) from error


def _read(value: dict[str, Any]) -> BoxContents:
    if value["format"] != FORMAT or plain("int", value["version"]) not in KNOWN:
        raise ValueError("unknown format")
    scores = ScoreTable.from_dict(value["scores"], round_id=str(value["round_id"]))
    comments = {int(department): list(plain_texts(texts)) for department, texts in value["comments"].items()}
    invalid = [(str(entry["receipt"]), str(entry["reason"])) for entry in value["invalid"]]
    if any(not 0 <= department < scores.departments for department in comments):
        raise ValueError("comment on an unknown department")
    if len(invalid) != scores.invalid or invalid != sorted(invalid):
        raise ValueError("invalid ballots")
    if any(reason not in REASONS for _, reason in invalid):
        raise ValueError("invalid ballots")
    opened = BoxContents(
        round_id=str(value["round_id"]),
        description=str(value["description"]),
        merkle_root=bytes.fromhex(value["merkle_root"]),
        scores=scores,
        comments=comments,
        invalid=invalid,
    )
    # Unknown fields or another order are refused: they would be believed, or carried along unread.
    if opened.to_dict() != value:
        raise ValueError("fields")
    return opened
