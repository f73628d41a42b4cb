"""Lengths of text messages against the octets of 3GPP TS 23.038 and 23.040."""

from __future__ import annotations

import pytest

from survey.documents.lists import sms

OCTETS, HEADER = 140, 6
"""Of one message, and of the header that says which part of a longer one it is."""


def parts(text: str) -> int:
    """Number of messages by filling them octet by octet, never parting a character."""
    encoded = [sign.encode("utf-16-be") for sign in text]
    if sum(map(len, encoded)) <= OCTETS:
        return 1
    found, free = 1, OCTETS - HEADER
    for octets in encoded:
        if len(octets) > free:
            found, free = found + 1, OCTETS - HEADER
        free -= len(octets)
    return found


@pytest.mark.parametrize("length", [0, 1, 69, 70, 71, 134, 135, 201, 202, 500])
def test_as_many_as_their_octets_fill(length: int) -> None:
    assert sms.messages("评" * length) == parts("评" * length)
    assert sms.characters("评" * length) == length


def test_a_sign_outside_the_basic_plane_is_two() -> None:
    assert sms.characters("𠮷") == 2
    assert sms.messages("𠮷" * 35) == parts("𠮷" * 35) == 1
    assert sms.messages("𠮷" * 36) == parts("𠮷" * 36) == 2
