"""The truth of a built city, gathered from everything that made it."""

from collections import Counter

import numpy as np

from stoop.sample.actions.land import BOROUGHS, Land, sort_key
from stoop.sample.actions.people import Case, told_apart
from stoop.sample.actions.plan import (
    HOT_SHARE,
    REPEAT_DAYS,
    REPEAT_RADIUS_M,
    REPEAT_SHARE,
    SHOCK_YEAR,
    SUMMER,
    YEARS,
    Plan,
)
from stoop.sample.actions.process import NIGHT_FROM, NIGHT_TO, REPEAT, Shootings, night_share
from stoop.sample.actions.projection import EPSG
from stoop.sample.actions.rows import Published
from stoop.sample.actions.streets import Streets
from stoop.sample.models import (
    FIRST_DAY,
    LABEL,
    LAST_DAY,
    SPLIT_DAY,
    TIME_ZONE,
    AreaTruth,
    Counts,
    HoursTruth,
    NearRepeat,
    SplitTruth,
    Truth,
)


def tell(
    land: Land,
    streets: Streets,
    plan: Plan,
    shootings: Shootings,
    cases: list[Case],
    published: tuple[Published, ...],
    seed: int,
) -> Truth:
    return Truth(
        label=LABEL,
        seed=seed,
        epsg=EPSG,
        time_zone=TIME_ZONE,
        first_day=FIRST_DAY,
        last_day=LAST_DAY,
        years=dict(YEARS),
        shock_year=SHOCK_YEAR,
        summer=SUMMER,
        areas=_areas(land, streets, plan, shootings),
        hot_places=plan.hot_places,
        hot_share=HOT_SHARE,
        programs=plan.programs,
        near_repeat=NearRepeat(
            REPEAT_SHARE, REPEAT_RADIUS_M, REPEAT_DAYS, shootings.kind.count(REPEAT)
        ),
        cluster=plan.cluster,
        split=SplitTruth(land.split_old, land.split_new, SPLIT_DAY),
        park=land.park,
        hours=HoursTruth(NIGHT_FROM, NIGHT_TO, night_share(), plan.afternoon_area),
        counts=_counts(cases, published),
        dirty=tuple(row for part in published for row in part.dirty),
    )


def _areas(land: Land, streets: Streets, plan: Plan, shootings: Shootings) -> tuple[AreaTruth, ...]:
    people: Counter[str] = Counter()
    for code, residents in zip(land.area_after, plan.residents.tolist(), strict=True):
        people[code] += residents
    happened: Counter[str] = Counter()
    for address, when in zip(shootings.address.tolist(), shootings.when, strict=True):
        codes = land.area_after if when.date() >= SPLIT_DAY else land.area_before
        happened[codes[int(streets.sector[address])]] += 1
    share: dict[str, float] = dict.fromkeys(people, 0.0)
    by_sector = np.bincount(streets.sector, plan.background, len(land.polygons))
    for code, value in zip(land.area_after, by_sector.tolist(), strict=True):
        share[code] += value
    for place in plan.hot_places:
        share[place.area] += place.share
    return tuple(
        AreaTruth(code, BOROUGHS[code[0]], people[code], round(share[code], 6), happened[code])
        for code in sorted(people, key=sort_key)
    )


def _counts(cases: list[Case], published: tuple[Published, ...]) -> Counts:
    repeated = 0
    for part in published:
        repeated += len(part.records) - len({tuple(r.values()) for r in part.records})
    return Counts(
        incidents=len(cases),
        victims=sum(len(case.victims) for case in cases),
        victims_told_apart=sum(told_apart(case) for case in cases),
        rows={part.release.file: len(part.records) for part in published},
        repeated_rows=repeated,
        cross_product=sum(case.is_product for case in cases),
        border_rows=sum(part.border_rows for part in published),
    )
