"""Length of the longest text message of a round, told while its text is written."""

from __future__ import annotations

from survey.models import Round
from survey.protocol.codes import CODE_BYTES, format_code
from survey.services.invitations.links import links_of
from survey.services.roster import enterprises as rosters
from survey.services.rounds import contacts
from survey.web.site.request import database, settings

NO_CODE = format_code(bytes(CODE_BYTES))
"""As long as every code, and nobody's."""


def message_length(round: Round, message: str) -> dict[str, object]:
    """Length of the longest message and how many text messages carry it, with what a script needs to say so
    again."""
    from survey.documents.lists import sms
    from survey.documents.lists.links_xlsx import fill_in, message_values, of_invitation

    with database().read() as session:
        like_all = links_of(session, round, settings().base_url).issued(NO_CODE)
        known = rosters.longest_fields(session) | of_invitation(like_all)
        contact = contacts.line_of(session, round)
    known |= message_values(round.title, round.body, round.closes_on, contact)
    text = fill_in(message.strip(), known)
    return {"longest": known, "length": sms.characters(text), "count": sms.messages(text)}
