"""Record what a move of files must not change, and compare two records.

`python tests/support/record.py OUT` writes into the empty folder OUT: the documents of a demonstration
county, what everybody sees on every page, the files of `pingyi rank`, and SHA256SUMS of all of them. Two runs
of one commit give equal bytes: chance and clock are fixed (`fixed_chance`).
`python tests/support/record.py --compare A B` names what differs between two records; exit status 1 if
anything does.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import os
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
SUMS = "SHA256SUMS"
POINTS = "department,score\n" + "".join(f"{n},{60 + 7 * n % 40}\n" for n in range(1, 16) if n != 13)
PARTS = ("rank", "whole", "demo")
INSTEVAL = str(DATA / "insteval.csv.gz")
RANKED = {
    "insteval": [INSTEVAL],
    "insteval-all": [INSTEVAL, "--charts", "all", "--rater-groups", "studage", "--language", "en"],
    "combined": ["--combine", f"{INSTEVAL}=70", "--combine", "points.csv=30", "--charts", "all"],
    "estimates": ["--estimates", str(DATA / "pisa2018_math.csv"), "--charts", "all", "--language", "en"],
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("out", nargs="?", type=Path, help="an empty folder")
    parser.add_argument("--part", action="append", choices=PARTS, help="only this part; may be repeated")
    parser.add_argument("--compare", nargs=2, type=Path, metavar=("A", "B"))
    given = parser.parse_args()
    if given.compare:
        found = list(differences(*given.compare))
        print("\n".join([*found, f"{len(found)} differences"]))
        return 1 if found else 0
    if given.out is None:
        parser.error("name a folder, or --compare two")
    given.out.mkdir(parents=True, exist_ok=True)
    if any(given.out.iterdir()):
        parser.error(f"{given.out} is not empty")
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":  # read when numpy loads; sums depend on it
        os.environ["OPENBLAS_NUM_THREADS"] = "1"
        os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606 - this program itself
    record(given.out.resolve(), given.part or PARTS)
    return 0


def record(out: Path, parts: Iterator[str] | tuple[str, ...] | list[str]) -> None:
    """Write the record into an empty folder."""
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    import fixed_chance

    fixed_chance.fix()
    import recorded_county

    with tempfile.TemporaryDirectory(prefix="pingyi-record-") as folder:
        data = Path(folder)
        for part in parts:
            if part == "rank":
                record_ranks(data, out / "rank")
            elif part == "whole":
                recorded_county.record_whole(data, out)
            else:
                recorded_county.record_demo(data, out)
    files = sorted(path for path in out.rglob("*") if path.is_file())
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(out)}\n" for path in files]
    (out / SUMS).write_text("".join(sums), encoding="utf-8")
    print(f"{len(files)} files in {out}")


def record_ranks(data: Path, out: Path) -> None:
    """Every file of `pingyi rank`, and what it says."""
    import fixed_chance

    from survey.cli import main as pingyi

    (data / "points.csv").write_text(POINTS)
    for name, options in RANKED.items():
        fixed_chance.begin(name)
        said = io.StringIO()
        with contextlib.chdir(data), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            pingyi(["rank", *options, "--out", str(out / name)], standalone_mode=False)
        (out / name / "said.txt").write_text(said.getvalue(), encoding="utf-8")


def differences(a: Path, b: Path) -> Iterator[str]:
    """What differs between two folders, a line or more for each file."""
    names = [{str(path.relative_to(side)) for path in side.rglob("*") if path.is_file()} for side in (a, b)]
    for name in sorted(names[0] | names[1]):
        if name == SUMS:
            continue
        if name not in names[0] & names[1]:
            yield f"{name}: only in {a if name in names[0] else b}"
            continue
        one, other = (a / name).read_bytes(), (b / name).read_bytes()
        if one != other:
            yield f"{name}: {how(one, other)}"


def how(one: bytes, other: bytes) -> str:
    """The first differing line of texts, the differing members of zips, or that other bytes differ."""
    if all(zipfile.is_zipfile(io.BytesIO(content)) for content in (one, other)):
        return members(one, other)
    try:
        lines = [content.decode().splitlines() for content in (one, other)]
    except UnicodeDecodeError:
        return f"bytes differ ({len(one)} and {len(other)})"
    number = next((n for n, (x, y) in enumerate(zip(*lines, strict=False)) if x != y), min(map(len, lines)))
    shown = [side[number] if number < len(side) else "(ended)" for side in lines]
    return f"line {number + 1}\n  - {shown[0]}\n  + {shown[1]}"


def members(one: bytes, other: bytes) -> str:
    """Which members of two zips differ; so are .docx and .xlsx looked into."""
    found: list[str] = []
    with zipfile.ZipFile(io.BytesIO(one)) as a, zipfile.ZipFile(io.BytesIO(other)) as b:
        names = [set(archive.namelist()) for archive in (a, b)]
        found += [f"{name} only in one" for name in sorted(names[0] ^ names[1])]
        for name in sorted(names[0] & names[1]):
            contents = a.read(name), b.read(name)
            if contents[0] != contents[1]:
                found.append(f"{name}: {how(*contents)}")
    return "; ".join(found) or "members are equal, their order, dates or packing is not"


if __name__ == "__main__":
    sys.exit(main())
