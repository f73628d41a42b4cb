"""Encryption of a round's signing key in the database: AES-256-GCM under a key derived from the
installation's secret."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from survey.errors import N_, InvalidInput

NONCE_BYTES = 12


def lock(secret_key: str, round_id: bytes, plaintext: bytes) -> bytes:
    """Encrypt `plaintext` for this round only, as nonce ‖ ciphertext."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _cipher(secret_key, round_id).encrypt(nonce, plaintext, round_id)


def unlock(secret_key: str, round_id: bytes, locked: bytes) -> bytes:
    """Decrypt what `lock` made; raises `InvalidInput` when the secret is another one."""
    nonce, ciphertext = locked[:NONCE_BYTES], locked[NONCE_BYTES:]
    try:
        return _cipher(secret_key, round_id).decrypt(nonce, ciphertext, round_id)
    except InvalidTag as error:
        raise InvalidInput(
            N_("本轮的签票密钥解不开：%(name)s 与建立本轮时不同。"),
            remedy=N_("请恢复原来的 %(name)s，或数据目录中的 secret.key 文件，再重新启动。"),
            name="PINGYI_SECRET_KEY",
        ) from error


def _cipher(secret_key: str, round_id: bytes) -> AESGCM:
    info = b"pingyi-round-key:" + round_id
    return AESGCM(HKDF(hashes.SHA256(), 32, salt=None, info=info).derive(secret_key.encode()))
