"""Type alias for a part of the facts, where a function takes a value of `survey.facts` or a dictionary."""

from typing import Any, TypeAlias

Part: TypeAlias = Any
"""A part of a round's facts (docs/facts.md), or a dictionary of the same names."""
