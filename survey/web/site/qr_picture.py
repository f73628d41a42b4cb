"""QR codes as `data:` addresses, which the content policy allows inside a page."""

from __future__ import annotations

import segno


def qr_picture(text: str) -> str:
    """QR code of `text` as a `data:` address for an `img` element."""
    picture: str = segno.make(text, error="m").svg_data_uri(scale=5, border=4, light="#fff", dark="#000")
    return picture
