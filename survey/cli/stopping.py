"""The end of a command that runs until it is asked to stop."""

from __future__ import annotations

import signal
import threading


def asked_to_stop() -> threading.Event:
    """Event that SIGTERM and SIGINT set from now on, instead of ending the process."""
    asked = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: asked.set())
    return asked
