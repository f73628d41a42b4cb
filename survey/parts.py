"""The type of results on their way to pages and documents, until they have types of their own."""

from typing import Any

Part = dict[str, Any]
"""A part of a round's facts, as docs/facts.md describes it."""
