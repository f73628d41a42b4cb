"""What the numbers of an edition allow to be said, in Chinese paragraphs, worded once for all documents.

Nothing is called better, worse, up or down that the joint intervals do not tell apart.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from analysis.explain import NOT_CARRIED
from survey.clock import day_text
from survey.documents.edition.content import Edition
from survey.parts import Part
from survey.wording import ranking as phrases
from survey.wording.cautions import crowded
from survey.wording.document_numbers import (
    NONE,
    interval,
    percent,
    points,
    satisfaction,
    score,
    signed,
    signed_interval,
    size,
    whole,
)

ENDS: Final = 3
_AGAINST_GROUP: Final = {"above": "高于同类平均", "below": "低于同类平均", "same": "与同类平均不能区分"}
_LINE: Final = {
    "above": "确定高于 {line:g} 分警戒线",
    "below": "确定低于 {line:g} 分警戒线",
    "undecided": "与 {line:g} 分警戒线不能区分",
    None: "没有与 {line:g} 分警戒线比较",
}
_CHINESE: Final = "[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef“”‘’]"
_BREAK_INSIDE: Final = re.compile(rf"(?<={_CHINESE})\s*\n\s*(?={_CHINESE})")
_LINE_WORD: Final = {"above": "高于", "below": "低于", "undecided": "不能区分", None: "—"}
_SOURCES: Final = {"assessment": "省市评估", "hotline": "12345"}
_MOVED: Final = {"up": "相对上升", "down": "相对下降", "same": "变化未超出偶然"}


def against_group(direction: str | None) -> str:
    """An item of a department against the average of its group, in a table."""
    return "未比较" if direction is None else _AGAINST_GROUP[direction]


def changed(change: Part | None) -> str:
    """A change since the latest round in a table: with its interval, or that it is within chance.

    No number without its certainty; a dash where nothing could be compared.
    """
    if change is None:
        return "—"
    if change["direction"] == "same":
        return "偶然波动以内"
    bounds = signed_interval(change["ci"])
    word = "上升" if change["direction"] == "up" else "下降"
    return f"{word} {size(change['change'])}（{bounds}）" if bounds != NONE else f"相对{word}"


def moved(direction: str) -> str:
    """A change between rounds, in a table."""
    return _MOVED[direction]


def those(what: str, names: Sequence[str]) -> str:
    """ "what" 的部门, by name as far as a sentence can carry them; a table has all."""
    if phrases.is_long(names):
        return f"{what}的部门有 {len(names)} 个，名单见排名表。"
    return f"{what}的部门：{phrases.listed(names)}。"


def ends(ranking: Part, which: phrases.End = "last") -> tuple[str, ...]:
    """ "The last three", as far as rank sets go; nothing where six departments or fewer are ranked, or where
    there is no evidence that they differ at all."""
    departments, p_value = ranking["departments"], (ranking.get("global_test") or {}).get("p_value")
    different = p_value is not None and p_value < 1 - ranking["level"]
    if len(departments) <= 2 * ENDS or not different:
        return ()
    return phrases.ends_sentences(departments, ENDS, which)


def both_ends(ranking: Part) -> Iterator[str]:
    """Who is among the first and the last three, each with what was tested by itself right after it."""
    notes = {note["code"]: note["zh"] for note in ranking.get("meeting", {}).get("notes", ())}
    which: phrases.End
    told: dict[str, None] = {}
    for which in ("first", "last"):
        joint = ends(ranking, which)
        tested = notes.get(f"{which}_tested", "") if joint else ""
        told |= dict.fromkeys((*joint, tested) if tested else joint)
    yield from told


def counted(edition: Edition) -> str:
    """How many were asked and how many answered; counts that are not known are left out."""
    counts, ranked = edition.facts["counts"], edition.ranked
    parts = [f"发出邀请 {counts['invited']} 份"] if counts["invited"] is not None else []
    if counts["collected"] is not None:
        parts.append(f"领取选票 {counts['collected']} 张")
    if counts["cast"] is not None:
        parts.append(f"投出选票 {counts['cast']} 张")
    parts.append(f"有效选票 {counts['valid']} 张、无效 {counts['invalid']} 张")
    share = f"，回收率 {percent(counts['valid'] / counts['invited'])}" if counts["invited"] else ""
    return f"本轮{'，'.join(parts)}{share}；参加排名的部门 {len(ranked)} 个。"


def response(edition: Edition) -> Iterator[str]:
    """Whether those who answered look like the roster."""
    part = edition.facts["response"]
    for stratum in part["strata"] if part["possible"] else ():
        option = next((o for o in stratum["options"] if o["option"] == stratum["gap_option"]), None)
        if option is not None:
            yield (
                f"按{stratum['name']}看，答卷与名录相差最大的是“{option['option']}”：名录里占 "
                f"{percent(option['roster_share'])}，答卷里占 {percent(option['share'])}。"
            )
    yield from crowded(edition.facts)


def weighting(edition: Edition) -> Iterator[str]:
    part = edition.facts["weighting"]
    if not part["possible"]:
        yield f"没有按名录加权试算：{part['reason_zh']}"
        return
    yield (
        f"公布的得分不加权。作为检验，按名录里{'、'.join(part['strata'])}的比例加权试算，"
        f"{part['n']} 张选票只有 {whole(part['effective_n'])} 张的分量；"
        f"加权后变动最大的是{part['largest']['name']}，"
        f"相对得分变动 {signed(part['largest']['difference'])} 分。"
    )
    for name, count in part.get("not_said", {}).items():
        if count:
            yield f"有 {count} 张没有填{name}，这一项不调整它们的权重。"


def resolution(edition: Edition) -> Iterator[str]:
    """What this round can and cannot tell apart."""
    part = edition.facts["resolution"]
    if not part["possible"]:
        yield part["reason_zh"]
        return
    if part["observed"]["median_margin"] is not None:
        yield f"本轮两个部门通常要相差 {points(part['observed']['median_margin'])} 分以上，才分得出先后。"
    for wanted in part["needed"]:
        if wanted["enterprises"] > part["raters"]:
            yield (
                f"要较有把握地分辨相差 {wanted['difference']} 分的两个部门，约需 {wanted['enterprises']} "
                f"家企业作答（本轮 {part['raters']} 家）。"
            )


def line(edition: Edition) -> Iterator[str]:
    """Departments against the warning line."""
    bound = f"{edition.warning_line:g} 分警戒线"
    sides = {side: [p["name"] for p in edition.profiles if p["line"] == side] for side in ("above", "below")}
    yield those(f"确定低于 {bound}", sides["below"])
    yield those(f"确定高于 {bound}", sides["above"])


def line_of(profile: Part, warning_line: float) -> str:
    """What follows the words 校正得分: no share of satisfied answers is held against the line."""
    return _LINE[profile["line"]].format(line=warning_line)


def source(kind: str) -> str:
    """Where an outside figure comes from, in a table."""
    return _SOURCES.get(kind, kind)


def line_word(side: str | None) -> str:
    """A department against the warning line, in a table."""
    return _LINE_WORD[side]


def items(edition: Edition) -> Iterator[str]:
    """The items rated best and worst by the departments that show them, without calling it certain."""
    known = sorted((i for i in edition.facts["items"] if i["mean"] is not None), key=lambda i: -i["mean"])
    if len(known) > 1:
        best, worst = known[0], known[-1]
        yield (
            "公布了该项得分的部门合计，平均分最高的指标是"
            f"“{best['name']}”（{points(best['mean'])} 分，满意率 {satisfaction(best)}），"
            f"最低的是“{worst['name']}”（{points(worst['mean'])} 分，满意率 {satisfaction(worst)}）。"
            "指标之间没有做显著性检验，高低只供了解。"
        )


def items_below(edition: Edition) -> list[tuple[str, str, Part]]:
    """(department, group, item) of every item certainly below the average of its group, the worst first."""
    found = [
        (p["name"], p["group"], item)
        for p in edition.profiles
        for item in p["items"]
        if item["group"] is not None and item["group"]["direction"] == "below"
    ]
    return sorted(found, key=lambda entry: entry[2]["group"]["difference"])


def summary(part: Part) -> str:
    """A part's own paragraph, or why there is none."""
    return str(part["summary_zh"] if part["possible"] else part["reason_zh"])


def certain_items(profile: Part) -> Iterator[str]:
    """A department's items that certainly differ from its group's average."""
    for direction in ("below", "above"):
        found = [i for i in profile["items"] if i["group"] and i["group"]["direction"] == direction]
        if found:
            verdict = "低" if direction == "below" else "高"
            named = "、".join(
                f"{i['name']}（{verdict} {size(i['group']['difference'])} 分，"
                f"区间 {signed_interval(i['group']['ci'])}）"
                for i in found
            )
            yield f"{_AGAINST_GROUP[direction]}的指标：{named}。"
    compared = [i["group"]["direction"] for i in profile["items"] if i["group"]]
    if not compared:
        yield "各项指标都没有与同类平均比较。"
    elif set(compared) == {"same"}:
        tail = "" if len(compared) == len(profile["items"]) else "比较了的指标里，"
        yield f"{tail}没有一项能够确定高于或者低于同类平均。"


def position(profile: Part, digits: int) -> Iterator[str]:
    """A department's place, overall and within its group."""
    overall, in_group = profile["overall"], profile["in_group"]
    if overall is None:
        yield f"本轮不参加排名：{profile['reason_zh']}"
        return
    yield _place(f"在参加排名的 {overall['of']} 个部门中，按校正得分列第 {overall['rank']}", overall)
    yield (
        f"校正得分 {score(overall, digits)} 分（区间 {interval(overall['ci'], digits)}），"
        f"{phrases.against_average(overall['vs_average'])}{_apart(overall)}。"
    )
    if in_group is not None and in_group["of"] != overall["of"]:
        among = f"在{phrases.class_name(profile['group'])} {in_group['of']} 个部门中"
        yield _place(f"{among}，只比较企业对本类部门的评分，列第 {in_group['rank']}", in_group)


def _place(said: str, place: Part) -> str:
    """The place by score, and at once how far it can be relied on."""
    return f"{said}。{phrases.position(place['rank_set'], place['of'])}"


def change_of(profile: Part) -> Iterator[str]:
    """A department's change since every earlier round."""
    for change in profile["changes"]:
        yield (
            f"与“{change['title']}”相比：相对于各部门的平均变化 {signed(change['change'])} 分"
            f"（区间 {signed_interval(change['ci'])}），{_MOVED[change['direction']]}。"
        )
    yield from NOT_CARRIED[:1] if {c["direction"] for c in profile["changes"]} - {"same"} else ()


def treatment_of(profile: Part) -> Iterator[str]:
    """Where classes of enterprises judge this department differently beyond chance."""
    told = [t for t in profile["treatment"] if t["direction"] != "same"]
    for t in told:
        higher, lower = (t["first"], t["second"]) if t["direction"] == "above" else (t["second"], t["first"])
        yield (
            f"按{t['stratum']}比较，“{higher}”企业的相对评价比“{lower}”企业高 {size(t['difference'])} 分"
            f"（“{t['first']}”减“{t['second']}”的区间 {signed_interval(t['ci'])}），超出了偶然。"
        )
    yield from NOT_CARRIED[:1] if told else ()
    if profile["treatment"] and not told:
        yield "没有发现不同类别的企业对本部门的相对评价有差别。"


def themes(counted: Mapping[str, Any] | None) -> str:
    """The themes of the comments on a department."""
    if counted is None or counted["n"] is None:
        return "意见较少，不按主题统计。"
    told_of = (t for t in counted["themes"] if t["n"] is not None)
    shown: Sequence[Part] = sorted(told_of, key=lambda t: -t["n"])
    listed = "、".join(f"{t['name']} {t['n']} 条" for t in shown)
    told = f"其中涉及：{listed}。一条意见可以涉及几个主题。"
    return f"共收到意见 {counted['n']} 条。{told if shown else '各主题的条数少于公布门槛，不公布。'}"


def one_line(text: str) -> str:
    """What somebody wrote as one paragraph; Chinese lines join without a space."""
    return " ".join(_BREAK_INSIDE.sub("", text.strip()).split())


def problem(entry: Part) -> str:
    """An entry of the list of problems."""
    about = f"（{entry['item']}）" if entry["item"] else ""
    return f"第 {entry['number']} 号{about}：{entry['task']}，整改期限 {day_text(entry['deadline'])}。"


def _apart(overall: Part) -> str:
    """How far a score is from the average; of a bound that is not told."""
    if overall.get("bound"):
        return ""
    return (
        f"（相差 {signed(overall['average_difference'])} 分，区间 {signed_interval(overall['average_ci'])}）"
    )
