"""Sentences in both languages, as errors and notes of the analysis carry them."""

from __future__ import annotations

from survey.language import in_both


def both(message: str, **values: object) -> tuple[str, str]:
    """Texts of the message id in Chinese and in English.

    A list among `values` is joined as each language does; a pair holds the value's own texts in the two.
    """
    zh, en = ({name: _said(value, place) for name, value in values.items()} for place in (0, 1))
    return in_both(message, **zh)[0], in_both(message, **en)[1]


def _said(value: object, place: int) -> object:
    if isinstance(value, list):
        return ("、", ", ")[place].join(map(str, value))
    return value[place] if isinstance(value, tuple) else value
