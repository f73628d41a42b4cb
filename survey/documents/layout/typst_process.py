"""Process in which typst runs: `python -m survey.documents.layout.typst_process FOLDER STANDARD FONTS…`.

Reads main.typ in FOLDER, writes out.pdf beside it; an error or a warning goes to stderr, with exit status 1.
"""

import sys
from pathlib import Path
from typing import Final

import typst

# Names under which the fonts of analysis.charts.fonts are known, best first.
FAMILIES: Final = ("Noto Sans SC", "Noto Sans CJK SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei")


def main(folder: str, standard: str, *fonts: str) -> int:
    """Compile main.typ in `folder` with the fonts in the folders `fonts`, tagged after the PDF `standard`
    ("ua-1"), or untagged where that is empty; returns the exit status."""
    try:
        known = typst.Fonts(include_system_fonts=False, font_paths=list(fonts)).families()
        families = [name for name in FAMILIES if name in known]
        # typst brings Latin fonts of its own, so that installed ones make no difference.
        pdf, warnings = typst.compile_with_warnings(
            str(Path(folder) / "main.typ"),
            root=folder,
            font_paths=list(fonts),
            ignore_system_fonts=True,
            sys_inputs={"fonts": ",".join(families)},
            pdf_standards=["ua-1"] if standard else [],
            pdf_tags=bool(standard),
        )
    except typst.TypstError as error:
        return _fail(str(error))
    if warnings:
        return _fail("; ".join(map(str, warnings)))
    (Path(folder) / "out.pdf").write_bytes(pdf)
    return 0


def _fail(words: str) -> int:
    sys.stderr.write(words + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
