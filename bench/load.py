"""A load generator that is no bottleneck: keep-alive connections on raw sockets, in its own process."""

from __future__ import annotations

import os
import select
import socket
import statistics
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat as endlessly
from multiprocessing import get_context
from pathlib import Path

PHONES = 64
ANSWER_WITHIN = 30.0
# Read into one buffer: a new one for every answer would cost more than the answer.
BUFFER = bytearray(1 << 18)
HEAD = 4096


Work = tuple[Iterable[bytes], float]  # requests, and for how many seconds


@dataclass(frozen=True)
class Server:
    """A server under way."""

    port: int
    process: int = 0

    def cpu(self) -> float:
        """CPU seconds that it and its workers have used so far."""
        return sum(_cpu_of(number) for number in _family(self.process))


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it: answers a second, seconds from request to answer, and what was not a 200.

    `cpu` is what the server spent on each answer, in seconds.
    """

    rate: float
    median: float
    p99: float
    errors: int
    answers: int
    cpu: float


def repeat(server: Server, request: bytes, seconds: float) -> Load:
    """Send the same request over and over."""
    return _in_process(server, [(endlessly(request), seconds)])[0]


def send_all(server: Server, requests: Sequence[bytes]) -> Load:
    """Send every request once."""
    return _in_process(server, [(requests, float("inf"))])[0]


def in_turns(
    server: Server, requests: Mapping[str, bytes], seconds: float, turns: int
) -> dict[str, list[Load]]:
    """Each of `requests` over and over for `seconds`, one after the other, `turns` times.

    The turns are short and the phones the same, so that whatever else the machine does meets all alike.
    """
    work = [(endlessly(request), seconds) for _ in range(turns) for request in requests.values()]
    found = _in_process(server, work)
    return {name: found[i :: len(requests)] for i, name in enumerate(requests)}


def _in_process(server: Server, work: Sequence[Work]) -> list[Load]:
    plain = Server(server.port, server.process)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_drive, plain, work).result()


def _family(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *(member for child in listed for member in _family(int(child)))]


def _cpu_of(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


class _Phone:
    """One connection with at most one request under way."""

    __slots__ = ("_received", "_wanted", "sent_at", "socket")

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_WITHIN)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent_at = 0.0
        self._received = self._wanted = 0

    def ask(self, request: bytes) -> None:
        self._received = self._wanted = 0
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def hear(self) -> bool | None:
        """Whether the answer was a 200; `None` while some of it is still to come."""
        size = self.socket.recv_into(BUFFER)
        if not size:
            raise ConnectionError("the server hung up")
        good = True
        if not self._wanted:
            head = bytes(BUFFER[: min(size, HEAD)]).partition(b"\r\n\r\n")[0]
            self._wanted = len(head) + 4 + _content_length(head)
            good = head.startswith(b"HTTP/1.1 200")
        self._received += size
        if self._received < self._wanted:
            return None if good else False
        return good


def _content_length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].partition(b"\r")[0])


def _drive(server: Server, work: Sequence[Work]) -> list[Load]:
    phones = {phone.socket.fileno(): phone for phone in (_Phone(server.port) for _ in range(PHONES))}
    try:
        return [_measure(server, phones, iter(requests), seconds) for requests, seconds in work]
    finally:
        for phone in phones.values():
            phone.socket.close()


def _measure(server: Server, phones: dict[int, _Phone], source: Iterator[bytes], seconds: float) -> Load:
    times, errors = deque[float](), 0
    spent, started = server.cpu(), time.perf_counter()
    for phone, good in _answers(phones, source, started + seconds):
        times.append(time.perf_counter() - phone.sent_at)
        errors += not good
    took, spent = time.perf_counter() - started, server.cpu() - spent
    cuts = statistics.quantiles(times, n=100)
    return Load(len(times) / took, cuts[49], cuts[98], errors, len(times), spent / len(times))


def _answers(
    phones: dict[int, _Phone], source: Iterator[bytes], ends: float
) -> Iterator[tuple[_Phone, bool]]:
    poll = select.epoll()
    busy = 0
    for number, phone in phones.items():
        request = next(source, None)
        if request is None:
            break
        poll.register(number, select.EPOLLIN)
        phone.ask(request)
        busy += 1
    while busy:
        ready = poll.poll(ANSWER_WITHIN)
        if not ready:
            raise TimeoutError(f"no answer within {ANSWER_WITHIN} s")
        for number, _ in ready:
            phone = phones[number]
            good = phone.hear()
            if good is None:
                continue
            yield phone, good
            request = next(source, None) if time.perf_counter() < ends else None
            if request is None:
                busy -= 1
            else:
                phone.ask(request)
