"""The office's own template of the bulletin (通报), for all rounds of the site; without one the program's."""

from __future__ import annotations

import hashlib

from sqlalchemy.orm import Session, undefer

from survey.clock import today
from survey.database.engine import Database
from survey.documents.attachments.examining import shown
from survey.documents.edition.office_template.checking import MOST_BYTES, check
from survey.models import OfficeTemplate, User
from survey.services.operations.audit import record
from survey.services.operations.virus_scan import require_clean

DOCUMENT = "bulletin"


def current(session: Session) -> OfficeTemplate | None:
    """Template in use; None where it is the program's."""
    return session.get(OfficeTemplate, DOCUMENT)


def content(session: Session) -> bytes | None:
    """The .docx in use; None where it is the program's."""
    found = session.get(OfficeTemplate, DOCUMENT, options=[undefer(OfficeTemplate.content)])
    return found.content if found else None


def take(database: Database, user: User, name: str, given: bytes, scan: str) -> None:
    """Examine an uploaded template and use it from now on; `scan`: command of the antivirus program. Raises
    `PingyiError`; the writer waits for none of the examining."""
    if len(given) <= MOST_BYTES:  # a larger one is refused in any case
        require_clean(scan, shown(name), given)
    checked = check(name, given)
    digest = hashlib.sha256(checked.content).hexdigest()

    def keep(session: Session) -> None:
        kept = OfficeTemplate(
            document=DOCUMENT, name=checked.name, uploaded_on=today(), content=checked.content
        )
        session.merge(kept)
        record(session, actor=user, action="template.change", subject=DOCUMENT, digest=digest)

    database.write(keep)


def drop(session: Session, user: User) -> None:
    """Go back to the program's template; nothing happens where it is in use."""
    found = current(session)
    if found is not None:
        session.delete(found)
        record(session, actor=user, action="template.default", subject=DOCUMENT)
