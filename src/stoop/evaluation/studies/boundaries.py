"""Did a border move inside the panel? Areas that open or close half-way, and the answer without."""

from dataclasses import dataclass, replace

import numpy as np
import shapely

from stoop.evaluation.models import Bools, Design, Panel
from stoop.evaluation.studies.numbers import TERM, both
from stoop.evaluation.studies.panel import build
from stoop.evaluation.studies.told import PRIMARY, Told, laid_out
from stoop.kernel.errors import Refusal
from stoop.places import queries, readers
from stoopstat.impact.design import Refused, treated
from stoopstat.impact.openings import Opening, openings, step
from stoopstat.impact.poisson import poisson
from stoopstat.impact.terms import terms

Codes = np.ndarray[tuple[int], np.dtype[np.object_]]

BOUNDARIES = "boundaries"
FIXED, WITHOUT = "fixed boundaries", "without redrawn areas"
MOST = 0.5  # the share of what moved that says where an area came from
RARE = 0.05
LAST_DAY = "last day"


@dataclass(frozen=True, slots=True)
class Boundary:
    """An area that opens or closes inside the panel.

    period: the first with it, or the first without. expected: events that its own rate would have
    put where it has none, and p: the chance of so few; see stoopstat.impact.openings; NaN where
    only the dates of outlines tell. other: the area that it came from or went to, empty where
    nobody can tell, found_by the "map", the "outlines" or a "step" in its counts; share: of the
    ground or the events, how much.
    """

    unit: str
    opens: bool
    period: str
    expected: float
    p: float
    other: str
    found_by: str
    share: float


def boundaries(
    panel: Panel, design: Design, told: Told, mapped: Panel | None
) -> tuple[Boundary, ...]:
    """Find them, and ask again with fixed boundaries and without the areas concerned.

    mapped: the same panel by the outlines of its last day throughout; None where there is none.
    Counted by such a map nothing can open; a study by the outlines of each day is asked again with
    them.
    """
    if design.as_of != LAST_DAY:
        _fit(told, FIXED, replace(design, as_of=LAST_DAY, area="mapped"))
        return ()
    if design.area == "mapped":
        return ()
    found = {each.unit: each for each in _dated(panel, design)}
    for each in openings(panel.counts):
        silent = _silent(panel, each, mapped)
        known = found.get(silent.unit)
        found[silent.unit] = (
            replace(silent, other=known.other, found_by=known.found_by, share=known.share)
            if known and known.other
            else silent
        )
    moved = tuple(found[unit] for unit in panel.units if unit in found)
    if moved:
        _ask_fixed(panel, design, moved, told)
        _ask_without(panel, moved, told)
    return moved


def _silent(panel: Panel, found: Opening, mapped: Panel | None) -> Boundary:
    """An opening in words, with its neighbour: by the map, else by that one's own step."""
    other, share, how = _by_map(panel, found, mapped), 0.0, "map"
    if other is None:
        other, how = _by_step(panel, found), "step"
    if other is not None:
        row, share = other
    return Boundary(
        unit=panel.units[found.unit],
        opens=found.opens,
        period=panel.calendar.labels[found.column],
        expected=found.expected,
        p=found.p,
        other="" if other is None else panel.units[row],
        found_by="" if other is None else how,
        share=share,
    )


def _by_map(panel: Panel, found: Opening, mapped: Panel | None) -> tuple[int, float] | None:
    """Which unit the record gives, where the last map gives the one that opened, or the reverse.

    Before the change the record and the last map differ by what moved: an area that opened gains
    on the map what its neighbour loses; one that closed is all in the map's neighbour.
    """
    if mapped is None:
        return None
    place = {unit: row for row, unit in enumerate(mapped.units)}
    rows = np.array([place.get(unit, -1) for unit in panel.units])
    by_map = np.vstack([mapped.counts, np.zeros(mapped.counts.shape[1])])[rows]
    gained = (by_map - panel.counts)[:, : found.column].sum(axis=1)
    if not found.opens:
        gained = -gained
    moved = gained[found.unit]
    given = np.where(_beside(panel, found.unit), -gained, 0.0)
    best = int(np.argmax(given))
    if moved <= 0 or given[best] < MOST * moved:
        return None
    return best, min(1.0, float(given[best] / moved))


def _by_step(panel: Panel, found: Opening) -> tuple[int, float] | None:
    """The neighbour that lost, from the opening on and beside all others, most of what the new
    area counts; or that gained what the closed one would have counted. Chance must not do it."""
    if panel.adjacent is None or not panel.adjacent[found.unit].any():
        return None
    near, column = panel.adjacent[found.unit], found.column
    beside = ~near
    beside[found.unit] = False
    others = panel.counts[beside].sum(axis=0)
    if not others[:column].any():
        return None
    growth = others[column:].sum() / others[:column].sum()
    lost = growth * panel.counts[:, :column].sum(axis=1) - panel.counts[:, column:].sum(axis=1)
    side, size = (0, panel.counts[found.unit].sum()) if found.opens else (1, -found.expected)
    share = np.where(near, lost / size, -np.inf)
    best = int(np.argmax(share))
    p = step(panel.counts, best, column, beside=beside)[side] * int(near.sum())
    return (best, min(1.0, float(share[best]))) if share[best] >= MOST and p < RARE else None


def _beside(panel: Panel, unit: int) -> Bools:
    """(U,) the units that touch it, or lie nobody knows where; all others where it does itself."""
    others = np.array([row != unit for row in range(len(panel.units))])
    if panel.adjacent is None or not panel.adjacent[unit].any():
        return others
    near: Bools = others & (panel.adjacent[unit] | ~panel.adjacent.any(axis=1))
    return near


def _dated(panel: Panel, design: Design) -> list[Boundary]:
    """Areas whose outlines begin or end inside the panel on ground that another one held."""
    if design.outlines is None:
        return []
    areas = readers.read_areas(design.outlines, field=design.field, kind=design.kind)
    if np.isnat(areas.valid_from).all() and np.isnat(areas.valid_to).all():
        return []
    owner = np.array([design.parts.get(code, code) for code in areas.codes], dtype=object)
    first, end = design.calendar.edges[[0, -1]]
    found = []
    for unit in panel.units:
        own = np.flatnonzero(owner == unit)
        began, ended = areas.valid_from[own], areas.valid_to[own]
        if own.size and not np.isnat(began).any() and first < (day := began.min()) < end:
            found.append(_on_ground(areas, owner, panel, unit, day, opens=True))
        if own.size and not np.isnat(ended).any() and first < (day := ended.max()) < end:
            found.append(_on_ground(areas, owner, panel, unit, day, opens=False))
    return [each for each in found if each.other]


def _on_ground(
    areas: queries.Areas,
    owner: Codes,
    panel: Panel,
    unit: str,
    day: np.datetime64,
    *,
    opens: bool,
) -> Boundary:
    """Who held most of an area's ground on the day before it opened, or from its closing on."""
    with_it, without = (day, day - 1) if opens else (day - 1, day)
    own = [row for row in queries.rows_on(areas, with_it).tolist() if owner[row] == unit]
    ground = shapely.union_all(areas.polygons[own])
    shares = dict.fromkeys(panel.units, 0.0)
    for row in queries.rows_on(areas, without).tolist():
        if owner[row] in shares:
            common = shapely.intersection(areas.polygons[row], ground)
            shares[owner[row]] += common.area / ground.area
    other = max(shares, key=lambda code: shares[code])
    known = shares[other] >= MOST
    column = int(panel.calendar.column(np.array([day]))[0])
    nan = float("nan")
    return Boundary(
        unit=unit,
        opens=opens,
        period=panel.calendar.labels[column],
        expected=nan,
        p=nan,
        other=other if known else "",
        found_by="outlines" if known else "",
        share=shares[other],
    )


def _ask_fixed(panel: Panel, design: Design, moved: tuple[Boundary, ...], told: Told) -> None:
    """Each area counted with the one that it came from or went to, throughout."""
    parts = _joined(panel, moved)
    if not parts:
        why = "nobody can tell where the area came from; add outlines or points, or name its parts"
        told.add([Refused(PRIMARY, TERM, why)], sample=FIXED, threat=BOUNDARIES)
        return
    before = {part: parts.get(whole, whole) for part, whole in design.parts.items()}
    pool = design.comparison
    if pool is not None:
        pool = tuple(code for code in pool if code not in parts)
    _fit(told, FIXED, replace(design, parts=before | parts, comparison=pool))


def _fit(told: Told, sample: str, design: Design) -> None:
    try:
        y = laid_out(build(replace(design, population=None)))
    except Refusal as refusal:
        told.add([Refused(PRIMARY, TERM, str(refusal))], sample=sample, threat=BOUNDARIES)
        return
    fit = poisson(y.outcome, terms(y))
    told.add(both(fit), sample=sample, estimator=PRIMARY, threat=BOUNDARIES, of=y)


def _joined(panel: Panel, moved: tuple[Boundary, ...]) -> dict[str, str]:
    """Which unit counts as part of which: of those that belong together, the first to start."""
    groups: list[set[str]] = []
    for each in moved:
        if each.other:
            pair = {each.unit, each.other}
            near = [group for group in groups if group & pair]
            groups = [group for group in groups if group not in near] + [pair.union(*near)]
    onset = dict(zip(panel.units, panel.onset.tolist(), strict=True))
    order = {unit: (onset[unit], row) for row, unit in enumerate(panel.units)}
    parts: dict[str, str] = {}
    for group in groups:
        whole = min(group, key=lambda unit: order[unit])
        parts |= {unit: whole for unit in panel.units if unit in group - {whole}}
    return parts


def _ask_without(panel: Panel, moved: tuple[Boundary, ...], told: Told) -> None:
    gone = {each.unit for each in moved} | {each.other for each in moved}
    keep = np.array([unit not in gone for unit in panel.units])
    y = treated(panel.counts[keep], panel.onset[keep])
    fit = poisson(y.outcome, terms(y))
    told.add(both(fit), sample=WITHOUT, estimator=PRIMARY, threat=BOUNDARIES, of=y)
