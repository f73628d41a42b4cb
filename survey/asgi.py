"""ASGI entry point of `pingyi serve`: `survey.asgi:create`, a factory of the site behind its front server."""

from __future__ import annotations

from survey import wsgi
from survey.web.fast.front import Front


def create() -> Front:
    return Front(wsgi.create())
