"""Folder of a reading station: the round, pages that were read, their images, decisions and casts.

Each thing is a file written whole or not at all, so that whatever ends the program, it goes on from there.
Only its owner can read the folder: it holds codes and what people wrote.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from survey.documents.paper.codes import PageCode
from survey.documents.paper.layout import Question, QuestionKind, Style
from survey.errors import N_, InvalidInput
from survey.paper.scans.judge import Doubt, ReadAnswer
from survey.paper.scans.pages import Source
from survey.paper.scans.reading import PageFinding, PageRead, Sheet
from survey.protocol.description import RoundDescription
from survey.protocol.plain_json import strict_json

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

FORMAT, VERSION = "pingyi-station", 1
PAGES, IMAGES, CASTS, INCOMING = "pages", "images", "casts", "incoming"
CERTIFICATE, KEPT, COUNT = "erased.txt", "kept.txt", "count.json"
STARTED = "erasing.txt"
"""Record of an erasing that has not ended."""
HALF = ".new-"
"""How the names begin of files that are not yet whole; whoever was killed leaves them."""
READING = ".reading"


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A page that was taken in: `key` names its record and image; `found` what was on it."""

    key: str
    source: str
    number: int
    found: PageRead | PageFinding


class Station:
    """A station's folder, opened."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            about = strict_json((folder / "station.json").read_text(encoding="utf-8"))
            _check_format(about)
            self.url = str(about["url"])
            self.description = RoundDescription.from_dict(about["round"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InvalidInput(
                N_("“%(folder)s”不是阅表站的目录。"),
                remedy=N_("第一次读表时请用 --url 写明评议网址，如 https://pingyi.example/s/2026-q4。"),
                folder=folder,
            ) from error

    @classmethod
    def begin(cls, folder: Path, description: RoundDescription, url: str) -> Station:
        """Make the folder of a new station, or open the one of the same round, from now on at this address;
        raises `InvalidInput`."""
        if not (folder / "station.json").exists():
            try:
                for name in ("", PAGES, IMAGES, CASTS):
                    (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise InvalidInput(
                    N_("不能建目录“%(folder)s”：%(why)s。"),
                    remedy=N_("先写阅表站的目录，再写扫描件；目录要在写得进去的地方。"),
                    folder=folder,
                    why=error.strerror,
                ) from error
            _write_about(folder, description, url)
        station = cls(folder)
        if station.description.frozen_digest() != description.frozen_digest():
            raise InvalidInput(
                N_("这个目录属于另一轮评议：%(title)s。"),
                remedy=N_("请为这一轮另用一个目录。"),
                title=station.description.title,
            )
        if station.url != url:
            _write_about(folder, station.description, url)
            station.url = url
        return station

    def known(self, key: str) -> bool:
        """Whether the page was read already."""
        return (self.folder / PAGES / f"{key}.json").exists()

    def image(self, key: str) -> Path:
        return self.folder / IMAGES / f"{key}.jpg"

    def keep(self, key: str, source: Source, found: PageRead | PageFinding) -> None:
        """Write down what was on a page, after its image was written."""
        value = {"source": source.path.name, "number": source.number} | _written(found)
        write_json(self.folder / PAGES / f"{key}.json", value)

    def page_count(self) -> int:
        """How many pages were read; a page that was read never changes."""
        return sum(1 for _ in (self.folder / PAGES).glob("*.json"))

    def pages(self) -> list[StoredPage]:
        """All pages that were read, in the order of their keys."""
        return [_stored(path) for path in sorted((self.folder / PAGES).glob("*.json"))]

    def casts(self) -> dict[str, dict[str, Any]]:
        """What is known of each form's cast, by form number."""
        return {path.stem: read_json(path) for path in sorted((self.folder / CASTS).glob("*.json"))}

    def note_cast(self, form: str, value: dict[str, Any]) -> None:
        """Write down how far a form's cast has come, durably."""
        write_json(self.folder / CASTS / f"{form}.json", value)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Only one program at a time casts from a station; raises `InvalidInput` for a second one."""
        said = InvalidInput(N_("另一个程序正在从这个阅表站投票。"), remedy=N_("请等它投完。"))
        with _held(self.folder / ".casting", said):
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Several programs may read into a station, but none while it is erased; raises `InvalidInput`."""
        said = InvalidInput(N_("另一个程序正在用这个阅表站。"), remedy=N_("请等它做完。"))
        with _held(self.folder / READING, said, shared=True):
            self.require_unerased()
            yield

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """Nobody reads, casts or decides meanwhile: what came late would outlive a certificate. Raises
        `InvalidInput` while somebody reads or casts."""
        said = InvalidInput(N_("另一个程序正在往这个阅表站读表。"), remedy=N_("什么都没有做。请等它读完。"))
        with self.alone(), _held(self.folder / READING, said), self.deciding():
            yield

    @contextmanager
    def deciding(self) -> Iterator[None]:
        """Decisions are changed, or a form's casting begins on them: one program and window after another."""
        with _held(self.folder / ".deciding", InvalidInput(N_("另一个程序正在用这个阅表站。")), wait=True):
            yield

    @property
    def is_erased(self) -> bool:
        """Whether images and answers were erased, or some of them."""
        return any((self.folder / name).exists() for name in (CERTIFICATE, STARTED))

    def require_unerased(self) -> None:
        """Raise `InvalidInput` when images and answers were erased, or some of them."""
        if self.is_erased:
            raise InvalidInput(
                N_("这个阅表站的图像和答案已经销毁。"), remedy=N_("计票记录在销毁证明 erased.txt 里。")
            )


@contextmanager
def _held(path: Path, refusal: InvalidInput, *, shared: bool = False, wait: bool = False) -> Iterator[None]:
    """Hold the lock of a file; raises `refusal` where another program does, or waits for it."""
    with path.open("w", encoding="utf-8") as file:
        try:
            _lock(file, shared=shared, wait=wait)
        except OSError as error:
            raise refusal from error
        yield


def _lock(file: TextIO, *, shared: bool, wait: bool) -> None:
    """Lock a file until it is closed, also by the end of the program; raises `OSError` where it is locked.

    Windows has no shared locks: there one program at a time; and it waits for ten seconds at most.
    """
    if sys.platform == "win32":
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
    else:
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        fcntl.flock(file, kind if wait else kind | fcntl.LOCK_NB)


def _write_about(folder: Path, description: RoundDescription, url: str) -> None:
    about = {"format": FORMAT, "version": VERSION, "url": url, "round": description.to_dict()}
    write_json(folder / "station.json", about)


def keys_of(sources: Iterable[Source]) -> list[tuple[str, Source]]:
    """Key of each page: the digest of its file, and its number; the same file again has the same keys."""
    digests: dict[Path, str] = {}
    keyed = []
    for source in sources:
        if source.path not in digests:
            digests[source.path] = digest(source.path)[:20]
        keyed.append((f"{digests[source.path]}-{source.number:04}", source))
    return keyed


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write a value as `write_text` does."""
    write_text(path, json.dumps(value, ensure_ascii=False))


def write_text(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole and durably or not at all."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=HALF)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(temporary).replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read_json(path: Path) -> dict[str, Any]:
    """What `write_json` wrote; raises `InvalidInput`, naming the file."""
    try:
        value: dict[str, Any] = strict_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(
            N_("阅表站的文件 %(path)s 坏了。"), remedy=N_("请从备份放回。"), path=path
        ) from error
    return value


def _check_format(about: dict[str, Any]) -> None:
    if (about["format"], about["version"]) != (FORMAT, VERSION):
        raise ValueError(f"{about['format']} {about['version']}")


def digest(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _written(found: PageRead | PageFinding) -> dict[str, Any]:
    if isinstance(found, PageFinding):
        return {"finding": found.reason, "sheets": [[s.form, s.page, s.returned] for s in found.sheets]}
    asked = ((a.question, a) for a in found.answers)
    answers = [[q.kind, q.index, q.item, a.value, a.doubt] for q, a in asked]
    return {
        "form": found.code.form,
        "page": found.code.page,
        "round": found.code.round,
        "style": found.code.style.number,
        "answers": answers,
        "invitation": found.invitation,
        "matrix": [float(v) for v in found.matrix.ravel()],
        "written": list(found.written),
    }


def _stored(path: Path) -> StoredPage:
    import numpy as np

    value = read_json(path)
    found: PageRead | PageFinding
    if "finding" in value:
        found = PageFinding(value["finding"], tuple(Sheet(*sheet) for sheet in value["sheets"]))
    else:
        code = PageCode(value["round"], value["form"], value["page"], Style.numbered(value["style"]))
        answers = tuple(
            ReadAnswer(Question(QuestionKind(k), n, i), v, Doubt(d)) for k, n, i, v, d in value["answers"]
        )
        matrix = np.array(value["matrix"]).reshape(3, 3)
        found = PageRead(code, answers, value["invitation"], matrix, tuple(value["written"]))
    return StoredPage(path.stem, value["source"], value["number"], found)
