"""Open data of a published edition: the frozen numbers as JSON and CSV, each column explained.

Only what the edition holds goes out, and of it neither comments nor anything a person wrote freely but the
problem list; everything withheld in the edition is an empty cell here.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from survey.errors import N_, NotFound
from survey.models import Publication

JSON_TYPE, CSV_TYPE = "application/json", "text/csv; charset=utf-8"
LEFT_OUT = ("comments",)
Row = tuple[Any, ...]


class Column(NamedTuple):
    """A column of a CSV file: its name, kind, unit, and what it means (message id)."""

    name: str
    kind: str
    unit: str
    meaning: str


class Sheet(NamedTuple):
    """A CSV file: its columns and where its rows come from."""

    columns: tuple[Column, ...]
    rows: Callable[[dict[str, Any]], Iterator[Row]]


def open_data(publication: Publication) -> list[tuple[str, str, bytes]]:
    """(name, media type, content) of every file of an edition, the dictionary among them."""
    content = publication.facts
    files = [("data.json", JSON_TYPE, _json(publication, content))]
    for name, sheet in SHEETS.items():
        files.append(
            (f"{name}.csv", CSV_TYPE, write_csv([c.name for c in sheet.columns], sheet.rows(content)))
        )
    files.append(("dictionary.csv", CSV_TYPE, _dictionary()))
    return files


def open_data_file(publication: Publication, name: str) -> tuple[str, str, bytes]:
    """One of the files; raises `NotFound`."""
    for file in open_data(publication):
        if file[0] == name:
            return file
    raise NotFound(N_("开放数据里没有“%(name)s”这个文件。"), name=name)


def write_csv(header: Sequence[str], rows: Iterator[Row]) -> bytes:
    """RFC 4180 in UTF-8 with a mark, so that Excel reads it; None is an empty cell."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> Any:
    # Nothing that somebody typed may become a formula when the file is opened in Excel.
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return "'" + value
    return "" if value is None else value


def _json(publication: Publication, content: dict[str, Any]) -> bytes:
    kept = {name: part for name, part in content.items() if name not in LEFT_OUT}
    about = {
        "edition": publication.edition,
        "digest": publication.digest.hex(),
        "published_on": publication.published_on.isoformat() if publication.published_on else None,
        "correction": publication.correction,
    }
    return json.dumps({"publication": about} | kept, ensure_ascii=False, indent=1, sort_keys=True).encode()


def _dictionary() -> bytes:
    rows = ((f"{name}.csv", *column) for name, sheet in SHEETS.items() for column in sheet.columns)
    return write_csv(("file", "column", "type", "unit", "meaning"), rows)


def _ranking(content: dict[str, Any]) -> Iterator[Row]:
    ranking = content["facts"].get("ranking") or {}
    parts = [("", ranking), *((part["name"], part) for part in ranking.get("groups", ()))]
    for group, part in parts:
        for d in part.get("departments", ()):
            head = (group, d["name"], d["n"], d["mean"], d["adjusted"], d["se"], *d["ci"])
            yield (*head, d["rank"], *d["rank_set"], d["tier"], d["vs_average"])


def _pairs(content: dict[str, Any]) -> Iterator[Row]:
    ranking = content["facts"].get("ranking") or {}
    for group, part in [("", ranking), *((part["name"], part) for part in ranking.get("groups", ()))]:
        for p in part.get("pairs", ()):
            yield group, p["a"], p["b"], p["difference"], *p["ci"], p["p_adjusted"], p["significant"]


def _items(content: dict[str, Any]) -> Iterator[Row]:
    for profile in content["facts"].get("profiles", ()):
        for item in profile.get("items", ()):
            group = item.get("group") or {}
            figures = (item.get("n"), item.get("mean"), item.get("satisfied"))
            against = (group.get("difference"), *(group.get("ci") or (None, None)), group.get("direction"))
            yield profile["name"], profile["group"], item["name"], *figures, *against, item.get("reason")


def _answers(content: dict[str, Any]) -> Iterator[Row]:
    labels = [level["label"] for level in content["facts"].get("scale", {}).get("levels", ())]
    for profile in content["facts"].get("profiles", ()):
        for item in profile.get("items", ()):
            for label, n in zip(labels, item.get("levels") or [None] * len(labels), strict=True):
                yield profile["name"], item["name"], label, n, item.get("reason")


def _response(content: dict[str, Any]) -> Iterator[Row]:
    for stratum in (content["facts"].get("response") or {}).get("strata", ()):
        for o in stratum["options"]:
            yield stratum["name"], o["option"], o["roster"], o["ballots"], o["share"], o["reason"]


def _themes(content: dict[str, Any]) -> Iterator[Row]:
    for entry in content["themes"]:
        yield entry["department"], "", entry["n"], entry["reason"]
        for theme in entry["themes"]:
            yield entry["department"], theme["name"], theme["n"], theme["reason"]


def _problems(content: dict[str, Any]) -> Iterator[Row]:
    for p in content["problems"]:
        yield p["number"], p["department"], p["source"], p["item"], p["task"], p["deadline"]


def _indicators(content: dict[str, Any]) -> Iterator[Row]:
    names = ("kind", "period", "department", "name", "value", "unit", "province", "city", "below")
    for figure in content["indicators"]:
        yield tuple(figure[name] for name in names)


_GROUP = Column("group", "text", "", N_("部门类别；空表示全部部门一起比较"))
_DEPARTMENT = Column("department", "text", "", N_("部门名称"))
_REASON = Column(
    "reason",
    "text",
    "",
    N_("不公布的原因：threshold 少于门槛，unanimous 几乎一致，complementary 防推算，none 无人，空为已公布"),
)
_LOW = Column("low", "number", "points", N_("联合区间下限"))
_HIGH = Column("high", "number", "points", N_("联合区间上限"))
SHEETS: dict[str, Sheet] = {
    "ranking": Sheet(
        (
            _GROUP,
            _DEPARTMENT,
            Column("n", "integer", "ballots", N_("评了这个部门的选票数")),
            Column("mean", "number", "points", N_("原始平均分")),
            Column("adjusted", "number", "points", N_("校正得分：假如每家企业都评了每个部门")),
            Column("se", "number", "points", N_("与平均之差的标准误")),
            _LOW,
            _HIGH,
            Column("rank", "integer", "", N_("名次，按校正得分")),
            Column("rank_from", "integer", "", N_("名次范围：最好")),
            Column("rank_to", "integer", "", N_("名次范围：最差")),
            Column("tier", "text", "", N_("档次，同一字母的部门分不出高低")),
            Column("vs_average", "text", "", N_("与平均比：above 高于，below 低于，same 分不出")),
        ),
        _ranking,
    ),
    "pairs": Sheet(
        (
            _GROUP,
            Column("a", "text", "", N_("部门甲")),
            Column("b", "text", "", N_("部门乙")),
            Column("difference", "number", "points", N_("校正得分之差，甲减乙")),
            _LOW,
            _HIGH,
            Column("p_adjusted", "number", "", N_("多重比较校正后的 p 值")),
            Column("significant", "boolean", "", N_("是否分得出高低")),
        ),
        _pairs,
    ),
    "items": Sheet(
        (
            _DEPARTMENT,
            _GROUP,
            Column("item", "text", "", N_("指标")),
            Column("n", "integer", "ratings", N_("评分数，不含“不了解”")),
            Column("mean", "number", "points", N_("平均分")),
            Column("satisfied", "number", "share", N_("满意率")),
            Column("difference", "number", "points", N_("与同类部门平均之差")),
            _LOW,
            _HIGH,
            Column("direction", "text", "", N_("与同类平均比：above 高于，below 低于，same 分不出")),
            _REASON,
        ),
        _items,
    ),
    "answers": Sheet(
        (
            _DEPARTMENT,
            Column("item", "text", "", N_("指标")),
            Column("level", "text", "", N_("评价等级")),
            Column("n", "integer", "ratings", N_("选这一级的评分数")),
            _REASON,
        ),
        _answers,
    ),
    "response": Sheet(
        (
            Column("stratum", "text", "", N_("分层")),
            Column("option", "text", "", N_("选项")),
            Column("roster", "integer", "enterprises", N_("名录中的企业数")),
            Column("ballots", "integer", "ballots", N_("自报属于这一类的选票数")),
            Column("share", "number", "share", N_("占填了这一项的选票的比例")),
            _REASON,
        ),
        _response,
    ),
    "themes": Sheet(
        (
            _DEPARTMENT,
            Column("theme", "text", "", N_("意见主题；空表示全部意见")),
            Column("n", "integer", "comments", N_("意见条数")),
            _REASON,
        ),
        _themes,
    ),
    "problems": Sheet(
        (
            Column("number", "integer", "", N_("问题编号")),
            _DEPARTMENT,
            Column(
                "source",
                "text",
                "",
                N_("来源：line 低于警戒线，gap 低于同类平均，comments 意见，indicator 外部指标，other 其他"),
            ),
            Column("item", "text", "", N_("指标或主题")),
            Column("task", "text", "", N_("要解决的问题")),
            Column("deadline", "date", "", N_("公布时的整改期限")),
        ),
        _problems,
    ),
    "indicators": Sheet(
        (
            Column("kind", "text", "", N_("来源：assessment 省市评估，hotline 12345")),
            Column("period", "text", "", N_("时期")),
            _DEPARTMENT,
            Column("name", "text", "", N_("指标")),
            Column("value", "number", "unit", N_("数值")),
            Column("unit", "text", "", N_("单位")),
            Column("province", "number", "unit", N_("全省平均")),
            Column("city", "number", "unit", N_("全市平均")),
            Column("below", "boolean", "", N_("是否低于 70 分警戒线")),
        ),
        _indicators,
    ),
}
