"""Private RSA operation without padding, x^d mod n, with blinding and a fault check."""

from __future__ import annotations

import secrets
from typing import Protocol

import gmpy2
from cryptography.hazmat.primitives.asymmetric import rsa

from survey.protocol.crypto import libcrypto


class Engine(Protocol):
    """Protocol of an object that computes x^d mod n."""

    def power(self, value: int) -> int:
        """Return `value`^d mod n, for 0 < `value` < n."""


class GMPEngine:
    """RSA engine by the Chinese remainder theorem, with GMP's constant-time powers and base blinding."""

    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        numbers = key.private_numbers()
        self._n, self._e = numbers.public_numbers.n, numbers.public_numbers.e
        self._p, self._q = gmpy2.mpz(numbers.p), gmpy2.mpz(numbers.q)
        self._dp, self._dq = gmpy2.mpz(numbers.dmp1), gmpy2.mpz(numbers.dmq1)
        self._inverse_of_q = gmpy2.mpz(numbers.iqmp)

    def power(self, value: int) -> int:
        factor = secrets.randbelow(self._n - 1) + 1
        blinded = value * gmpy2.powmod(factor, self._e, self._n) % self._n
        return int(self._crt(blinded) * gmpy2.invert(factor, self._n) % self._n)

    def _crt(self, value: gmpy2.mpz) -> gmpy2.mpz:
        first = gmpy2.powmod_sec(value % self._p, self._dp, self._p)
        second = gmpy2.powmod_sec(value % self._q, self._dq, self._q)
        return second + self._q * ((first - second) * self._inverse_of_q % self._p)


class FaultyComputation(RuntimeError):
    """The computed power is wrong; it must not leave the machine, since it could reveal the key."""


class RawRSA:
    """Private RSA operation of one key, with every result checked."""

    def __init__(self, key: rsa.RSAPrivateKey, engine: Engine | None = None) -> None:
        numbers = key.public_key().public_numbers()
        self._n, self._e = numbers.n, numbers.e
        self._engine: Engine = engine or libcrypto.engine(key) or GMPEngine(key)

    def private_operation(self, value: int) -> int:
        """Return `value`^d mod n, or raise `FaultyComputation` if the result is wrong.

        A result that is wrong modulo only one of the two primes would reveal that prime (Boneh, DeMillo,
        Lipton 1997).
        """
        power = self._engine.power(value)
        if gmpy2.powmod(power, self._e, self._n) != value:
            raise FaultyComputation("RSA fault check failed")
        return power
