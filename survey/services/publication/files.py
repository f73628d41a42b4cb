"""Documents of a published edition as one zip, made from its frozen content, and that of the one before,
alone.

Equal editions give equal zips, so that making one again is always safe: a job that a dead process left is
started again from the beginning.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.database.engine import Database
from survey.errors import N_, Conflict, NotFound, Phrase, PingyiError
from survey.models import EditionFile, Publication, PublicationState, Round
from survey.services.operations.audit import Actor, record
from survey.services.operations.job_kinds import ById, JobKind, Nothing, Running
from survey.services.publication import bulletin_template
from survey.services.rounds import editions

if TYPE_CHECKING:
    from survey.documents.layout.attempts import Failure

Report = Callable[..., None]
LETTERS: Final = "反馈函"
"""Folder of the letters in the zip."""


class FilesMissing(PingyiError):
    """Failure to make some files of the zip; the others are in it."""

    status = 500
    code = "files_missing"
    remedy = N_("其余文件都已做好，可以下载。排除原因后请点“重新制作”。")

    def __init__(self, failures: Sequence[Failure]) -> None:
        told = Phrase(
            "；".join(f"{failure.name}：{failure.zh}" for failure in failures),
            english="; ".join(f"{failure.name}: {failure.en}" for failure in failures),
        )
        super().__init__(N_("有 %(count)s 个文件没有生成。%(told)s"), count=len(failures), told=told)


def write(
    publication: Publication,
    before: Publication | None,
    progress: Report | None = None,
    template: bytes | None = None,
) -> tuple[bytes, list[Failure]]:
    """Zip of a confirmed edition, and the files missing in it; `before`: the edition that it corrects;
    `template`: of the bulletin, the office's own. Raises `Conflict` before publication."""
    from survey.documents.edition.bundle import write_bundle
    from survey.documents.edition.content import Edition

    if publication.state != PublicationState.PUBLISHED:
        raise Conflict(N_("公布稿确认之后，才能制作文件。"))
    edition = Edition(
        content=publication.facts,
        number=publication.edition,
        digest=publication.digest.hex(),
        published_on=publication.published_on,
        correction=publication.correction,
        log=publication.log,
        before=before.facts if before else None,
    )
    failures: list[Failure] = []
    content = publication.content.encode()
    return write_bundle(edition, content, progress, failures=failures, template=template), failures


def make(database: Database, publication_id: bytes, progress: Report | None = None) -> None:
    """Make the zip and store it, replacing an earlier one.

    Raises as `write`, and `FilesMissing` after storing a zip without the files that could not be made.
    """
    with database.read() as session:
        publication = session.get_one(Publication, publication_id)
        before = editions.before(session, publication)
        template = bulletin_template.content(session)
    content, failures = write(publication, before, progress, template)
    kept = EditionFile(publication_id=publication_id, content=content)
    database.write(lambda session: session.merge(kept) and None)
    if failures:
        raise FilesMissing(failures)


def _run(running: Running[ById, Nothing]) -> None:
    make(running.database, bytes.fromhex(running.asked.id), running)


KIND = JobKind("documents", ById, Nothing, _run)
"""Asked for with the publication's id."""


def sizes(session: Session, publications: list[Publication]) -> dict[bytes, int]:
    """Size in bytes of the stored zip, by publication's id; only for those that have one."""
    ids = [publication.id for publication in publications]
    query = select(EditionFile.publication_id, func.length(EditionFile.content))
    rows = session.execute(query.where(EditionFile.publication_id.in_(ids)))
    return {publication_id: size for publication_id, size in rows}  # noqa: C416 - rows are no pairs to mypy


def content(session: Session, publication: Publication) -> bytes:
    """Stored zip of an edition; raises `NotFound` while there is none."""
    kept = session.get(EditionFile, publication.id)
    if kept is None:
        raise NotFound(N_("这一版的文件还没有制作。"), remedy=N_("请先在“公布结果”页面点“制作全部文件”。"))
    return kept.content


def letter(session: Session, publication: Publication, department: str) -> bytes:
    """Feedback letter (反馈函) to this department as it lies in the stored zip, a .docx. Raises `NotFound`
    while there is none."""
    named = [profile.name for profile in publication.facts.facts.profiles]
    kept = session.get(EditionFile, publication.id)
    if kept is not None and department in named:
        beginning = f"{LETTERS}/{named.index(department) + 1:03d} "
        with zipfile.ZipFile(io.BytesIO(kept.content)) as files:
            for name in files.namelist():
                if name.startswith(beginning):
                    return files.read(name)
    raise NotFound(
        N_("这一版还没有给贵部门的反馈函文件。"), remedy=N_("请联系评议办公室，由评议员制作全部文件。")
    )


def record_export(session: Session, round: Round, publication: Publication, actor: Actor) -> None:
    """Record in the audit log that somebody wrote the zip, letters included, to a file outside the site."""
    record(session, actor=actor, action="publication.export", subject=round.slug, edition=publication.edition)
