"""One running site for all: a round that collects and one that is closed, behind a machine with two faces."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import cheap
import county
import pytest
from county import County, plain_answers
from served import served
from two_faced import CLOSED, TwoFaced, two_faced

from survey.cli.box.page_render import renderer
from survey.database.engine import Database
from survey.scripts import script_hashes
from survey.watch.look import Sources
from survey.watch.store import WatchFiles
from survey.watch.watching import Watcher


@pytest.fixture(scope="module")
def front(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoFaced]:
    folder = tmp_path_factory.mktemp("site")
    url = f"sqlite:///{shutil.copyfile(sqlite_template, folder / 'pingyi.sqlite3')}"
    with pytest.MonkeyPatch.context() as patch:
        cheap.keys(patch)
        database = Database(url, secret_key=county.SECRET)
        place = County(database).collecting()
        before = County(database, slug=CLOSED).populate_again(place).draft().issue().start()
        before.cast_all([plain_answers(before.description().questionnaire)] * 3)
        before.close()
        database.close()
    with served(url, folder) as site, two_faced(site.port) as front:
        yield front


@pytest.fixture
def honest(front: TwoFaced) -> Iterator[TwoFaced]:
    """The machine before the site, changing nothing yet."""
    front.honest()
    front.asked.clear()
    yield front
    front.honest()


@pytest.fixture(scope="module")
def sources() -> Sources:
    return Sources(script_hashes(), renderer())


@pytest.fixture
def watcher(tmp_path: Path, sources: Sources) -> Iterator[Watcher]:
    store = WatchFiles(tmp_path / "watch.jsonl")
    with store.alone():
        yield Watcher(store, sources)


@pytest.fixture
def anew(tmp_path: Path, sources: Sources):
    """The same watcher, started again."""
    return partial(Watcher, WatchFiles(tmp_path / "watch.jsonl"), sources)
