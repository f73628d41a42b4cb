"""Reads pages of scans: each becomes the answers on it, or a finding that says what to do with the page."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from survey.documents.paper.codes import PageCode, form_number, round_letters
from survey.documents.paper.layout import PageLayout
from survey.documents.paper.setting_out import form_layout
from survey.errors import PingyiError
from survey.paper.scans.flatten import flattened
from survey.paper.scans.judge import ReadAnswer, judge
from survey.paper.scans.locate import Floats, NotLocated, locate
from survey.paper.scans.measure import measure
from survey.paper.scans.pages import Grey, Source, image_of
from survey.protocol.codes import format_code, parse_pinned
from survey.protocol.description import RoundDescription

T = TypeVar("T")

WRITTEN = 0.004
"""Share of a comment area that is dark from which somebody wrote in it."""
AHEAD = 8
"""Pages handed to the workers before their answers are taken, for each worker."""


@dataclass(frozen=True, slots=True)
class PageRead:
    """Answers of one page; `invitation`: code and check number (核对号) from its QR, "" where there is none.

    `matrix` as in `Located`; `written`: departments whose comment area is not empty.
    """

    code: PageCode
    answers: tuple[ReadAnswer, ...]
    invitation: str
    matrix: Floats
    written: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Page of a form that is seen in an image and was not read; `page` from 1.

    `returned`: whether a corner of it is seen and it is of this round, so that its form came back. An
    invitation alone may be of a slip.
    """

    form: str
    page: int
    returned: bool


@dataclass(frozen=True, slots=True)
class PageFinding:
    """Image that was not read. `reason`: as in `station/findings.py`; `sheets` in it, where known."""

    reason: str
    sheets: tuple[Sheet, ...] = ()


class Reader:
    """Reader of the forms of one round."""

    def __init__(self, description: RoundDescription) -> None:
        self._description = description
        self._round = round_letters(description)

    def read(self, image: Grey) -> PageRead | PageFinding:
        """Read the page in an image."""
        found = locate(image)
        if isinstance(found, NotLocated):
            return self._finding(found.reason, found.codes, found.links)
        code = found.code
        if code.round != self._round or _others([code], found.links):
            return self._finding("several", (code,), found.links)
        pages = form_layout(self._description.questionnaire, code.style).pages
        if code.page >= len(pages):
            return PageFinding("round", (Sheet(code.form, code.page + 1, returned=False),))
        page = pages[code.page]
        answers = judge(page.boxes, measure(image, found.matrix, page.boxes)) if page.boxes else []
        written = _written(image, found.matrix, page)
        invitation = _invitations(found.links).get(code.form, "")
        return PageRead(code, tuple(answers), invitation, found.matrix, written)

    def _finding(self, reason: str, codes: Sequence[PageCode], links: Sequence[str]) -> PageFinding:
        """The finding on an image with all that is seen in it; of another round where nothing is of ours."""
        sheets = [Sheet(code.form, code.page + 1, code.round == self._round) for code in codes]
        if sheets and not any(sheet.returned for sheet in sheets):
            reason = "round"
        seen = (*sheets, *_others(codes, links))
        return PageFinding(reason, tuple(sorted(seen, key=lambda sheet: (sheet.form, sheet.page))))


def _others(codes: Sequence[PageCode], links: Sequence[str]) -> list[Sheet]:
    """First pages of which only the invitation is in view."""
    firsts = {code.form for code in codes if code.page == 0}
    return [Sheet(form, 1, returned=False) for form in _invitations(links) if form not in firsts]


def _invitations(links: Sequence[str]) -> dict[str, str]:
    """Code and check number of each link to an invitation, by the number of its form."""
    found = {}
    for link in links:
        try:
            code, pin = parse_pinned(link.partition("#")[2])
        except PingyiError:
            continue
        found[form_number(format_code(code))] = "-".join(filter(None, (format_code(code), pin)))
    return found


def _written(image: Grey, matrix: Floats, page: PageLayout) -> tuple[int, ...]:
    """Departments whose comment area is not empty."""
    if not page.areas:
        return ()
    low = np.array([(area.x, area.y) for area in page.areas])
    size = np.array([(area.width, area.height) for area in page.areas])
    flat = flattened(image, matrix, low.min(axis=0), (low + size).max(axis=0))
    inner = zip(page.areas, flat.index(low + 1.2), flat.index(low + size - 1.2), strict=True)
    parts = (
        (area.department, flat.dark[top:bottom, left:right]) for area, (left, top), (right, bottom) in inner
    )
    return tuple(department for department, dark in parts if (dark > 0.3).mean() > WRITTEN)


Keyed = tuple[str, Source]
Work = Callable[[Keyed], T]


def in_parallel(work: Work[T], pages: Iterable[Keyed], workers: int) -> Iterator[tuple[Keyed, T | None]]:
    """`work` of each page (key, source) with its result, in their order, in `workers` processes; one works
    here.

    `work` is sent to each process once. Where a process ends at a page, those that were handed out are each
    read alone, and the result of a page that ends its process again is None.
    """
    if workers <= 1:
        yield from ((page, work(page)) for page in pages)
        return
    waiting, pending = iter(pages), list[Keyed]()
    while True:
        try:
            yield from _together(work, waiting, pending, workers)
        except BrokenProcessPool:
            while pending:
                yield pending[0], _alone(work, pending.pop(0))
        else:
            return


def _together(
    work: Work[T], waiting: Iterator[Keyed], pending: list[Keyed], workers: int
) -> Iterator[tuple[Keyed, T]]:
    """As `in_parallel`; `pending` holds what was handed out and has no result, also where it raises
    `BrokenProcessPool`."""
    futures = list[Future[T]]()
    with _pool(work, workers) as pool:

        def hand_out(count: int) -> None:
            for page in islice(waiting, count):
                pending.append(page)
                futures.append(pool.submit(_work, page))

        hand_out(AHEAD * workers)
        while pending:
            result = futures.pop(0).result()
            yield pending.pop(0), result
            hand_out(1)


def _alone(work: Work[T], page: Keyed) -> T | None:
    with _pool(work, 1) as pool:
        try:
            result: T = pool.submit(_work, page).result()
        except BrokenProcessPool:
            return None
        return result


def _pool(work: Work[T], workers: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(work,))


_process: dict[str, Work[Any]] = {}
"""Of a process that reads: its work."""


def _begin(work: Work[Any]) -> None:
    """Take the work, and end this process when the one that began it ends: killed, it cannot tell."""
    _process["work"] = work
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _work(page: Keyed) -> Any:
    return _process["work"](page)


def read_page(reader: Reader, source: Source, picture: Path) -> PageRead | PageFinding:
    """Read a page, and keep its image as a JPEG at `picture`, durably; raises `Unreadable`."""
    from PIL import Image

    image = image_of(source)
    found = reader.read(image)
    with picture.open("wb") as file:
        Image.fromarray(image).save(file, "JPEG", quality=85)
        file.flush()
        os.fsync(file.fileno())
    return found
