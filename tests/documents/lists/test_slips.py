"""Slips: rendered to pixels by another program and decoded by another library than those that made them."""

import re
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
import zxingcpp

from survey.contact import Contact
from survey.documents.layout import typesetting
from survey.documents.lists import slips
from survey.documents.lists.issued import IssuedInvitation
from survey.documents.lists.slips import write_slips
from survey.errors import InvalidInput
from survey.protocol.codes import invitation_link, new_code, parse_code

A4 = (595.28, 841.89)
CHECK = "V9XX-KETN-Z598-RV6N"


def issued(count: int, name: str = "") -> list[IssuedInvitation]:
    codes = [new_code() for _ in range(count)]
    return [
        IssuedInvitation(
            c,
            invitation_link("https://pingyi.example.gov.cn", "2026-q4", c, CHECK),
            name,
            check_number=CHECK,
        )
        for c in codes
    ]


def write(invitations: list[IssuedInvitation], **options: object) -> bytes:
    texts = {
        "round_title": "2026 年第四季度政务服务评议",
        "body": "县人大常委会、县政协",
        "closes_on": date(2026, 12, 20),
    }
    return write_slips(invitations, **{**texts, **options})  # type: ignore[arg-type]


def decoded(pdf: bytes, dpi: int) -> list[list[str]]:
    """Links of every page, as a phone would find them."""
    pages = []
    for page in pypdfium2.PdfDocument(pdf):
        image = page.render(scale=dpi / 72, grayscale=True).to_numpy().squeeze()
        pages.append(
            [
                code.text
                for code in zxingcpp.read_barcodes(
                    np.ascontiguousarray(image), formats=zxingcpp.BarcodeFormat.QRCode
                )
            ]
        )
    return pages


def text_of(pdf: bytes) -> str:
    """All text without white space; pdfium gives a hyphen at the end of a line as a control character."""
    pages = pypdfium2.PdfDocument(pdf)
    text = "".join(page.get_textpage().get_text_bounded() for page in pages)
    return re.sub(r"\s", "", text).replace("\x02", "-")


@pytest.mark.parametrize("per_page", [8, 10, 12, 20])
def test_every_code_on_every_page_decodes(per_page: int) -> None:
    invitations = issued(per_page * 2 + 3)
    pages = decoded(write(invitations, per_page=per_page), dpi=150)
    assert [len(page) for page in pages] == [per_page, per_page, 3]
    assert {link for page in pages for link in page} == {invitation.link for invitation in invitations}


@pytest.mark.parametrize("per_page", [8, 12])
def test_a_long_address_and_a_long_title(per_page: int) -> None:
    codes = [new_code() for _ in range(per_page)]
    base = "https://pingyi.zhengwufuwu.qinghexian.gov.cn:8443/pingyi"
    invitations = [
        IssuedInvitation(
            c, invitation_link(base, "2026-annual-review-of-departments", c, CHECK), check_number=CHECK
        )
        for c in codes
    ]
    title = "清河县二〇二六年度政务服务和营商环境企业评议政府部门活动（第四季度）"
    pdf = write(invitations, per_page=per_page, round_title=title)
    [page] = decoded(pdf, dpi=200)
    assert set(page) == {invitation.link for invitation in invitations}


def test_what_is_printed() -> None:
    invitations = issued(10)
    pdf = write(invitations)
    flat = text_of(pdf)
    for invitation in invitations:
        assert invitation.code in flat
        assert parse_code(invitation.code)
    assert flat.count("2026年第四季度政务服务评议") == 10
    assert flat.count("请在2026年12月20日前用手机扫码填写") == 10
    assert flat.count("这张票不属于任何企业") == 10
    assert flat.count("https://pingyi.example.gov.cn/s/2026-q4") == 10
    assert flat.count(CHECK) == 10
    assert "#" not in flat


@pytest.mark.parametrize("per_page", [8, 20])
def test_the_longest_contact_leaves_codes_readable(per_page: int) -> None:
    """30, 20 and 40 characters are the most that a contact takes; the smallest slips have the number."""
    contact = Contact("联" * 30, "0310-1234567转123456", "时" * 40)
    invitations = issued(per_page)
    pdf = write(invitations, per_page=per_page, contact=contact)
    assert sorted(decoded(pdf, 300)[0]) == sorted(i.link for i in invitations)
    text = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()
    assert "0310-1234567转123456" in re.sub(r"\s", "", text)


def test_pages_are_a4_and_the_order_is_kept() -> None:
    invitations = issued(25)
    document = pypdfium2.PdfDocument(write(invitations))
    assert all(page.get_size() == pytest.approx(A4, abs=0.1) for page in document)
    flat = text_of(write(invitations))
    places = [flat.index(invitation.code) for invitation in invitations]
    assert places == sorted(places)


def test_slips_of_enterprises_carry_their_names_and_another_promise() -> None:
    flat = text_of(write(issued(4, "清河县恒达机械制造有限公司")))
    assert flat.count("清河县恒达机械制造有限公司") == 4
    assert "不属于任何企业" not in flat
    assert flat.count("系统里查不到哪家企业填了什么") == 4


def test_own_promises_and_english() -> None:
    flat = text_of(
        write(issued(1), promises=["Nobody sees it."], language="en", round_title="Review", body="PC")
    )
    assert "Nobodyseesit." in flat
    assert "Scanwithaphoneby2026-12-20" in flat


def test_a_missing_glyph_costs_no_slip() -> None:
    """Neither a box nor a refusal: a title that was frozen with it stays as it is."""
    flat = text_of(write(issued(2, "清河\U00031350公司"), round_title="评议\U0001f600一轮"))
    assert flat.count("清河〓公司") == 2
    assert flat.count("评议〓一轮") == 2


def test_texts_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InvalidInput, match="放不下"):
        write(issued(1), per_page=20, round_title="很长的轮次名称" * 60)


@pytest.mark.parametrize("per_page", [0, 9, 24])
def test_other_numbers_per_page(per_page: int) -> None:
    with pytest.raises(InvalidInput, match=f"不能是 {per_page} 张"):
        write(issued(1), per_page=per_page)


def test_none_and_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidInput, match="没有要印的邀请"):
        write([])
    monkeypatch.setattr(slips, "MOST", 2)
    with pytest.raises(InvalidInput, match="最多 2 张"):
        write(issued(3))


def test_giving_up_ends_the_typesetting(monkeypatch: pytest.MonkeyPatch) -> None:
    class Cancelled(Exception):
        pass

    def cancel(step: str, done: int, total: int) -> None:
        if step == "排版":
            raise Cancelled

    monkeypatch.setattr(typesetting, "_POLL", 0.001)
    with pytest.raises(Cancelled):
        write(issued(20), progress=cancel)


def test_nothing_is_left_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(typesetting, "_SHARED_MEMORY", tmp_path)
    write(issued(1))
    assert list(tmp_path.iterdir()) == []


def test_a_broken_template_is_reported_in_words(tmp_path: Path) -> None:
    (tmp_path / "broken.typ").write_text("#let x = ", encoding="utf-8")
    with pytest.raises(typesetting.TypesettingFailed, match="expected expression"):
        typesetting.typeset(tmp_path / "broken.typ", {}, {})


def test_an_unknown_font_is_a_failure_not_a_fallback(tmp_path: Path) -> None:
    (tmp_path / "font.typ").write_text('#set text(font: "No Such Font")\nx', encoding="utf-8")
    with pytest.raises(typesetting.TypesettingFailed, match="unknown font family"):
        typesetting.typeset(tmp_path / "font.typ", {}, {})


def test_typst_is_never_loaded_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "typst", raising=False)  # another test may have needed it
    write(issued(1))
    assert "typst" not in sys.modules
