"""Count of the paper forms of one station, as a file that the station makes and the site takes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from survey.errors import N_, InvalidInput
from survey.protocol.plain_json import plain_texts, strict_json

FORMAT, VERSION = "pingyi-paper-count", 1
LONGEST = 4096
"""Bytes of a file; a longer one is none."""
MOST_FORMS = 1_000_000
NUMBERS = ("handed_out", "returned", "cast", "refused", "empty", "not_counted")
_NONE = N_("这不是阅表站的记录文件。")


@dataclass(frozen=True, slots=True)
class PaperCount:
    """Forms by what became of them: `refused`, because their code had been used on a phone or is unknown;
    `empty`, nothing marked; `not_counted`, as two people decided.

    `round`: its id in hex; `station`: its letters; `day`: when the file was made, ISO 8601.
    """

    round: str
    check_number: str
    station: str
    day: str
    people: tuple[str, str]
    handed_out: int
    returned: int
    cast: int
    refused: int
    empty: int
    not_counted: int

    def to_dict(self) -> dict[str, Any]:
        return {"format": FORMAT, "version": VERSION} | asdict(self) | {"people": list(self.people)}

    @classmethod
    def from_bytes(cls, content: bytes) -> PaperCount:
        """Count in a file; raises `InvalidInput` for what is none or does not add up."""
        try:
            count = cls._read(content)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise InvalidInput(_NONE, remedy=N_("请从阅表站的“计票记录”页下载 count.json。")) from error
        count.check_sums()
        return count

    @classmethod
    def _read(cls, content: bytes) -> PaperCount:
        value = strict_json(content)
        if len(content) > LONGEST or (value.pop("format"), value.pop("version")) != (FORMAT, VERSION):
            raise ValueError(FORMAT)
        count = cls(**value | {"people": plain_texts(value["people"])})
        count._check_types()
        return count

    def _check_types(self) -> None:
        texts = (self.round, self.check_number, self.station, self.day, *self.people)
        printed = (type(text) is str and 0 < len(text) <= 64 and text.isprintable() for text in texts)
        if len(self.people) != 2 or not all(printed):
            raise ValueError("text")
        if not all(type(n) is int and 0 <= n <= MOST_FORMS for n in self.numbers()):
            raise ValueError("number")
        date.fromisoformat(self.day)

    def check_sums(self) -> None:
        """Raise `InvalidInput` for numbers that cannot be true together."""
        if self.people[0] == self.people[1]:
            raise InvalidInput(N_("记录要由两个人签名。"))
        check_handed_out(self.handed_out, self.returned)
        parts = self.cast + self.refused + self.empty + self.not_counted
        if self.returned != parts:
            raise InvalidInput(
                N_("收回 %(back)s 份，各项之和却是 %(parts)s 份。"), back=self.returned, parts=parts
            )

    def numbers(self) -> tuple[int, ...]:
        """Its numbers, in the order of `NUMBERS`."""
        return tuple(getattr(self, name) for name in NUMBERS)


def check_handed_out(handed_out: int, returned: int) -> None:
    """Raise `InvalidInput` when more forms came back than were handed out."""
    if handed_out < returned:
        raise InvalidInput(
            N_("发出 %(out)s 份，收回却有 %(back)s 份。"),
            remedy=N_("请核对发出的份数。"),
            out=handed_out,
            back=returned,
        )
