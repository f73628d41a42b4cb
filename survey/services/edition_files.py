"""All documents of a published edition, made once in a job from its frozen content and kept as one zip."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.db import Database
from survey.errors import N_, Conflict, NotFound
from survey.models import EditionFile, Publication, PublicationState

KIND = "documents"
Report = Callable[..., None]


def make(database: Database, publication_id: bytes, progress: Report | None = None) -> None:
    """Make and keep the zip; repeating gives the same. Raises `Conflict` for what is not published."""
    from survey.documents.edition import Edition
    from survey.documents.edition_bundle import write_bundle

    with database.read() as session:
        publication = session.get_one(Publication, publication_id)
    if publication.state != PublicationState.PUBLISHED:
        raise Conflict(N_("公布稿确认之后，才能制作文件。"))
    edition = Edition(
        content=publication.facts,
        number=publication.edition,
        digest=publication.digest.hex(),
        published_on=publication.published_on,
        correction=publication.correction,
    )
    content = write_bundle(edition, publication.content.encode(), progress)
    database.write(lambda s: _keep(s, publication_id, content))


def sizes(session: Session, publications: list[Publication]) -> dict[bytes, int]:
    """Publication's id → bytes of its zip, of those that have one."""
    ids = [publication.id for publication in publications]
    query = select(EditionFile.publication_id, func.length(EditionFile.content))
    rows = session.execute(query.where(EditionFile.publication_id.in_(ids)))
    return {publication_id: size for publication_id, size in rows}  # noqa: C416 - rows are no pairs to mypy


def content(session: Session, publication: Publication) -> bytes:
    """The zip; raises `NotFound` while there is none."""
    kept = session.get(EditionFile, publication.id)
    if kept is None:
        raise NotFound(N_("这一版的文件还没有制作。"), remedy=N_("请先在“公布结果”页面点“制作全部文件”。"))
    return kept.content


def _keep(session: Session, publication_id: bytes, content: bytes) -> None:
    session.merge(EditionFile(publication_id=publication_id, content=content))
