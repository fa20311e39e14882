"""A small city in which a shooting can go its way: two catchments, people on call, one desk."""

from datetime import timedelta
from types import SimpleNamespace

import shapely

from stoop.accounts.tests import factories as accounts
from stoop.fieldwork.tests import factories as fieldwork
from stoop.flows import worker
from stoop.notifications import actions as notifications
from stoop.places.tests import factories as places

NIGHT = fieldwork.NIGHT
# Two catchments side by side, about 850 m wide; a point in the first, one in the second, one far
# from both, and one in the first within 100 m of the second.
IN_SITE, IN_OTHER, FAR, AT_BORDER = (
    (-73.905, 40.805),
    (-73.895, 40.805),
    (-73.8, 40.9),
    (-73.9008, 40.805),
)


def city() -> SimpleNamespace:
    """The personas, with Alice and Ann on call at `site` and Bob at `other` on the NIGHT."""
    made = accounts.personas()
    places.make_area("district", "1", shapely.box(-74.0, 40.7, -73.7, 41.0))
    places.make_area("catchment", made.site.code, shapely.box(-73.91, 40.80, -73.90, 40.81))
    places.make_area("catchment", made.other.code, shapely.box(-73.90, 40.80, -73.89, 40.81))
    start = NIGHT - timedelta(hours=2)
    fieldwork.shift(made.site, made.ann, start, rank=1)
    fieldwork.shift(made.site, made.alice, start, rank=2)
    fieldwork.shift(made.other, made.bob, start, rank=1)
    return made


def drain() -> int:
    """Let a worker do what is due, until nothing is; how much it did."""
    done = 0
    while worker.do_duties():
        done += 1
    return done


def deliver() -> None:
    """Hand all messages that are due to their channels, and wait until they arrived."""
    while notifications.deliver_due():
        pass
