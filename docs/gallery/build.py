"""Gallery: six public data sets ranked, with what a plain mean says beside what may be said.

`python docs/gallery/build.py` writes README.md and the charts of this folder (`make docs`); `--check` writes
nothing and exits with 1 where something is not current. No network is needed: the data lie in data/ and in
tests/data/, each with its source and licence in README.md.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analysis import rank, rank_estimates, read_ratings
from analysis.charts.ranking import ranking_chart
from analysis.charts.rendering import render
from analysis.files.ratings import read_estimates
from analysis.ranking.results import DepartmentResult, Ranking
from survey.documents.ranking.report import Told, said

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
DPI = 90
HEAD = """# Gallery: six public data sets, ranked

What a plain mean says, what may be said at joint confidence 95 %, and why the two differ. Sentences, numbers
and charts are made by `make docs`, by the same code as `pingyi rank`; the words around them are in
`examples.toml`. `python docs/gallery/build.py --check` tells whether all is current.
"""


@dataclass(frozen=True)
class Example:
    """Data set: what it is, where it is from, and why the ranking says what it says (a format, see `why`);
    `path`: below the project's folder."""

    name: str
    title: str
    about: str
    source: str
    why: str
    path: str
    estimates: bool = False
    threshold: int = 10


EXAMPLES = tuple(
    Example(**entry) for entry in tomllib.loads((HERE / "examples.toml").read_text("utf-8"))["example"]
)


class Departments(dict[str, DepartmentResult]):
    """Departments by name, also where a format takes a name for a number."""

    def __missing__(self, name: object) -> DepartmentResult:
        return self[str(name)]


def main() -> int:
    made = {HERE / name: content for name, content in current()}
    stale = [path for path, content in made.items() if not path.exists() or path.read_bytes() != content]
    if "--check" in sys.argv[1:]:
        print("\n".join(f"docs/gallery/{path.name} is not current: make docs" for path in stale))
        return 1 if stale else 0
    for path in stale:
        path.write_bytes(made[path])
    return 0


def current() -> Iterator[tuple[str, bytes]]:
    """Every generated file with what it should hold."""
    sections = [HEAD]
    for example in EXAMPLES:
        ranking = ranked(example)
        sections.append(section(example, ranking))
        figure = ranking_chart(ranking, title=example.title, language="en")
        yield f"{example.name}.png", render(figure, "png", dpi=DPI)
    yield "README.md", "\n".join(sections).encode()


def ranked(example: Example) -> Ranking:
    """Ranking of the example, as `pingyi rank` makes it."""
    if example.estimates:
        table = read_estimates(ROOT / example.path)
        return rank_estimates(table.unit, table.estimate, table.se, joint=True, stepdown=True)
    return rank(read_ratings(ROOT / example.path), threshold=example.threshold)


def section(example: Example, ranking: Ranking) -> str:
    """Half a page on one example."""
    sentences = said(Told(ranking), "en")
    return "\n".join(
        [
            f"## {example.title}\n",
            f"{example.about} Source: {example.source}\n",
            f"**A plain mean says:** {plain_order(ranking)}\n",
            "**What may be said:**\n",
            *(f"- {sentence}" for sentence in sentences),
            f"\n**Why:** {why(example, ranking)}\n",
            f"![{example.title}: scores, joint intervals and rank ranges]({example.name}.png)\n",
        ]
    )


def why(example: Example, ranking: Ranking) -> str:
    """Reasons with the numbers of this ranking: `d` departments by name, `told` of `pairs` differ, `gap`
    between the first two (for the wine the middle two)."""
    departments = Departments((d.name, d) for d in ranking.departments)
    high, low = ranking.departments[1:3] if example.name == "wine" else ranking.departments[:2]
    told = int(ranking.pairs.significant.sum())
    return example.why.format(
        d=departments, gap=high.adjusted - low.adjusted, told=told, pairs=len(ranking.pairs)
    )


def plain_order(ranking: Ranking) -> str:
    """First three and last place by the raw means (the estimates where those were given)."""
    rows = [(d.mean, d.name) for d in ranking.departments]
    rows.sort(key=lambda row: (-row[0], row[1]))
    first = "; ".join(f"{name} ({mean:.3g})" for mean, name in rows[:3])
    mean, name = rows[-1]
    return f"first {first}; last {name} ({mean:.3g})."


if __name__ == "__main__":
    sys.exit(main())
