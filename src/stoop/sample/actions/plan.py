"""What is planted: where harm concentrates, what drifts, which programs work, the new cluster."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from stoop.kernel.errors import Refusal
from stoop.sample.actions.draws import Draws, Floats, Ints
from stoop.sample.actions.land import CENTRE_KM, Land, metres
from stoop.sample.actions.programs import planted
from stoop.sample.actions.projection import degrees
from stoop.sample.actions.streets import Streets, near
from stoop.sample.models import LAST_DAY, ClusterTruth, HotPlace, ProgramTruth

INCIDENTS_A_YEAR = 545.0
YEARS = {
    2018: 1.0,
    2019: 0.97,
    2020: 1.05,
    2021: 1.28,
    2022: 1.16,
    2023: 1.04,
    2024: 0.97,
    2025: 0.95,
}
SHOCK_YEAR = 2021
SUMMER = 0.3
# Shares of the 23 inhabited districts, in percent, most burdened first: the top five hold half.
SHARES = (
    13.2, 11.4, 9.8, 8.4, 7.2, 6.2, 5.4, 4.7, 4.1, 3.6, 3.2, 2.9,
    2.6, 2.3, 2.1, 1.9, 1.7, 1.5, 1.3, 1.1, 0.9, 0.7, 0.5,
)  # fmt: skip
# The two quarters around which the burdened districts lie.
CORES_KM = ((5.6, 4.6), (10.6, 6.2))
HOT_SHARE = 0.5
# Hot blocks in each of the most burdened districts.
HOT_COUNTS = (7, 6, 6, 5, 4, 4, 3, 3, 2, 2, 2, 1, 1, 1, 1)
# Half of a hot place is its block, half the few blocks around: real hot spots have warm edges.
HOT_SPREAD_M, HOT_AROUND_M, HOT_REACH_M = 60.0, 240.0, 600.0
HOT_GAP_M, HOT_COMPANY_M = 280.0, 520.0
REPEAT_SHARE, REPEAT_RADIUS_M, REPEAT_DAYS = 0.05, 150.0, 14
CLUSTER_INCIDENTS, CLUSTER_RADIUS_M, CLUSTER_DAYS = 12, 200.0, 21
POPULATION = 612_000
PARK_POPULATION = 34


@dataclass(frozen=True)
class Plan:
    """Areas stand by their codes before the split, where no others are named.

    ranked: districts, most burdened first (the park is not among them); share: by district;
    background: (n_addresses,) that sums to 1 - HOT_SHARE; kernels: for each hot place its
    addresses and their weights, which sum to 1; residents: (n_sectors,); programs: each with what
    it truly changes.
    """

    ranked: tuple[str, ...]
    share: dict[str, float]
    residents: Ints
    background: Floats
    hot_places: tuple[HotPlace, ...]
    kernels: tuple[tuple[Ints, Floats], ...]
    afternoon_area: str
    cluster: ClusterTruth
    programs: tuple[ProgramTruth, ...]


def make_plan(land: Land, streets: Streets, seed: int) -> Plan:
    draws = Draws(seed, "plan")
    ranked = _ranked(land, draws)
    share = dict(zip(ranked, np.round(np.asarray(SHARES) / sum(SHARES), 6).tolist(), strict=True))
    share[land.park] = 0.0
    residents = _residents(land, draws)
    hot_places, kernels = _hot_places(land, streets, ranked, share, draws)
    background = _background(land, streets, share, residents, hot_places)
    return Plan(
        ranked=ranked,
        share=share,
        residents=residents,
        background=background,
        hot_places=hot_places,
        kernels=kernels,
        afternoon_area=ranked[3],
        cluster=_cluster(land, streets, ranked, hot_places, draws),
        programs=planted(ranked),
    )


def _ranked(land: Land, draws: Draws) -> tuple[str, ...]:
    """Nearest to one of the two cores first, with some accident; the district that is split is
    never among the first, so that its history is a footnote and not the headline."""
    areas = land.areas(after=False)
    cores = metres(list(CORES_KM))
    badness = {}
    for code, luck in zip(areas, draws.uniform(len(areas), 0.8, 1.2).tolist(), strict=True):
        middle = areas[code].centroid
        gap_m = min(float(np.hypot(middle.x - x, middle.y - y)) for x, y in cores)
        badness[code] = round(gap_m * luck, 1)
    badness.pop(land.park)
    order = sorted(badness, key=lambda code: badness[code])
    order.remove(land.split_old)
    order.insert(6, land.split_old)
    return tuple(order)


def _residents(land: Land, draws: Draws) -> Ints:
    """Residents of each sector: denser towards the river, almost none in the park."""
    crowd = []
    for polygon, area, luck in zip(
        land.polygons, land.area_before, draws.uniform(len(land.polygons), 0.7, 1.3), strict=True
    ):
        middle = polygon.centroid
        gap_km = (
            float(np.hypot(*(np.asarray([middle.x, middle.y]) - metres([CENTRE_KM])[0]))) / 1000
        )
        density = 0.0 if area == land.park else 1.0 / (1.0 + (gap_km / 6.0) ** 2)
        crowd.append(polygon.area * density * float(luck))
    weights = np.asarray(crowd)
    residents = np.asarray(np.rint(weights / weights.cumsum()[-1] * POPULATION), np.int64)
    park = [k for k, area in enumerate(land.area_before) if area == land.park]
    for k, sector in enumerate(park):
        residents[sector] = PARK_POPULATION // len(park) + (k < PARK_POPULATION % len(park))
    return residents


def _hot_places(
    land: Land, streets: Streets, ranked: tuple[str, ...], share: dict[str, float], draws: Draws
) -> tuple[tuple[HotPlace, ...], tuple[tuple[Ints, Floats], ...]]:
    area_of = np.asarray(land.area_before)[streets.sector]
    across = np.asarray(streets.across_before)
    split = np.asarray(land.area_after)[streets.sector]
    hot_areas = ranked[: len(HOT_COUNTS)]
    total = sum(share[code] for code in hot_areas)
    places: list[HotPlace] = []
    kernels = []
    for code, count in zip(hot_areas, HOT_COUNTS, strict=True):
        inside = np.flatnonzero((area_of == code) & (across == ""))
        heats = np.asarray([1.0 / (k + 2.0) for k in range(count)])
        heats *= HOT_SHARE * share[code] / total / heats.cumsum()[-1]
        for heat, centre in zip(
            np.round(heats, 6).tolist(), _apart(streets, inside, count, places, draws), strict=True
        ):
            x_m, y_m = float(streets.x_m[centre]), float(streets.y_m[centre])
            kernel = near(streets, x_m, y_m, HOT_REACH_M)
            kernel = kernel[split[kernel] == split[centre]]
            kernels.append((kernel, _bell(streets, kernel, x_m, y_m)))
            places.append(_hot_place(x_m, y_m, str(split[centre]), heat, len(places)))
    return tuple(places), tuple(kernels)


def _apart(
    streets: Streets, inside: Ints, count: int, places: list[HotPlace], draws: Draws
) -> list[int]:
    """Random addresses, none too near to another hot place; of three in a district two are a few
    blocks from the first, as hot blocks line up along a street or around an estate."""
    taken = [(place.x_m, place.y_m) for place in places]
    chosen: list[int] = []
    order = inside[draws.order(len(inside))].tolist()
    while len(chosen) < count:
        company = chosen[len(chosen) - len(chosen) % 3] if len(chosen) % 3 else None
        fits = [at for at in order if _fits(streets, at, taken, company)]
        # A district's corner may be full: then anywhere in it.
        fits = fits or [at for at in order if _fits(streets, at, taken, None)]
        if not fits:
            raise Refusal(
                "Of this seed a district is too small for its hot places; choose another seed."
            )
        chosen.append(fits[0])
        taken.append((float(streets.x_m[fits[0]]), float(streets.y_m[fits[0]])))
    return chosen


def _fits(streets: Streets, at: int, taken: list[tuple[float, float]], company: int | None) -> bool:
    x_m, y_m = float(streets.x_m[at]), float(streets.y_m[at])
    if company is not None:
        gap = (x_m - float(streets.x_m[company])) ** 2 + (y_m - float(streets.y_m[company])) ** 2
        if gap > HOT_COMPANY_M**2:
            return False
    return all((x_m - x) ** 2 + (y_m - y) ** 2 >= HOT_GAP_M**2 for x, y in taken)


def _bell(streets: Streets, kernel: Ints, x_m: float, y_m: float) -> Floats:
    squared = (streets.x_m[kernel] - x_m) ** 2 + (streets.y_m[kernel] - y_m) ** 2
    weight = np.zeros(len(kernel))
    for spread_m in (HOT_SPREAD_M, HOT_AROUND_M):
        bell = np.exp(-squared / (2 * spread_m**2))
        weight += bell / bell.cumsum()[-1] / 2
    return np.asarray(np.round(weight, 9))


def _hot_place(x_m: float, y_m: float, area: str, share: float, number: int) -> HotPlace:
    """Every third place fades and the next one rises; the rest stay as they are."""
    first, last = ((1.6, 0.4), (0.4, 1.6), (1.0, 1.0))[number % 3]
    longitude, latitude = degrees(np.asarray([x_m]), np.asarray([y_m]))
    return HotPlace(
        x_m,
        y_m,
        float(longitude[0]),
        float(latitude[0]),
        area,
        share,
        first,
        last,
        HOT_SPREAD_M,
        HOT_AROUND_M,
    )


def _background(
    land: Land,
    streets: Streets,
    share: dict[str, float],
    residents: Ints,
    hot_places: tuple[HotPlace, ...],
) -> Floats:
    """What hot places leave of each district's share, by residents of its sectors."""
    hot = dict.fromkeys(share, 0.0)
    for place in hot_places:
        hot[land.split_old if place.area == land.split_new else place.area] += place.share
    addresses = np.bincount(streets.sector, minlength=len(land.polygons))
    crowd = dict.fromkeys(share, 0)
    for code, people in zip(land.area_before, residents.tolist(), strict=True):
        crowd[code] += people
    by_sector = np.asarray(
        [
            (share[code] - hot[code]) * people / crowd[code] / max(int(count), 1)
            for code, people, count in zip(
                land.area_before, residents.tolist(), addresses, strict=True
            )
        ]
    )
    return np.asarray(np.round(by_sector[streets.sector], 12))


def _cluster(
    land: Land,
    streets: Streets,
    ranked: tuple[str, ...],
    hot_places: tuple[HotPlace, ...],
    draws: Draws,
) -> ClusterTruth:
    """In a quiet district, far from every hot place and from the border."""
    area_of = np.asarray(land.area_after)[streets.sector]
    for code in ranked[15:]:
        inside = np.flatnonzero(area_of == code)
        for at in inside[draws.order(len(inside))].tolist():
            x_m, y_m = float(streets.x_m[at]), float(streets.y_m[at])
            gaps = [(x_m - p.x_m) ** 2 + (y_m - p.y_m) ** 2 for p in hot_places]
            around = near(streets, x_m, y_m, CLUSTER_RADIUS_M)
            if (
                min(gaps) > 1200.0**2
                and set(area_of[around].tolist()) == {code}
                and len(around) > 15
            ):
                longitude, latitude = degrees(np.asarray([x_m]), np.asarray([y_m]))
                return ClusterTruth(
                    x_m, y_m, float(longitude[0]), float(latitude[0]), code, CLUSTER_RADIUS_M,
                    LAST_DAY - timedelta(days=CLUSTER_DAYS - 1), LAST_DAY, CLUSTER_INCIDENTS,
                )  # fmt: skip
    raise Refusal("Of this seed no place is quiet enough for the cluster; choose another seed.")


def months() -> list[date]:
    """First days of the record's months."""
    return [date(year, month, 1) for year in YEARS for month in range(1, 13)]
