"""Count of the paper forms of one station, as a file that the station makes and the site takes.

Its two people sign the numbers by keys of their own. Their names are in the file, but not in what is signed
and published: names and fingerprints of the keys stand side by side on the paper that they signed by hand.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from survey.errors import N_, InvalidInput
from survey.protocol.canonical_json import canonical_json
from survey.protocol.crypto import ecdsa, hpke
from survey.protocol.crypto.encoding import b64u, unb64u
from survey.protocol.plain_json import plain_texts, strict_json

FORMAT, VERSION = "pingyi-paper-count", 2
LONGEST = 4096
"""Bytes of a file; a longer one is none."""
MOST_FORMS = 1_000_000
NUMBERS = ("handed_out", "returned", "cast", "refused", "empty", "not_counted")
_NONE = N_("这不是阅表站的记录文件。")
_APART = ("people", "keys", "signatures")


@dataclass(frozen=True, slots=True)
class PaperCount:
    """Forms by what became of them: `refused` by the box, because their code had been used on a phone or is
    unknown, or the round had closed; `empty`, nothing marked; `not_counted`, as two people decided.

    `round`: its id in hex; `station`: its letters; `day`: when the file was made, ISO 8601; `keys` (65 bytes
    each) and `signatures` (64) of the people, in their order, none before they signed.
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
    keys: tuple[bytes, ...] = ()
    signatures: tuple[bytes, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The file."""
        return self.published() | {"people": list(self.people)}

    def published(self) -> dict[str, Any]:
        """What the site publishes: all but the names."""
        return self._signed() | {"signatures": [b64u(each) for each in self.signatures]}

    def _signed(self) -> dict[str, Any]:
        plain = {each.name: getattr(self, each.name) for each in fields(self) if each.name not in _APART}
        return {"format": FORMAT, "version": VERSION} | plain | {"keys": [b64u(key) for key in self.keys]}

    def said(self) -> bytes:
        """What is signed."""
        return FORMAT.encode() + b":" + canonical_json(self._signed())

    @property
    def fingerprints(self) -> list[str]:
        return key_fingerprints(self.keys)

    @classmethod
    def from_bytes(cls, content: bytes) -> PaperCount:
        """Count in a file; raises `InvalidInput` for what is none or does not add up."""
        try:
            count = cls._read(content)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise InvalidInput(_NONE, remedy=N_("请从阅表站的“计票记录”页下载 count.json。")) from error
        count.check_sums()
        count.check_signatures()
        return count

    @classmethod
    def _read(cls, content: bytes) -> PaperCount:
        value = strict_json(content)
        if len(content) > LONGEST or (value.pop("format"), value.pop("version")) != (FORMAT, VERSION):
            raise ValueError(FORMAT)
        people = plain_texts(value["people"])
        keys, signatures = (tuple(map(unb64u, value[name])) for name in ("keys", "signatures"))
        count = cls(**value | {"people": people, "keys": keys, "signatures": signatures})
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

    def check_signatures(self) -> None:
        """Raise `InvalidInput` unless two different keys signed exactly this."""
        said, pairs = self.said(), list(zip(self.keys, self.signatures, strict=False))
        valid = [key for key, signature in pairs if ecdsa.verifies(key, said, signature)]
        if len({*valid}) != 2 or len(self.keys) != 2 or len(self.signatures) != 2:
            raise InvalidInput(
                N_("记录没有两个人用各自的钥匙确认，或者确认以后被改过。"),
                remedy=N_("请在阅表站重作计票记录，两个人都填口令，再下载 count.json。"),
            )

    def numbers(self) -> tuple[int, ...]:
        """Its numbers, in the order of `NUMBERS`."""
        return tuple(getattr(self, name) for name in NUMBERS)


def key_fingerprints(keys: Iterable[bytes]) -> list[str]:
    """First 16 hexadecimal digits of SHA-256 of each key, to be compared with the paper."""
    return [hashlib.sha256(key).hexdigest()[:16] for key in keys]


def check_handed_out(handed_out: int, returned: int) -> None:
    """Raise `InvalidInput` when more forms came back than were handed out."""
    if handed_out < returned:
        raise InvalidInput(
            N_("发出 %(out)s 份，收回却有 %(back)s 份。"),
            remedy=N_("请核对发出的份数。"),
            out=handed_out,
            back=returned,
        )


def sign(
    count: PaperCount, keys: tuple[ec.EllipticCurvePrivateKey, ec.EllipticCurvePrivateKey]
) -> PaperCount:
    """The count with the signatures of both people."""
    count = replace(count, keys=tuple(map(hpke.point, keys)))
    said = count.said()
    return replace(count, signatures=tuple(ecdsa.sign(key, said) for key in keys))
