"""What a person changed in a mapping, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from analysis.foreign.sentences import ROLE, Said, listed
from analysis.foreign.understood import AnswerColumn, Understood

_SAID_ONLY: Final = (
    *("file", "unused", "left_out", "n_ratings", "n_raters", "rated", "rated_items", "lowest", "highest"),
    "remarks",
)
_BEST: Final = {"high": ("数大的好", "higher is better"), "low": ("数小的好", "lower is better")}


def changes(before: Understood, after: Understood) -> list[Said]:
    """Differences in Chinese and English of what decides how a file is read; then what was edited in vain."""
    said = [*_columns(before, after), *_keys(before, after), *_words(before, after)]
    if before.best != after.best:
        (zh, en), (zh_now, en_now) = _BEST[before.best], _BEST[after.best]
        said.append((f"{zh} → {zh_now}。", f"{en[0].upper()}{en[1:]} → {en_now}."))
    for name in ("tool", "sheets", "headings", "first"):
        old, new = (_shown(getattr(u, name)) for u in (before, after))
        if old != new:
            said.append((f"{name}：{old} → {new}。", f"{name}: {old} → {new}."))
    if vain := [name for name in _SAID_ONLY if getattr(before, name) != getattr(after, name)]:
        shown = listed(vain)
        said.append(
            (
                f"只作说明的几项，改了不起作用：{shown[0]}。",
                f"Only for information, so that changes have no effect: {shown[1]}.",
            )
        )
    return said


def _columns(before: Understood, after: Understood) -> list[Said]:
    old, new = ({column.column: column for column in u.columns} for u in (before, after))
    said = [
        *_listed("不再用的列", "Columns no longer used", (_name(old[c]) for c in old if c not in new)),
        *_listed("新用的列", "Columns newly used", (_name(new[c]) for c in new if c not in old)),
    ]
    for letters in (c for c in old if c in new):
        for role in ("department", "item", "rater"):
            was, now = getattr(old[letters], role), getattr(new[letters], role)
            if was != now:
                zh, en = ROLE[role]
                where = f"{letters} 列的" if letters else ""
                at = f"Column {letters}, " if letters else ""
                said.append(
                    (
                        f"{where}{zh}：{was or '无'} → {now or '无'}。",
                        f"{at}{en}: {was or 'none'} → {now or 'none'}.",
                    )
                )
    return said


def _name(column: AnswerColumn) -> str:
    return f"{column.column} {column.heading}".strip()


def _keys(before: Understood, after: Understood) -> list[Said]:
    old, new = ({key.role: f"{key.column} {key.heading}".strip() for key in u.keys} for u in (before, after))
    return [
        (f"{ROLE[role][0]}列：{old.get(role, '无')} → {new.get(role, '无')}。",
         f"Column of the {ROLE[role][1]}: {old.get(role, 'none')} → {new.get(role, 'none')}.")
        for role in ROLE if old.get(role) != new.get(role)
    ]  # fmt: skip


def _words(before: Understood, after: Understood) -> list[Said]:
    old, new = map(_points, (before, after))
    return [
        (f"“{word}”：{_zh(old.get(word, ''))} → {_zh(new.get(word, ''))}。",
         f"{word!r}: {_en(old.get(word, ''))} → {_en(new.get(word, ''))}.")
        for word in dict.fromkeys((*old, *new)) if old.get(word, "") != new.get(word, "")
    ]  # fmt: skip


def _points(understood: Understood) -> Mapping[str, float | str | None]:
    points: dict[str, float | str | None] = {level.word: level.points for level in understood.levels}
    return points | {part.word: None for part in understood.no_rating}


def _zh(points: float | str | None) -> str:
    return "没有写" if points == "" else "不算评分" if points is None else f"{points:g} 分"


def _en(points: float | str | None) -> str:
    return "not given" if points == "" else "no rating" if points is None else f"{points:g}"


def _listed(zh: str, en: str, names: Iterable[str]) -> list[Said]:
    shown = list(names)
    return [(f"{zh}：{listed(shown)[0]}。", f"{en}: {listed(shown)[1]}.")] if shown else []


def _shown(value: object) -> str:
    return listed(value)[0] if isinstance(value, tuple) else str(value)
