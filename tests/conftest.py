"""Fixtures that several packages' tests share: both databases, and a round in each of its states."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import cheap
import compiled_once
import county
import postgres
import pytest
from built_once import built_once
from hypothesis import HealthCheck, settings
from open_databases import Watch

from survey.database.engine import Database
from survey.database.migrations import upgrade

NO_POSTGRESQL = "PostgreSQL is not installed here (sh tests/install-system.sh installs it)"


# Eight processes on two cores: the clock says nothing of a test.
settings.register_profile("shared cores", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared cores")

OPENED = Watch()
OPENED.install()
compiled_once.install()
compiled_once.share_statements()
cheap.flush_nothing()
cheap.work_here()


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[object]) -> Generator[None, object, object]:
    """Tell databases that a fixture keeps for several tests from those of one test."""
    OPENED.scopes.append(fixturedef.scope)
    try:
        return (yield)
    finally:
        OPENED.scopes.pop()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Name the test that leaves a connection open, before the garbage collector fails another one."""
    try:
        done = yield
    finally:
        left = OPENED.left_open()
    if left:
        pytest.fail(f"{item.nodeid} leaves PostgreSQL open: {'; '.join(left)}", pytrace=False)
    return done


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Millions of draws and searches of seconds are for tests of figures; fonts are the same in all tests."""
    cheap.set_analysis(item.path)
    cheap.set_charts(item)
    compiled_once.keep_subsets_of_fonts()


@pytest.fixture
def _cheap_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The strength of keys and passphrases is tested elsewhere; here it would cost a second a test."""
    cheap.keys(monkeypatch)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgres.PostgreSQL]:
    """One real server for each worker."""
    binaries = postgres.find_binaries()
    if binaries is None:
        if os.environ.get("CI") == "true":
            pytest.fail(NO_POSTGRESQL)
        pytest.skip(NO_POSTGRESQL)
    with postgres.server(binaries) as running:
        yield running


@pytest.fixture(scope="session")
def postgresql_template(postgresql: postgres.PostgreSQL) -> str:
    """A database at the newest revision, to copy from."""
    _migrate(postgresql.create("template_head"))
    return "template_head"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file at the newest revision, to copy from."""
    folder, _ = built_once(
        tmp_path_factory, "template", lambda folder: _migrate(f"sqlite:///{folder / 'head.sqlite3'}")
    )
    return folder / "head.sqlite3"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database at the newest revision, of each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{_copied(request.getfixturevalue('sqlite_template'), tmp_path)}"
        return
    template: str = request.getfixturevalue("postgresql_template")
    server: postgres.PostgreSQL = request.getfixturevalue("postgresql")
    url = server.take(template)
    yield url
    server.give_back(url)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without any table, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    server: postgres.PostgreSQL = request.getfixturevalue("postgresql")
    return server.copy("template1")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh, migrated database of each kind in turn."""
    opened = Database(database_url, secret_key=county.SECRET)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A fresh, migrated SQLite database, for what need not be tested on both."""
    opened = Database(f"sqlite:///{_copied(sqlite_template, tmp_path)}", secret_key=county.SECRET)
    yield opened
    opened.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A skipped PostgreSQL must not go unnoticed among the dots."""
    skipped = terminalreporter.stats.get("skipped", [])
    count = sum(NO_POSTGRESQL in str(report.longrepr) for report in skipped)
    if count:
        terminalreporter.section("NOT TESTED ON POSTGRESQL", sep="!", red=True, bold=True)
        terminalreporter.write_line(f"{count} tests were skipped: {NO_POSTGRESQL}", red=True)


def _copied(template: Path, folder: Path) -> Path:
    return Path(shutil.copyfile(template, folder / "pingyi.sqlite3"))


def _migrate(url: str) -> None:
    database = Database(url)
    upgrade(database.engine)
    database.close()
