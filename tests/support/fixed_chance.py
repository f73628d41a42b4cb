"""The same chance and the same moment in every run: for the record of what must not change (record.py).

Import it before the program: some modules take what it replaces while they load. Nothing of the program is
changed but the moment that its clock is asked for.
"""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import gmpy2
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from slow_hpke import point_of, seal_slowly

CLOCK = "survey.clock"
MOMENT = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)

_stream = random.Random(0)


def begin(part: str) -> None:
    """Start the stream of `part`: what is drawn in it does not depend on what was drawn before."""
    _stream.seed(part)
    random.seed(part)


def fix() -> None:
    """Replace the sources of chance, and the program's clock."""
    os.urandom = random._urandom = _stream.randbytes  # all of secrets and uuid draws from these two
    ec.generate_private_key = _ec_key
    ec.ECDSA = _Repeatable
    rsa.generate_private_key = _rsa_key
    hpke.Suite = _Suite
    vars(import_module(CLOCK))["datetime"] = SimpleNamespace(now=MOMENT.astimezone)


def _ec_key(curve: ec.EllipticCurve, backend: Any = None) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(1 + int.from_bytes(_stream.randbytes(31)), curve)


def _rsa_key(exponent: int, bits: int, backend: Any = None) -> rsa.RSAPrivateKey:
    """The next two primes of the stream, their highest two bits set so that the product is of full size."""
    p, q = (int(gmpy2.next_prime(_stream.getrandbits(bits // 2) | 3 << (bits // 2 - 2))) for _ in range(2))
    d = pow(exponent, -1, (p - 1) * (q - 1))
    exponents = rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q)
    return rsa.RSAPrivateNumbers(p, q, d, *exponents, rsa.RSAPublicNumbers(exponent, p * q)).private_key()


class _Repeatable(ec.ECDSA):
    """Signs by RFC 6979, whose signatures are equal for equal messages."""

    def __init__(self, algorithm: Any, deterministic_signing: bool = True) -> None:
        super().__init__(algorithm, deterministic_signing=True)


_Suite_of_library = hpke.Suite


class _Suite:
    """Seals with an ephemeral key of the stream; opens as the library does."""

    def __init__(self, *given: Any) -> None:
        self._library = _Suite_of_library(*given)
        self.decrypt = self._library.decrypt

    def encrypt(self, plaintext: bytes, key: ec.EllipticCurvePublicKey, info: bytes = b"") -> bytes:
        return seal_slowly(_ec_key(key.curve), point_of(key), info, plaintext)
