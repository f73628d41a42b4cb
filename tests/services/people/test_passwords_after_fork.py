"""Passwords are hashed in a process forked after its parent had hashed some, as `pingyi demo` does."""

from __future__ import annotations

import subprocess
import sys

FORKED = """
import os
from survey.services.people import passwords

kept = passwords.hash_password("four unrelated words here")
child = os.fork()
if child == 0:
    os._exit(0 if passwords.is_password(kept, "four unrelated words here") else 1)
assert passwords.is_password(kept, "four unrelated words here")  # and the parent goes on
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_forked_process_hashes_with_threads_of_its_own() -> None:
    done = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("0\n", "")
