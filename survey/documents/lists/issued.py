"""Freshly issued invitation with its secret, for lists of links and slips; it is stored nowhere."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class IssuedInvitation:
    """Invitation with its secret. A slip (无记名票) has no enterprise: its fields are empty.

    `code`: the code in seven groups of four (docs/formats.md); `link` ends in `#`, the code and the round's
    核对号, which is empty for rounds frozen by an older program. Code and link do not appear in `repr`, so
    that no log or traceback carries a secret.
    """

    code: str = field(repr=False)
    link: str = field(repr=False)
    enterprise_name: str = ""
    contact: str = ""
    phone: str = ""
    credit_code: str = ""
    check_number: str = ""

    @property
    def address(self) -> str:
        """Link without the secret: what a person types before typing the code."""
        return self.link.partition("#")[0]
