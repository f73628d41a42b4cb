"""Why an uploaded table is refused: one class a reason, each with what to do about it."""

from typing import Self

from survey.errors import N_, InvalidInput, Phrase

_SAVE_AGAIN = N_("请用 Excel 或 WPS 打开，另存为“Excel 工作簿 (*.xlsx)”后重新上传。没有导入任何内容。")


class SheetRefused(InvalidInput):
    """Base of all refusals; nothing of the file was used."""

    remedy = _SAVE_AGAIN


class EmptyFile(SheetRefused):
    remedy = N_("请检查是否选对了文件。")

    def __init__(self) -> None:
        super().__init__(N_("文件是空的，没有任何内容。"))


class NoRows(SheetRefused):
    remedy = N_("请在表头下面每行填一家企业。")

    def __init__(self) -> None:
        super().__init__(N_("只有表头，没有一行内容。"))


class UnknownFormat(SheetRefused):
    def __init__(self) -> None:
        super().__init__(N_("无法识别这个文件的格式，只能读取 Excel（.xlsx）和 CSV 文件。"))


class OldExcel(SheetRefused):
    def __init__(self) -> None:
        super().__init__(N_("这是旧版 Excel（.xls）文件，或者是设了打开密码的 Excel 文件。"))


class OtherFile(UnknownFormat):
    """Something else under the name of a table; `kind` says what."""

    remedy = N_(
        "请用 Excel 或 WPS 打开，核对内容后另存为“Excel 工作簿 (*.xlsx)”，再用新文件。没有导入任何内容。"
    )

    def __init__(self, kind: str) -> None:
        SheetRefused.__init__(
            self, N_("这个文件其实是%(kind)s，不是 Excel 工作簿（.xlsx）。"), kind=Phrase(kind)
        )


class EncryptedFile(SheetRefused):
    def __init__(self) -> None:
        super().__init__(N_("文件设了密码，无法读取。"))


class FileDamaged(SheetRefused):
    def __init__(self) -> None:
        super().__init__(N_("文件已损坏，或者不是真正的 Excel 文件。"))


class MacroFile(SheetRefused):
    def __init__(self) -> None:
        super().__init__(N_("文件里有宏。为了安全，不读取带宏的文件。"))


class XmlEntities(SheetRefused):
    def __init__(self) -> None:
        super().__init__(N_("文件里有 Excel 从不写入的内容（文档类型声明），为了安全没有读取。"))


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


class WrongEncoding(SheetRefused):
    def __init__(self) -> None:
        super().__init__(N_("CSV 文件的文字编码无法识别，只能读取 UTF-8 和 GB18030（GBK）。"))


class BrokenCsv(SheetRefused):
    remedy = N_("请检查这一行的引号是否成对，或者另存为 Excel 文件（.xlsx）后重新上传。没有导入任何内容。")

    def __init__(self, *, row: int) -> None:
        super().__init__(N_("CSV 文件第 %(row)s 行附近无法读取。"), row=row)


class TooLarge(SheetRefused):
    """More than a table of enterprises can need; `limit` is the most that is read."""

    remedy = N_("请只保留需要的工作表、行和列，删去图片，另存后重新上传。没有导入任何内容。")

    @classmethod
    def upload(cls, limit: int) -> Self:
        return cls(N_("文件太大，最多 %(limit)s MB。"), limit=limit >> 20)

    @classmethod
    def unpacked(cls, limit: int) -> Self:
        return cls(N_("文件解开后太大，最多 %(limit)s MB。"), limit=limit >> 20)

    @classmethod
    def entries(cls, limit: int) -> Self:
        return cls(N_("文件里的部件太多，最多 %(limit)s 个。"), limit=limit)

    @classmethod
    def rows(cls, limit: int) -> Self:
        return cls(N_("行数太多，最多 %(limit)s 行。"), limit=limit)

    @classmethod
    def columns(cls, limit: int) -> Self:
        return cls(N_("列数太多，最多 %(limit)s 列。"), limit=limit)

    @classmethod
    def cells(cls, limit: int) -> Self:
        return cls(N_("表格范围太大，最多 %(limit)s 个单元格。可能有内容写在很远的行或列。"), limit=limit)

    @classmethod
    def cell(cls, limit: int, place: str = "") -> Self:
        if place:
            return cls(N_("%(place)s 格的文字太长，一格最多 %(limit)s 个字。"), place=place, limit=limit)
        return cls(N_("有一格的文字太长，一格最多 %(limit)s 个字。"), limit=limit)

    @classmethod
    def work(cls) -> Self:
        return cls(N_("读这个文件要用的内存或时间太多，没有读完。"))

    @classmethod
    def text(cls, limit: int) -> Self:
        return cls(N_("文字太多，最多 %(limit)s 个字。可能有很长的文字填在许多格里。"), limit=limit)
