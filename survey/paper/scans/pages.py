"""Pages of scans and photos as grey images, one at a time: PDF, TIFF of several pages, JPEG, PNG."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from survey.errors import N_, InvalidInput

if TYPE_CHECKING:
    from PIL import Image

Grey = npt.NDArray[np.uint8]

MOST_PAGES = 1_000
MOST_BYTES = 1 << 30
MOST_PIXELS = 60_000_000
"""Of a page; a photo of 50 megapixels is read, a bomb is not."""
DPI = 200
_POINTS = 72
_LONGEST = 2339
"""Pixels of the longer side of A4 at 200 dpi."""
_WHITE = 255
_HEIF = re.compile(rb"....ftyp(hei|hev|mif|msf)", re.DOTALL)
"""How the pictures begin that many phones take, whatever their files are called (ISO/IEC 23008-12)."""
_PICTURES = {".jpg", ".jpeg", ".png", ".tif", ".tiff"}


class Unreadable(InvalidInput):
    """File or page that cannot be taken as an image."""

    code = "unreadable"
    remedy = N_("请重新扫描：灰度，200 或 300 dpi，PDF、TIFF、JPEG 或 PNG，每个文件最多 1000 页。")


EXPORT = N_("请看扫描是否做完，重新导出或复制这个文件；没有这个文件的，重扫这些表。")
AS_JPEG = N_(
    "请另存为 JPEG 再读。要重拍的话，iPhone 先在“设置 → 相机 → 格式”选“兼容性最佳”，"
    "安卓手机先在相机设置里关掉 HEIF。"
)


class TooLarge(Unreadable):
    """File or page of more pixels than are unpacked."""

    remedy = N_("请用 200 或 300 dpi 重扫。")


@dataclass(frozen=True, slots=True)
class Source:
    """Page `number`, from 1, of a file."""

    path: Path
    number: int

    def __str__(self) -> str:
        return f"{self.path.name} p. {self.number}"


def pages_of(path: Path) -> list[Source]:
    """All pages of a file, not yet read; raises `Unreadable`, naming the file."""
    if path.is_dir():
        raise Unreadable(
            N_("“%(file)s”是目录。"), remedy=N_("请写出里面的文件，如 %(file)s/*.pdf。"), file=path.name
        )
    try:
        size = path.stat().st_size
        count = _count(path, size) if size <= MOST_BYTES else 0
    except FileNotFoundError as error:
        raise Unreadable(
            N_("没有文件“%(file)s”。"), remedy=N_("请核对文件名和所在的目录。"), file=path.name
        ) from error
    except OSError as error:
        raise Unreadable(
            N_("文件“%(file)s”读不出来：%(why)s。"), file=path.name, why=error.strerror
        ) from error
    _check_size(path, size, count)
    return [Source(path, number) for number in range(1, count + 1)]


def _check_size(path: Path, size: int, count: int) -> None:
    if size > MOST_BYTES:
        raise Unreadable(N_("文件“%(file)s”超过 1 GB。"), remedy=N_("请分成几个文件再读。"), file=path.name)
    if count > MOST_PAGES:
        raise Unreadable(
            N_("文件“%(file)s”有 %(count)s 页，最多 %(most)s 页。"),
            remedy=N_("请分成几个文件再读。"),
            file=path.name,
            count=count,
            most=MOST_PAGES,
        )


def image_of(source: Source) -> Grey:
    """Image of a page, white 255; raises `Unreadable`, naming file and page."""
    try:
        image = _pdf_page(source) if source.path.suffix.lower() == ".pdf" else _picture(source)
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError) as error:
        raise Unreadable(
            N_("“%(file)s”第 %(page)s 页读不出来：%(why)s"),
            file=source.path.name,
            page=source.number,
            why=error,
        ) from error
    return image


def _count(path: Path, size: int) -> int:
    suffix = path.suffix.lower()
    if not size:
        raise Unreadable(N_("文件“%(file)s”是空的（0 字节）。"), remedy=EXPORT, file=path.name)
    with path.open("rb") as file:
        is_heif = _HEIF.match(file.read(16)) is not None
    if is_heif or suffix in {".heic", ".heif"}:
        raise Unreadable(N_("“%(file)s”是手机的 HEIC 照片，读不了。"), remedy=AS_JPEG, file=path.name)
    if suffix == ".pdf":
        with _Document(path) as document:
            return len(document.pdf)
    if suffix not in _PICTURES:
        raise Unreadable(N_("文件“%(file)s”不是 PDF、TIFF、JPEG 或 PNG。"), file=path.name)
    with _opened(path) as image:
        return int(getattr(image, "n_frames", 1))


def _opened(path: Path) -> Image.Image:
    """A picture whose head was read; raises `Unreadable` for what is none, or a bomb."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # `_check_pixels` is stricter
        try:
            return Image.open(path)
        except Image.DecompressionBombError as error:
            raise TooLarge(N_("文件“%(file)s”太大，不能展开。"), file=path.name) from error
        except (SyntaxError, ValueError, OSError) as error:
            raise Unreadable(N_("文件“%(file)s”不是图像。"), file=path.name) from error


class _Document:
    """An opened PDF; a locked or broken one is `Unreadable`."""

    def __init__(self, path: Path) -> None:
        import pypdfium2

        try:
            self.pdf: Any = pypdfium2.PdfDocument(path)
        except pypdfium2.PdfiumError as error:
            said, remedy = N_("文件“%(file)s”不是完好的 PDF。"), EXPORT
            if _has_no_page(path):
                said = N_("PDF“%(file)s”里一页也没有。")
            elif "password" in str(error).lower():
                said, remedy = N_("PDF“%(file)s”有密码。"), N_("请去掉密码再读。")
            raise Unreadable(said, remedy=remedy, file=path.name) from error

    def __enter__(self) -> _Document:
        return self

    def __exit__(self, *_: object) -> None:
        self.pdf.close()


def _has_no_page(path: Path) -> bool:
    """Whether a PDF is well formed and empty. The error given for one is that of any file read before."""
    from pypdfium2 import raw

    document = raw.FPDF_LoadDocument(f"{path}\0".encode(), None)
    if document:
        raw.FPDF_CloseDocument(document)
    return bool(document)


def _pdf_page(source: Source) -> Grey:
    from pypdfium2 import PdfiumError

    with _Document(source.path) as document:
        try:
            page = document.pdf[source.number - 1]
            _check_pixels(source, _embedded(page))
            width, height = page.get_size()
            # Programs that make PDFs of photos give pages any size.
            scale = max(DPI / _POINTS, _LONGEST / max(width, height, 1))
            _check_pixels(source, width * height * scale * scale)
            bitmap = page.render(scale=scale, grayscale=True)
            image: Grey = np.array(bitmap.to_numpy()).reshape(bitmap.height, bitmap.width)
        except PdfiumError as error:
            raise ValueError(str(error)) from error
        page.close()
        return image


def _embedded(page: Any) -> int:
    """Pixels of the largest image on the page, from its header."""
    from pypdfium2 import raw

    sizes = (found.get_px_size() for found in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE]))
    return max((width * height for width, height in sizes), default=0)


def _picture(source: Source) -> Grey:
    with _opened(source.path) as image:
        if source.number > 1:
            image.seek(source.number - 1)
        _check_pixels(source, image.width * image.height)
        return _grey(image)


def _grey(image: Image.Image) -> Grey:
    """Grey image of a picture of any mode: what is transparent is paper, 16 bits become 8."""
    from PIL import Image as Pictures

    if image.has_transparency_data:
        picture = image.convert("RGBA")
        white = Pictures.new("RGBA", picture.size, "white")
        image = Pictures.alpha_composite(white, picture)
    values = np.asarray(image)
    if values.dtype.kind in "iu" and values.itemsize > 1 and values.max(initial=0) > _WHITE:
        return np.asarray(np.clip(values >> 8, 0, _WHITE).astype(np.uint8))
    return np.asarray(image.convert("L"))


def _check_pixels(source: Source, pixels: float) -> None:
    if pixels > MOST_PIXELS:
        raise TooLarge(
            N_("“%(file)s”第 %(page)s 页太大：%(pixels)s 百万像素，最多 60。"),
            file=source.path.name,
            page=source.number,
            pixels=round(pixels / 1e6),
        )
