"""The two people of a station: names, and passphrases by which neither takes the other's part by mistake."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric import ec

from survey.errors import N_, Conflict, InvalidInput
from survey.paper.station.folder import Station, read_json, write_json
from survey.protocol.holders.keyfile import create_key_file, open_key_file
from survey.services.people.passwords import check_password, hash_password, is_password
from survey.texts import odd_sign

TWO = 2
LONGEST_NAME = 40


class People:
    """People of a station by place, 0 and 1, and the station's own letters."""

    def __init__(self, station: Station) -> None:
        self._path = station.folder / "people.json"
        found = read_json(self._path) if self._path.exists() else {}
        self.letters: str = found.get("letters") or secrets.token_hex(4).upper()
        self._people: list[dict[str, str]] = found.get("people", [])

    @property
    def names(self) -> list[str]:
        return [each["name"] for each in self._people]

    def enrol(self, name: str, passphrase: str) -> int:
        """Place of a new person; raises `Conflict` when there are two, `InvalidInput` for a name or a
        passphrase that will not do."""
        if len(self._people) == TWO:
            raise Conflict(N_("已经有两个人：%(people)s。"), people="、".join(self.names))
        name = " ".join(unicodedata.normalize("NFC", name).split())
        if not name or len(name) > LONGEST_NAME or odd_sign(name, name):
            raise InvalidInput(N_("请填写姓名，最多 40 个字。"))
        if any(_is_one(name, known) for known in self.names):
            raise InvalidInput(N_("%(name)s 已经是第一人。第二人必须是另一个人。"), name=name)
        check_password(passphrase, known=(name,))
        if any(is_password(known["secret"], passphrase) for known in self._people):
            raise InvalidInput(N_("两个人的口令不能一样。"), remedy=N_("请各自另想，不要告诉对方。"))
        self._people.append({"name": name, "secret": hash_password(passphrase)})
        self._write()
        return len(self._people) - 1

    def _write(self) -> None:
        write_json(self._path, {"people": self._people, "letters": self.letters})

    def key(self, place: int, passphrase: str) -> ec.EllipticCurvePrivateKey:
        """Signing key of the person at a place, made and locked by the passphrase when it is first wanted.

        Raises `InvalidInput` for a wrong passphrase.
        """
        self._require(place, passphrase)
        person, station = self._people[place], self.letters
        if "key" not in person:
            person["key"], _ = create_key_file(
                slug=station, round_id=station, holder=person["name"], passphrase=passphrase
            )
            self._write()
        return open_key_file(person["key"], passphrase, round_id=station)

    def require_all(self, passphrases: Sequence[str]) -> None:
        """Raise `InvalidInput` unless there are two people and each has typed the own passphrase."""
        for place in range(TWO):
            self._require(place, passphrases[place] if place < len(passphrases) else "")

    def _require(self, place: int, passphrase: str) -> None:
        if not self.proves(place, passphrase):
            if place < len(self._people):
                raise InvalidInput(N_("%(name)s的口令不对。"), name=self.names[place])
            raise InvalidInput(N_("记录要由两个人签名。"), remedy=N_("请第二人先登记。"))

    def proves(self, place: int, passphrase: str) -> bool:
        """Whether the passphrase is that of the person at a place."""
        known = self._people[place]["secret"] if place < len(self._people) else None
        return is_password(known, passphrase)


def same(passphrase: str, again: str) -> str:
    """A passphrase that was typed twice; raises `InvalidInput` where it was not the same."""
    if passphrase != again:
        raise InvalidInput(N_("两次填写的口令不一样。"))
    return passphrase


def _is_one(a: str, b: str) -> bool:
    """Whether two names are one, whatever their width, case and spaces."""
    first, second = ("".join(unicodedata.normalize("NFKC", n).casefold().split()) for n in (a, b))
    return first == second
