"""Every number that somebody can read out of what is published, and whether the frozen facts contain it."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from html import unescape
from typing import Any, NamedTuple

import openpyxl

from tests.documents.readers import on_disk, run

Leaf = tuple[str, Any]

# A date, a time, a hash, an address or a name of a file is no number.
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_NO_NUMBERS = re.compile(
    "|".join(
        [
            r"[0-9a-f]{16,}|0x[0-9a-f]+|\b(?=[0-9a-f]*\d)[0-9a-f]{8}\b|sha-?256|sha384-[\w+/=]+",
            r"\b(?:[0-9a-f]{4}\s+){3,}[0-9a-f]*|(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}",
            r"\d{4}-q\d\S*|\d+\s*[年月日号]",
            rf"\d{{1,2}} (?:{_MONTHS})(?: \d{{4}})?",
            r"\b(?:in|rounds of) 20\d\d(?=[,:]| combined)",  # of the year's ranking
            r"https?://\S+|[\w-]+\.(?:csv|json|pdf|docx|xlsx|pptx)|RFC\s*\d+|12345",
            r"第\s*\d+\s*[页版条号章轮级]|[图表]\s*\d+|16[:×x]9|\d+ (?:KB|MB)",
            r"最多换发 \d+ 份|日志共 \d+|had \d+ entries|entry \d+",
            r"模拟中(?:最多)?有 \d+% 的轮次，而不是 5%",  # of the method
            r"in (?:up to )?\d+ % of simulated rounds instead of 5 %",
            r"写“3\s至 7 张”的，不到 3 张",  # an example of what is written
        ]
    ),
    re.IGNORECASE,
)
_DATE = re.compile(r"\d{4}-\d\d?-\d\d?")
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9_.])(\d[\d,]*(?:\.\d+)?)(\s?%|\s?分|\s?(?:家|张|份|票|人|ballots?\b|firms?\b))?"
)
# "Fewer than 4 firms": what record 51 protects (three answers).
_CONSTANTS = (4.0,)
_OF_SEARCH = re.compile(r"张|票|ballot")
_OF_BALLOTS = re.compile(r"家|张|份|票|人|ballot|firm")


# What every number of the content is, the first kind that fits. "Of classes" are differences between
# weightings of the same answers: in steps of 0.5 or 0.1, and of classes whose answers are published nowhere.
ERRORS = r"/(ci|average_ci|se|se_cr0|df|df1|df2|p|p_\w+|critical_values|statistic|r_squared|corrected)\b"
KINDS = {
    "given": r"^(/round|/composites/\*/event|/facts/(version|scale|round|method|counts)|/indicators"
    r"|/problems|/mended|/departments"
    r"|/facts/(response|weighting)/(threshold|roster)|/version|/added|/telephone|/log)|/(version|level|draws|seed|threshold"
    r"|scale|component|n_components|index|grade_lines|weight|roster|roster_share|method_version|departments|of"
    r"|strata/\*/options/\*/roster\w*|standardised/\*/shares/.*)$|/method/scale/|/grade_lines/|/classes/\*/(first|last)",
    "order": r"/(rank|rank_set/\*|rank_without|best|worst)$",
    "coarse": ERRORS + r"|^/facts/(reliability|drivers|resolution|quality/sensitivity)/"
    r"|^/facts/weighting/(effective_n|design_effect|low|high|trimmed|notes)|^/facts/quality/share",
    "equation": r"^/facts/(items/\*|profiles/\*/items/\*)/(n|mean|satisfied\w*)$|/classes/\*/count$"
    r"|/profiles/\*/satisfied/|/profiles/\*/items/\*/group/difference$"
    r"|^/facts/ranking/(groups/\*/)?departments/\*/(mean|adjusted)$",
    "follows": r"/profiles/\*/(overall|in_group)/(mean|adjusted)$|/average_difference$|/pairs/\*/difference$"
    r"|/changes/\*/(changes/\*/)?(before|after|change)$|/items/\*/change/(before|after|change)$"
    r"|/importance/\*/(performance|average|importance)|^/facts/combined/ranking/departments/\*/(mean|adjusted)$"
    r"|^/composites/\*/(ranking/departments/\*/(mean|adjusted)|moves/\*/contribution)$"
    r"|/weighting/scores/\*/adjusted$|/standardised/\*/departments/\*/plain$",
    "of classes": r"/treatment/\*/(differences/\*/)?difference$"
    r"|/weighting/(scores/\*|largest)/(weighted|difference)$"
    r"|/standardised/\*/departments/\*/(standardised|difference)$|/moves/\*/shift$",
    "ballots": r"/(n|n_raters|n_ratings|ballots|raters|not_known|groups/[^/]*|not_said/[^/]*|share|gap)$"
    r"|^/themes/|/quality/(n|flagged|one_mark|straight|inconsistent|outlying|contrary)$",
    "search": r"/ranking/meeting/",
}


def kind_of(path: str) -> str | None:
    """The kind of a number of an edition's content; None for one that nobody has thought about."""
    return next((kind for kind, rule in KINDS.items() if re.search(rule, path)), None)


class Found(NamedTuple):
    """A number as it is printed, what it is a number of, and the words around it."""

    text: str
    unit: str
    around: str


def leaves(part: Any, path: str = "") -> Iterator[Leaf]:
    """(path, value) of everything in a JSON document; places in lists are `*`."""
    if isinstance(part, dict):
        for name, inner in part.items():
            yield from leaves(inner, f"{path}/{name}")
    elif isinstance(part, list | tuple):
        for inner in part:
            yield from leaves(inner, f"{path}/*")
    else:
        yield path, part


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def numbers_in(text: str, typed: Iterable[str] = ()) -> Iterator[Found]:
    """The numbers of a text, without those in what people typed and in dates, hashes and addresses.

    Dates go first: somebody may have typed a year, and what is left of a date without it would be numbers.
    """
    text = _DATE.sub("＊", text)
    for words in sorted({_DATE.sub("＊", words) for words in typed}, key=len, reverse=True):
        text = re.sub(rf"(?<!\d){re.escape(words)}(?!\d)", "＊", text)
    text = _NO_NUMBERS.sub("＊", text.replace("\xa0", " "))
    for found in _NUMBER.finditer(text):
        around = text[max(0, found.start() - 24) : found.end() + 16]
        yield Found(found[1].replace(",", ""), (found[2] or "").strip(), around)


def texts_of(name: str, content: bytes) -> Iterator[str]:
    """All text of a file, cell by cell where there are cells; a drawing's from its comments.

    Pictures (.png) are other forms of the drawings beside them.
    """
    return READERS[name.rpartition(".")[2]](content)


def _json(content: bytes) -> Iterator[str]:
    return (str(value) for _path, value in leaves(json.loads(content)) if value is not None)


def _csv(content: bytes) -> Iterator[str]:
    return (cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in row)


def _workbook(content: bytes) -> Iterator[str]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return (str(c.value) for s in book for row in s.iter_rows() for c in row if c.value is not None)


def _word(content: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        for part in file.namelist():
            if re.match(r"word/(document|header\d*|footer\d*|footnotes)\.xml", part):
                xml = re.sub(r"</w:p>", "\n", file.read(part).decode())
                yield unescape(re.sub(r"<[^>]+>", "", xml))


def _slides(content: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        for part in file.namelist():
            if re.match(r"ppt/(slides|notesSlides)/\w+\.xml", part):
                xml = re.sub(r"</a:p>", "\n", file.read(part).decode())
                yield from (unescape(text) for text in re.findall(r'descr="([^"]*)"', xml))
                yield unescape(re.sub(r"<[^>]+>", "", xml))


def _drawing(content: bytes) -> Iterator[str]:
    return (unescape(text) for text in re.findall(r"<!-- (.*?) -->", content.decode(), re.DOTALL))


def _pdf(content: bytes) -> Iterator[str]:
    with on_disk(content, ".pdf") as path:
        yield run("pdftotext", "-layout", path, "-").decode()


def _nothing(_content: bytes) -> Iterator[str]:
    return iter(())


def _page(content: bytes) -> Iterator[str]:
    """Words, titles and labels; where a drawing's lines lie is told by what it is labelled with."""
    html = content.decode()
    main = re.sub(r"<(script|style|svg|head)\b.*?</\1>", " ", html, flags=re.DOTALL)
    yield from (unescape(t) for t in re.findall(r"(?:title|aria-label|data-value)=\"([^\"]*)\"", main))
    drawn = "\n".join(re.findall(r"<svg\b.*?</svg>", html, flags=re.DOTALL))
    yield from (unescape(t) for t in re.findall(r"<(?:text|title|desc)\b[^>]*>([^<]*)<", drawn))
    yield unescape(re.sub(r"<[^>]+>", "\n", main))


READERS: dict[str, Callable[[bytes], Iterator[str]]] = {
    "json": _json,
    "csv": _csv,
    "xlsx": _workbook,
    "docx": _word,
    "pptx": _slides,
    "svg": _drawing,
    "pdf": _pdf,
    "html": _page,
    "png": _nothing,
    "SHA256SUMS": _nothing,
}


class Known:
    """The numbers of a frozen edition, by what they are numbers of."""

    def __init__(self, content: Any) -> None:
        self._leaves = [(path, float(v)) for path, v in leaves(content) if is_number(v)]
        self._content = content

    @cached_property
    def typed(self) -> set[str]:
        """Names, titles and what people wrote: they may hold any digits."""
        facts, content = self._content["facts"], self._content
        names = {p["name"] for p in facts["profiles"]} | {p["group"] for p in facts["profiles"]}
        names |= {item[key] for item in facts["items"] for key in ("name", "name_en")}
        names |= {level[key] for level in facts["scale"]["levels"] for key in ("label", "label_en")}
        names |= {str(facts["round"].get(key, "")) for key in ("title", "body", "slug")}
        free = (content.get("problems", ()), content.get("indicators", ()), content.get("comments", {}))
        names |= {v for _path, v in leaves(list(free)) if isinstance(v, str)}
        return {name for name in names if re.search(r"\d", name)}

    @cached_property
    def shares(self) -> list[float]:
        """In per cent; how many answered follows from published counts, of whom was invited each once."""
        told = self._content["facts"]["counts"]
        counts = [float(v) for v in told.values() if is_number(v)]
        rates = [100 * a / b for a in counts for b in counts if b]
        if once := (told.get("invited") or 0) - (told.get("replaced") or 0):
            rates.append(100 * told["valid"] / once)
        return [*(100 * v for _path, v in self._leaves if 0 <= v <= 1), *rates]

    @cached_property
    def points(self) -> list[float]:
        counted = re.compile(r"/(n|count|p|p_\w+|ballots|n_\w+|index)$")
        return [abs(v) for path, v in self._leaves if not counted.search(path)]

    def counts(self, unit: str) -> list[float]:
        """Of firms and people; ballots are also counted that carry a statement."""
        searched = ("search",) if _OF_SEARCH.match(unit) else ()
        names = re.compile(
            r"/(n|classes/\*/count|added/\*/count|counts/\w+|roster|enterprises|threshold|effective_n)$"
        )
        return [
            v for path, v in self._leaves if names.search(path) or kind_of(path) in ("ballots", *searched)
        ]

    @cached_property
    def every(self) -> list[float]:
        """All of them, and how many departments, pairs or statements may be counted out."""
        pairs = len(self._content["facts"]["ranking"]["pairs"])
        return [*(abs(v) for _path, v in self._leaves), *map(float, range(pairs + 1))]

    def holds(self, found: Found) -> bool:
        """Whether some number of this kind is written so; a share may be cut towards its bound.

        A whole number alone is the mark of an axis or the number of a row.
        """
        if re.fullmatch(r"[\d\s−-]*", found.around) and len(found.text) < 4:
            return True
        decimals = len(found.text.partition(".")[2])
        unit, value = 10.0**-decimals, float(found.text)
        if found.unit == "%":
            coarse = value % 10 == 0 and re.search(rf"(约|about)\s?{found.text}", found.around, re.IGNORECASE)
            return bool(coarse) or any(abs(value - known) < unit + 1e-9 for known in self.shares)
        among = self.every
        if found.unit == "分":
            among = self.points
        elif _OF_BALLOTS.match(found.unit):
            among = [*self.counts(found.unit), *_CONSTANTS]
        return any(abs(value - known) <= unit / 2 + 1e-9 for known in among)
