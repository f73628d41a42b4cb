"""Converter for random identifiers in addresses."""

from werkzeug.routing import BaseConverter


class RandomIdConverter(BaseConverter):
    """Converter `<id:…>` for 16 bytes as hexadecimal digits; matches no word,
    so that words can name pages."""

    regex = "[0-9a-f]{32}"
