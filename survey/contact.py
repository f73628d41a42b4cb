"""Whom an enterprise can ask: name, telephone and hours of the office, said alike on every page."""

from __future__ import annotations

import re
from dataclasses import dataclass

NUMBER = re.compile(r"\+?[0-9][0-9 ()-]{3,20}[0-9](?:转[0-9]{1,6})?")
"""Telephone as it is entered; after 转 the extension."""
LONGEST_NAME, LONGEST_HOURS = 30, 40


@dataclass(frozen=True, slots=True)
class Contact:
    name: str
    telephone: str
    hours: str = ""

    @property
    def line(self) -> str:
        """All of it in one line."""
        hours = f"（{self.hours}）" if self.hours else ""
        return f"{self.name} {self.telephone}{hours}"

    @property
    def dialled(self) -> str:
        """Telephone as a link dials it, without an extension (RFC 3966)."""
        return re.sub("[^0-9+]", "", self.telephone.partition("转")[0])
