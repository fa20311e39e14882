"""A small made-up town on disk, with its design: twelve areas, eight years, four programs."""

from pathlib import Path

import numpy as np

from stoop.accounts.permissions import SYSTEM
from stoop.evaluation import actions
from stoop.evaluation.models import Run, Study
from stoop.kernel import clock

# A design of the platform's own record, as its form writes it.
REGISTERED = """\
question = "Did shootings fall where the program worked? {mark}"

[outcome]
files = ["incidents.csv"]

[unit]
kind = "{kind}"

[period]
first = 2018
last = 2025

[treatment]
sites = "sites.csv"
area = "area"
start = "start"
end = "end"
"""

AREAS = tuple("ABCDEFGHIJKL")
STARTS = {"A": "2014-07", "B": "2015-01", "C": "2015-01", "D": "2016-03"}
YEARS = range(2011, 2019)

DESIGN = """\
question = "Did shootings fall where the program worked?"
seed = 3
permutations = 199

[outcome]
files = ["shootings.csv"]
measure = "incidents"

[unit]
kind = "district"
outlines = "areas.geojson"
field = "district"
population = "population.csv"

[period]
first = 2011
last = 2018

[treatment]
sites = "sites.csv"
area = "district"
start = "start"
end = "end"

[[exclude]]
unit = "L"
reason = "the station was closed for two years"
"""


def town(folder: Path, *, effect: float = 0.5, design: str = DESIGN) -> Path:
    """Write the town and its STUDY.toml; from a start on, means are multiplied by effect."""
    rng = np.random.default_rng(7)
    rows = ["incident_key,date,district,lat,lon"]
    for place, area in enumerate(AREAS):
        for year in YEARS:
            started = area in STARTS and year >= int(STARTS[area][:4])
            mean = (40 + 2 * place) * (effect if started else 1.0)
            for _ in range(int(rng.poisson(mean))):
                day = np.datetime64(f"{year}-01-01") + int(rng.integers(365))
                lon = -60 + 0.01 * (place % 4) + 0.005
                lat = 41 + 0.01 * (place // 4) + 0.005
                rows.append(f"{len(rows)},{day},{area},{lat:.4f},{lon:.4f}")
    (folder / "shootings.csv").write_text("\n".join(rows) + "\n")
    sites = ["district,start,end", *(f"{area},{start}," for area, start in STARTS.items())]
    sites += ["A,2017-01,2017-12", "E,,", "Z,2015-01,"]
    (folder / "sites.csv").write_text("\n".join(sites) + "\n")
    people = [f"{area},{9000 + 100 * place}" for place, area in enumerate(AREAS)]
    (folder / "population.csv").write_text("\n".join(["district,population", *people]) + "\n")
    (folder / "areas.geojson").write_text(_squares())
    path = folder / "STUDY.toml"
    path.write_text(design)
    return path


def _squares() -> str:
    features = []
    for place, area in enumerate(AREAS):
        west, south = -60 + 0.01 * (place % 4), 41 + 0.01 * (place // 4)
        ring = [[0, 0], [0.01, 0], [0.01, 0.01], [0, 0.01], [0, 0]]
        points = ",".join(f"[{west + x:.3f},{south + y:.3f}]" for x, y in ring)
        features.append(
            f'{{"type":"Feature","properties":{{"district":"{area}"}},"geometry":'
            f'{{"type":"Polygon","coordinates":[[{points}]]}}}}'
        )
    return f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}'


def draft(mark: str = "", kind: str = "precinct") -> Study:
    """A drafted study; areas of the kind must be there."""
    return actions.draft_study(text=REGISTERED.format(mark=mark, kind=kind), by=SYSTEM)


def finding(mark: str = "", kind: str = "precinct") -> tuple[Study, Run]:
    """A study that was registered, run and published, with the run; it left no files."""
    study = draft(mark, kind)
    actions.register_study(study=study, by=SYSTEM)
    run = actions.start_run(study=study, by=SYSTEM, enqueue=lambda key: None)
    now = clock.now()
    Run.objects.filter(pk=run.pk).update(started_at=now, finished_at=now, answer="They fell.")
    Study.objects.filter(pk=study.pk).update(state=Study.State.FINISHED)
    return actions.publish_finding(study=study, by=SYSTEM), run
