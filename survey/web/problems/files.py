"""Files with the answers of departments: taken from a form, removed before they are sent, downloaded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from flask import Response
from werkzeug.datastructures import FileStorage

from survey.documents.attachments.kinds import MOST_BYTES
from survey.documents.media_types import media_type
from survey.errors import PingyiError, in_full
from survey.language import gettext as _
from survey.models import Problem
from survey.services.followup import attachments
from survey.web.site.downloads import attachment
from survey.web.site.request import database, settings, signed_in_user

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Find = Callable[["Session"], Problem]
ATTACH: Final = "attach"
_REMOVE: Final = "remove-"
ACCEPTED: Final = ".pdf,.jpg,.jpeg,.png,.docx,.xlsx"
# A file that a browser shows in spite of all could still do nothing there.
_POLICY: Final = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; sandbox"


def take(find: Find, given: Iterable[FileStorage] | None, *, needed: bool) -> list[str]:
    """Keep the files of a form for the next answer to the problem that `find` gives; returns what is said of
    those that were refused. needed: whether none at all is refused too."""
    user, command = signed_in_user(), settings().scan_command
    said = []
    chosen = [file for file in given or () if file.filename]
    for file in chosen:
        content = file.stream.read(MOST_BYTES + 1)
        try:
            attachments.take(database(), find, user, file.filename or "", content, command)
        except PingyiError as error:
            said.append(in_full(error, _))
    if needed and not chosen:
        said.append(_("请先选要加的文件。"))
    return list(dict.fromkeys(said))


def remove(find: Find, asked: str) -> None:
    """Remove the file that the button `asked` names, if it names one."""
    user, number = signed_in_user(), asked.removeprefix(_REMOVE)
    if asked.startswith(_REMOVE) and number.isascii() and number.isdecimal() and len(number) < 10:
        database().write(lambda s: attachments.remove(s, find(s), user, int(number)))


def download(find: Find, number: int) -> Response:
    """Download of a file that the person who is signed in may see; no browser shows it in its window."""
    user = signed_in_user()
    with database().read() as session:
        file = attachments.get(session, find(session), number, user)
        response = attachment(file.content, file.name, media_type(file.name))
    response.headers["Content-Security-Policy"] = _POLICY
    return response
