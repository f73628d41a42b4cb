"""What to improve first: what is low, and what of it certainly weighs much on the overall rating."""

from survey.parts import Part


def first_and_low(profile: Part) -> tuple[list[str], list[str]]:
    """Low items that certainly weigh more than the average item, and all low ones.

    Editions from before the intervals of weights were looked at tell neither.
    """
    known = [entry for entry in profile["importance"] if "low" in entry]
    return (
        [entry["item"] for entry in known if entry["quadrant"] == "improve"],
        [entry["item"] for entry in known if entry["low"]],
    )


def priorities(profile: Part) -> str:
    """What is low, and what of it certainly weighs much."""
    first, low = first_and_low(profile)
    if first:
        return f"企业确定较看重，又低于警戒线或者确定低于同类平均的指标：{'、'.join(first)}，可先从这里改进。"
    if low:
        return (
            f"低于警戒线或者确定低于同类平均的指标：{'、'.join(low)}；企业看重哪一项，本轮分不清，不排先后。"
        )
    return ""
