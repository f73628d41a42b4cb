"""Assignment of keys to the holders of a round, and check that they make a quorum."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from survey.errors import N_
from survey.protocol.crypto import hpke
from survey.protocol.description import RoundDescription
from survey.protocol.errors import InvalidKeyFile
from survey.protocol.holders.keyfile import KeyFile
from survey.protocol.holders.sealing import choose_subset


def find_holder(description: RoundDescription, file: KeyFile) -> int:
    """Index of the holder to whom a key file belongs; raises `InvalidKeyFile` naming what does not fit.

    Only the public key is compared, since names of accounts and drafts may have changed.
    """
    if file.round_id != description.id:
        raise InvalidKeyFile(
            N_("“%(holder)s”的钥匙文件属于“%(slug)s”轮次，不是本轮的。"), holder=file.holder, slug=file.slug
        )
    for index, holder in enumerate(description.holders):
        if holder.public_key == file.public_key:
            return index
    raise InvalidKeyFile(N_("“%(holder)s”的钥匙与本轮登记的任何持钥人都对不上。"), holder=file.holder)


def unlock_keys(
    description: RoundDescription, files: Iterable[tuple[str, str]]
) -> dict[int, EllipticCurvePrivateKey]:
    """Private keys by holder index, from (text of a key file, passphrase) pairs.

    Raises `InvalidKeyFile` (also when one holder's file is given twice), `WrongPassphrase` or `TooFewKeys`;
    the slow decryption starts only when all files fit.
    """
    found: dict[int, tuple[KeyFile, str]] = {}
    for text, passphrase in files:
        file = KeyFile.parse(text)
        index = find_holder(description, file)
        holder = description.holders[index].name
        if index in found:
            raise InvalidKeyFile(N_("“%(holder)s”的钥匙文件给了两次。"), holder=holder)
        found[index] = replace(file, holder=holder), passphrase
    choose_subset(description, found)
    return {index: file.unlock(passphrase) for index, (file, passphrase) in found.items()}


def check_keys(description: RoundDescription, keys: Mapping[int, EllipticCurvePrivateKey]) -> None:
    """Raise `TooFewKeys` without a quorum, or `InvalidKeyFile` for a key that its holder did not register."""
    choose_subset(description, keys)
    for index, key in keys.items():
        holder = description.holders[index]
        if hpke.point(key) != holder.public_key:
            raise InvalidKeyFile(N_("这把钥匙不是“%(holder)s”登记的那把。"), holder=holder.name)
