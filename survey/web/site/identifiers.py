"""How random identifiers stand in addresses."""

from werkzeug.routing import BaseConverter


class RandomIdConverter(BaseConverter):
    """`<id:…>`: 16 bytes as hexadecimal digits; a word is none, and may be the name of a page."""

    regex = "[0-9a-f]{32}"
