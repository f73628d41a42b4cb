"""The type of results where a reader takes dictionaries as well, until all have those of survey.facts."""

from typing import Any, TypeAlias

Part: TypeAlias = Any
"""A part of a round's facts (docs/facts.md), or a dictionary of the same names."""
