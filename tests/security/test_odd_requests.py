"""Requests that no browser sends: every address refuses them in words."""

from __future__ import annotations

import pytest
from flask import Flask
from walking import browser
from whole_county import Whole

PARTS = {
    "a part without a name": b"form-data",
    "a file without a name": b'form-data; filename="a.csv"',
    "an empty name": b'form-data; name=""; filename="a.csv"',
}


@pytest.mark.parametrize("what", PARTS)
def test_a_form_with_nameless_parts(site: Flask, whole: Whole, sign_in, what: str) -> None:
    """The parser gives such a part the name None, which is no text to search."""
    body = b"--b\r\nContent-Disposition: " + PARTS[what] + b"\r\n\r\nx\r\n--b--\r\n"
    for client in (browser(site), *map(sign_in, whole.users().values())):
        for rule, address in whole.addresses(site):
            if "POST" in (rule.methods or ()):
                answer = client.post(address, data=body, content_type="multipart/form-data; boundary=b")
                assert answer.status_code < 500, address
