"""What `pingyi watch` prints of looks and of differences between logs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import click

from survey.cli.language import visible
from survey.errors import N_
from survey.watch.asking import REASONS
from survey.watch.between import Difference
from survey.watch.log import Entry
from survey.watch.things import label_of

Translate = Callable[[str], str]


def tell(entry: Entry, translate: Translate, *, always: bool = True) -> None:
    """Print what an entry names and missed; one line that nothing is to be named, if `always`."""
    for finding in entry.findings:
        click.echo(visible(f"{entry.time} {entry.url} ✗ {finding.say(label_of(finding.field), translate)}"))
    if not always:
        return
    for name, why in entry.missed.items():
        words = translate(REASONS.get(why["reason"], "")) % {"detail": why["detail"]}
        said = translate(N_("看不到%(what)s：%(why)s。")) % {"what": translate(label_of(name)), "why": words}
        click.echo(visible(f"{entry.time} {entry.url} – {said}"))
    if not entry.findings and not entry.missed:
        same = translate(N_("与从前相同。"))
        click.echo(f"{entry.time} {entry.url} ✓ {same}")


def worded_difference(found: Difference, paths: Sequence[Path], translate: Translate) -> str:
    """Line of text for a difference between two watchers: when, which round, and what either was shown."""
    values = {
        "what": translate(label_of(found.field)),
        "one": paths[found.watcher],
        "other": paths[found.against],
        "value": found.value,
        "shown": found.other,
        "looks": found.looks,
    }
    said = (
        translate(N_("%(what)s：%(one)s 看到 %(value)s（%(looks)s 次），%(other)s 看到 %(shown)s。")) % values
    )
    if found.lost:
        said += translate(N_("%(other)s 的清单里没有：%(lost)s。")) % (
            values | {"lost": " ".join(found.lost)}
        )
    return visible(f"{found.first}–{found.last} {found.url} ✗ {said}")
