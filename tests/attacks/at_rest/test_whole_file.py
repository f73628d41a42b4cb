"""What the attacks read of a database's file is all that was written, whatever else happens just then."""

from __future__ import annotations

import subprocess
import sys

from county import County
from storage import sqlite_file

from survey.models import Body

# As another checkpoint does: SQLite then refuses ours at once (sqlite.org/c3ref/wal_checkpoint_v2.html).
HOLD = """
import fcntl, sys, time
with open(sys.argv[1], "r+b") as index:
    fcntl.lockf(index, fcntl.LOCK_EX, 1, 121)  # WAL_CKPT_LOCK, sqlite.org/walformat.html 2.3.1
    print("held", flush=True)
    time.sleep(0.5)
"""


def test_the_log_is_in_it_although_somebody_empties_it_already(place_on_sqlite: County) -> None:
    place = place_on_sqlite.populate()
    index = f"{place.database.engine.url.database}-shm"
    with subprocess.Popen([sys.executable, "-c", HOLD, index], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        place.database.write(lambda s: s.add(Body(name="written just now")))
        assert b"written just now" in sqlite_file(place.database)
