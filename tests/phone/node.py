"""Running the phone's modules in node."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
NO_NODE = "NO NODE: the phone's modules were not run in node (apt install nodejs); Chromium still runs them"


def node() -> str:
    """Path of node; skips loudly without one."""
    found = shutil.which("node")
    if not found:
        pytest.skip(NO_NODE)
    return found


def run_tests(name: str, **environment: str) -> str:
    """Run `name` under `node --test`; the report when all passed."""
    done = subprocess.run(
        [node(), "--test", str(HERE / name)],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def phone(verb: str, **about: Any) -> Any:
    """One step of the phone's half of the protocol (roundtrip.mjs); raises `ValueError` with its error."""
    done = subprocess.run(
        [node(), str(HERE / "roundtrip.mjs")],
        input=json.dumps({"verb": verb} | about),
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(done.stdout)
    if "error" in answer:
        raise ValueError(answer["error"])
    return answer["value"]
