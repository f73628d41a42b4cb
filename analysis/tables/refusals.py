"""Errors by which a file is refused as a table, one class per reason, in Chinese and English with the
remedy."""

from __future__ import annotations

from typing import Final

from analysis.errors import InputError

Said = tuple[str, str]
_SAVE_AGAIN: Final = (
    "请在表格软件中打开，另存为没有密码的 .xlsx 或 CSV 再试。",
    "Open it in a spreadsheet program, save it as .xlsx without a password, or as CSV, and try again.",
)
OTHER_KINDS: Final = {
    "PDF 文件": "a PDF file",
    "图片": "a picture",
    "压缩包（RAR）": "a RAR archive",
    "压缩包（7z）": "a 7z archive",
    "压缩包（zip）": "a zip archive",
    "RTF 文档": "an RTF document",
    "JSON 文件": "JSON",
    "Stata 文件（.dta）": "a file of Stata (.dta)",
    "SAS 文件（.xpt）": "a file of SAS (.xpt)",
    "网页": "a web page",
    "网页（.mht）": "a web page (.mht)",
    "数据库": "a database",
    "XML 表格 2003": "an XML spreadsheet of 2003",
    "二进制工作簿（.xlsb）": "a binary workbook (.xlsb)",
    "OpenDocument 表格（.ods）": "an OpenDocument spreadsheet (.ods)",
    "Word 文档": "a Word document",
    "演示文稿": "a presentation",
    "Numbers 表格": "a Numbers spreadsheet",
}
"""What else comes under the name of a table, in Chinese and English."""


class TableRefused(InputError):
    """Base class of refusals; nothing of the file was used.

    `why`: what is wrong, `mend`: what to do, each in Chinese and English; `zh` and `en` say both.
    """

    why: Said = ("", "")
    mend: Said = _SAVE_AGAIN

    def __init__(self, **values: object) -> None:
        self.values = values
        self.why = (self.why[0] % values, self.why[1] % values)
        super().__init__(self.why[0] + self.mend[0], f"{self.why[1]} {self.mend[1]}")

    def about(self, file: str) -> TableRefused:
        """Copy of the refusal that also names the file."""
        self.zh, self.en = f"“{file}”：{self.zh}", f"{file}: {self.en}"
        self.args = (f"{self.zh}\n{self.en}",)
        return self


class EmptyFile(TableRefused):
    why = ("文件是空的，没有任何内容。", "The file is empty.")
    mend = ("请检查是否选对了文件。", "Check that it is the right file.")


class UnknownFormat(TableRefused):
    why = (
        "无法识别这个文件的格式或文字编码，只能读取 Excel（.xlsx）和 CSV 文件。",
        "The format or text encoding of this file is not recognised; only Excel (.xlsx) and CSV can be read.",
    )


class OldExcel(TableRefused):
    why = (
        "这是旧版 Excel（.xls）文件，或者是设了打开密码的 Excel 文件。",
        "This is a file of old Excel (.xls), or an Excel file with a password.",
    )


class OtherFile(UnknownFormat):
    """The file is of another kind than its name says; `kind` is one of `OTHER_KINDS`."""

    why = (
        "这个文件其实是%(kind)s，不是 Excel 工作簿（.xlsx）。",
        "This file is really %(english)s, not an Excel workbook (.xlsx).",
    )

    def __init__(self, kind: str) -> None:
        super().__init__(kind=kind, english=OTHER_KINDS[kind])


class EncryptedFile(TableRefused):
    why = ("文件设了密码，无法读取。", "The file has a password and cannot be read.")


class FileDamaged(TableRefused):
    why = ("文件已损坏，或者不是真正的 Excel 文件。", "The file is damaged, or is not really an Excel file.")


class DamagedArchive(TableRefused):
    why = ("文件的压缩数据已损坏。", "The compressed data of the file are damaged.")
    mend = ("请重新导出。", "Export the file again.")


class MacroFile(TableRefused):
    why = (
        "文件里有宏。为了安全，不读取带宏的文件。",
        "The file contains macros, and for safety such files are not read.",
    )


class XmlEntities(TableRefused):
    why = (
        "文件里有 Excel 从不写入的内容（文档类型声明），为了安全没有读取。",
        "The file contains a document type declaration, as Excel never writes; for safety it was not read.",
    )


class WrongEncoding(TableRefused):
    why = (
        "CSV 文件的文字编码无法识别，只能读取 UTF-8、GB18030（GBK）和 UTF-16。",
        "The text encoding of the CSV file is not recognised; only UTF-8, GB18030 (GBK) and UTF-16 are read.",
    )
    mend = ("请另存为“CSV UTF-8”再试。", "Save it as “CSV UTF-8” and try again.")


class BrokenCsv(TableRefused):
    """The CSV cannot be parsed; `row`: line of the file, from 1."""

    why = ("CSV 文件第 %(row)s 行附近无法读取。", "The CSV file cannot be read near line %(row)s.")
    mend = (
        "请检查这一行前后的引号是否成对，或者另存为 .xlsx 再试。",
        "Check that quotation marks come in pairs there, or save it as .xlsx and try again.",
    )

    def __init__(self, *, row: int) -> None:
        super().__init__(row=row)
        self.row = row


class TooLarge(TableRefused):
    """The file is larger than any table needs to be; `reason`: in what, `limit`: the most that is read."""

    mend = (
        "请只保留需要的工作表、行和列，删去图片，另存后再试。",
        "Keep only the sheets, rows and columns that are needed, delete pictures, save it and try again.",
    )
    _REASONS: Final = {
        "file": ("文件太大，最多 %(limit)s MB。", "The file is too large; at most %(limit)s MB."),
        "unpacked": ("文件解开后太大，最多 %(limit)s MB。", "The file unpacks to more than %(limit)s MB."),
        "entries": (
            "文件里的部件太多，最多 %(limit)s 个。",
            "The file has more than %(limit)s parts.",
        ),
        "rows": ("行数太多，最多 %(limit)s 行。", "Too many rows; at most %(limit)s."),
        "columns": ("列数太多，最多 %(limit)s 列。", "Too many columns; at most %(limit)s."),
        "cells": (
            "表格范围太大，最多 %(limit)s 个单元格。可能有内容写在很远的行或列。",
            "The table spans too many cells; at most %(limit)s. Something may stand in a far row or column.",
        ),
        "cell": (
            "有一格的文字太长，一格最多 %(limit)s 个字。",
            "The text of a cell is too long; at most %(limit)s characters.",
        ),
        "cell at": (
            "%(place)s 格的文字太长，一格最多 %(limit)s 个字。",
            "The text of cell %(place)s is too long; at most %(limit)s characters.",
        ),
        "work": (
            "读这个文件要用的内存或时间太多，没有读完。",
            "Reading this file would take too much memory or time; it was not read to its end.",
        ),
        "text": (
            "文字太多，最多 %(limit)s 个字。可能有很长的文字填在许多格里。",
            "Too much text; at most %(limit)s characters. A long text may fill many cells.",
        ),
    }

    def __init__(self, reason: str, **values: object) -> None:
        self.why = self._REASONS[reason]
        super().__init__(**values)
        self.values = {"reason": reason, **values}


class ReaderBusy(TableRefused):
    why = ("现在有太多文件在读。", "Too many files are being read at the moment.")
    mend = ("请稍后再试。", "Try again in a while.")
