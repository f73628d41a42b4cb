"""What the site shows of a round with a witness: the witness's statement, and the list of collected codes."""

from __future__ import annotations

from typing import Any

from survey.errors import InvalidInput
from survey.protocol.description import RoundDescription
from survey.protocol.witness.imported_lists import ImportedLists
from survey.protocol.witness.statements import Statement
from survey.protocol.witness.used_codes import read_used
from survey.watch.asking import CouldNotLook
from survey.watch.look import Look
from survey.watch.rules import NamedChange

COUNTS = ("codes", "replaced", "stamped", "posted", "handed_over", "batches")


def statement(look: Look) -> dict[str, Any] | None:
    """Values of `statement.json`, whose signature and counts are checked; None where there is none."""
    content = look.content(f"/public/{look.round.slug}/statement.json")
    if content is None:
        return None
    try:
        found = Statement.from_json(content)
    except InvalidInput as error:
        raise CouldNotLook("unreadable", error) from error
    about = look.carried.description if look.carried else look.described
    _check(look, found, about)
    cast = look.public.counts.get("cast") if look.public else None
    if found.closed and cast is not None and cast > found.stamped:
        look.contradicts("statement.stamped", f"≥ {cast}", found.stamped)
    counts = {name: getattr(found, name) for name in COUNTS}
    kept = {"sha256": look.note(content), "number": found.number, "lists": list(found.lists)}
    return kept | counts | {"closed": found.closed}


def lists(look: Look) -> dict[str, Any] | None:
    """Digests in `lists.json`, a line for each list of codes; None where there is none.

    While the round collects, a list comes to one machine before the other; a witness that closed has all.
    """
    content = look.content(f"/public/{look.round.slug}/lists.json")
    if content is None:
        return None
    try:
        found = ImportedLists.from_json(content)
    except InvalidInput as error:
        raise CouldNotLook("unreadable", error) from error
    if said := look.content(f"/public/{look.round.slug}/statement.json"):
        _compare(look, found, said)
    return {"sha256": look.note(content), "lists": [f"{box} {witness}" for box, witness in found.lists]}


def _compare(look: Look, found: ImportedLists, said: bytes) -> None:
    try:
        stated = Statement.from_json(said)
    except InvalidInput:
        return  # named where the statement is looked at
    if stated.closed:
        look.contradicts("lists.lists", sorted(witness for _, witness in found.lists), sorted(stated.lists))


def collected(look: Look) -> dict[str, Any] | None:
    """Numbers of codes and of collected ones in `collected.txt`; None where there is none (yet)."""
    content = look.content(f"/public/{look.round.slug}/collected.txt")
    if content is None:
        return None
    try:
        used = read_used(content.decode("ascii"))
    except (InvalidInput, UnicodeDecodeError) as error:
        raise CouldNotLook("unreadable", error) from error
    shown, ones = look.public.counts if look.public else {}, sum(used.values())
    if "cast" in shown:
        look.contradicts("public.invited", shown["invited"], len(used))
        look.contradicts("public.collected", shown["collected"], ones)
    return {"sha256": look.note(content), "count": len(used), "collected": ones}


def other_codes(before: bytes, now: bytes) -> list[str]:
    """Lines of `collected.txt` that are gone, or say something else now."""
    left = set(now.splitlines())
    return [line.decode() for line in before.splitlines() if line not in left]


def _check(look: Look, found: Statement, about: RoundDescription | None) -> None:
    if about is None or about.witness is None:
        return
    try:
        found.check(about)
    except InvalidInput as error:
        look.findings.append(NamedChange("forged", "statement", "", error.say()))
