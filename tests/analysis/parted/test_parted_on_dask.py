"""Ratings in parts on a Dask cluster of two workers: the same ranking, also where a worker is killed."""

from __future__ import annotations

from functools import partial

import pytest
from test_parted import SETTINGS, apart, in_parts, insteval, many, once_killed  # noqa: F401 (a fixture)

from analysis import InputError
from analysis.parted.runners import on_dask, runner

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def address():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
    ) as cluster:
        yield cluster.scheduler_address


def test_a_cluster_gives_the_same_and_a_killed_worker_changes_nothing(address, tmp_path, many):  # noqa: F811
    table = insteval(300)[0]
    expected = in_parts(table, tmp_path).ranked(**SETTINGS)
    marks = tmp_path / "marks"
    marks.mkdir()
    with runner(None, address) as run:

        def killing(function, tasks):
            first = not any(marks.iterdir())
            return run(partial(once_killed, function, marks) if first else function, tasks)

        found = in_parts(table, tmp_path, killing).ranked(**SETTINGS)
    assert apart(expected, found) == []
    assert (marks / "002").stat().st_size == 2


def test_no_scheduler_at_the_address():
    with pytest.raises(InputError, match="no Dask scheduler"), on_dask("tcp://127.0.0.1:9"):
        pass
