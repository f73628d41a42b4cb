"""Watching a site from outside: what an ordinary visitor is served, compared and kept in a signed log."""
