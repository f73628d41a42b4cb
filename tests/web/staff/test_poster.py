"""The poster read back: its QR code decoded from the drawn page, its check number that of the links."""

from __future__ import annotations

import re

import pypdfium2
import zxingcpp
from county import BASE_URL, County
from flask.testing import FlaskClient

from survey.documents.lists.poster import PosterTexts, write_poster

ADDRESS = "/admin/rounds/2026-q4/poster.pdf"


def read(pdf: bytes) -> tuple[str, list[str]]:
    """Text of the only page without white space, and what its QR codes say."""
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    codes = zxingcpp.read_barcodes(document[0].render(scale=2).to_pil())
    text = re.sub(r"\s", "", document[0].get_textpage().get_text_bounded())
    return text, [code.text for code in codes]


def test_it_leads_to_the_round_and_carries_no_invitation(place: County, administrator: FlaskClient) -> None:
    place.draft()
    refused = administrator.get(ADDRESS)
    assert refused.status_code == 409
    assert "核对号还没有定下来" in refused.text
    place.issue(3)
    text, codes = read(administrator.get(ADDRESS).data)
    assert codes == [f"{BASE_URL}/s/2026-q4"]
    about = place.description()
    for part in ("2026年第四季度评议", codes[0], f"核对号应是{about.check_number}", "服务器和管理员都看不到"):
        assert re.sub(r"\s", "", part) in text, part
    assert not any(code.replace("-", "") in text.replace("-", "") for code in place.codes)
    text, _codes = read(administrator.get(f"{ADDRESS}?lang=en").data)
    assert "Anonymity" in text or "anonymity" in text


def test_the_longest_texts_stay_on_one_page() -> None:
    words = PosterTexts(
        language="zh",
        title="二〇二六年第四季度企业评议政府部门" * 5,
        body="云溪县人民代表大会常务委员会办公室、政协云溪县委员会办公室" * 2,
        days="2026年11月1日 — 2026年12月31日",
        invited=["收到短信或邀请单的：点里面的链接，或扫邀请单上的码。" * 2] * 3,
        address="https://pingyi.yunxi.example.gov.cn/s/" + "a" * 60,
        check="网页上的核对号应是 ",
        check_number="7K3M-9QXD-2F4H-0R5T",
        promise_title="匿名承诺",
        promises=["系统只知道哪些企业领了票，谁也不知道哪一张是谁填的。" * 2] * 4,
        contact="有疑问请打电话：" + "县人大办" * 7 + " 0571-88888888（工作日 8:30—17:30）",
        scanned="二维码",
    )
    text, codes = read(write_poster(words))
    assert codes == [words.address]
    assert text.count("县人大办") == 7
