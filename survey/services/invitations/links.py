"""Links with new codes for enterprises and slips of a round."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from sqlalchemy.orm import Session

from survey.documents.lists.issued import IssuedInvitation
from survey.models import Round
from survey.protocol.codes import invitation_link, new_code
from survey.services.rounds.descriptions import describe


class Invited(Protocol):
    """What is needed of an enterprise for its link."""

    @property
    def name(self) -> str: ...
    @property
    def contact(self) -> str: ...
    @property
    def phone(self) -> str: ...
    @property
    def credit_code(self) -> str: ...


class Links(NamedTuple):
    """Address, slug and check number that all links of a round have in common; `issued` makes an invitation
    with a new code."""

    base_url: str
    slug: str
    check_number: str

    def issued(self, code: str = "", **owner: str) -> IssuedInvitation:
        code = code or new_code()
        link = invitation_link(self.base_url, self.slug, code, self.check_number)
        return IssuedInvitation(code=code, link=link, check_number=self.check_number, **owner)

    def of(self, enterprise: Invited, code: str = "") -> IssuedInvitation:
        """Invitation of an enterprise, with a new code unless one is given."""
        return self.issued(
            code,
            enterprise_name=enterprise.name,
            contact=enterprise.contact,
            phone=enterprise.phone,
            credit_code=enterprise.credit_code,
        )


def links_of(session: Session, round: Round, base_url: str) -> Links:
    """Maker of the round's links."""
    return Links(base_url, round.slug, describe(session, round).check_number)
