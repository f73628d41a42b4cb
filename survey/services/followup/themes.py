"""Themes of comments by an editable list of words, and how often each occurs, under the threshold rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey.errors import N_, InvalidInput
from survey.facts.publication import DepartmentThemes, ThemeCount
from survey.models import Theme, User
from survey.services.operations.audit import record
from survey.texts import require_drawable

LONGEST_NAME, LONGEST_WORD, MOST_THEMES, MOST_WORDS = 20, 20, 30, 200


@dataclass(frozen=True, slots=True)
class ThemeWords:
    """Theme and the words that put a comment into it."""

    name: str
    words: tuple[str, ...]

    def fits(self, text: str) -> bool:
        folded = text.casefold()
        return any(word.casefold() in folded for word in self.words)


DEFAULTS = (
    ThemeWords(N_("服务态度"), ("态度", "冷漠", "不耐烦", "脸难看", "爱答不理", "生硬", "推诿", "踢皮球")),
    ThemeWords(N_("办事拖延"), ("拖延", "拖了", "拖着", "太慢", "很慢", "等了", "迟迟", "久拖", "超期")),
    ThemeWords(N_("反复跑腿"), ("跑了", "多跑", "来回跑", "反复", "一次性告知", "补材料", "补正", "又要")),
    ThemeWords(N_("政策不清"), ("政策", "说不清", "不清楚", "不明确", "口径", "解读", "没人告诉", "不透明")),
    ThemeWords(N_("收费与摊派"), ("乱收费", "收费", "摊派", "赞助", "罚款", "指定", "中介费", "检测费")),
    ThemeWords(N_("检查频繁"), ("检查太多", "频繁检查", "多头", "重复检查", "天天查", "检查")),
    ThemeWords(N_("系统与网办"), ("系统", "网上", "网站", "平台", "上传", "死机", "打不开", "一网通办")),
    ThemeWords(N_("兑现承诺"), ("没兑现", "不兑现", "兑现", "拖欠", "欠款", "承诺", "补贴")),
    ThemeWords(N_("廉洁纪律"), ("红包", "吃请", "吃拿卡要", "好处", "关系户", "找关系", "托人")),
)  # fmt: skip


def themes_of(session: Session) -> tuple[ThemeWords, ...]:
    """Themes stored for the county; the shipped ones (`DEFAULTS`) until somebody changes them."""
    rows = session.scalars(select(Theme).order_by(Theme.position)).all()
    return tuple(ThemeWords(t.name, tuple(t.words.split())) for t in rows) or DEFAULTS


def save_themes(session: Session, themes: Sequence[ThemeWords], actor: User) -> None:
    """Replace the list of themes; raises `InvalidInput` naming what does not fit."""
    _check(themes)
    session.execute(delete(Theme))
    session.flush()
    for position, theme in enumerate(themes):
        session.add(Theme(name=theme.name, position=position, words=" ".join(theme.words)))
    record(session, actor=actor, action="theme.save", themes=[theme.name for theme in themes])


def read_themes(text: str) -> tuple[ThemeWords, ...]:
    """Themes typed one a line, as “名称：词 词 词”; raises `InvalidInput` naming the line."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        name, colon, words = line.replace("：", ":", 1).partition(":")
        if not colon or not name.strip() or not words.split():
            raise InvalidInput(
                N_("第 %(line)s 行应写成“主题：词 词 词”，现在是：%(text)s"),
                line=number,
                text=line.strip()[:40],
            )
        listed = words.replace("、", " ").replace("，", " ").replace(",", " ").split()
        found.append(ThemeWords(name.strip(), tuple(dict.fromkeys(listed))))
    return tuple(found)


def write_themes(themes: Iterable[ThemeWords]) -> str:
    """Text of the themes, which `read_themes` reads back."""
    return "\n".join(f"{theme.name}：{' '.join(theme.words)}" for theme in themes)


def count_themes(themes: Iterable[ThemeWords], texts: Sequence[str]) -> dict[str, int]:
    """Number of `texts` that belong to each theme, by name; a text may belong to several."""
    return {theme.name: sum(theme.fits(text) for text in texts) for theme in themes}


def publishable(department: str, counts: Mapping[str, int], total: int, threshold: int) -> DepartmentThemes:
    """Counts of one department's comments by theme, with those withheld that could be about a few
    enterprises.

    A count is shown when at least `threshold` comments belong to the theme and as many do not. No two counts
    so shown determine a third: |A ∩ B| ranges over more than one value whenever max(|A|, |B|) < total. Each
    ballot has at most one comment on a department, so comments are enterprises here.
    """
    enough = total >= threshold
    return DepartmentThemes(
        department=department,
        n=total if enough else None,
        reason="" if enough else "threshold",
        themes=tuple(_shown(name, n, total, threshold) for name, n in counts.items()),
    )


def _shown(name: str, n: int, total: int, threshold: int) -> ThemeCount:
    if n < threshold:
        return ThemeCount(name=name, n=None, reason="threshold")
    if total - n < threshold:
        return ThemeCount(name=name, n=None, reason="unanimous")
    return ThemeCount(name=name, n=n, reason="")


def _check(themes: Sequence[ThemeWords]) -> None:
    names = [theme.name for theme in themes]
    if not 0 < len(themes) <= MOST_THEMES:
        raise InvalidInput(N_("主题应为 1 到 %(most)s 个。"), most=MOST_THEMES)
    require_drawable((N_("主题"), theme.name) for theme in themes)
    for theme in themes:
        if names.count(theme.name) > 1:
            raise InvalidInput(N_("主题“%(name)s”重复。"), name=theme.name)
        if len(theme.name) > LONGEST_NAME:
            raise InvalidInput(
                N_("主题“%(name)s”的名称超过 %(most)s 个字。"), name=theme.name, most=LONGEST_NAME
            )
        if len(theme.words) > MOST_WORDS or max(map(len, theme.words)) > LONGEST_WORD:
            raise InvalidInput(
                N_("主题“%(name)s”最多 %(words)s 个词，每个词最多 %(most)s 个字。"),
                name=theme.name, words=MOST_WORDS, most=LONGEST_WORD,
            )  # fmt: skip
