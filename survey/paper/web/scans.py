"""Scans are uploaded, read, and deleted; what could not be read is named."""

from __future__ import annotations

import os
import re
import tempfile
import unicodedata
from contextlib import suppress
from pathlib import Path

from flask import jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import FileStorage

from survey.errors import N_, InvalidInput, Phrase
from survey.paper.scans.pages import Unreadable
from survey.paper.station import taking_in
from survey.paper.station.erasing import overwrite
from survey.paper.station.findings import said_of
from survey.paper.station.folder import HALF, INCOMING
from survey.paper.web.room import Room, blueprint, room, somebody
from survey.paper.web.work import READING, Tell

LONGEST_NAME = 80
WORKERS = 2
_NO_NAME = re.compile(r"[^\w.\- ()（）]+")


@blueprint.get("/scans")
@somebody
def scans() -> ResponseReturnValue:
    here = room()
    running = here.work.runs(READING)
    said = [] if running else [phrase.say(gettext) for phrase in said_of(here.station, here.settling)]
    return render_template(
        "station/scans.html",
        running=running,
        ended=here.work.ended(READING, gettext),
        pages=here.station.page_count(),
        said=said,
        refused=[phrase.say(gettext) for phrase in here.refused],
        left=len(_incoming(here)),
    )


@blueprint.post("/scans")
@somebody
def upload() -> ResponseReturnValue:
    here = room()
    here.station.require_unerased()
    files = [file for file in request.files.getlist("scans") if file.filename]
    if not files and not _incoming(here):
        raise InvalidInput(N_("请选择扫描文件。"))
    for file in files:
        _keep(here, file)
    here.work.start(READING, lambda tell: read(here, tell))
    return redirect(url_for("station.scans"), 303)


@blueprint.get("/work.json")
def work() -> ResponseReturnValue:
    found = room().work
    state = "running" if found.is_running else "done"
    return jsonify(state=state, step=gettext(found.step), done=found.done, total=found.total)


def safe_name(name: str) -> str:
    """Name of an uploaded file without its folders and without signs that mean something elsewhere."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    stem, dot, ending = _NO_NAME.sub("_", last).rpartition(".")
    stem = stem.strip(". ")[:LONGEST_NAME] or "scan"
    return f"{stem}{dot}{ending[:8]}" if dot else last[:LONGEST_NAME].strip(". ") or "scan"


def _keep(here: Room, file: FileStorage) -> None:
    """Store an upload under its name, in a folder of its own; whoever reads meanwhile sees it whole."""
    incoming = here.station.folder / INCOMING
    handle, half = tempfile.mkstemp(dir=incoming, prefix=HALF)
    with os.fdopen(handle, "wb") as target:
        file.save(target)
    Path(half).replace(Path(tempfile.mkdtemp(dir=incoming)) / safe_name(file.filename or ""))


def _incoming(here: Room) -> list[Path]:
    return sorted((here.station.folder / INCOMING).glob("*/*"))


def read(here: Room, tell: Tell) -> None:
    """Read all files that came in; each is deleted when its pages are in the station, or when it is none."""
    here.refused.clear()
    waiting, refused = taking_in.sorted_out(here.station, _incoming(here))
    for path, error in refused.items():
        _refuse(here, error)
        _drop(path)
    done, total = 0, sum(map(len, waiting.values()))
    for path, pages in waiting.items():
        for page in taking_in.take_in(here.station, pages, WORKERS):
            if isinstance(page, Unreadable):
                _refuse(here, page)
            done += 1
            tell(done, total)
        _drop(path)


def _refuse(here: Room, error: Unreadable) -> None:
    said, remedy = Phrase(error.message, error.values), Phrase(error.remedy, error.values)
    phrase = Phrase(N_("%(said)s%(remedy)s"), {"said": said, "remedy": remedy})
    if phrase not in here.refused:
        here.refused.append(phrase)


def _drop(path: Path) -> None:
    """Destroy a file that came in; another program at this station may have done so."""
    with suppress(FileNotFoundError):
        overwrite(path)
        path.parent.rmdir()
