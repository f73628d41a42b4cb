"""The fast QR codes against segno's own, and against an independent decoder."""

import numpy as np
import pytest
import segno
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.documents.layout.qr import QUIET_ZONE, qr_modules
from survey.protocol.codes import invitation_link, new_code


def links(count: int, base: str = "https://pingyi.example.gov.cn") -> list[str]:
    return [invitation_link(base, "2026-q4", new_code()) for _ in range(count)]


def by_segno(text: str, mask: int) -> np.ndarray:
    code = segno.make_qr(text, error="m", mode="byte", mask=mask, boost_error=False)
    return np.array([list(row) for row in code.matrix], dtype=np.uint8)


@pytest.mark.parametrize(
    "base", ["https://a.cn", "https://pingyi.example.gov.cn", "http://" + "x" * 100 + ".cn:8000"]
)
def test_equal_to_segno_module_by_module(base: str) -> None:
    texts = links(40, base)
    modules = qr_modules(texts)
    mask = segno.make_qr(texts[0], error="m", mode="byte", boost_error=False).mask
    for text, fast in zip(texts, modules, strict=True):
        np.testing.assert_array_equal(fast, by_segno(text, mask))


@settings(max_examples=10, deadline=None)
@given(
    st.integers(1, 60).flatmap(
        lambda n: st.lists(
            st.text(st.characters(max_codepoint=126, min_codepoint=33), min_size=n, max_size=n),
            min_size=1,
            max_size=4,
        )
    )
)
def test_any_ascii_payloads_of_one_length(texts: list[str]) -> None:
    mask = segno.make_qr(texts[0], error="m", mode="byte", boost_error=False).mask
    for text, fast in zip(texts, qr_modules(texts), strict=True):
        np.testing.assert_array_equal(fast, by_segno(text, mask))


def test_every_code_decodes() -> None:
    texts = links(300)
    for text, modules in zip(texts, qr_modules(texts), strict=True):
        image = np.kron(np.pad(1 - modules, QUIET_ZONE, constant_values=1) * 255, np.ones((3, 3))).astype(
            np.uint8
        )
        # Asked for every kind, a decoder now and then takes a part of the picture for a bar code.
        [found] = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
        assert found.text == text
        assert found.ec_level == "M"


def test_equal_payloads() -> None:
    first, second = qr_modules(["https://a.cn/#A"] * 2)
    np.testing.assert_array_equal(first, second)


def test_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="lengths"):
        qr_modules(["a", "bc"])
