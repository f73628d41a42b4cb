"""Files of counts of paper forms as docs/formats.md says, signed without the program."""

from __future__ import annotations

import base64
import json
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KEYS = tuple(ec.derive_private_key(number, ec.SECP256R1()) for number in (12345, 67890))


def b64u(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def signed(value: dict[str, Any], keys: tuple[ec.EllipticCurvePrivateKey, ...] = KEYS) -> dict[str, Any]:
    """The value with the signatures of two people over all but their names."""
    said = {name: each for name, each in value.items() if name != "people"}
    said["keys"] = [b64u(point(key)) for key in keys]
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    made = []
    for key in keys:
        der = key.sign(b"pingyi-paper-count:" + text.encode(), ec.ECDSA(hashes.SHA256()))
        made.append(b64u(b"".join(number.to_bytes(32) for number in decode_dss_signature(der))))
    return value | {"keys": said["keys"], "signatures": made}
