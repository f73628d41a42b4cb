"""Notes of a ranking from ratings: about marks, raters and the method."""

from __future__ import annotations

import numpy as np

from analysis.answers.quality import screened
from analysis.answers.ratings import Ratings
from analysis.inference.doubt import raised, uneven
from analysis.model.latent import Latent
from analysis.ranking import notes as notes_of
from analysis.ranking.results import Note
from analysis.ranking.scaled import of_one_mark
from analysis.ranking.selection import Selection


def _unanimous(ratings: Ratings, chosen: Selection) -> list[str]:
    """Names of ranked departments to which every rater gave the same mark."""
    return [ratings.department_names[j] for j in np.flatnonzero(chosen.kept & of_one_mark(ratings))]


def remarks(
    ratings: Ratings,
    chosen: Selection,
    guard: Latent | None,
    *,
    latent_guard: bool,
    scale: tuple[float, float] | None,
    screen: bool,
) -> list[Note]:
    """Notes to accompany a ranking; if all marks are the same, only the note on that (and departments left
    out).

    scale: worst and best mark, None where unknown; screen: whether to look for careless raters.
    """
    if ratings.score.min() == ratings.score.max():
        return _nothing_differs(ratings, chosen, known=scale is not None)
    found = notes_of.design_notes(chosen.cells, chosen.freedom, chosen.fit.n_components)
    factor = raised(chosen.fit)
    if factor > notes_of.RAISED or uneven(chosen.fit):
        found.append(notes_of.few_uneven(factor))
    found += _about_marks(ratings, chosen, guard, scale)
    if screen and (flagged := screened(ratings).flagged_share) >= notes_of.CARELESS:
        found.append(notes_of.careless(flagged))
    return [*found, *_about_raters(ratings, chosen, scale), *_about_method(ratings, guard, latent_guard)]


def _nothing_differs(ratings: Ratings, chosen: Selection, *, known: bool) -> list[Note]:
    left_out = [entry.name for entry in chosen.insufficient]
    said = notes_of.one_mark(float(ratings.score[0]), known=known)
    return [said, *([notes_of.insufficient(left_out)] if left_out else [])]


def _about_marks(
    ratings: Ratings, chosen: Selection, guard: Latent | None, scale: tuple[float, float] | None
) -> list[Note]:
    """Note on a ceiling, if more than half of the marks are the best mark (of the scale, or given)."""
    top = float(ratings.score.max()) if scale is None else scale[1]
    share = float((ratings.score == top).mean())
    if share <= notes_of.CEILING:
        return []
    lopsided = notes_of.lopsided(chosen.cells)
    known, guarded = scale is not None, guard is not None
    return [notes_of.ceiling(share, top, known=known, guarded=guarded, lopsided=lopsided)]


def _about_raters(ratings: Ratings, chosen: Selection, scale: tuple[float, float] | None) -> list[Note]:
    found = []
    largest = float(ratings.weight.max() / ratings.weight.sum())
    if largest > max(notes_of.HEAVY, notes_of.HEAVIER / ratings.n_raters):
        found.append(notes_of.heavy_rater(largest))
    if chosen.insufficient:
        found.append(notes_of.insufficient([entry.name for entry in chosen.insufficient]))
    alike = _unanimous(ratings, chosen)
    if alike:
        marks = (float(ratings.score.min()), float(ratings.score.max())) if scale is None else None
        found.append(notes_of.unanimous(alike, marks))
    return found


def _about_method(ratings: Ratings, guard: Latent | None, latent_guard: bool) -> list[Note]:
    found = []
    if guard is not None and guard.separated:
        found.append(notes_of.separated())
    if guard is None:
        found.append(notes_of.guard_not_needed() if latent_guard else notes_of.no_guard())
    if ratings.population is not None:
        found.append(notes_of.roster())
    if ratings.stratum is not None:
        lonely = np.flatnonzero(np.bincount(ratings.stratum, minlength=len(ratings.stratum_names)) == 1)
        if lonely.size:
            found.append(notes_of.lonely_stratum([ratings.stratum_names[h] for h in lonely]))
    return found
