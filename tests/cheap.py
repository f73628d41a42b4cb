"""What makes keys strong and figures exact to the last digit, left out where neither is being tested."""

from __future__ import annotations

import importlib
import pickle
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from argon2 import PasswordHasher
from county import round_key

from survey.errors import PingyiError
from survey.protocol.crypto.blind import RoundKey
from survey.protocol.holders import keyfile
from survey.services.operations import own_process
from survey.services.people import passwords as staff_passwords

_joint = importlib.import_module("analysis.inference.joint")
_influence = importlib.import_module("analysis.influence.ballots")
_permutations = importlib.import_module("analysis.inference.permutations")
_sqlite = importlib.import_module("survey.database.sqlite_engine")
PRAGMAS = _sqlite.PRAGMAS
"""As the program has them: `flush_nothing` takes the flushing of every commit away."""
_PERMUTATIONS = (_permutations._FEWEST, _permutations._MOST)
_EXACT, _LONG = (_joint._NORMAL, _joint._FLIPPED), _influence.SECONDS
_TESTS = Path(__file__).resolve().parent
# Where pages, files, services and options are tested; figures are in the other folders.
_ROUGHLY = {"attacks", "browser", "cli", "documents", "security", "services", "web", "wording"}

# Where figures are tested; a document says more of ballots that were searched for longer.
_FIGURES = {"analysis", "documents", "wording"}
# Where files are made of which few tests look at the charts; those are marked "drawn".
_UNDRAWN = {"cli", "services"}
_WHITE_PNG = (
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c63f80f0001010100b138f6140000000049454e44ae426082"
)
_BLANK = {
    "png": bytes.fromhex(_WHITE_PNG),
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="10pt" height="10pt" viewBox="0 0 10 10"></svg>',
    "pdf": b"%PDF-1.4\n",
}
_CANVASES: dict[str, Any] = {}
"""The real ones, from when a chart was first made on."""

read_once = cache(RoundKey.from_pem)


def keys(patch: pytest.MonkeyPatch) -> None:
    """One signing key for all rounds, whose primes are checked once, and passphrases quickly tried."""
    patch.setattr(keyfile, "ITERATIONS", 1000)
    patch.setattr(RoundKey, "generate", classmethod(lambda _cls: round_key()))
    patch.setattr(RoundKey, "from_pem", classmethod(lambda _cls, pem: read_once(pem)))


def passwords(patch: pytest.MonkeyPatch) -> None:
    """Hashes that a site verifies in no time; their strength is tested in tests/services/people."""
    patch.setattr(staff_passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


def flush_nothing() -> None:
    """Let SQLite leave its commits to the operating system, which outlives whatever a test kills."""
    _sqlite.PRAGMAS = tuple(pragma.replace("synchronous=FULL", "synchronous=OFF") for pragma in PRAGMAS)


def set_analysis(test: Path) -> None:
    """A fiftieth of the draws and permutations but in tests of figures; ballots that carry a statement are
    searched for at length, which costs 8 s, where the search is tested alone."""
    folder, *inner = test.relative_to(_TESTS).parts
    share = 50 if folder in _ROUGHLY else 1
    _joint._NORMAL, _joint._FLIPPED = (draws // share for draws in _EXACT)
    _permutations._FEWEST, _permutations._MOST = (99, 99) if share > 1 else _PERMUTATIONS
    _influence.SECONDS = _LONG if inner[:1] == ["influence"] else 0.3 if folder in _FIGURES else 0.1


class Blank:
    """A canvas that makes a file without drawing the figure, which takes two thirds of `pingyi rank`."""

    def __init__(self, _figure: object) -> None:
        pass

    def print_figure(self, file: BinaryIO, **options: Any) -> None:
        file.write(_BLANK[options["format"]])


def set_charts(test: pytest.Item) -> None:
    """Leave charts blank where no test looks at them; they are built, laid out and written to files all the
    same, and drawn in tests/analysis/charts and tests/documents."""
    rendering: Any = sys.modules.get("analysis.charts.rendering")
    if rendering is None:
        return
    if not _CANVASES:
        _CANVASES.update(rendering._CANVASES)
    blank = test.path.relative_to(_TESTS).parts[0] in _UNDRAWN and "drawn" not in test.keywords
    rendering._CANVASES = dict.fromkeys(_CANVASES, Blank) if blank else _CANVASES


APART = own_process.call
"""What works out results in a process of its own, as the site does."""


def work_here() -> None:
    """Work out results in the tests' own process, pickled both ways: another one takes seconds to load what
    it needs."""

    def here(work: Callable[..., object], *arguments: object, report: Callable[..., None]) -> object:
        given = pickle.loads(pickle.dumps(arguments))  # noqa: S301
        try:
            outcome = work(*given, report)
            return pickle.loads(pickle.dumps(outcome))  # noqa: S301
        except PingyiError as error:
            raise pickle.loads(pickle.dumps(error)) from error  # noqa: S301

    own_process.call = here  # type: ignore[assignment]
