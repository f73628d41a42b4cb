"""Commands `pingyi watch`, `pingyi watch verify` and `pingyi watch compare`."""

from __future__ import annotations

import random
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta
from itertools import product
from pathlib import Path

import click

from survey.cli.language import language_option, visible
from survey.cli.watch_words import tell, worded_difference
from survey.errors import N_, InvalidInput, PingyiError
from survey.language import translator
from survey.watch.asking import PHONE, Visitor, read_proxy
from survey.watch.between import compare
from survey.watch.log import shown_key
from survey.watch.look import RoundAddress, Sources
from survey.watch.store import WatchFiles
from survey.watch.watching import Watcher

Translate = Callable[[str], str]

NOTHING_TO_NAME, COULD_NOT_LOOK, CHANGED = 0, 1, 2
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
SHORTEST = 10
LOG = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
# Looks at the same second of every ten minutes would tell a watcher from a visitor.
JITTER = 0.25


class _Group(click.Group):
    """`pingyi watch URL…` is `pingyi watch look URL…`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] != "--help":
            args = ["look", *args]
        return super().parse_args(ctx, args)


class _Duration(click.ParamType[timedelta]):
    """90s, 10m, 1h or 1d."""

    name = "duration"

    def convert(
        self, value: str | timedelta, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"(\d{1,6})([smhd])", value)
        if not found or int(found[1]) * UNITS[found[2]] < SHORTEST:
            self.fail(f"“{value}”：90s、10m、1h，至少 {SHORTEST}s / at least {SHORTEST}s", param, ctx)
        return timedelta(seconds=int(found[1]) * UNITS[found[2]])


@click.group(cls=_Group)
def watch() -> None:
    """从外面看网站给人看了什么，与源代码和从前比较，写进签名的日志。

    Look at a site from outside, compare with the sources and with before, and keep a signed log.

    pingyi watch URL… [--log FILE] [--every 10m]
    """


@watch.command()
@click.argument("urls", nargs=-1, required=True, metavar="URL…")
@click.option(
    "--log",
    "path",
    default="watch.jsonl",
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="日志 / the log",
)
@click.option(
    "--every", type=_Duration(), help="每隔多久看一遍，如 10m；不给则只看一遍 / again and again, such as 10m"
)
@click.option("--no-sources", is_flag=True, help="不与源代码比较 / do not compare with these sources")
@click.option("--user-agent", "agents", multiple=True, help="浏览器的名字，可以写几个 / may be given again")
@click.option(
    "--via", "proxies", multiple=True, help="经过的 HTTP 代理，可以写几个 / an HTTP proxy, may be given again"
)
@language_option
def look(
    urls: tuple[str, ...],
    path: Path,
    every: timedelta | None,
    no_sources: bool,
    agents: tuple[str, ...],
    proxies: tuple[str, ...],
    language: str,
) -> None:
    """看一遍，或每隔一段时间看一遍。退出码：0 没有要说的，1 看不到，2 有变化。

    Look once, or again and again. Exit status: 0 nothing to name, 1 could not look, 2 something changed.
    """
    translate = translator("en" if language == "en" else "zh")
    try:
        rounds, via = [RoundAddress(url) for url in urls], [read_proxy(proxy) for proxy in proxies]
        visitors = [Visitor(*who) for who in product(agents or (PHONE,), via or [""])]
        store = WatchFiles(path)
        with store.alone():
            watcher = Watcher(store, None if no_sources else _own_sources())
            if every is None:
                status = _run(watcher, rounds, visitors, translate)
            else:
                status = _run_again(watcher, rounds, visitors, translate, every)
    except PingyiError as error:  # exit status 2 would say that something changed
        for words in filter(None, (error.say(translate), error.say_remedy(translate))):
            click.echo(visible(words), err=True)
        status = COULD_NOT_LOOK
    sys.exit(status)


@watch.command()
@click.argument("path", type=LOG, metavar="LOG")
@click.option("--key", help="观察者公布的钥匙指纹 / the watcher's published fingerprint")
@click.option("--expect", multiple=True, help="从前抄下的某一条的摘要 / a hash that was written down before")
@language_option
def verify(path: Path, key: str | None, expect: tuple[str, ...], language: str) -> None:
    """核对日志是不是完整的：中间没有被剪、改、换次序、换人签名。

    Whether a log is whole: not cut in the middle, edited, reordered, or signed by somebody else.
    """
    translate = translator("en" if language == "en" else "zh")
    store = WatchFiles(path)
    log = store.read()
    own = store.public_key()
    wanted = "".join(key.split()).upper() if key else shown_key(own) if own else log.fingerprint
    if log.fingerprint != wanted:
        raise InvalidInput(
            N_("日志是 %(found)s 签的，不是 %(wanted)s。"), found=log.fingerprint, wanted=wanted
        )
    for digest in expect:
        if digest.strip().lower() not in log.hashes:
            raise InvalidInput(
                N_("日志里没有摘要为 %(hash)s 的一条：末尾被剪掉过，或整份重写过。"), hash=digest
            )
    for entry in log.entries:
        tell(entry, translate, always=False)
    click.echo(
        translate(N_("✓ 日志完整，共 %(count)s 条，由 %(key)s 签名，最新一条的摘要是 %(hash)s。"))
        % {"count": len(log.entries), "key": log.fingerprint, "hash": log.hashes[-1]}
    )
    seen = (values for entry in log.entries for values in entry.seen.values())
    digests = {values["sha256"] for values in seen if values and "sha256" in values}
    if missing := sum(store.kept(digest) is None for digest in digests):
        click.echo(translate(N_("日志旁边的文件夹里少了 %(count)s 份当时看到的内容。")) % {"count": missing})
    if not expect:
        click.echo(
            translate(
                N_("末尾被剪掉的日志也显得完整。请用 --expect 给出从前抄下的摘要，或与另一份日志比较。")
            )
        )


@watch.command("compare")
@click.argument("paths", type=LOG, nargs=-1, required=True, metavar="LOG LOG…")
@click.option(
    "--window",
    type=_Duration(),
    default="30m",
    show_default=True,
    help="多近算同一时候 / how near is at the same time",
)
@language_option
def compare_logs(paths: tuple[Path, ...], window: timedelta, language: str) -> None:
    """比较几位观察者在同一时候看到的。退出码：0 相同，1 没有可比的，2 有不同。

    Compare what watchers saw at the same time. Exit status: 0 the same, 1 nothing to compare, 2 different.
    """
    translate = translator("en" if language == "en" else "zh")
    if len(paths) < 2:
        raise InvalidInput(N_("请给出至少两份日志。"))
    stores = [WatchFiles(path) for path in paths]
    logs = [store.read() for store in stores]
    found = compare([log.entries for log in logs], [store.kept for store in stores], window)
    for difference in found.differences:
        click.echo(worded_difference(difference, paths, translate))
    counts = {"compared": found.compared, "alone": found.alone, "count": len(found.differences)}
    click.echo(
        translate(
            N_("比较了 %(compared)s 次查看，有 %(count)s 处不同；另有 %(alone)s 次，别人在那个时候没有看。")
        )
        % counts
    )
    sys.exit(CHANGED if found.differences else NOTHING_TO_NAME if found.compared else COULD_NOT_LOOK)


class _Stopped(BaseException):
    """Somebody wants the watcher to end; no error handler on the way may take it for a failure to look."""


class _Stopping:
    """Handler of SIGTERM and SIGINT, which end a wait or a look at once but never interrupt a write to the
    log."""

    def __init__(self) -> None:
        self._stopped, self._asking = threading.Event(), False
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._stop)

    def wait(self, seconds: float) -> bool:
        return self._stopped.wait(seconds)

    @contextmanager
    def may_interrupt(self) -> Iterator[None]:
        self._asking = True
        try:
            if self._stopped.is_set():
                raise _Stopped
            yield
        finally:
            self._asking = False

    def _stop(self, *_: object) -> None:
        self._stopped.set()
        if self._asking:
            raise _Stopped


def _run(
    watcher: Watcher,
    rounds: Sequence[RoundAddress],
    visitors: Sequence[Visitor],
    translate: Translate,
    interrupting: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> int:
    """Look at every round as every visitor; the exit status of this run."""
    status = NOTHING_TO_NAME
    for round_ in rounds:
        first = None
        for visitor in visitors:
            with interrupting():
                found = watcher.look(round_, visitor)
            entry = watcher.write(found, first)
            first = first or (found if found.seen else None)
            tell(entry, translate)
            status = max(status, CHANGED if entry.findings else COULD_NOT_LOOK if entry.missed else 0)
    click.echo(translate(N_("日志最新一条的摘要：%(hash)s")) % {"hash": watcher.head})
    return status


def _run_again(
    watcher: Watcher,
    rounds: Sequence[RoundAddress],
    visitors: Sequence[Visitor],
    translate: Translate,
    every: timedelta,
) -> int:
    """Look at all rounds about every `every` (± `JITTER`) until SIGTERM or SIGINT; returns the exit status
    `NOTHING_TO_NAME`."""
    stopping = _Stopping()
    waiting = True
    while waiting:
        try:
            _run(watcher, rounds, visitors, translate, stopping.may_interrupt)
        except _Stopped:
            break
        wait = every.total_seconds() * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - no secret
        waiting = not stopping.wait(wait)
    click.echo(translate(N_("已停止。")))
    return NOTHING_TO_NAME


def _own_sources() -> Sources:
    from survey.cli.box.page_render import renderer
    from survey.scripts import script_hashes

    return Sources(script_hashes(), renderer())
