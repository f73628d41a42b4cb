"""Takes files of scans into a station: every page is read once, in several processes, and its image kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from survey.paper.scans.pages import Source, TooLarge, Unreadable, pages_of
from survey.paper.scans.reading import PageFinding, PageRead, Reader, in_parallel, read_page
from survey.paper.station.folder import Station, StoredPage, keys_of


def waiting(station: Station, path: Path) -> list[tuple[str, Source]]:
    """Pages of a file that were not read yet, with their keys; raises `Unreadable`."""
    return [(key, source) for key, source in keys_of(pages_of(path)) if not station.known(key)]


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


def take_in(station: Station, pages: list[tuple[str, Source]], workers: int = 2) -> Iterator[StoredPage]:
    """Read pages and keep each before the next is looked at."""
    with station.reading():
        work = partial(_read, station, Reader(station.description))
        for (key, source), found in in_parallel(work, pages, workers):
            station.keep(key, source, found)
            yield StoredPage(key, source.path.name, source.number, found)


def _read(station: Station, reader: Reader, page: tuple[str, Source]) -> PageRead | PageFinding:
    key, source = page
    try:
        return read_page(reader, source, station.image(key))
    except TooLarge:
        return PageFinding("large")
    except Unreadable:
        return PageFinding("unreadable")
