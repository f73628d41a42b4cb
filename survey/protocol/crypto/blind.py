"""Blind signatures RSABSSA-SHA384-PSS-Randomized (RFC 9474): the client's steps and the signing key.

The first 32 bytes of a message are the randomizer that RFC 9474's Prepare puts in front.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from functools import cached_property

import gmpy2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from survey.errors import N_, CredentialInvalid, InvalidInput, Malformed
from survey.protocol.crypto.emsa_pss import SALT_BYTES, emsa_pss_encode
from survey.protocol.crypto.raw_rsa import RawRSA

KEY_BITS = 3072
PUBLIC_EXPONENT = 65537

_HASH = hashes.SHA384()
_PSS = padding.PSS(mgf=padding.MGF1(_HASH), salt_length=SALT_BYTES)


@dataclass(frozen=True)
class BlindPublicKey:
    """The public half of a round's key: modulus `n` and public exponent `e`."""

    n: int
    e: int = PUBLIC_EXPONENT

    @classmethod
    def from_bytes(cls, n: bytes, e: int) -> BlindPublicKey:
        """Key with modulus `n`, big-endian; raises `InvalidInput` if it is no RSA key."""
        key = cls(int.from_bytes(n), e)
        try:
            key.rsa  # noqa: B018 - loading checks n and e
        except ValueError as error:
            raise InvalidInput(N_("签名公钥无法识别。")) from error
        return key

    @cached_property
    def rsa(self) -> rsa.RSAPublicKey:
        """The key as an object of the library `cryptography`."""
        return rsa.RSAPublicNumbers(self.e, self.n).public_key()

    @property
    def size(self) -> int:
        """Length in bytes of the modulus, a blinded message and a signature."""
        return (self.n.bit_length() + 7) // 8

    @property
    def n_bytes(self) -> bytes:
        return self.n.to_bytes(self.size)

    @cached_property
    def fingerprint(self) -> str:
        """Fingerprint of the key: hex SHA-256 of its SubjectPublicKeyInfo in DER."""
        der = self.rsa.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return hashlib.sha256(der).hexdigest()

    def check_blinded(self, blinded: bytes) -> None:
        """Raise `Malformed` unless a blinded message has the right length and lies strictly between 1 and n -
        1."""
        if len(blinded) != self.size or not 1 < int.from_bytes(blinded) < self.n - 1:
            raise Malformed(N_("盲化后的凭证申请格式不对。"))

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature` (of `size` bytes) is a valid signature of `message`."""
        try:
            self.rsa.verify(signature, message, _PSS, _HASH)
        except InvalidSignature:
            return False
        return True

    def verify(self, message: bytes, signature: bytes) -> None:
        """Raise `CredentialInvalid` unless `signature` is a valid signature of `message`."""
        if not self.verifies(message, signature):
            raise CredentialInvalid


@dataclass(frozen=True)
class RoundKey:
    """Private signing key of one round, used only for blind signatures."""

    private: rsa.RSAPrivateKey

    @classmethod
    def generate(cls) -> RoundKey:
        """A new RSA-3072 key with e = 65537."""
        return cls(rsa.generate_private_key(PUBLIC_EXPONENT, KEY_BITS))

    @classmethod
    def from_pem(cls, pem: bytes) -> RoundKey:
        """Key that `to_pem` wrote; raises `InvalidInput` for one that is not RSA, `ValueError` for no key."""
        private = load_pem_private_key(pem, password=None)
        if not isinstance(private, rsa.RSAPrivateKey):
            raise InvalidInput(N_("这不是一轮评议的签票密钥。"))
        return cls(private)

    def to_pem(self) -> bytes:
        """The key in PKCS #8, unencrypted; whoever reads it can make credentials."""
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @cached_property
    def public(self) -> BlindPublicKey:
        numbers = self.private.public_key().public_numbers()
        return BlindPublicKey(numbers.n, numbers.e)

    @cached_property
    def _raw(self) -> RawRSA:
        return RawRSA(self.private)

    def sign_blinded(self, blinded: bytes) -> bytes:
        """Sign a blinded message of `public.size` bytes (BlindSign, RFC 9474 §4.3).

        Raises `Malformed` unless it lies strictly between 1 and n - 1.
        """
        self.public.check_blinded(blinded)
        return self._raw.private_operation(int.from_bytes(blinded)).to_bytes(self.public.size)


def blind(
    public: BlindPublicKey, message: bytes, *, salt: bytes | None = None, r: int | None = None
) -> tuple[bytes, int]:
    """Blind a prepared message (Blind, RFC 9474 §4.2); returns it and the inverse of the blinding factor.

    `salt` and `r` are for the RFC's test vectors only.
    """
    n = public.n
    encoded = emsa_pss_encode(message, n.bit_length() - 1, salt or secrets.token_bytes(SALT_BYTES))
    value = int.from_bytes(encoded)
    if r is None:
        r = secrets.randbelow(n - 1) + 1
    # The inverse fails to exist, or the gcd is above 1, only for one who can factor n.
    inverse = int(gmpy2.invert(r, n))
    if gmpy2.gcd(value, n) != 1:
        raise ValueError("the encoded message shares a factor with n")
    blinded = value * gmpy2.powmod(r, public.e, n) % n
    return int(blinded).to_bytes(public.size), inverse


def finalize(public: BlindPublicKey, message: bytes, blind_signature: bytes, inverse: int) -> bytes:
    """Unblind the signature (Finalize, RFC 9474 §4.4) and check it; raises `CredentialInvalid` if it does not
    hold."""
    if len(blind_signature) != public.size:
        raise CredentialInvalid
    value = int.from_bytes(blind_signature) * inverse % public.n
    signature = value.to_bytes(public.size)
    public.verify(message, signature)
    return signature
