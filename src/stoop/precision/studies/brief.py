"""The brief as numbers: the city read once, then section after section."""

from dataclasses import dataclass, fields

from stoop import __version__
from stoop.kernel.files import digest
from stoop.kernel.progress import Progress, silent
from stoop.places.queries import Outline, outline
from stoop.precision.studies import (
    areas,
    blocks,
    clusters,
    forecasts,
    hours,
    near_repeat,
    quality,
    trend,
)
from stoop.precision.studies.areas import Areas, Coverage
from stoop.precision.studies.city import City, Request, load
from stoop.precision.studies.plain import plain

# Detail of the outlines in the pictures: what a city map of a page's width can show.
OUTLINE_M = 60.0


@dataclass(frozen=True, slots=True)
class Brief:
    """All that the page, the JSON and the layers are made from."""

    request: Request
    city: City
    trend: trend.Trend
    areas: Areas | None
    coverage: Coverage | None
    lattice: blocks.Lattice | None
    hotspots: blocks.HotSpots | None
    forecast: forecasts.Forecast | None
    clusters: clusters.Clusters | None
    near_repeat: near_repeat.NearRepeat | None
    hours: hours.Hours
    quality: quality.Quality
    outlines: tuple[Outline, ...]

    @property
    def numbers(self) -> dict[str, object]:
        """brief.json: every number, by section."""
        counted, quality_ = self.city.counted, self.quality
        ranked = self.areas.ranked[: self.areas.top] if self.areas else ()
        whole = {
            "title": self.request.title,
            "as_of": self.city.as_of,
            "data": {
                "rows_read": quality_.rows_read,
                "rows_rejected": quality_.rows_rejected,
                "rows_after_as_of": quality_.rows_after,
                "rows": counted.rows,
                "incidents": counted.incidents,
                "victims": counted.victims,
                "deaths": counted.deaths,
                "first_date": self.city.first_day,
                "last_date": self.city.last_day,
            },
            "trend": self.trend,
            "areas": ranked,
            "ranking": _without(self.areas, "ranked"),
            "other_areas": self.areas.ranked[self.areas.top :] if self.areas else (),
            "coverage": _with(self.coverage, "gaps"),
            "hotspots": self.hotspots.cells if self.hotspots else (),
            "hotspot_search": _without(self.hotspots, "cells"),
            "forecast": self.forecast,
            "clusters": self.clusters.clusters if self.clusters else (),
            "cluster_search": _without(self.clusters, "clusters"),
            "near_repeat": self.near_repeat,
            "hours": self.hours,
            "quality": quality_,
        }
        return {name: plain(value) for name, value in whole.items()}

    @property
    def run(self) -> dict[str, object]:
        """run.json: what it takes to make the same bytes again. No path, no clock, no machine."""
        request = self.request
        files = [{"name": f.name, "sha256": f.sha256} for f in self.quality.files]
        beside = {"areas": request.areas, "sites": request.sites, "population": request.population}
        return {
            "stoop": __version__,
            "inputs": files,
            **{
                name: {"name": path.name, "sha256": digest(path)}
                for name, path in beside.items()
                if path is not None
            },
            "parameters": plain(
                {
                    "as_of": self.city.as_of,
                    "area_field": self.city.areas.field if self.city.areas else None,
                    "columns": dict(request.columns or {}),
                    "crs": self.city.crs,
                    "timezone": request.timezone,
                    "title": request.title,
                    "top": request.top,
                    "months": request.months,
                    "cell_m": request.cell_m,
                    "seed": request.seed,
                }
            ),
        }


def make_brief(request: Request, progress: Progress = silent) -> Brief:
    """Read the files and work out every section. Raises Refusal for input that cannot be used."""
    steps = iter(range(1, 9))

    def say(step: str) -> None:
        progress(step, next(steps), 8)

    say("reading the files")
    city = load(request)
    seed = request.seed
    say("what happened: trend")
    happened = trend.study(city)
    say("where: ranking the areas")
    ranked = areas.study(city, top=request.top, months=request.months, seed=seed)
    covered = areas.coverage(city, ranked) if ranked else None
    say("which blocks: hot spots")
    lattice = blocks.lattice(city, cell_m=request.cell_m)
    spots = blocks.hot_spots(city, lattice, months=request.months) if lattice else None
    say("which blocks: forecast and back-test")
    coming = forecasts.next_month(city, lattice, spots, seed=seed) if lattice and spots else None
    say("what is new: searching for clusters")
    new = clusters.study(city, seed=seed)
    say("after a shooting: near repeats")
    after = near_repeat.study(city, seed=seed)
    say("when, and how good the data are")
    priority = ranked.priority if ranked else ()
    return Brief(
        request=request,
        city=city,
        trend=happened,
        areas=ranked,
        coverage=covered,
        lattice=lattice,
        hotspots=spots,
        forecast=coming,
        clusters=new,
        near_repeat=after,
        hours=hours.study(city, priority, seed=seed),
        quality=quality.study(city),
        outlines=(
            outline(city.areas, city.crs, tolerance_m=OUTLINE_M, on=city.as_of)
            if city.areas
            else ()
        ),
    )


def _without(value: object, name: str) -> dict[str, object] | None:
    """A result's fields but one, which stands by itself."""
    if value is None:
        return None
    return {f.name: getattr(value, f.name) for f in fields(value) if f.name != name}  # type: ignore[arg-type]


def _with(value: object, name: str) -> dict[str, object] | None:
    """A result's fields and one of its properties."""
    if value is None:
        return None
    return {**_without(value, ""), name: getattr(value, name)}  # type: ignore[dict-item]
