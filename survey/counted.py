"""English texts with numbers in them: the noun agrees with its number.

An entry of the English catalogue may hold `{count|ballot|ballots}`: the first form where the placeholder
`count` is 1, else the second, whatever else the text counts. Chinese nouns have one form, so that ids need
none, and gettext's own plural forms, which take one number a text, would not do for `3 ballots in 1 batch`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from gettext import NullTranslations
from typing import Any, Final, Self

_FORMS: Final = re.compile(r"\{(\w+)\|([^{}|]*)\|([^{}|]*)\}")


class CountedText(str):
    """Text of a catalogue in which nouns take the form of their number when placeholders are filled in.

    >>> CountedText("%(n)s {n|ballot|ballots}") % {"n": 1}
    '1 ballot'
    """

    __slots__ = ()

    def __mod__(self, values: Any) -> str:
        text: str = agreeing(self, values) % values
        return text

    def __str__(self) -> Self:  # str() would forget what this is
        return self


def agreeing(text: str, values: Mapping[str, object]) -> str:
    """Text with the forms that go with `values`, its placeholders still to be filled in."""

    def form(found: re.Match[str]) -> str:
        return found[2 if str(values[found[1]]).strip() == "1" else 3]

    return _FORMS.sub(form, str.__str__(text))


def mark_counted(translations: NullTranslations) -> NullTranslations:
    """Make the texts of a catalogue that have forms `CountedText`; returns the catalogue itself."""
    texts: dict[Any, Any] = getattr(translations, "_catalog", {})
    for key, text in texts.items():
        if type(text) is str and _FORMS.search(text):
            texts[key] = CountedText(text)
    return translations
