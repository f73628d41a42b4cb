"""Merkle trees as in Certificate Transparency (RFC 6962 §2.1): root, inclusion proof, verification of a
proof."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Root of the tree, 32 bytes; without leaves the SHA-256 of nothing."""
    return _levels(leaves)[-1][0] if leaves else hashlib.sha256(b"").digest()


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Inclusion proof (audit path) of leaf `index` (RFC 6962 §2.1.1), from the leaf's sibling upwards."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    proof = []
    for level in _levels(leaves)[:-1]:
        sibling = index ^ 1
        if sibling < len(level):
            proof.append(level[sibling])
        index //= 2
    return proof


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows `leaf` at `index` of `size` leaves under `root` (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    digest, last, path = leaf_hash(leaf), size - 1, list(proof)
    while last:
        # A node without right sibling moves up unchanged, without a step in the proof.
        if index % 2 or index < last:
            if not path:
                return False
            sibling = path.pop(0)
            digest = node_hash(sibling, digest) if index % 2 else node_hash(digest, sibling)
        index, last = index // 2, last // 2
    return not path and digest == root


def _levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """All levels of the tree, from the leaf hashes to the root; an odd last node is lifted unchanged."""
    sha256 = hashlib.sha256  # leaf_hash and node_hash without their calls, which phones would wait for
    levels = [[sha256(b"\x00" + leaf).digest() for leaf in leaves]]
    while len(levels[-1]) > 1:
        below = levels[-1]
        pairs = [sha256(b"\x01" + a + b).digest() for a, b in zip(below[::2], below[1::2], strict=False)]
        levels.append(pairs + below[len(pairs) * 2 :])
    return levels
