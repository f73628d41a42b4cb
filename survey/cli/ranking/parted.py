"""`pingyi rank RATINGS … --workers N`: ratings that memory does not hold, ranked in parts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from analysis.errors import InputError
from analysis.files.amounts import amount
from analysis.foreign.hints import Hints
from analysis.model.parts import Run
from analysis.parted.questions import ask
from analysis.parted.ratings import PartedRatings, prepared
from analysis.parted.runners import runner
from analysis.parted.splitting import deal, number_of_parts
from analysis.parted.tables import long_files
from analysis.ranking.rank import Progress
from analysis.ranking.results import Note, Ranking
from survey.cli.progress import ProgressLine
from survey.cli.ranking.bilingual import both
from survey.cli.ranking.values import column_names, item_weights, naming, refuse_out_of_reach
from survey.documents.ranking.files import check_folder
from survey.documents.ranking.rated import RankSettings, repeated_note
from survey.errors import N_
from survey.language import gettext as _

NOT_THERE: Final = N_(
    "评分是分批计算的：得分、误差、名次范围、两两比较和一次读入时相同；"
    "没有检查结论靠几张选票支撑、有没有相同的选票，也没有算去掉可能未认真作答的人以后的排名。"
)


def in_parts(options: Mapping[str, Any]) -> str:
    """Option that asks for ranking in parts; "" without one."""
    return next((f"--{name}" for name in ("workers", "dask") if options[name] is not None), "")


def rank_in_parts(
    paths: Sequence[Path], out: Path, report: Progress, settings: RankSettings, options: Mapping[str, Any]
) -> Ranking:
    """Rank the ratings of all files by parts, which lie in `out` while this lasts."""
    scale, names = settings["scale"], column_names(options)
    weights, missing = item_weights(options["item_weights"]), _codes(options["missing"])
    if options["best"] == "low":
        raise InputError(*both(N_("分批计算时不能用 --best low；请先在文件中把分数倒过来，大的为好。")))
    files = long_files(paths, names, options["best"])
    check_folder(out)
    workers, dask = options["workers"], options["dask"]
    parts = number_of_parts(sum(file.rows for file in files), workers or 1)
    report(*both(N_("读取评分，分成 %(parts)s 批……"), parts=parts))
    with TemporaryDirectory(prefix=".parts-", dir=out) as folder, runner(workers, dask) as run:
        line = ProgressLine(_("读取"), max(sum(file.rows for file in files), 1))
        dealt = deal(files, Path(folder), parts, line.show, missing)
        with naming("--item-weights", "item_weights"):
            found = prepared(dealt, _shown(run), weights, None if scale is None else scale[1])
        refuse_out_of_reach(options["grades"], found.marks[1])
        ask(found, Hints(best=options["best"], missing=options["missing"], scale=scale))
        report(*both(N_("%(n)s 条评分，计算排名……"), n=found.n_ratings))
        ranking = found.ranked(**settings, progress=report)
    return replace(ranking, notes=(*_notes(found), *ranking.notes))


def _shown(run: Run) -> Run:
    """The same, with a line of progress for every pass over the parts."""
    passes = count(1)

    def shown(function: Callable[[Any], Any], parts: Sequence[Any]) -> Iterator[Any]:
        line = ProgressLine(_("第 %(number)s 遍", number=next(passes)), len(parts))
        for done, result in enumerate(run(function, parts), 1):
            line.show(done)
            yield result

    return shown


def _notes(found: PartedRatings) -> Iterator[Note]:
    """Notes on what was not read, and on what is not there when ratings are ranked in parts."""
    if found.dealt.unused:
        yield Note("unused_columns", *both(N_("没有用到的列：%(columns)s。"), columns=found.dealt.unused))
    if found.dealt.unanswered:
        yield Note("unanswered", *both(N_("有 %(n)s 行没有评分，没有计入。"), n=found.dealt.unanswered))
    yield from repeated_note(found.repeated)
    yield Note("parted", *both(NOT_THERE))


def _codes(missing: Sequence[str]) -> list[float]:
    """Codes for no answer as numbers; "none" says that there is none."""
    given = [code for code in missing if code.strip().casefold() != "none"]
    numbers = [amount(code) for code in given]
    if None in numbers:
        raise InputError(*both(N_("分批计算时 --missing 只能是数字或 none。")))
    return [number for number in numbers if number is not None]
