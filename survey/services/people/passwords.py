"""Passwords of staff: hashed with argon2id; those that somebody would try first are refused."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from survey.errors import N_, Busy, Closed, InvalidInput, PingyiError

Result = TypeVar("Result")

SHORTEST = 10
LONGEST = 200
# zxcvbn's scale of 0 to 4: from 3 on, 10⁸ guesses and more.
STRONG_ENOUGH = 3
# Characters given to zxcvbn, whose time grows with the square of the length.
LOOKED_AT = 64
OUR_WORDS = ("pingyi", "评议", "人大", "政协", "renda", "zhengxie", "admin", "guanliyuan")
# Printed on half of all forms: a mainland telephone number, an identity card number, a credit code.
_KNOWN_NUMBER = re.compile(r"1[3-9]\d{9}|\d{17}[\dXx]|[0-9A-Z]{2}\d{6}[0-9A-Z]{10}")
# Nobody's password yet: verified against nothing.
UNSET = "!"

_hasher = PasswordHasher()
# Each hashing takes 64 MB and every core: a crowd at the door must take neither memory nor a phone's turn.
STRANGERS, KNOWN = 2, 2
PATIENCE = 10.0
NICE = 10
_inside = threading.local()


class Crowded(Busy):
    """Password not checked, because as many as allowed are being checked already."""

    remedy = N_("请过几秒再试。在登录过的浏览器上不受影响。")

    def __init__(self) -> None:
        PingyiError.__init__(self, N_("现在登录的人太多，这次没有核对密码。"))


@contextlib.contextmanager
def room(*, known: bool) -> Iterator[None]:
    """Context that takes a place for hashing, used by all hashing of this thread inside.

    Raises `Crowded` when there is none: at once for strangers, after a while for a `known` browser.
    """
    if getattr(_inside, "taken", False):
        yield
        return
    if not _rooms[known].acquire(timeout=PATIENCE if known else 0.0):
        raise Crowded
    _inside.taken = True
    try:
        yield
    finally:
        _inside.taken = False
        _rooms[known].release()


def _step_back() -> None:
    with contextlib.suppress(OSError):  # where a sandbox does not allow it, hashing is as urgent as phones
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)


def _hashed(work: Callable[..., Result], *given: str) -> Result:
    try:
        done = _threads.submit(work, *given)
    except RuntimeError as error:
        raise Closed from error
    return done.result()


def _start() -> None:
    """Make places and threads anew: a forked process inherits their count, but none of the threads."""
    global _rooms, _threads
    _rooms = {False: threading.BoundedSemaphore(STRANGERS), True: threading.BoundedSemaphore(KNOWN)}
    _threads = ThreadPoolExecutor(STRANGERS + KNOWN, "pingyi-hashing", initializer=_step_back)


_rooms: dict[bool, threading.BoundedSemaphore]
_threads: ThreadPoolExecutor
_start()
os.register_at_fork(after_in_child=_start)


def check_password(password: str, *, known: tuple[str, ...] = ()) -> None:
    """Raise `InvalidInput` when `password` is short or easily guessed.

    `known` are words that an attacker knows of the person, such as the name. The list of common passwords and
    the estimate are zxcvbn's (Wheeler, USENIX Security 2016); nothing leaves this machine.
    """
    if len(password) < SHORTEST:
        raise InvalidInput(N_("密码至少 %(shortest)s 个字符。"), shortest=SHORTEST)
    if len(password) > LONGEST:
        raise InvalidInput(N_("密码最多 %(longest)s 个字符。"), longest=LONGEST)
    if _is_guessable(password, known):
        raise InvalidInput(
            N_("这个密码太容易猜到。"),
            remedy=N_("请避开姓名、日期、电话和常见密码，例如用四五个不相干的词连成一串。"),
        )


def hash_password(password: str) -> str:
    """Hash of `password` by argon2id, with its parameters (RFC 9106, second recommendation)."""
    with room(known=True):
        return _hashed(_hasher.hash, password)


def is_password(stored: str | None, password: str) -> bool:
    """Whether `password` has the hash `stored`; for None it takes the same time and returns False."""
    with room(known=True):
        try:
            _hashed(_hasher.verify, stored or _decoy(), password)
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


def _decoy() -> str:
    """A hash that no password is known to have, which takes as long to verify as any other (PHC string)."""
    salt, digest = (
        b64encode(secrets.token_bytes(size)).rstrip(b"=").decode()
        for size in (_hasher.salt_len, _hasher.hash_len)
    )
    cost = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"


def _is_guessable(password: str, known: tuple[str, ...]) -> bool:
    if _KNOWN_NUMBER.fullmatch(password.replace(" ", "").replace("-", "")):
        return True
    return _score(_without(password, (*OUR_WORDS, *known))) < STRONG_ENOUGH


def _score(password: str) -> int:
    from zxcvbn import zxcvbn

    score: int = zxcvbn(password[:LOOKED_AT])["score"] if password else 0
    return score


def _without(password: str, known: tuple[str, ...]) -> str:
    """`password` without the words in `known`: what remains to guess for somebody who knows them."""
    left = password.casefold()
    parts = {part for word in known for part in (word, *word.split()) if len(part) > 1}
    for part in sorted(parts, key=len, reverse=True):
        left = left.replace(part.casefold(), "")
    return left if left != password.casefold() else password
