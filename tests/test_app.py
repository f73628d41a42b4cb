"""The application as a whole: what it imports, what it answers to errors, which language it speaks."""

from __future__ import annotations

import subprocess
import sys

HEAVY = """
import sys
from survey.wsgi import create
create()
heavy = sorted({"scipy", "matplotlib", "numpy", "docx", "typst", "pypinyin", "zxcvbn"} & set(sys.modules))
print(heavy)
"""


def test_process_that_serves_phones_imports_nothing_heavy(tmp_path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", HEAVY],
        capture_output=True,
        text=True,
        check=True,
        env={"PINGYI_DATA": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )
    assert done.stdout.strip() == "[]", done.stderr
