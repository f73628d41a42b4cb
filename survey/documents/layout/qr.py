"""QR codes (ISO/IEC 18004), tens of thousands at once.

With length, version and mask fixed, every module of a QR code is an affine function of the payload's bits
over GF(2): data bits are copied, error correction is linear, masking adds a constant. So segno encodes one
payload and one payload for each varying bit, and every other code is an exclusive or of those.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import segno

Modules = npt.NDArray[np.uint8]

ERROR_LEVEL = "m"
QUIET_ZONE = 4
"""Modules of white that must surround a code (ISO/IEC 18004 §5.3.8)."""


def qr_modules(payloads: Sequence[str]) -> Modules:
    """Modules (n, side, side) of the payloads, 1 for dark, without quiet zone, error level M, byte mode.

    The payloads must be of the same length in UTF-8 bytes (links of one round are), else ValueError.
    """
    data = _as_bytes(payloads)
    base = data[0]
    version, mask = _version_and_mask(base.tobytes())
    origin = _encode(base.tobytes(), version, mask)
    packed = np.repeat(np.packbits(origin)[None], len(data), axis=0)
    changes = data ^ base
    for place in np.flatnonzero(changes.any(axis=0)):
        table = _table(base, int(place), np.bitwise_or.reduce(changes[:, place]), origin, (version, mask))
        packed ^= table[changes[:, place]]
    bits = np.unpackbits(packed, axis=1, count=origin.size)
    return bits.reshape(len(data), *origin.shape)


def _as_bytes(payloads: Sequence[str]) -> Modules:
    encoded = [payload.encode() for payload in payloads]
    if len({len(payload) for payload in encoded}) != 1:
        raise ValueError("payloads of different lengths")
    return np.frombuffer(b"".join(encoded), dtype=np.uint8).reshape(len(encoded), -1)


def _table(base: Modules, place: int, used: np.uint8, origin: Modules, frame: tuple[int, int]) -> Modules:
    """Changes of the packed modules for each change of the byte at `place`: (256, bytes)."""
    table = np.zeros((256, np.packbits(origin).size), dtype=np.uint8)
    values = np.arange(256)
    for bit in range(8):
        if used >> bit & 1:
            changed = base.copy()
            changed[place] ^= 1 << bit
            effect = np.packbits(_encode(changed.tobytes(), *frame) ^ origin)
            table[values >> bit & 1 == 1] ^= effect
    return table


def _version_and_mask(payload: bytes) -> tuple[int, int]:
    code = _make(payload)
    return int(code.version), int(code.mask)


def _encode(payload: bytes, version: int, mask: int) -> Modules:
    return np.array([list(row) for row in _make(payload, version=version, mask=mask).matrix], dtype=np.uint8)


def _make(payload: bytes, version: int | None = None, mask: int | None = None) -> segno.QRCode:
    # As Latin-1 every byte is one character, so that any change of a byte can be encoded.
    return segno.make_qr(
        payload.decode("latin-1"), error=ERROR_LEVEL, version=version, mode="byte", mask=mask,
        encoding="iso-8859-1", boost_error=False,
    )  # fmt: skip
