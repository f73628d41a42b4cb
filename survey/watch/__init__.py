"""Watching a site from outside: what an ordinary visitor is served, compared and kept in a signed log.

Words used here: a *look* fetches each address of one round once; a *thing* is what stands at one of them (the
survey page, its scripts, round.json …), with *fields*; a *finding* is a change or contradiction that the log
reports.
"""
