"""Notes where two files contain the same rater codes, since files do not say whether these are the same
people."""

from collections import Counter
from collections.abc import Iterable

from analysis.answers.ratings import Ratings
from analysis.ranking.results import Note


def shared_codes(parts: Iterable[Ratings]) -> int:
    """Number of rater codes that occur in more than one file."""
    found = Counter(name for part in parts for name in part.rater_names)
    return sum(times > 1 for times in found.values())


def of_rounds(before: Ratings, after: Ratings, *, different: bool, same: bool) -> Note | None:
    """Note for `--previous`: what is assumed about equal rater codes, and how to declare otherwise; None
    without any."""
    n = shared_codes((before, after))
    if not n:
        return None
    if same:
        return _note(
            f"两个文件里有 {n} 个评议人代码相同，已按 --same-raters 当作同一个人配对；其余当作不同的人。",
            f"Rater codes in both files: {n}. By --same-raters they were paired as the same people, and all "
            "others taken for different ones.",
        )
    if different:
        return _note(
            f"已按 --different-raters 当作没有人答了两轮，但两个文件里有 {n} 个评议人代码相同。"
            "如果是同一个人，请改用 --same-raters。",
            f"By --different-raters nobody is taken to have answered both rounds, but rater codes in both "
            f"files: {n}. If these are the same people, use --same-raters instead.",
        )
    return _note(
        f"两个文件里有 {n} 个评议人代码相同。文件里看不出是不是同一个人，所以没有配对；误差按最大的算，"
        "怎样都成立。是同一个人，请加 --same-raters；不是，请加 --different-raters。误差一般会小一些。",
        f"Rater codes in both files: {n}. Whether they are the same people is unknown, so that they were not "
        "paired and errors are taken at their largest, which holds either way. If they are, add "
        "--same-raters; if not, --different-raters: errors are then smaller as a rule.",
    )


def of_electorates(parts: Iterable[Ratings], *, different: bool) -> Note | None:
    """Note for `--combine`: what is assumed about equal rater codes, and how to declare otherwise; None
    without any."""
    n = shared_codes(parts)
    if not n:
        return None
    if different:
        return _note(
            f"已按 --different-raters 当作各文件没有相同的评议人，但有 {n} 个代码出现在不止一个文件里。"
            "如果是同一个人，请去掉 --different-raters。",
            f"By --different-raters no rater is taken to be in two files, but codes in several: {n}. If "
            "these are the same people, leave --different-raters out.",
        )
    return _note(
        f"有 {n} 个评议人代码出现在不止一个文件里。文件里看不出是不是同一个人，误差按最大的算，怎样都成立。"
        "确实不是同一个人，请加 --different-raters，误差会小一些。",
        f"Rater codes in several files: {n}. Whether they are the same people is unknown; errors are taken "
        "at their largest, which holds either way. If they are not, add --different-raters: errors are then "
        "smaller.",
    )


def _note(zh: str, en: str) -> Note:
    return Note("equal_codes", zh, en)
