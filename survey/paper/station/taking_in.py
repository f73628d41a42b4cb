"""Takes files of scans into a station: every page is read once, in several processes, and its image kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from survey.paper.scans.pages import Source, Unreadable, pages_of
from survey.paper.scans.reading import PageFinding, PageRead, in_parallel, read_page
from survey.paper.station.folder import Station, StoredPage, keys_of


def waiting(station: Station, paths: Iterable[Path]) -> list[tuple[str, Source]]:
    """Pages of the files that were not read yet, with their keys; raises `Unreadable` for a file that is
    none."""
    keyed = keys_of(source for path in paths for source in pages_of(path))
    return [(key, source) for key, source in keyed if not station.known(key)]


def take_in(station: Station, pages: list[tuple[str, Source]], workers: int = 2) -> Iterator[StoredPage]:
    """Read pages and keep each before the next is looked at."""
    with station.reading():
        for (key, source), found in in_parallel(partial(_read, station), pages, workers):
            station.keep(key, source, found)
            yield StoredPage(key, source.path.name, source.number, found)


def _read(station: Station, page: tuple[str, Source]) -> PageRead | PageFinding:
    key, source = page
    try:
        return read_page(station.description, source, station.image(key))
    except Unreadable:
        return PageFinding("unreadable")
