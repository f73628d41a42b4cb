"""Key file of a holder: the private key encrypted under a passphrase, and a challenge to prove that the file
works."""

from __future__ import annotations

import json
import os
import unicodedata
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from survey.errors import N_
from survey.protocol.crypto import hpke
from survey.protocol.crypto.encoding import b64u, unb64u
from survey.protocol.errors import InvalidKeyFile, WrongPassphrase

FORMAT = "pingyi-key"
VERSION = 1
ITERATIONS = 600_000
SALT_BYTES = 16
NONCE_BYTES = 12
SECRET_BYTES = 32

_CIPHER = "AES-256-GCM"
_KDF = "PBKDF2-SHA256"
# A file is somebody else's input: more iterations than this would only keep the computer busy.
_MOST_ITERATIONS = 10_000_000


def create_key_file(
    *, slug: str, round_id: str, holder: str, passphrase: str, key: ec.EllipticCurvePrivateKey | None = None
) -> tuple[str, bytes]:
    """Make a key file for a new P-256 key, or for `key`; returns its text and the public key (65 bytes)."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    cipher = AESGCM(_derive(passphrase, salt, ITERATIONS))
    public_key = hpke.point(key)
    content = {
        "format": FORMAT,
        "version": VERSION,
        "round": slug,
        "round_id": round_id,
        "holder": holder,
        "public_key": b64u(public_key),
        "kdf": {"name": _KDF, "iterations": ITERATIONS, "salt": b64u(salt)},
        "cipher": _CIPHER,
        "nonce": b64u(nonce),
        "ciphertext": b64u(cipher.encrypt(nonce, der, _additional_data(round_id))),
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n", public_key


@dataclass(frozen=True, slots=True)
class KeyFile:
    """Key file that was read but not decrypted."""

    slug: str
    round_id: str
    holder: str
    public_key: bytes
    iterations: int
    salt: bytes
    nonce: bytes
    ciphertext: bytes

    @classmethod
    def parse(cls, text: str) -> KeyFile:
        """Read the text of a key file; raises `InvalidKeyFile` for anything else."""
        try:
            return _parse(json.loads(text))
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise InvalidKeyFile(N_("这不是钥匙文件，或者文件不完整。")) from error

    def unlock(self, passphrase: str) -> ec.EllipticCurvePrivateKey:
        """Decrypt the private key; raises `WrongPassphrase`, or `InvalidKeyFile` when it does not fit the
        public key."""
        cipher = AESGCM(_derive(passphrase, self.salt, self.iterations))
        try:
            der = cipher.decrypt(self.nonce, self.ciphertext, _additional_data(self.round_id))
        except InvalidTag as error:
            raise WrongPassphrase(self.holder) from error
        key = _load(der)
        if hpke.point(key) != self.public_key:
            raise InvalidKeyFile(N_("钥匙文件中的公钥和私钥不是一对，文件已被改动。"))
        return key


def open_key_file(text: str, passphrase: str, *, round_id: str) -> ec.EllipticCurvePrivateKey:
    """Decrypt the private key in the text of a key file of this round.

    Raises `InvalidKeyFile` (not a key file, truncated, of another round, keys exchanged) or
    `WrongPassphrase`.
    """
    file = KeyFile.parse(text)
    if file.round_id != round_id:
        raise InvalidKeyFile(N_("这是“%(slug)s”轮次的钥匙，不是本轮的。"), slug=file.slug)
    return file.unlock(passphrase)


def make_challenge(public_key: bytes, round_id: str) -> tuple[bytes, bytes]:
    """Challenge for a public key: (sealed, secret); only the holder of the private key can return the 32
    bytes of `secret`."""
    secret = os.urandom(SECRET_BYTES)
    return hpke.seal(public_key, secret, _proof_info(round_id)), secret


def answer_challenge(key: ec.EllipticCurvePrivateKey, round_id: str, sealed: bytes) -> bytes:
    """Decrypt the secret of a challenge; raises `InvalidKeyFile` when it was made for another key."""
    try:
        return hpke.unseal(key, sealed, _proof_info(round_id))
    except (InvalidTag, ValueError) as error:
        raise InvalidKeyFile(N_("这把钥匙解不开服务器的验证信息。")) from error


def _parse(value: dict[str, Any]) -> KeyFile:
    kdf = value["kdf"]
    if (value["format"], value["version"]) != (FORMAT, VERSION):
        raise ValueError("unknown format")
    if (kdf["name"], value["cipher"]) != (_KDF, _CIPHER):
        raise ValueError("unknown algorithm")
    if not 0 < int(kdf["iterations"]) <= _MOST_ITERATIONS:
        raise ValueError("iterations")
    file = KeyFile(
        slug=str(value["round"]),
        round_id=str(value["round_id"]),
        holder=str(value["holder"]),
        public_key=unb64u(value["public_key"]),
        iterations=int(kdf["iterations"]),
        salt=unb64u(kdf["salt"]),
        nonce=unb64u(value["nonce"]),
        ciphertext=unb64u(value["ciphertext"]),
    )
    if len(file.nonce) != NONCE_BYTES or len(file.salt) != SALT_BYTES:
        raise ValueError("length")
    return file


def _load(der: bytes) -> ec.EllipticCurvePrivateKey:
    key = load_der_private_key(der, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise InvalidKeyFile(N_("钥匙文件里的不是 P-256 私钥。"))
    return key


def _derive(passphrase: str, salt: bytes, iterations: int) -> bytes:
    # NFC, because two input methods may compose the same characters differently.
    secret = unicodedata.normalize("NFC", passphrase).encode()
    return PBKDF2HMAC(hashes.SHA256(), 32, salt, iterations).derive(secret)


def _additional_data(round_id: str) -> bytes:
    return f"{FORMAT}:{round_id}".encode()


def _proof_info(round_id: str) -> bytes:
    return f"pingyi-proof:{round_id}".encode()
