"""A round to be opened from its files, on a computer that has neither network nor database."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from county import County

PHONES = 5
# No address, no server, and not even a module of the database.
OFFLINE = """
import socket, sys
def refuse(*_args, **_named): raise OSError("there is no network here")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
class NoDatabase:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"sqlalchemy", "psycopg", "flask", "sqlite3"}:
            raise ModuleNotFoundError("not on this computer: " + name)
sys.meta_path.insert(0, NoDatabase())
from survey.cli.__main__ import main
main()
"""
ROOT = Path(__file__).parents[2]


def offline(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run `pingyi …` in a namespace without any network where that is possible."""
    command = [sys.executable, "-c", OFFLINE, *map(str, arguments)]
    if _can_unshare():
        command = ["unshare", "-n", *command]
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "HOME": str(folder),
        "LANG": "C.UTF-8",
    }
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def _can_unshare() -> bool:
    try:
        return subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def closed_round(place: County, quorum: int, holders: int) -> County:
    place.populate(reviewers=holders).draft(quorum=quorum).issue(PHONES).start()
    for _ in range(PHONES):
        place.phone().answer()
    return place.close()


def keys_for(place: County, folder: Path, chosen: list[int]) -> list[object]:
    """Key and passphrase files of the chosen holders, as arguments."""
    arguments: list[object] = []
    for number in chosen:
        text, passphrase = place.key_files[number]
        (folder / f"{number}.key.json").write_text(text, encoding="utf-8")
        (folder / f"{number}.txt").write_text(passphrase, encoding="utf-8")
        arguments += ["--key", folder / f"{number}.key.json", "--passphrase-file", folder / f"{number}.txt"]
        arguments += ["--root", (place.round().merkle_root or b"").hex()[:8]]
    return arguments
