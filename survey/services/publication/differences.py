"""Comparison of a new edition with all earlier ones: together they must not reveal what each of them
withholds.

The ballots behind a round never change, so three rules suffice. No figure may be based on a few ballots more
or fewer than before. What an earlier edition withheld stays withheld, so that the new edition's figures are
among those already audited. And an edition that shows anything new must still show everything old: then its
own audit (analysis.disclosure.protection, when the facts were worked out) has seen all of it together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from survey.errors import N_, Conflict

WHOLE = "n", "ballots", "ratings"
REMEDY = N_("请等数字重新算过，或者沿用前一版。没有提出公布。")


def check_editions(
    earlier: Sequence[Mapping[str, object]], new: Mapping[str, object], threshold: int
) -> None:
    """Raise `Conflict` naming the figure that `new` would reveal; contents as `assemble` makes them, parsed
    from JSON."""
    after = respondents_by_label(new)
    for number, before in enumerate(map(respondents_by_label, earlier), start=1):
        _check_differences(before, after, threshold)
        for label, n in before.items():
            if n is None and after.get(label) is not None:
                raise _refused(N_("第 %(edition)s 版没有公布“%(label)s”，这一版也不能公布。"), number, label)
        known = {label for label, n in before.items() if n is not None}
        shown = {label for label, n in after.items() if n is not None}
        if shown - known and known - shown:
            label = min(known - shown)
            raise _refused(
                N_("这一版有新的数字，却少了第 %(edition)s 版公布过的“%(label)s”，两版放在一起没有核查过。"),
                number,
                label,
            )


def respondents_by_label(content: Mapping[str, object]) -> dict[str, int | None]:
    """Number of respondents behind each figure, by label; None where the edition withholds it."""
    parts = {"facts": content.get("facts", {}), "themes": content.get("themes", [])}
    parts["composites"] = content.get("composites", [])
    return dict(_walk(parts, ()))


def check_subtraction(before: Mapping[str, object], after: Mapping[str, object], threshold: int) -> None:
    """Raise `Conflict` when a figure of `after` rests on a few ballots more or fewer than in `before`."""
    _check_differences(respondents_by_label(before), respondents_by_label(after), threshold)


def _check_differences(before: dict[str, int | None], after: dict[str, int | None], threshold: int) -> None:
    from analysis.disclosure.editions import compare_editions

    known, shown = ({k: n for k, n in side.items() if n is not None} for side in (before, after))
    found = compare_editions(known, shown, threshold=threshold)
    if not found.safe:
        first = found.exposures[0]
        raise Conflict(
            N_("“%(label)s”比已公布的一版只差 %(count)s 份选票，两版相减会暴露它们。"),
            remedy=REMEDY,
            label=first.figures[0],
            count=first.n,
        )


def _refused(message: str, number: int, label: str) -> Conflict:
    return Conflict(message, remedy=REMEDY, edition=number, label=label)


def _walk(value: object, path: tuple[str, ...]) -> Iterator[tuple[str, int | None]]:
    """Pairs (label, count) of every object that counts respondents, labelled by
    the names on the way to it."""
    if isinstance(value, dict):
        place = (*path, *_names(value))
        for key in WHOLE:
            if key in value and (value[key] is None or isinstance(value[key], int)):
                yield "·".join((*place, key)), value[key]
        for key, part in value.items():
            yield from _walk(part, (*place, key))
    elif isinstance(value, list):
        for part in value:
            yield from _walk(part, path)


def _names(value: Mapping[str, object]) -> tuple[str, ...]:
    """Names in the object that tell it from its neighbours in a list."""
    keys = (
        "slug",
        "electorate",
        "stratum",
        "group",
        "department",
        "name",
        "option",
        "item",
        "a",
        "b",
        "first",
        "second",
    )
    return tuple(str(value[key]) for key in keys if isinstance(value.get(key), str))
