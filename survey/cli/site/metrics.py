"""Command `pingyi metrics`: figures for Prometheus, on a port and in a process of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from survey.cli.database import data_option
from survey.cli.language import language_option
from survey.cli.site.serve import check_port
from survey.cli.stopping import asked_to_stop
from survey.config import load_settings
from survey.database.engine import Database, open_database
from survey.errors import N_
from survey.language import translator
from survey.services.waiting.figures import gauges

PORT = 9464


class Figures(Collector):
    """The figures of an installation as the client library asks for them, worked out at every scrape."""

    def __init__(self, database: Database, data: Path) -> None:
        self._database, self._data = database, data

    def describe(self) -> list[Metric]:
        """Nothing: or the library would work all of them out only to learn their names."""
        return []

    def collect(self) -> Iterator[Metric]:
        for gauge in gauges(self._database, self._data):
            family = GaugeMetricFamily(gauge.name, gauge.help, labels=[gauge.label] if gauge.label else None)
            for label, value in gauge.values.items():
                family.add_metric([label] if gauge.label else [], value)
            yield family


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址 / address to listen on")
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(0, 65_535))
@data_option
@language_option
def metrics(host: str, port: int, data: Path | None, language: str) -> None:
    """给 Prometheus 的指标：数据库、备份、磁盘、后台工作、等着办的事；不含任何随投票变化的数。

    Figures of database, backup, disk, jobs and tasks. None moves when somebody votes.
    """
    settings = load_settings(data=data)
    if port:
        check_port(host, port)
    database = open_database(settings)
    try:
        registry = CollectorRegistry()
        registry.register(Figures(database, settings.data))
        server, _thread = start_http_server(port, host, registry)
        ended = asked_to_stop()
        shown = f"http://{host}:{server.server_port}/metrics"
        click.echo(translator(language)(N_("监控指标在 %(address)s。")) % {"address": shown})
        ended.wait()
        server.shutdown()
    finally:
        database.close()
