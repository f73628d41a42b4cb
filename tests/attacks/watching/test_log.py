"""A log that was cut, edited, reordered or signed by another is refused; two watchers compare theirs."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from county import SLUG
from cryptography.hazmat.primitives.asymmetric import ec
from two_faced import CLOSED, TwoFaced

from survey.cli import main
from survey.protocol.canonical_json import canonical_json
from survey.watch import watching
from survey.watch.asking import Visitor
from survey.watch.between import compare
from survey.watch.log import Entry, first_entry, read_log
from survey.watch.look import RoundAddress
from survey.watch.store import WatchFiles
from survey.watch.watching import Watcher

OWN, STRANGER = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
URL = "https://pingyi.example/s/2026-q4"


def made(key: ec.EllipticCurvePrivateKey = OWN, looks: int = 4) -> list[bytes]:
    """A log of which nothing was ever asked for."""
    lines = [first_entry(key, "2026-10-01T00:00:00Z").line()]
    for number in range(1, looks + 1):
        previous = sha256(lines[-1][:-1]).hexdigest()
        seen = {"description": {"key": f"{number}"}}
        entry = Entry(
            number, previous, f"2026-10-01T00:0{number}:00Z", URL, Visitor().to_dict(), seen, {}, ()
        )
        lines.append(entry.signed(key).line())
    return lines


def edited(line: bytes, **changes: object) -> bytes:
    return canonical_json(json.loads(line) | changes) + b"\n"


def resigned(line: bytes, previous: str | None = None) -> bytes:
    entry = Entry.from_dict(json.loads(line))
    return Entry.from_dict(entry.to_dict() | {"previous": previous or entry.previous}).signed(STRANGER).line()


FORGERIES: dict[str, tuple[Callable[[list[bytes]], list[bytes]], str]] = {
    "cut in the middle": (lambda lines: lines[:2] + lines[3:], "第 3 行与前一行接不上"),
    "cut at the beginning": (lambda lines: lines[1:], "第 1 行与前一行接不上"),
    "cut within a line": (lambda lines: [*lines[:-1], lines[-1][:-20]], "第 5 行不是完整的一条"),
    "edited": (
        lambda lines: [*lines[:4], edited(lines[4], url="https://other.example/s/2026-q4")],
        "第 5 行不是这位观察者签的",
    ),
    "edited before others": (
        lambda lines: [*lines[:2], edited(lines[2], time="2026-10-02T00:00:00Z"), *lines[3:]],
        "第 3 行不是这位观察者签的",
    ),
    "renumbered": (
        lambda lines: [*lines[:2], edited(lines[3], number=2), *lines[4:]],
        "第 3 行与前一行接不上",
    ),
    "reordered": (lambda lines: [*lines[:2], lines[3], lines[2], lines[4]], "第 3 行与前一行接不上"),
    "one entry twice": (lambda lines: [*lines[:3], lines[2], *lines[3:]], "第 4 行与前一行接不上"),
    "last entry signed by another": (
        lambda lines: [*lines[:4], resigned(lines[4])],
        "第 5 行不是这位观察者签的",
    ),
    "other spaces": (lambda lines: [*lines[:4], lines[4].replace(b",", b", ", 1)], "第 5 行不是完整的一条"),
    "a further field": (lambda lines: [*lines[:4], edited(lines[4], note="x")], "第 5 行不是完整的一条"),
    "empty": (lambda _lines: [], "第 1 行不是完整的一条"),
}


def verified(path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["watch", "verify", str(path), *arguments])


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_log_is_refused(tmp_path: Path, forgery: str) -> None:
    change, said = FORGERIES[forgery]
    path = tmp_path / "watch.jsonl"
    path.write_bytes(b"".join(made()))
    assert verified(path).exit_code == 0
    path.write_bytes(b"".join(change(made())))
    refused = verified(path)
    assert (refused.exit_code, said in refused.output) == (2, True), refused.output


def test_a_log_signed_anew_by_another_is_whole_and_is_told_by_the_key(tmp_path: Path) -> None:
    path = tmp_path / "watch.jsonl"
    fingerprint = read_log(b"".join(made())).fingerprint
    path.write_bytes(b"".join(made(STRANGER)))
    assert verified(path).exit_code == 0
    refused = verified(path, "--key", fingerprint)
    assert (refused.exit_code, f"不是 {fingerprint}" in refused.output) == (2, True)


def test_a_log_cut_at_its_end_is_told_by_a_hash_that_was_written_down(tmp_path: Path) -> None:
    path, lines = tmp_path / "watch.jsonl", made()
    last = sha256(lines[-1][:-1]).hexdigest()
    path.write_bytes(b"".join(lines))
    assert verified(path, "--expect", last).exit_code == 0
    path.write_bytes(b"".join(lines[:-1]))
    whole = verified(path)
    assert (whole.exit_code, "末尾被剪掉的日志也显得完整" in whole.output) == (0, True)
    assert verified(path, "--expect", last).exit_code == 2


def test_the_watcher_itself_refuses_to_go_on_with_a_forged_log(honest: TwoFaced, tmp_path: Path) -> None:
    path = tmp_path / "watch.jsonl"
    arguments = ["watch", f"{honest.url}/s/{SLUG}", "--log", str(path), "--no-sources"]
    for _ in range(3):
        assert CliRunner().invoke(main, arguments).exit_code == 0
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2] + lines[3:]))
    refused = CliRunner().invoke(main, arguments)
    assert (refused.exit_code, "第 3 行与前一行接不上" in refused.output) == (1, True)
    path.write_bytes(b"".join(made(STRANGER)))
    refused = CliRunner().invoke(main, arguments)
    assert (refused.exit_code, "不是用旁边的钥匙签的" in refused.output) == (1, True)
    # What a power cut left of a line was never an entry.
    path.write_bytes(b"".join(lines)[:-30])
    assert CliRunner().invoke(main, arguments).exit_code == 0
    assert [entry.number for entry in WatchFiles(path).read().entries] == [1, 2, 3]


def test_key_and_copies_are_private_and_one_watcher_writes(honest: TwoFaced, tmp_path: Path) -> None:
    path = tmp_path / "watch.jsonl"
    arguments = ["watch", f"{honest.url}/s/{CLOSED}", "--log", str(path), "--no-sources"]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    key = tmp_path / "watch.jsonl.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    store = WatchFiles(path)
    receipts = store.read().entries[0].seen["receipts"]
    assert receipts
    assert store.kept(receipts["sha256"]) == honest.of_site(f"/public/{CLOSED}/receipts.txt")[1]
    with store.alone():
        second = CliRunner().invoke(main, arguments)
    assert (second.exit_code, "已经有一个 pingyi watch" in second.output) == (1, True)
    key.chmod(0o644)
    assert "chmod 600" in CliRunner().invoke(main, arguments).output
    key.unlink()
    assert "钥匙不在旁边" in CliRunner().invoke(main, arguments).output


def test_the_command_ends_cleanly_on_sigterm(honest: TwoFaced, tmp_path: Path) -> None:
    log = tmp_path / "watch.jsonl"
    command = [sys.executable, "-m", "survey.cli", "watch", f"{honest.url}/s/{SLUG}", "--no-sources"]
    arguments = [*command, "--log", str(log), "--every", "1h", "--language", "en"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        deadline = time.monotonic() + 60
        while not log.exists() or log.read_bytes().count(b"\n") < 2:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=30)
    assert (process.returncode, "As before." in said, "Stopped." in said) == (0, True, True)
    assert len(WatchFiles(log).read().entries) == 1


def test_sigterm_interrupts_a_site_that_does_not_answer(honest: TwoFaced, tmp_path: Path) -> None:
    log, begun = tmp_path / "watch.jsonl", []

    def slowly(_path: str) -> None:
        begun.append(1)
        time.sleep(5)

    honest.answer = slowly
    command = [sys.executable, "-m", "survey.cli", "watch", f"{honest.url}/s/{SLUG}", "--no-sources"]
    with subprocess.Popen([*command, "--log", str(log), "--every", "1h"], stdout=subprocess.PIPE) as process:
        deadline = time.monotonic() + 60
        while not begun:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=4)
    assert process.returncode == 0
    assert WatchFiles(log).read().entries == ()


def logs_of_two(
    honest: TwoFaced, tmp_path: Path, slug: str, forge: Callable[[str, bytes], bytes]
) -> list[Path]:
    """Logs of a visitor who is shown what everybody is, and of one who is shown something else."""
    honest.victim, honest.change = "victim", forge
    paths = [tmp_path / "notary.jsonl", tmp_path / "paper.jsonl"]
    for path, agents in zip(paths, ([], ["--user-agent", "Mozilla/5.0 victim"]), strict=True):
        arguments = ["watch", f"{honest.url}/s/{slug}", "--log", str(path), "--no-sources", *agents]
        CliRunner().invoke(main, arguments)
    return paths


def test_two_watchers_name_what_only_one_was_shown(honest: TwoFaced, tmp_path: Path) -> None:
    lost = honest.of_site(f"/public/{CLOSED}/receipts.txt")[1].split(b"\n")[0]

    def forge(path: str, content: bytes) -> bytes:
        if path.endswith("receipts.txt"):
            return content.replace(lost + b"\n", b"")
        return content.replace(b"</main>", b"</main> ") if path == f"/s/{CLOSED}" else content

    paths = logs_of_two(honest, tmp_path, CLOSED, forge)
    found = CliRunner().invoke(main, ["watch", "compare", *map(str, paths)])
    assert found.exit_code == 2
    assert "企业打开的网页" in found.output
    assert f"的清单里没有：{lost.decode()}" in found.output
    english = CliRunner().invoke(main, ["watch", "compare", *map(str, paths), "--language", "en"])
    assert "The page that enterprises open" in english.output
    # The copies beside the logs name the receipt; without them its absence is still named.
    (paths[0].with_name("notary.jsonl.seen")).rename(tmp_path / "away")
    assert "回执数" in CliRunner().invoke(main, ["watch", "compare", *map(str, paths)]).output


def test_two_watchers_of_an_honest_site_saw_the_same(honest: TwoFaced, tmp_path: Path) -> None:
    paths = logs_of_two(honest, tmp_path, SLUG, lambda _path, content: content)
    found = CliRunner().invoke(main, ["watch", "compare", *map(str, paths)])
    assert (found.exit_code, "有 0 处不同" in found.output) == (0, True)
    only = CliRunner().invoke(main, ["watch", "compare", str(paths[0])])
    assert (only.exit_code, "至少两份" in only.output) == (2, True)


def looks(*seen: tuple[int, str]) -> list[Entry]:
    start = datetime(2026, 10, 1, tzinfo=UTC)
    return [
        Entry(
            1, "", (start + timedelta(minutes=at)).isoformat(), URL, {}, {"description": {"key": key}}, {}, ()
        )
        for at, key in seen
    ]


@pytest.mark.parametrize(
    ("one", "other", "differences"),
    [
        # A change for everybody, which each saw at the own time.
        ([(0, "a"), (20, "a"), (40, "b")], [(10, "a"), (30, "b"), (50, "b")], 0),
        # One watcher alone was shown another key, for a while.
        ([(0, "a"), (20, "x"), (40, "x"), (60, "a")], [(10, "a"), (30, "a"), (50, "a")], 1),
        # At other times nothing can be said.
        ([(0, "a")], [(300, "b")], 0),
    ],
)
def test_a_change_that_all_saw_is_no_difference(
    one: list[tuple[int, str]], other: list[tuple[int, str]], differences: int
) -> None:
    found = compare([looks(*one), looks(*other)], [lambda _digest: None] * 2)
    assert len([d for d in found.differences if d.watcher == 0]) == differences


def test_a_time_is_in_utc() -> None:
    assert datetime.fromisoformat(watching._time()).utcoffset() == timedelta(0)


def test_a_change_behind_an_interruption_is_named(honest: TwoFaced, watcher: Watcher) -> None:
    round_ = RoundAddress(f"{honest.url}/s/{SLUG}")
    watcher.write(watcher.look(round_, Visitor()))
    honest.answer = lambda _path: (503, b"busy", {})
    watcher.write(watcher.look(round_, Visitor()))
    honest.honest()
    honest.change = lambda path, content: content + b" " if path == f"/s/{SLUG}" else content
    assert "page.sha256" in {f.field for f in watcher.write(watcher.look(round_, Visitor())).findings}
