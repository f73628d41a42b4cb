"""Analyses of uploaded files of ratings: adding, finding, keeping and deleting them, with their uploads.

The upload itself lies in the data directory for an hour, in which it can be read again by other choices; the
database holds what was understood of it and what the ranking says, never the ratings.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from survey.clock import now
from survey.database.engine import Database
from survey.errors import N_, NotFound
from survey.models import RatingAnalysis, RatingAnalysisFile
from survey.models.base import random_id

FOLDER: Final = "ratings"
KEPT_SECONDS: Final = 3600
NOT_KEPT: Final = timedelta(days=1)
LONGEST: Final = 60
THRESHOLD: Final = 10
_UNFIT: Final = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|\ud800-\udfff]")


def add(session: Session, filename: str, made_by: str) -> str:
    """Add an analysis of a file; returns its id in hexadecimal."""
    name = _name_of(filename)
    analysis = RatingAnalysis(
        id=random_id(),
        title=name.rpartition(".")[0] or name,
        threshold=THRESHOLD,
        filename=name,
        made_by=made_by,
        made_at=now(),
        kept=False,
        choices={},
    )
    session.add(analysis)
    return analysis.id.hex()


def _name_of(filename: str) -> str:
    """Name under which an upload is stored: the last part of the path, without signs that file systems
    refuse."""
    last = _UNFIT.sub("", re.split(r"[/\\]", filename)[-1]).strip(" .")
    stem, dot, kind = last.rpartition(".")
    return f"{stem[: LONGEST - 10]}{dot}{kind[:9]}" if last else "ratings"


def by_id(session: Session, key: str) -> RatingAnalysis:
    """Analysis with this id (hexadecimal); raises `NotFound`."""
    analysis = session.get(RatingAnalysis, bytes.fromhex(key))
    if analysis is None:
        raise NotFound(N_("没有这份分析，或它已经删除。"))
    return analysis


def every(session: Session) -> Sequence[RatingAnalysis]:
    """All analyses, the newest first."""
    query = select(RatingAnalysis).order_by(RatingAnalysis.made_at.desc(), RatingAnalysis.id)
    return session.scalars(query).all()


def files_of(session: Session, analysis: RatingAnalysis) -> list[tuple[str, int]]:
    """Pairs (name, bytes) of the files of the analysis."""
    length = func.length(RatingAnalysisFile.content)
    query = select(RatingAnalysisFile.name, length).where(RatingAnalysisFile.analysis_id == analysis.id)
    return [(name, size) for name, size in session.execute(query.order_by(RatingAnalysisFile.name))]


def file_of(session: Session, analysis: RatingAnalysis, name: str) -> RatingAnalysisFile:
    """File of the analysis with this name; raises `NotFound`."""
    kept = session.get(RatingAnalysisFile, (analysis.id, name))
    if kept is None:
        raise NotFound(N_("没有这个文件。"))
    return kept


def keep_upload(data: Path, key: str, filename: str, content: bytes) -> None:
    """Store the upload of the analysis `key`, readable by this user of the system alone."""
    folder = data / FOLDER / key
    folder.mkdir(mode=0o700, parents=True)
    path = folder / _name_of(filename)
    path.touch(mode=0o600)
    path.write_bytes(content)


def upload_of(data: Path, key: str) -> Path:
    """Path of the upload of the analysis `key`; raises `NotFound` when it was swept after an hour."""
    folder = data / FOLDER / key
    found = next(folder.iterdir(), None) if folder.is_dir() else None
    if found is None:
        raise NotFound(N_("上传的文件已经删除（只留一小时）。"), remedy=N_("请重新上传。"))
    return found


def has_upload(data: Path, key: str) -> bool:
    """Whether the upload is still there, so that the file can be read again."""
    return (data / FOLDER / key).is_dir()


def remove(database: Database, data: Path, key: str) -> None:
    """Delete the analysis with its files and its upload."""
    drop_upload(data, key)
    statement = delete(RatingAnalysis).where(RatingAnalysis.id == bytes.fromhex(key))
    database.write(lambda session: session.execute(statement) and None)


def drop_upload(data: Path, key: str) -> None:
    """Delete the upload of the analysis, if it is still there."""
    shutil.rmtree(data / FOLDER / key, ignore_errors=True)


def sweep(database: Database, data: Path) -> None:
    """Delete uploads older than an hour, and analyses that nobody kept older than a day."""
    folder = data / FOLDER
    for upload in folder.iterdir() if folder.is_dir() else ():
        if upload.stat().st_mtime < time.time() - KEPT_SECONDS:
            drop_upload(data, upload.name)
    old = RatingAnalysis.kept.is_(False), RatingAnalysis.made_at < now() - NOT_KEPT
    statement = delete(RatingAnalysis).where(*old)
    database.write(lambda session: session.execute(statement) and None)
