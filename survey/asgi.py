"""What `pingyi serve` loads: `survey.asgi:create` (a factory), the site behind its front."""

from __future__ import annotations

from survey import wsgi
from survey.web.fast.front import Front


def create() -> Front:
    return Front(wsgi.create())
