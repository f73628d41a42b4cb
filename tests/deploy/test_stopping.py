"""A server that is stopped ends, also when one of its processes does not hear of it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from served import Served, await_answer, free_port

from survey.cli.site.serve import STOP_SECONDS

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
WAITING = r"(?:TimeoutStopSec=|stop_grace_period: )(\d+)"
STOPS_IN_A_SECOND = (
    "import sys; from survey.cli.site import serve; serve.STOP_SECONDS = 1;"
    "from survey.cli import main; sys.exit(main())"
)


def child_of(pid: int) -> int:
    [child] = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(child)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="processes are found in /proc")
def test_a_process_that_hears_no_signal_is_killed(tmp_path: Path) -> None:
    port = free_port()
    command = ["witness", "serve", "--port", str(port), "--data", str(tmp_path)]
    with subprocess.Popen([sys.executable, "-c", STOPS_IN_A_SECOND, *command]) as server:
        await_answer(Served(port, server))
        os.kill(child_of(server.pid), signal.SIGSTOP)
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(60)
        finally:
            server.kill()
    assert server.returncode in (0, -signal.SIGTERM)


def test_who_starts_it_waits_longer_than_it_does() -> None:
    shipped = ("systemd/pingyi.service", "systemd/pingyi-witness.service")
    containers = ("container/compose.yaml", "container/witness.yaml")
    waits = [int(re.findall(WAITING, (DEPLOY / name).read_text())[0]) for name in shipped + containers]
    assert min(waits) > STOP_SECONDS
