"""Erases what was on the forms from a station, after the round was closed, and certifies it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from survey.clock import day_text, today
from survey.errors import LANGUAGE, N_, InvalidInput
from survey.paper.station.ends import CAST
from survey.paper.station.folder import (
    CASTS,
    CERTIFICATE,
    HALF,
    IMAGES,
    INCOMING,
    KEPT,
    PAGES,
    STARTED,
    Station,
    digest,
    write_text,
)

LISTED, KEPT_FILES = "erased-files.txt", "kept-files.txt"
BEFORE: Final = N_("请先在网站上登记好 count.json：销毁以后，记录不能重作。")
"""A number of forms handed out that was typed wrongly is noticed there."""
_PIECE = 1 << 20


def check_receipts(station: Station, published: str) -> int:
    """Number of receipts of this station, all of which stand in the published list; raises `InvalidInput`
    naming how many do not."""
    listed = set(published.split())
    mine = [cast["receipt"] for cast in station.casts().values() if cast.get("state") == CAST]
    if lost := [receipt for receipt in mine if receipt not in listed]:
        raise InvalidInput(
            N_("公布的回执清单里没有这个阅表站投的 %(count)s 张票。"),
            remedy=N_("什么都没有销毁。请保留阅表站的目录，并告诉持钥人。"),
            count=len(lost),
        )
    return len(mine)


def erase(station: Station, record: str, translate: Callable[[str], str]) -> Path:
    """Overwrite and delete images, answers, decisions and receipts; returns the certificate.

    `record`: the protocol of the count, kept in the certificate. Run again after an interruption, it goes on.
    """
    with station.undisturbed():
        if not is_begun(station):
            write_text(station.folder / STARTED, record)
        return _erase(station, translate)


def is_begun(station: Station) -> bool:
    """Whether an erasing was begun and has not ended."""
    return (station.folder / STARTED).exists()


def go_on(station: Station, translate: Callable[[str], str]) -> Path:
    """Erase what a begun erasing has left; returns the certificate."""
    with station.undisturbed():
        return _erase(station, translate)


def _erase(station: Station, translate: Callable[[str], str]) -> Path:
    certificate, started = station.folder / CERTIFICATE, station.folder / STARTED
    with (station.folder / LISTED).open("a+", encoding="utf-8") as listed:
        listed.seek(0)
        known = {line.partition("  ")[2] for line in listed.read().splitlines()}
        for path in _files(station):
            name = str(path.relative_to(station.folder))
            if name not in known:  # else its erasing was interrupted, and what is left has another digest
                listed.write(f"{digest(path)}  {name}\n")
                listed.flush()
                os.fsync(listed.fileno())
            overwrite(path)
    lines = [
        translate(N_("销毁证明")),
        translate(N_("图像、答案、认定和回执已覆盖并删除；文件的摘要见 erased-files.txt。")),
        translate(N_("固态硬盘上覆盖不保证擦净：请用加密的磁盘，用完毁掉密钥。")),
        *_signed(translate),
        started.read_text(encoding="utf-8"),
    ]
    write_text(certificate, "\n".join(lines))
    started.unlink()
    return certificate


def keep(station: Station, record: str, translate: Callable[[str], str]) -> Path:
    """Write a list of digests of all that is on the forms, to be signed and kept with the sealed disk;
    returns it. Raises `InvalidInput` while somebody reads or casts: what came late would not be listed."""
    with station.undisturbed():
        listed = "".join(f"{digest(path)}  {path.relative_to(station.folder)}\n" for path in _files(station))
    write_text(station.folder / KEPT_FILES, listed)
    lines = [
        translate(N_("封存记录")),
        translate(N_("图像、答案、认定和回执留作复核，文件的摘要见 kept-files.txt；它的 SHA-256：")),
        digest(station.folder / KEPT_FILES),
        translate(N_("请断电，把磁盘装入信封，两人在封口签名。")),
        *_signed(translate),
        record,
    ]
    path = station.folder / KEPT
    write_text(path, "\n".join(lines))
    return path


def _signed(translate: Callable[[str], str]) -> list[str]:
    day = day_text(today(), translate(LANGUAGE))
    return [day, f"{translate(N_('签名'))} ____________  ____________", ""]


def _files(station: Station) -> list[Path]:
    """Everything that tells what is on a form, half-written decisions of a program that was killed too."""
    patterns = (
        f"{PAGES}/*",
        f"{IMAGES}/*",
        f"{CASTS}/*",
        "decisions-*.json",
        f"{HALF}*",
        f"{INCOMING}/{HALF}*",
        f"{INCOMING}/*/*",
    )
    return sorted(path for pattern in patterns for path in station.folder.glob(pattern))


def overwrite(path: Path) -> None:
    """Overwrite a file with random bytes and delete it."""
    with path.open("r+b") as file:
        for start in range(0, path.stat().st_size, _PIECE):
            file.write(os.urandom(min(_PIECE, path.stat().st_size - start)))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
