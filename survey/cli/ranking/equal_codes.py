"""Notes where two files contain the same rater codes, since files do not say whether these are the same
people."""

from collections import Counter
from collections.abc import Iterable

from analysis.answers.ratings import Ratings
from analysis.ranking.results import Note
from survey.errors import N_
from survey.language import in_both


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
            N_(
                "两个文件里有 %(n)s 个评议人代码相同，已按 --same-raters 当作同一个人配对；其余当作不同的人。"
            ),
            n,
        )
    if different:
        return _note(
            N_(
                "已按 --different-raters 当作没有人答了两轮，但两个文件里有 %(n)s 个评议人代码相同。"
                "如果是同一个人，请改用 --same-raters。"
            ),
            n,
        )
    return _note(
        N_(
            "两个文件里有 %(n)s 个评议人代码相同。文件里看不出是不是同一个人，所以没有配对；误差按最大的算，"
            "怎样都成立。是同一个人，请加 --same-raters；不是，请加 --different-raters。误差一般会小一些。"
        ),
        n,
    )


def of_electorates(parts: Iterable[Ratings], *, different: bool) -> Note | None:
    """Note for `--combine`: what is assumed about equal rater codes, and how to declare otherwise; None
    without any."""
    n = shared_codes(parts)
    if not n:
        return None
    if different:
        return _note(
            N_(
                "已按 --different-raters 当作各文件没有相同的评议人，但有 %(n)s 个代码出现在不止一个文件里。"
                "如果是同一个人，请去掉 --different-raters。"
            ),
            n,
        )
    return _note(
        N_(
            "有 %(n)s 个评议人代码出现在不止一个文件里。文件里看不出是不是同一个人，误差按最大的算，"
            "怎样都成立。确实不是同一个人，请加 --different-raters，误差会小一些。"
        ),
        n,
    )


def _note(message: str, n: int) -> Note:
    return Note("equal_codes", *in_both(message, n=n))
