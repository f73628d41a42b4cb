"""Whether every pinned package has a wheel for aarch64 (鲲鹏, 飞腾): pure Python, or for a glibc of 2.28.

`python tests/deploy/aarch64.py` asks the package index by pip, which downloads nothing that it need not, and
writes tests/data/wheels-aarch64.txt; `--check` compares that file with constraints.txt without a network, and
exits with 1 where they differ.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PINS, KNOWN = ROOT / "constraints.txt", ROOT / "tests" / "data" / "wheels-aarch64.txt"
# 麒麟 V10 and openEuler 20.03 have glibc 2.28.
GLIBC = 28
PLATFORMS = [*(f"manylinux_2_{minor}_aarch64" for minor in range(GLIBC, 16, -1)), "manylinux2014_aarch64"]
WHEEL = re.compile(r"-none-any\.whl$|manylinux_2_(?P<minor>\d+)_aarch64|manylinux2014_aarch64")
HEAD = "# Wheels of constraints.txt for aarch64, Python 3.11: python tests/deploy/aarch64.py\n"


def complaints(pins: str, known: str) -> list[str]:
    """What is wrong with the recorded wheels, one sentence each."""
    lines = ((line.split()[0], line.split()[1]) for line in known.splitlines() if not line.startswith("#"))
    wheels = dict(lines)
    wanted = pins.split()
    said = [f"{pin}: not looked up for aarch64" for pin in wanted if pin not in wheels]
    said += [f"{pin}: not pinned any more" for pin in wheels if pin not in wanted]
    return said + [f"{pin}: {file} is not for aarch64" for pin, file in wheels.items() if not fits(file)]


def fits(file: str) -> bool:
    """Whether a wheel runs on aarch64 with a glibc of 2.28."""
    found = WHEEL.search(file)
    return bool(found) and int(found["minor"] or 0) <= GLIBC


def look_up() -> str:
    """What pip would install on aarch64, as lines `NAME==VERSION FILE`, in the order of constraints.txt."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        platforms = [f"--platform={each}" for each in PLATFORMS]
        fixed = ["--dry-run", "--quiet", "--no-deps", "--only-binary=:all:", "--python-version=3.11"]
        target = [f"--target={folder}", f"--report={report}", f"--requirement={PINS}"]
        command = [sys.executable, "-m", "pip", "install", *fixed, *platforms, *target]
        subprocess.run(command, check=True)
        asked = json.loads(report.read_text("utf-8"))["install"]
    files = {_key(each["metadata"]["name"]): Path(each["download_info"]["url"]).name for each in asked}
    pins = PINS.read_text("utf-8").split()
    return HEAD + "".join(f"{pin} {files[_key(pin.partition('==')[0])]}\n" for pin in pins)


def _key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> int:
    if "--check" not in sys.argv[1:]:
        KNOWN.write_text(look_up(), encoding="utf-8")
    said = complaints(PINS.read_text("utf-8"), KNOWN.read_text("utf-8"))
    print("\n".join(said) or "Every pinned wheel exists for aarch64.")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
