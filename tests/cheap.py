"""What makes keys strong and figures exact to the last digit, left out where neither is being tested."""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path

import pytest
from county import round_key

from survey.protocol.crypto.blind import RoundKey
from survey.protocol.holders import keyfile

_joint = importlib.import_module("analysis.inference.joint")
_influence = importlib.import_module("analysis.influence.ballots")
_EXACT, _LONG = (_joint._NORMAL, _joint._FLIPPED), _influence.SECONDS
_TESTS = Path(__file__).resolve().parent
# Where pages, files, services and options are tested; figures are in the other folders.
_ROUGHLY = {"attacks", "browser", "cli", "documents", "security", "services", "web", "wording"}

read_once = cache(RoundKey.from_pem)


def keys(patch: pytest.MonkeyPatch) -> None:
    """One signing key for all rounds, whose primes are checked once, and passphrases quickly tried."""
    patch.setattr(keyfile, "ITERATIONS", 1000)
    patch.setattr(RoundKey, "generate", classmethod(lambda _cls: round_key()))
    patch.setattr(RoundKey, "from_pem", classmethod(lambda _cls, pem: read_once(pem)))


def set_analysis(test: Path) -> None:
    """A fiftieth of the draws but in tests of figures; the ballots that carry a statement are searched for at
    length, which costs 8 s, in tests/analysis alone, and not where odd arguments are refused."""
    folder, *inner = test.relative_to(_TESTS).parts
    share = 50 if folder in _ROUGHLY else 1
    _joint._NORMAL, _joint._FLIPPED = (draws // share for draws in _EXACT)
    _influence.SECONDS = _LONG if folder == "analysis" and inner[0] != "values" else 0.3
