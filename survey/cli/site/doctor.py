"""Command `pingyi doctor`: report what is wrong with this installation, and how to mend it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.cli.database import data_option
from survey.cli.language import language_option
from survey.config import load_settings
from survey.errors import N_
from survey.language import translator

if TYPE_CHECKING:
    from survey.services.doctor.findings import Finding

MARKS = {"ok": "✓", "warning": "!", "bad": "✗"}
EXIT_BAD = 1


@click.command()
@click.option("--strict", is_flag=True, help="警告也算不合格 / warnings count as failures")
@data_option
@language_option
def doctor(strict: bool, data: Path | None, language: str) -> None:
    """检查这套安装，逐条给出办法；有不合格的退出码为 1。Check the installation; exit code 1 when bad."""
    from survey.services.doctor.examination import examine

    translate = translator(language)
    levels: list[str] = []
    for finding in examine(load_settings(data=data)):
        levels.append(finding.level)
        for line in _lines(finding, translate):
            click.echo(line)
    counts = {"bad": levels.count("bad"), "warnings": levels.count("warning")}
    click.echo(translate(N_("不合格 %(bad)s 项，提醒 %(warnings)s 项。")) % counts)
    if counts["bad"] or (strict and counts["warnings"]):
        sys.exit(EXIT_BAD)


def _lines(finding: Finding, say: Callable[[str], str]) -> list[str]:
    lines = [f"{MARKS[finding.level]} {finding.topic:<14} {finding.say(say)}"]
    remedy = finding.say_remedy(say)
    return lines + ([f"{'':<17}→ {remedy}"] if remedy else [])
