"""Pictures drawn anew: nothing of what the camera wrote beside them (place, device, thumbnail) is left."""

from __future__ import annotations

import io
import warnings
from typing import Final

from survey.documents.attachments.kinds import FileKind, FileRefused

MOST_PIXELS: Final = 60_000_000
"""A photo of 50 megapixels is taken, a bomb is not."""
LONGEST: Final = 4096
"""Pixels of the longer side afterwards: a sheet of A4 is still read at 350 dpi."""
_QUALITY: Final = 88


def drawn_anew(content: bytes, kind: FileKind) -> bytes:
    """JPEG or PNG of the same picture, upright, its longer side at most `LONGEST`; of several pictures the
    first. Raises `FileRefused`."""
    from PIL import Image, ImageOps

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the check below is stricter
        try:
            image = Image.open(io.BytesIO(content), formats=("JPEG", "PNG"))
        except Image.DecompressionBombError as error:
            raise FileRefused("pixels") from error
    if image.width * image.height > MOST_PIXELS:
        raise FileRefused("pixels")
    image.draft("RGB", (LONGEST, LONGEST))
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((LONGEST, LONGEST))
    see_through = kind == FileKind.PNG and upright.has_transparency_data
    plain = upright.convert("RGBA" if see_through else "RGB")
    # A new image has none of the notes of the old one.
    clean = Image.new(plain.mode, plain.size)
    clean.paste(plain)
    made = io.BytesIO()
    if kind == FileKind.PNG:
        clean.save(made, "PNG")
    else:
        clean.save(made, "JPEG", quality=_QUALITY)
    return made.getvalue()
