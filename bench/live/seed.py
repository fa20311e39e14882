"""`python -m bench.live.seed`: people, places and keys for a measurement, asked as JSON on input.

{"what": "night", "browser": URL} a catchment, somebody on call, a source with a key;
{"what": "grid"}               a hundred districts.
{"what": "desk", "many": 50}   sessions of duty officers, as cookies.
The answer is one line of JSON.
"""

import json
import sys
from datetime import timedelta
from typing import Any

import django
import shapely

BOX = (-73.91, 40.80, -73.90, 40.81)


def main() -> None:
    django.setup()
    asked = json.load(sys.stdin)
    found = {"night": night, "desk": desk, "grid": grid}[asked.pop("what")](**asked)
    print(json.dumps(found))


def night(browser: str = "") -> dict[str, Any]:
    """Somebody on call in one catchment, reached by web push alone; a source that confirms."""
    from stoop.accounts.permissions import SYSTEM, actor_of
    from stoop.accounts.tests import factories as accounts
    from stoop.fieldwork.tests import factories as fieldwork
    from stoop.incidents import actions as incidents
    from stoop.incidents.tests.factories import make_source
    from stoop.kernel import clock
    from stoop.ledger.queries import latest_seq
    from stoop.notifications import actions as notifications
    from stoop.notifications.tests.factories import browser_keys
    from stoop.places.tests.factories import make_area

    site = accounts.site()
    make_area("city", "1", shapely.box(-74.0, 40.7, -73.7, 41.0))
    make_area("catchment", site.code, shapely.box(*BOX))
    person = accounts.person("Worker", "outreach_worker", site)
    fieldwork.shift(site, person, clock.now() - timedelta(hours=1), hours=24)
    keys, private, secret = browser_keys()
    actor = actor_of(person)
    notifications.set_preferences(by=actor, short_text=False, email=False)
    if browser:
        notifications.add_channel(by=actor, kind="push", address=browser, keys=keys)
    opens = {"private": str(private.private_numbers().private_value), "secret": secret.hex()}
    source = make_source("bench-feed", confirms=True, most_an_hour=10**6)
    return {
        "key": incidents.issue_key(source=source, by=SYSTEM),
        "seq": latest_seq(),
        "browser": opens,
    }


def grid() -> dict[str, Any]:
    """A city of 100 districts that are squares, and the source that its record comes from."""
    from stoop.places.tests.factories import make_area

    edges_x, edges_y = [-74.0 + 0.03 * n for n in range(11)], [40.7 + 0.03 * n for n in range(11)]
    for i in range(10):
        for j in range(10):
            box = shapely.box(edges_x[i], edges_y[j], edges_x[i + 1], edges_y[j + 1])
            make_area("district", f"{i}-{j}", box)
    return {"districts": 100}


def desk(many: int) -> dict[str, Any]:
    """Duty officers who are signed in."""
    from django.test import Client

    from stoop.accounts.tests import factories as accounts

    cookies = []
    for number in range(many):
        client = Client()
        client.force_login(
            accounts.person(f"Desk{number}", "duty_officer"),
            backend="allauth.account.auth_backends.AuthenticationBackend",
        )
        cookies.append(client.cookies["sessionid"].value)
    return {"cookies": cookies}


if __name__ == "__main__":
    main()
