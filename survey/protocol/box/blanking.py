"""Facts that single out: blanked at opening until every combination that occurs, occurs at least k times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

NOT_SAID = 0

Facts = bytes
"""What one ballot says of its firm, a byte a question in the order of the round; 0 not said."""


def blanked(facts: Sequence[Facts], at_least: int) -> list[Facts]:
    """Return `facts` with `NOT_SAID` where needed, so that each combination occurs `at_least` times.

    Ballots are split by the first question, and each part by the next one, so that the first questions keep
    most. An option stays where at least k ballots of the part have it. All others, with those that did not
    say, are one more part; while it has fewer than k ballots, the rarest option joins it. So the ballots
    that say nothing are none or at least k as well: a single one would be known by that.
    Equal ballots become equal, in whatever order they come. Fewer than k ballots in all say nothing.
    """
    counts = Counter(facts)
    if counts.total() < at_least:
        return [bytes(len(said)) for said in facts]
    kept: dict[Facts, Facts] = {}
    _split(counts, at_least, b"", kept)
    return [kept[said] for said in facts]


def fewest(facts: Sequence[Facts]) -> int:
    """Return how often the rarest combination occurs; 0 without ballots."""
    return min(Counter(facts).values(), default=0)


def _split(part: Counter[Facts], at_least: int, head: Facts, kept: dict[Facts, Facts]) -> None:
    """Write into `kept` what stays of each of `part`, at least k ballots that keep the facts `head`."""
    if all(len(said) == len(head) for said in part):
        kept |= dict.fromkeys(part, head)
        return
    options: dict[int, Counter[Facts]] = {}
    for said, count in part.items():
        options.setdefault(said[len(head)], Counter())[said] = count
    rest = options.pop(NOT_SAID, Counter())
    for option in sorted(options, key=lambda option: (options[option].total(), option)):
        if options[option].total() >= at_least and not 0 < rest.total() < at_least:
            break
        rest |= options.pop(option)
    if rest:
        options[NOT_SAID] = rest
    for option, ballots in options.items():
        _split(ballots, at_least, head + bytes([option]), kept)
