"""Comments before the reviewers: what each would be released as, who has decided what, and counts of that."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.answers.spelling import clean_text
from survey.errors import N_, Forbidden
from survey.models import Comment, CommentRelease, Decision, Enterprise, OpenedBox, Round, User
from survey.services.followup.redaction import IdentifyingSpan, KnownNames, known_names, redacted, suggest
from survey.services.followup.themes import ThemeWords, themes_of
from survey.services.results.ranking import ranking_of
from survey.services.rounds.descriptions import describe
from survey.services.rounds.lifecycle import require_opened

OTHERS, UNDECIDED, OWN, DECIDED, READ = "others", "undecided", "own", "decided", "read"
_MAKING = threading.Lock()
_KNOWN: dict[bytes, KnownNames] = {}
"""Names of the roster by the digest of what it was made from; one entry at most."""
FORGET_SECONDS = 900.0
"""How long names and contacts stay in memory, where they would outlive their erasing from the database."""
STATES = (OTHERS, UNDECIDED, OWN, DECIDED, READ)
"""States of a comment for one reviewer: proposed by another, undecided, proposed by this reviewer, decided by
two, and only to be read because too few ballots rated the department."""


@dataclass(frozen=True)
class ReviewedComment:
    """Comment before the reviewers. What the rules find is looked for when it is asked for: of thousands a
    page shows a hundred."""

    id: str
    department: str
    original: str
    decided_text: str
    decision: str
    proposed_by: bytes | None
    confirmed: bool
    releasable: bool
    """Whether enough ballots rated the department."""
    known: KnownNames = field(repr=False)
    words: tuple[ThemeWords, ...] = field(repr=False)

    @cached_property
    def findings(self) -> tuple[IdentifyingSpan, ...]:
        """What the rules suggest to black out."""
        return tuple(suggest(self.original, self.known))

    @cached_property
    def text(self) -> str:
        """What would be released, as decided or as suggested."""
        return self.decided_text or redacted(self.original, self.findings)

    @property
    def themes(self) -> tuple[str, ...]:
        """Names of the themes that it is of."""
        return tuple(theme.name for theme in self.words if theme.fits(self.original))

    @property
    def unmarked(self) -> bool:
        """Whether it may be decided with others at once: the rules find nothing, and no sign is invisible."""
        return is_unmarked(self.original, self.findings)

    @property
    def unchanged(self) -> bool:
        """Whether it is unmarked and would be released word for word."""
        return self.unmarked and self.decision == Decision.RELEASE and self.text == self.original

    def state(self, user: User) -> str:
        """One of `STATES`."""
        if self.confirmed:
            return DECIDED
        if not self.releasable:
            return READ
        if not self.decision:
            return UNDECIDED
        return OWN if self.proposed_by == user.id else OTHERS


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of a department's comments by state; `releasable`: enough ballots rated the department."""

    index: int
    name: str
    group: str
    total: int
    released: int
    withheld: int
    waiting: int
    releasable: bool

    @property
    def undecided(self) -> int:
        return self.total - self.released - self.withheld - self.waiting


def undecided_of(listed: Iterable[Tally]) -> tuple[int, int]:
    """Numbers of comments that nobody, and that only one reviewer, has decided, among those that may be
    released."""
    releasable = [tally for tally in listed if tally.releasable]
    return sum(tally.undecided for tally in releasable), sum(tally.waiting for tally in releasable)


def tallies(session: Session, round: Round) -> list[Tally]:
    """Counts for every department of the round, in the questionnaire's order."""
    require_enough(session, round)
    enough = well_rated(session, round)
    query = select(Comment.department, CommentRelease.decision, CommentRelease.confirmed_by)
    rows = session.execute(
        query.outerjoin(CommentRelease, CommentRelease.comment_id == Comment.id).where(
            Comment.round_id == round.id
        )
    )
    decided: dict[int, list[tuple[str | None, bool]]] = {}
    for number, decision, confirmed in rows:
        decided.setdefault(number, []).append((decision, confirmed is not None))
    listed = []
    for index, department in enumerate(describe(session, round).questionnaire.departments):
        mine = decided.get(index, [])
        counts = (
            len(mine),
            mine.count((Decision.RELEASE, True)),
            mine.count((Decision.WITHHOLD, True)),
            sum(decision is not None and not confirmed for decision, confirmed in mine),
        )
        listed.append(Tally(index, department.name, department.group, *counts, department.name in enough))
    return listed


def reviewed(session: Session, round: Round, department: str = "") -> list[ReviewedComment]:
    """Comments of the round, or on one department, by random key, with what the rules suggest to black
    out."""
    require_enough(session, round)
    names = [d.name for d in describe(session, round).questionnaire.departments]
    asked = [index for index, name in enumerate(names) if department in ("", name)]
    query = (
        select(Comment, CommentRelease)
        .outerjoin(CommentRelease, CommentRelease.comment_id == Comment.id)
        .where(Comment.round_id == round.id, Comment.department.in_(asked))
        .order_by(Comment.id)
    )
    known, themes, enough = names_of_roster(session), themes_of(session), well_rated(session, round)
    return [
        ReviewedComment(
            id=comment.id.hex(),
            department=names[comment.department],
            original=comment.text,
            decided_text=release.text if release else "",
            decision=release.decision if release else "",
            proposed_by=release.proposed_by if release else None,
            confirmed=release is not None and release.confirmed_by is not None,
            releasable=names[comment.department] in enough,
            known=known,
            words=themes,
        )
        for comment, release in session.execute(query)
    ]


def is_unmarked(text: str, findings: Sequence[IdentifyingSpan]) -> bool:
    """Whether the rules found nothing in a comment's `text`, and nothing is hidden in it from them by
    invisible signs."""
    return not findings and clean_text(text) == text


def require_enough(session: Session, round: Round) -> None:
    """Raise `Forbidden` before the opening, and always when so few ballots were valid that comments would
    point at the writers."""
    require_opened(round)
    valid = session.scalar(select(OpenedBox.valid).where(OpenedBox.round_id == round.id))
    if valid is None or valid < round.threshold:
        raise Forbidden(
            N_("这一轮只收到不足 %(threshold)s 张选票，意见不予显示。"),
            remedy=N_("票数太少时，看意见就能猜到是谁写的。"),
            threshold=round.threshold,
        )


def names_of_roster(session: Session) -> KnownNames:
    """Names and contacts of the whole roster, to look for in comments.

    Kept in this process for `FORGET_SECONDS` or until the roster is another one: the ways to write 100,000
    names take seconds.
    """
    query = select(Enterprise.name, Enterprise.contact)
    rows = [(name, contact) for name, contact in session.execute(query)]
    digest = hashlib.sha256("\0".join(chain.from_iterable(rows)).encode()).digest()
    with _MAKING:
        known = _KNOWN.get(digest)
        if known is None:
            _KNOWN.clear()
            known = _KNOWN[digest] = known_names(rows)
            forgetting = threading.Timer(FORGET_SECONDS, _KNOWN.pop, (digest, None))
            forgetting.daemon = True
            forgetting.start()
    return known


def well_rated(session: Session, round: Round) -> set[str]:
    """Names of departments that at least the threshold of ballots rated."""
    ranking = ranking_of(session, round)
    if ranking is None:
        return set()
    counts = {d.name: d.n for d in ranking.departments} | {d.name: d.n for d in ranking.insufficient}
    return {name for name, n in counts.items() if (n or 0) >= round.threshold}
