"""Notes of a ranking from ratings: about marks, raters and the method."""

from __future__ import annotations

import numpy as np

from analysis.inference.doubt import raised, uneven
from analysis.model.cells import Cells
from analysis.model.freedom import Freedom
from analysis.model.latent import Latent
from analysis.model.parts import Parts, summed
from analysis.ranking import notes as notes_of
from analysis.ranking.rated import Rated
from analysis.ranking.results import Note
from analysis.ranking.selection import Selection


def _unanimous(rated: Rated, chosen: Selection) -> list[str]:
    """Names of ranked departments to which every rater gave the same mark."""
    return [rated.names[j] for j in np.flatnonzero(chosen.kept & rated.alike)]


def remarks(
    rated: Rated,
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
    if rated.marks[0] == rated.marks[1]:
        return _nothing_differs(rated, chosen, known=scale is not None)
    found = _about_design(chosen.fit.source, chosen.freedom, chosen.fit.n_components)
    factor = raised(chosen.fit)
    if factor > notes_of.RAISED or uneven(chosen.fit):
        found.append(notes_of.few_uneven(factor))
    found += _about_marks(rated, chosen, guard, scale)
    if screen and (flagged := rated.flagged()) >= notes_of.CARELESS:
        found.append(notes_of.careless(flagged))
    return [*found, *_about_raters(rated, chosen, scale), *_about_method(rated, guard, latent_guard)]


def _nothing_differs(rated: Rated, chosen: Selection, *, known: bool) -> list[Note]:
    left_out = [entry.name for entry in chosen.insufficient]
    said = notes_of.one_mark(rated.marks[0], known=known)
    return [said, *([notes_of.insufficient(left_out)] if left_out else [])]


def _about_marks(
    rated: Rated, chosen: Selection, guard: Latent | None, scale: tuple[float, float] | None
) -> list[Note]:
    """Note on a ceiling, if more than half of the marks are the best mark (of the scale, or given)."""
    top = rated.marks[1] if scale is None else scale[1]
    share = rated.share_at(top)
    if share <= notes_of.CEILING:
        return []
    lopsided = not isinstance(chosen.fit.source, Parts) and notes_of.lopsided(chosen.cells)
    known, guarded = scale is not None, guard is not None
    return [notes_of.ceiling(share, top, known=known, guarded=guarded, lopsided=lopsided)]


def _about_raters(rated: Rated, chosen: Selection, scale: tuple[float, float] | None) -> list[Note]:
    found = []
    if rated.heaviest > max(notes_of.HEAVY, notes_of.HEAVIER / rated.n_raters):
        found.append(notes_of.heavy_rater(rated.heaviest))
    if chosen.insufficient:
        found.append(notes_of.insufficient([entry.name for entry in chosen.insufficient]))
    alike = _unanimous(rated, chosen)
    if alike:
        found.append(notes_of.unanimous(alike, rated.marks if scale is None else None))
    return found


def _about_method(rated: Rated, guard: Latent | None, latent_guard: bool) -> list[Note]:
    found = []
    if guard is not None and guard.separated:
        found.append(notes_of.separated())
    if guard is None:
        found.append(notes_of.guard_not_needed() if latent_guard else notes_of.no_guard())
    if rated.roster:
        found.append(notes_of.roster())
    if rated.lonely:
        found.append(notes_of.lonely_stratum(rated.lonely))
    return found


def _about_design(cells: Cells | Parts, df: Freedom, n_components: int) -> list[Note]:
    """Notes that follow from who rated what: components, clusters, single ratings, few degrees of freedom."""
    notes = []
    if n_components > 1:
        notes.append(notes_of.disconnected(n_components))
    if cells.clustered:
        notes.append(notes_of.clusters(cells.n_units, cells.n_raters))
    (single,) = summed(cells, _of_one_department)
    if single:
        notes.append(notes_of.single_department(single))
    finite = df.pairs[np.isfinite(df.pairs)]
    if finite.size and finite.min() < notes_of.LOW_DF:
        notes.append(notes_of.low_df(float(finite.min())))
    return notes


def _of_one_department(cells: Cells) -> tuple[int]:
    return (int((cells.size == 1).sum()),)
