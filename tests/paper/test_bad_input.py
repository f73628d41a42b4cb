"""Files that cannot be read, each refused in words that name it."""

from __future__ import annotations

import base64
import io
import os
import signal
import zlib
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from survey.documents.paper.layout import Style
from survey.documents.paper.printing import write_forms
from survey.errors import PingyiError
from survey.paper.scans import pages
from survey.paper.scans.pages import Source, image_of, pages_of
from survey.paper.scans.reading import in_parallel
from survey.paper.station import taking_in
from survey.paper.station.findings import said_of
from survey.paper.station.settling import Settling
from survey.paper.station.taking_in import take_in, waiting
from tests.paper.printed import clean_form, rendered
from tests.paper.rounds import described, invited, questionnaire
from tests.paper.stations import begun

# A page that another program locked with a password (RC4, 128 bits).
LOCKED = (
    "eNqNUctu2zAQvPMr9uJjwzcpAoIPTWKgaIsYTtpLkAMfS9eFIQWyDCT9yR76B+2PdK20iRH3UAGEqNnZ2dXMbHmxeCPPNJv9/PX9"
    "B5MgoE9fWdsyvhz6ss84QGtSLanmqPWczecMu3LgqCPuzeM9Al/GNe4YP+/33QiS8febsoNbMERcwd1Rqz5pPY9j3PZr9qQBB+3V"
    "UYP55yzGV7jr90OmDqoQnX/Esolv+wcaK87EdKR4OncH8QFptdfq9kj9MyiSBc34B+zW4xeQqqFGMCqY4LwKVF5stiP5wq/H2JU4"
    "FMavoBVoFVVt1Giw8SbrXGNOWK2U0euYDWaVSuNsyUUX45R30gTpI7nr0dDyn6DNwWqVsnFJ6qiT8trV4NCH4I3VWasmVYOWRnjb"
    "RCOdEYK+Xa01Cima44AeBqxMgGPi+QFnrbZQ4RmT9PNTpXvBbDjBpGxOMedPMOXkCzYOcbPFYfL1evMNaRW+6vsR9BQAf9fVHuSf"
    "+wVF1qaCMViMSRp6N7k0wjQihhxRkUtp/j8UCvqyy8Pj/Qj2b9K7MQ7jZIjxjs1ml1cL9huYzMYF"
)


def pdf_of(count: int, side: float = 595) -> pypdfium2.PdfDocument:
    document = pypdfium2.PdfDocument.new()
    for _ in range(count):
        document.new_page(side, side)
    return document


def refused(path: Path) -> str:
    with pytest.raises(pages.Unreadable) as caught:
        [image_of(source) for source in pages_of(path)]
    assert caught.value.say_remedy()
    return caught.value.say()


def test_locked_pdf(tmp_path: Path) -> None:
    (tmp_path / "locked.pdf").write_bytes(zlib.decompress(base64.b64decode(LOCKED)))
    assert refused(tmp_path / "locked.pdf") == "PDF“locked.pdf”有密码。"


def test_pdf_of_two_thousand_pages(tmp_path: Path) -> None:
    pdf_of(2000).save(tmp_path / "long.pdf")
    assert refused(tmp_path / "long.pdf") == "文件“long.pdf”有 2000 页，最多 1000 页。"


def test_bombs(tmp_path: Path) -> None:
    """A few kilobytes that would be gigabytes of pixels: a PNG, the same inside a PDF, and a vast page."""
    Image.new("1", (30_000, 30_000)).save(tmp_path / "bomb.png")
    assert "bomb.png" in refused(tmp_path / "bomb.png")
    old = Image.MAX_IMAGE_PIXELS
    try:
        Image.MAX_IMAGE_PIXELS = None
        Image.new("1", (30_000, 30_000)).save(tmp_path / "bomb.pdf")
    finally:
        Image.MAX_IMAGE_PIXELS = old
    assert "太大：900 百万像素" in refused(tmp_path / "bomb.pdf")
    pdf_of(1, 14_400).save(tmp_path / "vast.pdf")
    assert "第 1 页太大" in refused(tmp_path / "vast.pdf")


@pytest.mark.parametrize("name", ["broken.pdf", "broken.png", "broken.jpg", "broken.tif", "broken.docx"])
def test_nonsense(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x89PNG nonsense" * 40)
    assert name in refused(tmp_path / name)


@pytest.mark.parametrize("name", ["IMG_1.HEIC", "IMG_1.jpg"])
def test_photos_as_phones_keep_them(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x00\x00\x00\x24ftypheic\x00\x00\x00\x00mif1heic" + bytes(99))
    assert refused(tmp_path / name) == f"“{name}”是手机的 HEIC 照片，读不了。"
    with pytest.raises(pages.Unreadable) as caught:
        pages_of(tmp_path / name)
    assert "兼容性最佳" in caught.value.say_remedy()


@pytest.mark.parametrize("name", ["a.pdf", "a.jpg", "a.tif"])
def test_empty_files(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert refused(tmp_path / name) == f"文件“{name}”是空的（0 字节）。"


def test_pdf_without_pages(tmp_path: Path) -> None:
    (tmp_path / "locked.pdf").write_bytes(zlib.decompress(base64.b64decode(LOCKED)))
    refused(tmp_path / "locked.pdf")  # PDFium remembers its last error
    pdf_of(0).save(tmp_path / "none.pdf")
    assert refused(tmp_path / "none.pdf") == "PDF“none.pdf”里一页也没有。"


def test_cut_off_jpeg(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (800, 600), dtype=np.uint8)).save(out, "JPEG")
    (tmp_path / "cut.jpg").write_bytes(out.getvalue()[:20_000])
    assert "第 1 页读不出来" in refused(tmp_path / "cut.jpg")


def test_missing_file_and_folder(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.pdf") == "没有文件“none.pdf”。"
    assert refused(tmp_path) == f"“{tmp_path.name}”是目录。"


def test_a_page_too_large_is_named_as_such(tmp_path: Path) -> None:
    pdf_of(1, 14_400).save(tmp_path / "vast.pdf")
    station = begun(tmp_path / "station", described(questionnaire(8, 1, 5)))
    list(take_in(station, waiting(station, tmp_path / "vast.pdf"), workers=1))
    (said,) = (phrase.say() for phrase in said_of(station))
    assert said == "vast.pdf 第 1 页：图像太大，超过六千万像素。请用 200 或 300 dpi 重扫。"


def test_too_large_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_BYTES", 10)
    pdf_of(1).save(tmp_path / "large.pdf")
    assert refused(tmp_path / "large.pdf") == "文件“large.pdf”超过 1 GB。"


def test_pages_of_every_kind_of_file(tmp_path: Path) -> None:
    images = [Image.new("RGB", (400, 600), (n * 60, 255, 255)) for n in range(3)]
    images[0].save(tmp_path / "a.tif", save_all=True, append_images=images[1:])
    images[0].save(tmp_path / "a.pdf", save_all=True, append_images=images[1:], resolution=72)
    images[0].save(tmp_path / "a.png")
    for name, count in (("a.tif", 3), ("a.pdf", 3), ("a.png", 1)):
        found = pages_of(tmp_path / name)
        assert [source.number for source in found] == list(range(1, count + 1))
        assert all(image_of(source).dtype == np.uint8 and image_of(source).ndim == 2 for source in found)
    with pytest.raises(PingyiError):
        image_of(Source(tmp_path / "a.tif", 9))


def dying(page: tuple[str, Source]) -> int:
    """A page that ends the process that reads it."""
    if page[1].number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return page[1].number


def test_a_page_that_ends_its_process_stops_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keyed = [(str(number), Source(Path("scan.pdf"), number)) for number in range(1, 25)]
    found = list(in_parallel(dying, keyed, 2))
    assert [page for page, _ in found] == keyed
    assert [result for _, result in found] == [None if n == 2 else n for n in range(1, 25)]
    station = begun(tmp_path / "station", described(questionnaire(8, 1, 5)))
    monkeypatch.setattr(taking_in, "in_parallel", lambda *_given: iter([(keyed[1], None)] * 9))
    said = []
    with pytest.raises(pages.Unreadable, match=r"scan\.pdf”第 2 页"):
        said.extend(take_in(station, keyed))
    assert len(said) == taking_in.MOST_ENDED
    assert station.page_count() == 0, "they can be read again"


def test_a_stack_in_any_order_and_every_way_up_with_what_does_not_belong(tmp_path: Path) -> None:
    """Pages upside down, turned and in the wrong order, a blank one, another round's, two at once."""
    asked = questionnaire(30, 2, 5)  # two pages
    _, (first, second) = clean_form(30, 2, 5, Style())
    other = rendered(
        write_forms(described(questionnaire(8, 1, 5)), invited(described(asked), 1), style=Style())
    )[0]
    two = Image.new("L", (first.width * 2, first.height), 255)
    two.paste(first, (0, 0))
    two.paste(second, (first.width, 0))
    blank = Image.new("L", first.size, 250)
    stack = [second.rotate(180), blank, other, first.rotate(90, expand=True), two]
    stack = [image.resize((image.width * 2 // 3, image.height * 2 // 3)) for image in stack]
    stack[0].save(tmp_path / "stack.tif", save_all=True, append_images=stack[1:])
    station = begun(tmp_path / "station", described(asked))
    list(take_in(station, waiting(station, tmp_path / "stack.tif"), workers=1))
    (form,) = Settling(station).forms().values()
    assert (sorted(form.pages), form.missing, form.items) == ([0, 1], (), [])
    said = [phrase.say() for phrase in said_of(station)]
    assert [line.partition("：")[0].partition("（")[0] for line in said] == [
        f"stack.tif 第 {page} 页" for page in (2, 3, 5)
    ]
    for line, (what, remedy) in zip(
        said, [("空白页", "重扫"), ("另一份问卷的表", "挑出来"), ("不止一页评议表", "已经补读")], strict=True
    ):
        assert what in line
        assert remedy in line


@pytest.mark.parametrize("how", ["transparent", "16 bits", "small page"])
def test_unusual_files_are_read_as_others(tmp_path: Path, how: str) -> None:
    """Never as blank: ink on a transparent ground, 16 bits a pixel, a PDF page of the size of a stamp."""
    grey = Image.linear_gradient("L").resize((1654, 2339))
    path = tmp_path / {"transparent": "page.png", "16 bits": "page.tif", "small page": "page.pdf"}[how]
    if how == "transparent":
        ink = Image.new("RGBA", grey.size, (0, 0, 0, 0))
        ink.putalpha(grey.point(lambda value: 255 - value))
        ink.save(path)
    elif how == "16 bits":
        Image.fromarray(np.asarray(grey).astype(np.uint16) * 257).save(path)
    else:
        grey.save(path, resolution=1000)
    (source,) = pages_of(path)
    found = image_of(source)
    assert found.shape[0] >= 2330
    assert found[200].mean() < 40
    assert found[-200].mean() > 215
