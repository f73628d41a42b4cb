"""From the link to the receipt on a real browser, and what is then in the box."""

from __future__ import annotations

import base64
import io

import pytest
import zxingcpp
from phone import choose, pick, rate, receipt_of, start, tap, title_is
from phone_server import SLUG
from PIL import Image
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def read_codes(data_address: str) -> list[str]:
    """What the QR codes of a data: picture say, read by zxing."""
    picture = Image.open(io.BytesIO(base64.b64decode(data_address.split(",", 1)[1])))
    return [
        found.text
        for found in zxingcpp.read_barcodes(picture.convert("L"), formats=zxingcpp.BarcodeFormat.QRCode)
    ]


def test_the_whole_path(visit, phone_server) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    start(page, phone_server.link(phone_server.invite()))
    assert "#" not in page.url
    pick(page, "税务局", "市场监督管理局")
    rate(page, "税务局", "非常满意", "满意", "不了解", comment="窗口少，\n排队久。")
    rate(page, "市场监督管理局", "不满意")
    title_is(page, "关于您的企业")
    choose(page, page.get_by_role("group", name="规模"), "小")
    tap(page, "下一步")
    title_is(page, "看一遍再提交")
    tap(page, "提交")
    receipt = receipt_of(page)
    assert phone_server.receipts() == [receipt]
    # Nothing had to be sent twice, however long the machine took.
    assert [path.rsplit("/", 1)[1] for path, _ in phone_server.posts] == ["credential", "ballot"]
    (ballot,) = phone_server.opened()
    names = [d.name for d in phone_server.description.questionnaire.departments]
    tax, market = names.index("税务局"), names.index("市场监督管理局")
    assert ballot.ratings[tax] == (1, 2, 255, 255, 255, 255)
    assert ballot.ratings[market] == (4,) * 6
    assert sum(any(row) for row in ballot.ratings) == 2
    assert ballot.comments == {tax: "窗口少，\n排队久。"}
    assert ballot.strata[0] == 3
    assert not any(ballot.strata[1:])
    kept = page.evaluate("JSON.stringify({...localStorage})")
    assert "credential" not in kept
    assert "答" not in kept
    tap(page, "复制")
    expect(page.locator(".said")).to_contain_text("已复制")
    assert page.evaluate("navigator.clipboard.readText()") == receipt
    tap(page, "存为图片")
    expect(page.locator(".picture a")).to_have_attribute("download", f"{SLUG}-{receipt}.png")
    assert read_codes(page.locator(".picture img").get_attribute("src")) == [receipt]
    tap(page, "清除本机记录")
    assert page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('pingyi:'))") == []
