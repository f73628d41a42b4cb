"""Scan of an uploaded file by the antivirus program of PINGYI_SCAN_COMMAND, where one is set.

The program gets the file through its standard input and ends as clamdscan does: 0 nothing found, 1 found,
anything else: it could not scan. What could not be scanned is not accepted.
"""

from __future__ import annotations

import shlex
import subprocess
from typing import Final

from survey.errors import N_, InvalidInput, PingyiError

PATIENCE_SECONDS: Final = 60.0
_CLEAN, _FOUND = 0, 1


class FileInfected(InvalidInput):
    """File in which the antivirus program found something."""

    code = "file_infected"
    remedy = N_("请先给您的电脑杀毒，再重新做这份文件。")

    def __init__(self, name: str) -> None:
        super().__init__(N_("杀毒程序在“%(name)s”里发现了问题，没有收。"), name=name)


class NotScanned(PingyiError):
    """The antivirus program could not be asked, did not end in time, or could not scan."""

    status = 503
    code = "not_scanned"
    remedy = N_("请过一会儿再试；还是不行，请告诉评议办公室：服务器上的杀毒程序没有回答。")

    def __init__(self, name: str) -> None:
        super().__init__(N_("“%(name)s”没有经过杀毒检查，没有收。"), name=name)


def require_clean(command: str, name: str, content: bytes) -> None:
    """Raise `FileInfected` or `NotScanned` unless `command` finds nothing in the file; "" scans nothing."""
    if not command:
        return
    try:
        ended = subprocess.run(
            shlex.split(command),
            input=content,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE_SECONDS,
            check=False,
        ).returncode
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotScanned(name) from error
    if ended == _FOUND:
        raise FileInfected(name)
    if ended != _CLEAN:
        raise NotScanned(name)
