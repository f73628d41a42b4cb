"""Premises of a ranking in words, shared by pages, reports and the command line.

How wrong a ranking becomes where a premise fails is measured in docs/statistics.md. Additivity can be tested
(`analysis.assumptions.additivity`), the composition of the raters can be corrected
(`analysis.assumptions.standardised`), clusters can be declared; the others cannot be seen from answers.
"""

from __future__ import annotations

from typing import Final, Literal

from analysis.values.arguments import checked, choice

Language = Literal["zh", "en"]
Premise = Literal["independence", "discrimination", "additivity", "rarity", "selection"]

PREMISES: Final[dict[Premise, tuple[str, str]]] = {
    "independence": (
        (
            "每家企业各评各的。同一个老板的几家企业、商量好一起打分的企业，会被当成几份互不相干的意见，"
            "结论就说得过满。"
        ),
        (
            "Every enterprise judges by itself. Several enterprises of one owner, or some that agreed on "
            "their answers, are counted as so many separate opinions, and then too much is declared."
        ),
    ),
    "discrimination": (
        (
            "打分可以有宽有严，但好和差拉开的距离各家大致相同。如果爱打极端分的企业和打分保守的企业"
            "评的不是同样的部门，比较会偏。"
            "各部门确有高低（只就一份名单下结论时，总会有一点），而满分很多，或者手松的企业集中在某些部门时，"
            "靠近满分的差距会被压扁，得分和差距的区间偏离会多些（模拟中最多有 16% 的轮次，而不是 5%）；"
            "分出高低的结论仍成立。"
        ),
        (
            "Enterprises may be lenient or harsh, but they set good and poor about equally far apart. Where "
            "those that use the whole scale rate other departments than those that do not, comparisons are "
            "biased. Where departments do differ (on a roster, to which alone the conclusions apply, they "
            "always do a little), and many marks are the best one or lenient enterprises are drawn to some "
            "departments, differences near the top mark are squeezed, so that intervals of scores and "
            "differences miss more often (in up to 16 % of simulated rounds instead of 5 %); what is "
            "declared holds."
        ),
    ),
    "additivity": (
        (
            "部门之间谁高谁低，各类企业看法大致相同。如果大企业和小企业的看法相反，一个总的名次只是两种看法的折中。"
        ),
        (
            "Kinds of enterprises see the departments in about the same order. Where large and small ones "
            "see opposite orders, one ranking is only a compromise between the two."
        ),
    ),
    "rarity": (
        (
            "没有人给过的极端低分，统计看不见。几十家企业评一个部门，其中每几十家才有一家会给的最低分，"
            "可能一个也没有碰上；这个部门就会显得比实际好，甚至被说成高于别人。"
        ),
        (
            "A very bad mark that nobody gave cannot be reckoned with. Where some dozens of enterprises rate "
            "a department, the worst mark that one in some dozens would give may not occur at all; then the "
            "department looks better than it is, and may even be declared above others."
        ),
    ),
    "selection": (
        (
            "企业评不评一个部门，看的是有没有打过交道，不是想打高分还是低分。如果主要是有怨气的企业才来评某个部门，"
            "这个部门会显得比实际差；这一点从答卷里看不出来。"
        ),
        (
            "Whether an enterprise rates a department depends on having dealt with it, not on what it would "
            "answer. Where mostly the discontented come to rate a department, it looks worse than it is; the "
            "answers cannot show this."
        ),
    ),
}


@checked(language=choice("zh", "en"))
def premises(language: Language = "zh") -> list[str]:
    """List of the premises of every ranking of ratings, one or two sentences each.

    >>> from analysis import premises
    >>> len(premises("en")) == len(premises("zh"))
    True
    """
    return [text[0 if language == "zh" else 1] for text in PREMISES.values()]
