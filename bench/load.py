"""A load generator that is no bottleneck: keep-alive connections on raw sockets, in its own process."""

from __future__ import annotations

import select
import socket
import statistics
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import cycle
from multiprocessing import get_context

PHONES = 64
ANSWER_WITHIN = 30.0
# Read into one buffer: a new one for every answer would cost more than the answer.
BUFFER = bytearray(1 << 18)
HEAD = 4096


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it: answers a second, seconds from request to answer, and what was not a 200."""

    rate: float
    median: float
    p99: float
    errors: int
    answers: int


def repeat(port: int, request: bytes, seconds: float, phones: int = PHONES) -> Load:
    """Send the same request over and over."""
    return _in_process(port, [request], seconds, phones)


def send_all(port: int, requests: Sequence[bytes], phones: int = PHONES) -> Load:
    """Send every request once."""
    return _in_process(port, requests, None, phones)


def _in_process(port: int, requests: Sequence[bytes], seconds: float | None, phones: int) -> Load:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_drive, port, requests, seconds, phones).result()


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


def _drive(port: int, requests: Sequence[bytes], seconds: float | None, phones: int) -> Load:
    source = iter(requests) if seconds is None else cycle(requests)
    ends = time.perf_counter() + seconds if seconds is not None else float("inf")
    open_phones = {phone.socket.fileno(): phone for phone in (_Phone(port) for _ in range(phones))}
    times, errors = deque[float](), 0
    started = time.perf_counter()
    for phone, good in _answers(open_phones, source, ends):
        times.append(time.perf_counter() - phone.sent_at)
        errors += not good
    took = time.perf_counter() - started
    for phone in open_phones.values():
        phone.socket.close()
    cuts = statistics.quantiles(times, n=100)
    return Load(len(times) / took, cuts[49], cuts[98], errors, len(times))


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
