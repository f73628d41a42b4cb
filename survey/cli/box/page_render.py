"""The survey page as these sources make it, without a database."""

from __future__ import annotations

import secrets
from datetime import date
from pathlib import Path

from survey.contact import Contact
from survey.protocol.description import RoundDescription
from survey.watch.served_page import Render


def renderer() -> Render:
    """Function that renders the survey page from these sources."""
    from survey.app import create_app
    from survey.config import Settings
    from survey.database.engine import Database
    from survey.database.kinds import address
    from survey.web.phone.page import rendered

    settings = Settings(Path(), address(None, Path()), "", secrets.token_hex(32))
    app = create_app(settings, Database(settings.database_url))  # never asked, and so never opened

    def render(
        description: RoundDescription,
        state: str,
        announcement: str,
        planned: date | None = None,
        contact: Contact | None = None,
    ) -> str:
        with app.test_request_context():
            return rendered(description, state, announcement, planned=planned, contact=contact)

    return render
