"""Throttling of guesses, without locking out the person whose password is guessed.

Every attempt is counted before it is judged, in a bucket for each pair of name and client; a right answer
empties it. A stranger therefore only ever delays himself. A browser in which the person signed in before
carries a proof (OWASP's device cookie) and has a bucket of its own, so that it is not even slowed by a
stranger behind the same address. Buckets are named by a keyed hash: no address is stored.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session

from survey.clock import AHEAD
from survey.database.kinds import kind_of
from survey.errors import N_, PingyiError
from survey.models import Throttle

FORGET = timedelta(hours=1)
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=15)
FREE = 5
# Free attempts, for any names, of all unknown browsers of one network together.
FREE_NETWORK = 60
# Free attempts at a code of all unknown browsers together, since many could guess six digits.
FREE_CODES = 20


class TooManyTries(PingyiError):
    """Attempt refused until some seconds have passed, for this name from here; others are not affected."""

    status = 429
    code = "too_many_tries"
    remedy = N_("请在 %(seconds)s 秒后再试。只有从这里登录这个账号要等，别人不受影响。")

    def __init__(self, wait: timedelta) -> None:
        self.seconds = int(wait.total_seconds()) + 1
        super().__init__(N_("输错的次数太多。"), seconds=self.seconds)


class TooManyFromNetwork(TooManyTries):
    """Attempt refused for this network; browsers in which somebody signed in before are not affected."""

    remedy = N_("这个网络试错的次数太多，请在 %(seconds)s 秒后再试；在登录过的浏览器上不用等。")


@dataclass(frozen=True, slots=True)
class Bucket:
    """Counter of attempts, the first `free` of which need not wait; `shared`: counts many people's attempts,
    so that one right answer does not empty it."""

    name: bytes
    free: int = FREE
    shared: bool = False


def login_buckets(secret_key: str, name: str, client: str, device: str | None) -> list[Bucket]:
    """Buckets for an attempt to sign in as `name`; `device` is the proof of a browser known for that name, or
    None."""
    mine = _bucket(secret_key, "login", name.strip(), _whose(client, device))
    return [mine] if device else [mine, _network(secret_key, client)]


def code_buckets(secret_key: str, user_id: bytes, client: str, device: str | None) -> list[Bucket]:
    """Buckets for an attempt at the second factor, after the right password."""
    mine = _bucket(secret_key, "code", user_id.hex(), _whose(client, device))
    return [mine] if device else [mine, _bucket(secret_key, "code", user_id.hex(), free=FREE_CODES)]


def take(session: Session, buckets: list[Bucket], now: datetime) -> None:
    """Count an attempt before its password or code is checked; raises `TooManyTries` (`TooManyFromNetwork`
    for a shared bucket) when it has to wait, and then does not count it."""
    over = or_(Throttle.failed_at < now - FORGET, Throttle.failed_at > now + AHEAD)
    session.execute(delete(Throttle).where(over))
    insert, waits = kind_of(session).insert, {}
    # Rows are inserted, then locked, in one order, or two attempts could deadlock.
    for bucket in sorted(buckets, key=lambda bucket: bucket.name):
        empty = insert(Throttle).values(bucket=bucket.name, failures=0, failed_at=now)
        session.execute(empty.on_conflict_do_nothing())
        waits[bucket] = _wait(session, bucket, now)
    longest = max(waits, key=lambda bucket: waits[bucket], default=None)
    if longest is not None and waits[longest] > timedelta(0):
        raise (TooManyFromNetwork if longest.shared else TooManyTries)(waits[longest])
    one_more = update(Throttle).where(Throttle.bucket.in_([bucket.name for bucket in buckets]))
    session.execute(one_more.values(failures=Throttle.failures + 1, failed_at=now))


def clear(session: Session, buckets: list[Bucket]) -> None:
    """Empty the buckets after a right answer; a shared one forgets only this attempt."""
    own, shared = ([b.name for b in buckets if b.shared is kind] for kind in (False, True))
    session.execute(delete(Throttle).where(Throttle.bucket.in_(own)))
    fewer = update(Throttle).where(Throttle.bucket.in_(shared), Throttle.failures > 0)
    session.execute(fewer.values(failures=Throttle.failures - 1))


def _wait(session: Session, bucket: Bucket, now: datetime) -> timedelta:
    row = session.get(Throttle, bucket.name, populate_existing=True, with_for_update=True)
    return row.failed_at + wait_after(row.failures, bucket.free) - now if row else timedelta(0)


def wait_after(failures: int, free: int) -> timedelta:
    """Time to wait after `failures` attempts: none within the free ones, then doubled each time, up to
    `LONGEST_WAIT`."""
    if failures < free:
        return timedelta(0)
    doubled: int = 2 ** min(failures - free, 10)
    return min(LONGEST_WAIT, FIRST_WAIT * doubled)


def network_of(client: str, ipv4: int = 32, ipv6: int = 64) -> str:
    """Network of a client's address, such as "2001:db8::/64"; "unknown" for a text that is no address.

    ipv4, ipv6: prefix lengths in bits; by default what one subscriber holds. An IPv4 address mapped into
    IPv6 counts as IPv4.
    """
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return "unknown"
    address = getattr(address, "ipv4_mapped", None) or address
    length = ipv4 if address.version == 4 else ipv6
    return str(ipaddress.ip_network((address, length), strict=False))


def _network(secret_key: str, client: str) -> Bucket:
    """Bucket shared by all clients of one network (IPv4 /24, IPv6 /48), as much as one attacker may hold."""
    network = network_of(client, 24, 48)
    return Bucket(_bucket(secret_key, "network", network).name, FREE_NETWORK, shared=True)


def _whose(client: str, device: str | None) -> str:
    return f"device {device}" if device else f"network {network_of(client)}"


def _bucket(secret_key: str, *parts: str, free: int = FREE) -> Bucket:
    content = "\x1f".join(("pingyi-throttle", *parts)).encode()
    return Bucket(hmac.new(secret_key.encode(), content, hashlib.sha256).digest(), free)
