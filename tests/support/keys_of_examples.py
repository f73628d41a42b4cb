"""Private keys from the numbers of docs/vectors.json: making RSA keys anew takes a second each."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from survey.protocol.crypto.blind import RoundKey

VECTORS = Path(__file__).parents[2] / "docs" / "vectors.json"


@cache
def chosen_for_witness() -> dict[str, Any]:
    """The secrets of the worked example's witness."""
    chosen: dict[str, Any] = json.loads(VECTORS.read_text("utf-8"))["witness"]["chosen"]
    return chosen


@cache
def stamp_key() -> RoundKey:
    """One key of witnesses for stamps."""
    return _of_witness("stamp")


@cache
def ticket_key() -> RoundKey:
    """One key of witnesses for tickets."""
    return _of_witness("ticket")


def _of_witness(name: str) -> RoundKey:
    chosen = chosen_for_witness()
    return RoundKey(rsa_key(chosen[f"{name}_p"], chosen[f"{name}_q"]))


def private_key(text: str) -> ec.EllipticCurvePrivateKey:
    """The P-256 key whose number is written in hex."""
    return ec.derive_private_key(int(text, 16), ec.SECP256R1())


def rsa_key(first: str, second: str) -> rsa.RSAPrivateKey:
    """The RSA key with these primes, in hex, and e = 65537."""
    e, p, q = 65537, int(first, 16), int(second, 16)
    d = rsa.rsa_recover_private_exponent(e, p, q)
    exponents = (rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q))
    return rsa.RSAPrivateNumbers(p, q, d, *exponents, rsa.RSAPublicNumbers(e, p * q)).private_key()
