"""Write Sample City: `build`, the only door."""

from pathlib import Path

from stoop.sample.actions import files
from stoop.sample.actions.land import make_land
from stoop.sample.actions.people import make_cases
from stoop.sample.actions.plan import make_plan
from stoop.sample.actions.process import simulate
from stoop.sample.actions.rows import publish
from stoop.sample.actions.streets import make_streets
from stoop.sample.actions.telling import tell
from stoop.sample.models import City

__all__ = ["City", "build"]


def build(folder: Path, *, seed: int = 1) -> City:
    """Write the files of Sample City into `folder`, which is made when absent.

    The same seed writes the same bytes, on every machine. Takes about a second. Files of the same
    names are overwritten, others are left alone. Refuses (Refusal) the rare seed whose coast leaves
    no room for the plan.
    """
    land = make_land(seed)
    streets = make_streets(land, seed)
    plan = make_plan(land, streets, seed)
    shootings = simulate(land, streets, plan, seed)
    cases = make_cases(len(shootings.when), seed)
    published = publish(land, streets, shootings, cases, seed)
    truth = tell(land, streets, plan, shootings, cases, published, seed)
    return files.write(Path(folder), land, streets, plan, published, truth)
