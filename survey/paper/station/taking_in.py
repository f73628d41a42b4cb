"""Takes files of scans into a station: every page is read once, in several processes, and its image kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from survey.errors import N_
from survey.paper.scans.pages import Source, TooLarge, Unreadable, pages_of
from survey.paper.scans.reading import PageFinding, PageRead, Reader, in_parallel, read_page
from survey.paper.station.folder import Station, StoredPage, keys_of

GONE = PageFinding("gone")
"""Of a page that could not be read because its file is no longer what it was; never kept."""
MOST_ENDED = 5
"""Pages that may end the program that reads; more are no accident."""


def waiting(station: Station, path: Path) -> list[tuple[str, Source]]:
    """Pages of a file that were not read yet, with their keys; raises `Unreadable`."""
    sources = pages_of(path)
    try:
        return [(key, source) for key, source in keys_of(sources) if not station.known(key)]
    except OSError as error:
        raise _gone(sources[0]) from error


def sorted_out(
    station: Station, paths: Iterable[Path]
) -> tuple[dict[Path, list[tuple[str, Source]]], dict[Path, Unreadable]]:
    """Of files to read: the pages that were not read yet, by file, and why which others cannot be read."""
    pages, refused = dict[Path, list[tuple[str, Source]]](), dict[Path, Unreadable]()
    for path in paths:
        try:
            pages[path] = waiting(station, path)
        except Unreadable as error:
            refused[path] = error
    return pages, refused


def take_in(
    station: Station, pages: list[tuple[str, Source]], workers: int = 2
) -> Iterator[StoredPage | Unreadable]:
    """Read pages and keep each before the next is looked at.

    A page at which the program that reads ends is not kept, nor one whose file is gone or another by then (a
    disk that was pulled out); an error stands in its place, one for all pages of a file that is gone, and it
    can be read again. Raises the error when programs end too often for pages to be the cause.
    """
    ended, gone = 0, dict[Path, Unreadable]()
    with station.reading():
        work = partial(_read, station, Reader(station.description))
        for (key, source), found in in_parallel(work, pages, workers):
            if found is None:
                ended += 1
                if ended > MOST_ENDED:
                    raise _ended(source)
                yield _ended(source)
                continue
            if found == GONE:
                yield gone.setdefault(source.path, _gone(source))
                continue
            station.keep(key, source, found)
            yield StoredPage(key, source.path.name, source.number, found)


def _ended(source: Source) -> Unreadable:
    return Unreadable(
        N_("读“%(file)s”第 %(page)s 页时阅表程序意外中断，这一页没有读。"),
        remedy=N_("请重扫这一页；总是这样，请看内存够不够。"),
        file=source.path.name,
        page=source.number,
    )


def _gone(source: Source) -> Unreadable:
    return Unreadable(
        N_("文件“%(file)s”读到一半没有了，或者被改动了。"),
        remedy=N_("请插好磁盘，放回文件，再读一次：已经读的不会重读。"),
        file=source.path.name,
    )


def _is_as_it_was(key: str, source: Source) -> bool:
    """Whether a file is still the one from which the page's key was made."""
    try:
        return keys_of([source])[0][0] == key
    except OSError:
        return False


def _read(station: Station, reader: Reader, page: tuple[str, Source]) -> PageRead | PageFinding:
    key, source = page
    try:
        return read_page(reader, source, station.image(key))
    except TooLarge:
        return PageFinding("large")
    except Unreadable:
        return PageFinding("unreadable") if _is_as_it_was(key, source) else GONE
