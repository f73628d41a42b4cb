"""Options of `pingyi rank` that say how a file is to be read, and `--explain`."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from survey.cli.ranking.bilingual import both
from survey.errors import N_

if TYPE_CHECKING:
    from analysis.foreign.hints import Hints
    from analysis.foreign.understood import Understood

MAPPING: Final = "mapping.json"
Report = Callable[[str, str], None]


def reading_options(command: Any) -> Any:
    """Decorator that adds `--explain`, `--map`, `--as`, `--departments`, `--levels`, `--best` and
    `--items`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_OPTIONS: Final = (
    click.option(
        "--explain",
        is_flag=True,
        help="只说文件怎样读，不排名；对应表写到标准输出，给了 --out 也写入文件夹"
        " / only say how the file is read; the mapping goes to standard output, and into --out if given",
    ),
    click.option(
        "--map",
        "map_file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="--explain 写出、改好的对应表 / mapping as --explain writes it, edited",
    ),
    click.option(
        "--as",
        "as_tool",
        metavar="TOOL",
        help="文件出自哪里，如 wjx、tencent、plain / where the file comes from",
    ),
    click.option(
        "--departments",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="部门名单，一行一个；或代码和部门名两列 / departments, one a line; or codes and names",
    ),
    click.option(
        "--levels",
        metavar="FILE|很好=100,…",
        help="文字代表多少分；none 不算评分 / points of level words; none: no rating",
    ),
    click.option(
        "--best",
        type=click.Choice(["high", "low"]),
        help="数字大的好还是小的好 / whether the highest or the lowest number is the best",
    ),
    click.option(
        "--items",
        metavar="A,B|FILE",
        help="只算哪些指标；或每行一个的文件 / the items that count; or a file with one a line",
    ),
)


def hints_of(options: Mapping[str, Any], names: Mapping[str, str], *, mapped: bool = True) -> "Hints":
    """`Hints` from the options; mapped: whether a mapping applies to this file."""
    from analysis.errors import InputError
    from analysis.foreign.hints import Hints
    from analysis.foreign.layout import TOOLS
    from analysis.foreign.lists import items_from, levels_from, read_departments, read_levels
    from analysis.foreign.mapping.content import read_mapping
    from survey.cli.ranking.values import naming, scale_ends

    tool, levels = options["as_tool"], options["levels"]
    if tool is not None and tool not in TOOLS:
        said = N_("--as 中的“%(tool)s”不认识，可以是：%(tools)s。")
        raise InputError(*both(said, tool=tool, tools=list(TOOLS)))
    with naming("--levels"):
        points = {} if levels is None else levels_from(levels) if "=" in levels else read_levels(Path(levels))
    with naming("--departments"):
        departments = read_departments(options["departments"]) if options["departments"] else {}
    with naming("--map"):
        mapping = read_mapping(options["map_file"]) if mapped and options["map_file"] else None
    with naming("--scale"):
        scale = scale_ends(options["scale"])
    missing, items = tuple(options["missing"]), items_from(options["items"] or "")
    return Hints(tool, departments, points, mapping, options["best"], dict(names), missing, scale, items)


def tell(understood: "Understood", report: Report) -> None:
    """Report how a file was read, before anything is computed from it."""
    from analysis.foreign.sentences import sentences

    for zh, en in sentences(understood):
        report(zh, en)
    for remark in understood.remarks:
        report(remark.zh, remark.en)


def explain(path: Path, out: Path | None, options: Mapping[str, Any], report: Report) -> str:
    """Report how the file is read; returns the mapping as JSON, which is also written into `out`."""
    from analysis.foreign.library import first_reading
    from analysis.foreign.mapping.content import written
    from survey.cli.ranking.values import column_names
    from survey.documents.ranking.files import check_folder, write_files

    read, questions = first_reading(path, hints_of(options, column_names(options)))
    for at, question in enumerate(questions):
        first = both(N_("文件有几种读法，对应表先按第 1 种写出；改好后可用 --map 给出。"))
        report(*(first if at == 0 else (question.zh, question.en)))
    tell(read.understood, report)
    text = written(read.understood)
    if out is not None:
        check_folder(out)
        write_files(out, {MAPPING: text.encode()})
    if questions:
        click.echo(text)
        raise questions[0]
    return text
