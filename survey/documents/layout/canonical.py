"""Canonical JSON of an edition's content, so that equal content has equal bytes and one digest."""

import json
from collections.abc import Mapping


def canonical(content: Mapping[str, object]) -> bytes:
    """Canonical JSON of `content` (docs/formats.md): sorted keys, no spaces, UTF-8, no NaN."""
    return json.dumps(
        content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()
