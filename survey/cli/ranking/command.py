"""Command `pingyi rank`: from a file of ratings or estimates to the files of a ranking, without server or
database."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
from click.core import ParameterSource

from survey.cli.language import language_option
from survey.cli.ranking.foreign import reading_options

if TYPE_CHECKING:
    from analysis.errors import InputError

EXIT_REFUSED = 2
COLUMNS = ("rater", "department", "score", "item", "group", "stratum", "weight", "cluster")


def column_options(command: Any) -> Any:
    """Decorator that adds `--rater NAME` … `--cluster NAME`, the headers of the file's columns."""
    for name in reversed(COLUMNS):
        text = f"{name} 列的列名 / header of the column {name}"
        command = click.option(f"--{name}", f"column_{name}", metavar="COLUMN", help=text)(command)
    return command


def drawable(context: click.Context, option: click.Parameter, value: float | None) -> float | None:
    """Refuse NaN as an option's value, which click's range check lets pass."""
    if value is not None and math.isnan(value):
        raise click.BadParameter("nan", context, option)
    return value


@click.command()
@click.argument("ratings", type=click.Path(path_type=Path), nargs=-1)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="结果写入的文件夹 / folder for report.html and ranking.json, .xlsx, .png, .svg, .pdf",
)
@click.option(
    "--estimates",
    type=click.Path(path_type=Path),
    help="已有估计值的文件：unit, estimate, se / rank given estimates instead",
)
@click.option(
    "--combine",
    multiple=True,
    metavar="FILE=WEIGHT",
    help="几个群体合成一个得分，每个文件一次，如 企业.csv=60；没有评议人列的文件是外部指标"
    " / several electorates as one index, once per file; a file without raters holds outside points",
)
@click.option(
    "--different-raters",
    is_flag=True,
    help="声明各群体（或两轮）没有相同的评议人，误差较小"
    " / declare that no rater is in two files: smaller errors",
)
@click.option(
    "--same-raters",
    is_flag=True,
    help="声明两轮中代码相同的评议人是同一个人，按人配对"
    " / declare that raters of one code in both rounds are the same, who are paired",
)
@column_options
@click.option(
    "--weights", metavar="FILE|COLUMN", help="评议人权重：文件 rater, weight，或列名 / weights of raters"
)
@click.option(
    "--groups", metavar="FILE|COLUMN", help="部门类别：文件 department, group，或列名 / groups of departments"
)
@click.option("--item-weights", metavar="A=2,B=1", help="指标权重 / weights of items")
@click.option(
    "--population",
    metavar="FILE|N",
    help="名录总数：文件 stratum, population，或一个数 / roster sizes, for the finite population correction",
)
@click.option(
    "--threshold",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="少于此数的部门不参加排名 / fewer raters than this: not ranked",
)
@click.option(
    "--level",
    type=click.FloatRange(0.5, 1, min_open=True, max_open=True),
    default=0.95,
    show_default=True,
    help="联合置信水平 / joint confidence level",
)
@click.option(
    "--first",
    type=click.IntRange(min=0),
    default=3,
    show_default=True,
    help="前几名，须在看到结果之前定好；0 不列 / how many first, fixed before looking; 0 for none",
)
@click.option(
    "--last", type=click.IntRange(min=0), default=3, show_default=True, help="后几名 / how many last"
)
@click.option(
    "--grades",
    metavar="90,80,70",
    help="等次线，从高到低；满分 100 时默认 90,80,70 / lines of grades, default if the best mark is 100",
)
@click.option(
    "--scale",
    metavar="LOW,HIGH",
    help="评分最低、最高可以是多少，如 20,100：得分和区间不超出它"
    " / the worst and the best mark there is: scores and intervals stay within",
)
@click.option("--seed", type=click.IntRange(min=0), help="随机种子 / random seed")
@click.option(
    "--stepdown/--no-stepdown",
    default=None,
    help="逐步下降法，名次范围略窄；给定估计值时默认使用 / stepdown: slightly narrower rank ranges;"
    " the default with --estimates",
)
@click.option(
    "--charts",
    type=click.Choice(["ranking", "all"]),
    default="ranking",
    show_default=True,
    help="all 另画两两比较、分项得分与重要性 / all: also pairs, items, importance",
)
@click.option(
    "--overall",
    metavar="ITEM",
    help="总体评价是哪个指标，据此分析各分项的重要性 / the overall item: how much the others weigh on it",
)
@click.option(
    "--rater-groups",
    metavar="FILE|COLUMN",
    help="评议人类别：文件 rater, rater_group，或列名；比较各类的评价 / groups of raters, to be compared",
)
@click.option(
    "--previous",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="上一轮的评分文件，比较变化 / ratings of the round before, for the change since",
)
@click.option(
    "--missing",
    multiple=True,
    metavar="CODE",
    help="表示没有评分的代码，如 -3；none 表示没有这种代码"
    " / code for no answer, such as -3; none: there is none",
)
@click.option(
    "--pairs",
    is_flag=True,
    help="部门超过 200 个时也把两两比较写入 ranking.json / pairs in ranking.json above 200 departments too",
)
@reading_options
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    metavar="N",
    help="分批计算，用几个进程：评分比内存大时用，可以给出几个 Parquet 或 CSV 文件"
    " / rank in parts by so many processes, for ratings beyond memory; several files may be given",
)
@click.option(
    "--dask",
    metavar="ADDRESS",
    help="分批计算，用 Dask 集群，如 tcp://10.0.0.5:8786；各机器要能按同一路径看到 --out"
    " / rank in parts on a Dask cluster, whose workers must see --out by the same path",
)
@click.option("--title", default="", help="图表标题 / title of the chart")
@click.option(
    "--warning-line",
    type=click.FloatRange(-1e6, 1e6),
    callback=drawable,
    metavar="POINTS",
    help="警戒线，如 70：图中画出，并检查高于、低于它的结论靠几张选票"
    " / warning line: drawn in the chart; how many ballots carry what is above or below it",
)
@language_option
def rank(out: Path | None, language: Literal["zh", "en"], **options: Any) -> None:
    """由评分文件算出排名。Rank departments from RATINGS (CSV, Excel, or what a survey tool exports).

    问卷工具导出的表、一行一个评议人或一行一个部门的表都能读，--explain 先看怎样读。
    Exports of survey tools and tables with a row a rater or a department are read; --explain says how.

    长表，每行一条评分：评议人 rater、部门 department、得分 score；
    可有 item、group、stratum、weight、cluster（同一所有人、同一集团的评议人填同一个值）。
    同一评议人对同一部门可以有多行，每行都算一条评分。
    Long format, one rating a row; several rows of one rater for one department all count. The column cluster
    names what raters belong together (one owner, one group); uncertainty is then reckoned by cluster.

    评分比内存大时：pingyi rank 评分/*.parquet --workers 2 --out 结果，每批约一百万条。
    For ratings beyond memory: pingyi rank ratings/*.parquet --workers 2 --out RESULT.
    """
    from analysis.errors import InputError
    from survey.cli.ranking.work import rank_or_explain

    context = click.get_current_context()
    typed = frozenset(
        name for name in options if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    )
    try:
        click.echo(rank_or_explain(out, language, typed=typed, **options))
    except InputError as error:
        refuse(error, language)


def refuse(error: InputError, language: str) -> None:
    """Print the error (in Chinese with the English below it, or in English only) and exit with code 2."""
    if language == "zh":
        click.echo(error.zh, err=True)
    click.echo(error.en, err=True)
    sys.exit(EXIT_REFUSED)
