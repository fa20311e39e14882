"""A study of Sample City's programs: registered and worked out before anybody looks."""

from stoop.accounts.permissions import Actor
from stoop.evaluation import actions
from stoop.evaluation.views import background

DESIGN = """\
question = "Did shootings fall in the districts where a program worked?"
estimators = ["poisson", "event_study", "matched", "before_after"]
permutations = 199

[outcome]
files = ["incidents.csv"]
measure = "incidents"

[unit]
kind = "district"
outlines = "outlines.geojson"
field = "code"
parts = { E11 = "E8" }          # E11 was taken out of E8 in 2022

[period]
length = "quarter"
first = "2018-Q1"
last = "2025-Q4"

[treatment]
sites = "sites.csv"
area = "area"
start = "start"
end = "end"

[[exclude]]
unit = "E8"
reason = "its border moved and its program closed in 2023"
"""


def study(by: Actor) -> None:
    """Draft it, register it, have it worked out."""
    drafted = actions.draft_study(text=DESIGN, by=by)
    actions.register_study(study=drafted, by=by)
    waiting: list[str] = []
    actions.start_run(study=drafted, by=by, enqueue=waiting.append)
    for key in waiting:
        background.work_on.call(key)
