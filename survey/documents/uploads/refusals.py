"""Refusals of uploaded tables, in the words of a page: what to do so that the file can be uploaded again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Self

from analysis.tables import refusals
from analysis.tables.headings import listed
from survey.errors import N_, InvalidInput, Phrase

_REMEDIES: Final[dict[type[refusals.TableRefused], str]] = {
    refusals.EmptyFile: N_("请检查是否选对了文件。"),
    refusals.OtherFile: N_(
        "请用 Excel 或 WPS 打开，核对内容后另存为“Excel 工作簿 (*.xlsx)”，再用新文件。没有导入任何内容。"
    ),
    refusals.BrokenCsv: N_(
        "请检查这一行的引号是否成对，或者另存为 Excel 文件（.xlsx）后重新上传。没有导入任何内容。"
    ),
    refusals.TooLarge: N_("请只保留需要的工作表、行和列，删去图片，另存后重新上传。没有导入任何内容。"),
}


class SheetRefused(InvalidInput):
    """Refusal of a whole file; nothing of the file was used. Base of the other refusals."""

    remedy = N_("请用 Excel 或 WPS 打开，另存为“Excel 工作簿 (*.xlsx)”后重新上传。没有导入任何内容。")

    @classmethod
    def of(cls, refused: refusals.TableRefused) -> Self:
        """Refusal with the reason of the table reader, and a remedy that suits an upload."""
        return cls.bilingual(*refused.why, _REMEDIES.get(type(refused)))


class NoRows(SheetRefused):
    remedy = N_("请在表头下面每行填一家企业。")

    def __init__(self) -> None:
        super().__init__(N_("只有表头，没有一行内容。"))


class FormulaFound(SheetRefused):
    remedy = N_("请选中整张表，复制后“选择性粘贴”为“数值”，保存后重新上传。没有导入任何内容。")

    def __init__(self, *, row: int, column: str) -> None:
        super().__init__(
            N_("第 %(row)s 行 %(column)s 列是公式，公式的结果可能过时。"), row=row, column=column
        )


class MergedCells(SheetRefused):
    remedy = N_("请取消合并单元格，把每一行填写完整后重新上传。没有导入任何内容。")

    def __init__(self, *, row: int, column: str) -> None:
        super().__init__(
            N_("第 %(row)s 行 %(column)s 列是合并单元格，分不清属于哪一行。"), row=row, column=column
        )


class MissingColumns(InvalidInput):
    """Table without the columns needed; `remedy` says what the template calls them.

    `offered`: what columns can be chosen from by hand: names of all sheets, name of the sheet shown, its
    headings.
    """

    offered: tuple[tuple[str, ...], str, tuple[str, ...]] = ((), "", ())

    def __init__(self, missing: Iterable[str | Phrase], found: Iterable[str], remedy: str) -> None:
        super().__init__(
            N_("表中缺少这些列：%(missing)s。读到的表头是：%(found)s。"),
            remedy=remedy,
            missing="、".join(map(str, missing)),
            found=listed(found) or "—",
        )
