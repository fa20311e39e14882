"""The map: what is drawn, for whom, how precisely, and that it is as true as the ledger."""

import gzip
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
import shapely
from django.http import Http404
from django.urls import reverse

from stoop.accounts.permissions import NOBODY, SYSTEM, actor_of
from stoop.incidents import actions
from stoop.incidents.models import Incident
from stoop.incidents.queries import maps, outlines, points
from stoop.incidents.queries.maps import AREAS, POINTS, Asked
from stoop.incidents.tests.factories import EVENING, make_incident
from stoop.kernel import clock
from stoop.ledger.actions import record
from stoop.places.actions import load_areas, set_area

pytestmark = pytest.mark.django_db
NIGHT = EVENING + timedelta(minutes=30)
WEEK = Asked(NIGHT - timedelta(days=7), NIGHT)
WEST, SOUTH = -73.96, 40.66


@pytest.fixture(autouse=True)
def night():
    with clock.held(NIGHT):
        yield


@pytest.fixture
def city(personas):
    """Two precincts beside each other, a catchment in the first; three shootings and a report."""
    days = {"valid_from": None, "valid_to": None, "by": SYSTEM}
    for at, code in enumerate("AB"):
        west = WEST + at * 0.04
        square = shapely.box(west, SOUTH, west + 0.04, SOUTH + 0.04)
        set_area(kind="precinct", code=code, name=f"Precinct {code}", polygon=square, **days)
    inner = shapely.box(WEST + 0.01, SOUTH + 0.01, WEST + 0.03, SOUTH + 0.03)
    set_area(kind="catchment", code=personas.site.code, name="Riverside", polygon=inner, **days)
    here = {"lat": SOUTH + 0.02, "block": "900 block of Secret St"}
    personas.near = make_incident(lon=WEST + 0.02, **here)
    make_incident(lon=WEST + 0.021, occurred_at=EVENING - timedelta(days=2), **here)
    make_incident(
        lon=WEST + 0.06,
        lat=SOUTH + 0.02,
        kind="shots",
        hurt=0,
        occurred_at=EVENING - timedelta(days=6),
    )
    personas.waiting = make_incident(lon=WEST + 0.022, confirmed=False, **here)
    return personas


def test_a_shooting_names_the_site_whose_catchment_it_is_in(client, city):
    client.force_login(city.alice)
    page = client.get(reverse("incident", args=[city.near.key])).content.decode()
    assert f"<dt>Catchment</dt><dd>{city.site.name}</dd>" in page
    assert "<dt>Precinct</dt><dd>A</dd>" in page


def unpacked(response) -> tuple[dict, bytes]:
    body = response.content
    if response.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    length = int.from_bytes(body[:4], "little")
    return json.loads(body[4 : 4 + length]), body[4 + length :]


def asked(client, person, query="", **more):
    client.force_login(person)
    return client.get(f"/map/incidents?{query}", **more)


def test_points_are_where_they_were_reported(client, city):
    head, columns = unpacked(asked(client, city.carol, "span=7d&zoom=12"))
    assert (head["mode"], head["n"], head["total"]) == ("points", 4, 4)
    x = np.frombuffer(columns[:8], "<u2")
    west, _, east, _ = head["box"]
    lon = (west + x / 65535 * (east - west)) / 2**32 * 360 - 180
    expected = [WEST + 0.06, WEST + 0.021, WEST + 0.02, WEST + 0.022]
    assert sorted(lon) == pytest.approx(sorted(expected), abs=2e-6)
    looks = sorted(columns[16:20])
    # a shooting of this night, one not confirmed yet, one two days old, shots six days ago
    assert looks == [0, 2, 4, 9]


def test_filters_by_time_and_kind(client, city):
    def total(query):
        return unpacked(asked(client, city.carol, query))[0]["total"]

    assert total("span=24h") == 2
    assert total("span=72h") == 3
    assert total("span=7d&kind=shots") == 1
    assert total("span=chosen&first=2026-11-14&last=2026-11-14") == 1
    assert total("span=chosen&last=2026-11-13") == 0


def test_a_box_holds_what_is_in_it(client, city):
    box = f"west={WEST + 0.0195}&east={WEST + 0.0205}&south={SOUTH}&north={SOUTH + 0.04}"
    head, _ = unpacked(asked(client, city.carol, f"span=7d&{box}"))
    assert (head["n"], head["placed"], head["total"]) == (1, 1, 4)


def test_very_many_come_as_counts(client, city, monkeypatch):
    monkeypatch.setattr(maps, "MOST_DOTS", 2)
    maps._ready._held.clear()
    head, columns = unpacked(asked(client, city.carol, "span=7d&zoom=10"))
    assert head["mode"] == "cells"
    assert columns == b""
    assert sum(n for _, _, n in head["cells"]) == 4
    side = 2**32 / (2**10 * 256 / 32)
    west = (WEST + 0.02 + 180) / 360 * 2**32
    assert int(west // side) in {column for column, _, _ in head["cells"]}
    maps._ready._held.clear()


EVERY = ["", "show=points", "show=points&zoom=19", "span=24h", "zoom=18&show=auto"]
BOX = f"west={WEST + 0.0199}&east={WEST + 0.0201}&south={SOUTH + 0.0199}&north={SOUTH + 0.0201}"


@pytest.mark.parametrize("who", ["dan", "rita"])
@pytest.mark.parametrize("query", [*EVERY, BOX, f"{BOX}&zoom=19&show=points"])
def test_without_blocks_there_are_areas_whatever_is_asked(client, city, who, query):
    answer = asked(client, getattr(city, who), query)
    head, columns = unpacked(answer)
    assert columns == b""
    assert head["mode"] == "areas"
    assert set(head) == {"total", "placed", "mode", "areas", "classes"}
    assert head["areas"] == ({"A": 1} if "24h" in query else {"A": 2, "B": 1})


@pytest.mark.parametrize("who", ["dan", "rita"])
def test_without_blocks_no_page_holds_a_place_an_hour_or_a_report(client, city, who):
    client.force_login(getattr(city, who))
    said = client.get("/map/?span=7d").content.decode()
    said += client.get("/map/?span=7d&show=points", headers={"HX-Request": "true"}).content.decode()
    for secret in ("Secret", "40.68", "-73.9", "23:40", str(city.near.key), "data-lon"):
        assert secret not in said.replace("-73.96000,40.66000,-73.88000,40.70000", "")
    assert "Precinct A" in said
    assert client.get(f"/map/here?{BOX}").status_code == 404


def test_without_blocks_days_are_whole(city):
    dan = actor_of(city.dan)
    narrow = Asked(EVENING - timedelta(seconds=1), EVENING + timedelta(seconds=1))
    since, until = maps.span(dan, narrow)
    assert until - since == timedelta(days=1)
    assert maps.span(actor_of(city.carol), narrow) == (narrow.since, narrow.until)


@pytest.mark.parametrize("who", ["ada", "nobody"])
@pytest.mark.parametrize("path", ["/map/", "/map/incidents", "/map/areas/precinct", "/map/here"])
def test_outsiders_find_nothing(client, city, who, path):
    client.force_login(getattr(city, who))
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/map/", "/map/incidents", "/map/areas/precinct", "/map/here"])
def test_nobody_is_asked_to_sign_in(client, city, path):
    assert client.get(path).status_code == 302


def test_queries_refuse_outsiders(city):
    with pytest.raises(Http404):
        maps.on_map(NOBODY, WEEK)
    with pytest.raises(Http404):
        maps.here(actor_of(city.dan), WEEK, box=(-180, -85, 180, 85))


def test_what_changes_is_changed_on_the_map(city):
    carol = actor_of(city.carol)
    assert maps.on_map(carol, WEEK).total == 4
    actions.retract(incident=city.near, by=SYSTEM, why="Wrong", version=city.near.version)
    assert maps.on_map(carol, WEEK).total == 3
    make_incident(lon=WEST + 0.03, lat=SOUTH + 0.03)
    assert maps.on_map(carol, WEEK).total == 4
    assert maps.on_map(actor_of(city.dan), WEEK).total == 3


def test_columns_equal_the_table(city):
    held = points.columns()
    rows = list(Incident.objects.order_by("pk"))
    assert held.pk.tolist() == [row.pk for row in rows]
    assert held.at.tolist() == [points.seconds(row.occurred_at) for row in rows]
    assert [held.areas[at] for at in held.area] == [row.area for row in rows]
    lon = held.x / 2**32 * 360 - 180
    assert lon == pytest.approx([row.lon for row in rows], abs=1e-6)


def test_another_ledger_is_read_anew(city):
    """A restored database may have the same number of events: their digests differ."""
    before = points.columns()
    store = points._store
    store._anchor = (store._anchor[0], "0" * 64)
    after = points.columns()
    assert (after.pk == before.pk).all()
    assert after.version == before.version


def test_incidents_placed_anew_are_counted_where_they_lie_now(city):
    assert maps.on_map(actor_of(city.dan), WEEK).areas == {"A": 2, "B": 1}
    square = shapely.box(WEST, SOUTH, WEST + 0.01, SOUTH + 0.04)
    days = {"valid_from": None, "valid_to": None, "by": SYSTEM}
    set_area(kind="precinct", code="A", name="A", polygon=square, **days)
    actions.place_where_moved(by=SYSTEM)
    assert maps.on_map(actor_of(city.dan), WEEK).areas == {"": 2, "B": 1}


def test_here_says_in_words_what_lies_there(client, city):
    client.force_login(city.carol)
    said = client.get(f"/map/here?span=7d&{BOX}").content.decode()
    assert "1 shooting here" in said
    assert "900 block of Secret St" in said
    assert str(city.near.key) in said


WRONG = [
    "span=fortnight",
    "kind=theft",
    "zoom=99",
    "zoom=x",
    "west=1",
    "west=9&south=0&east=1&north=1",
    "west=nan&south=0&east=1&north=1",
    "west=-999&south=0&east=1&north=1",
    "span=chosen&first=2026-02-31",
    "span=chosen&first=2026-11-20&last=2026-11-01",
    "span=chosen",
    "show=%00",
]


@pytest.mark.parametrize("query", WRONG)
def test_what_cannot_be_answered_is_said(client, city, query):
    answer = asked(client, city.carol, query)
    assert answer.status_code == 400
    assert len(answer.json()["error"]) > 5


@pytest.mark.parametrize("query", [*WRONG, "page=x", "page=999999", "page=-1"])
def test_the_page_stands_whatever_is_asked(client, city, query):
    client.force_login(city.carol)
    assert client.get(f"/map/?{query}").status_code == 200


@pytest.mark.parametrize("first", ["0001-01-01", "1900-01-01", "9999-12-31"])
def test_days_far_away_are_answered(client, city, first):
    answer = asked(client, city.carol, f"span=chosen&first={first}&last=9999-12-31")
    assert answer.status_code == 200
    assert asked(client, city.dan, f"span=chosen&first={first}").status_code == 200


def test_data_are_not_kept_by_the_browser_and_not_sent_twice(client, city):
    first = asked(client, city.carol, "span=7d")
    assert first["Cache-Control"] == "private, no-store"
    again = asked(client, city.carol, "span=7d", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    make_incident(lon=WEST + 0.03, lat=SOUTH + 0.03)
    news = asked(client, city.carol, "span=7d", headers={"If-None-Match": first["ETag"]})
    assert news.status_code == 200
    other = asked(client, city.dan, "span=7d")
    assert other["ETag"] != news["ETag"]


def test_data_are_compressed_for_those_who_take_it(client, city):
    plain = asked(client, city.carol, "span=7d")
    small = asked(client, city.carol, "span=7d", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain
    assert small["Content-Encoding"] == "gzip"
    assert unpacked(small) == unpacked(plain)


def test_outlines_are_simple_from_afar_and_fine_from_near(client, city):
    wavy = shapely.Point(WEST + 0.1, SOUTH + 0.02).buffer(0.02, quad_segs=90)
    days = {"valid_from": None, "valid_to": None, "by": SYSTEM}
    set_area(kind="ward", code="1", name="", polygon=wavy, **days)
    client.force_login(city.dan)
    far, near = (client.get(f"/map/areas/ward?zoom={zoom}") for zoom in (9, 16))
    assert len(far.content) < len(near.content) / 3
    [feature] = json.loads(near.content)["features"]
    assert feature["properties"]["name"] == "1"
    shape = shapely.from_geojson(json.dumps(feature["geometry"]))
    assert shapely.hausdorff_distance(shape, wavy) < 1e-4
    again = client.get("/map/areas/ward?zoom=16", headers={"If-None-Match": near["ETag"]})
    assert again.status_code == 304


def test_an_outline_drawn_anew_is_seen(client, city):
    client.force_login(city.carol)
    before = client.get("/map/areas/precinct?zoom=12")["ETag"]
    moved = shapely.box(WEST, SOUTH, WEST + 0.03, SOUTH + 0.03)
    set_area(
        kind="precinct",
        code="A",
        name="A",
        polygon=moved,
        valid_from=None,
        valid_to=None,
        by=SYSTEM,
    )
    assert client.get("/map/areas/precinct?zoom=12")["ETag"] != before


def test_an_outline_loaded_ahead_is_drawn_from_its_first_day(city, tmp_path):
    def file(east):
        shape = json.loads(shapely.to_geojson(shapely.box(WEST, SOUTH, east, SOUTH + 0.04)))
        ward = {"type": "Feature", "properties": {"ward": "1"}, "geometry": shape}
        path = tmp_path / f"{east}.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": [ward]}))
        return {"files": [path], "kind": "ward", "code_field": "ward", "by": SYSTEM}

    load_areas(**file(WEST + 0.04))
    load_areas(**file(WEST + 0.08), valid_from=date(2026, 11, 25))
    before = outlines.outlines("ward", 14)
    with clock.held(NIGHT + timedelta(days=5)):
        assert outlines.outlines("ward", 14) != before


def test_catchments_are_for_those_who_may_know_the_sites(client, city):
    client.force_login(city.alice)
    assert b"Riverside" in client.get("/map/areas/catchment").content
    client.force_login(city.eve)
    assert client.get("/map/areas/catchment").status_code == 404


def test_the_page_says_the_same_without_the_map(client, city):
    client.force_login(city.carol)
    said = client.get("/map/?span=7d").content.decode()
    assert "4 shootings" in said
    assert said.count("900 block of Secret St") == 3
    assert "Precinct A" in said
    assert "Not confirmed yet" in said
    assert "!! missing" not in said


TOLD = {
    "alice": ["/map/responses/", "/map/zones/"],
    "carol": ["/map/responses/city/", "/map/zones/"],
    "eve": ["/map/zones/"],
    "dan": [],
    "rita": [],
}


@pytest.mark.parametrize(("who", "paths"), TOLD.items())
def test_each_is_offered_the_layers_that_open_to_her(client, city, who, paths):
    client.force_login(getattr(city, who))
    said = client.get("/map/?span=7d").content.decode()
    assert re.findall(r'data-words="([^"]+)"', said) == paths
    for path in paths:
        assert f'href="{path}"' in said, "a link, for those without scripts"
        assert client.get(path).status_code == 200
    shown = re.findall(r'data-show="(\w+)"', said)
    sites = ["catchments", "sites"] if who != "eve" and who != "rita" else []
    layers = [{"/map/zones/": "zones"}.get(path, "responses") for path in paths]
    assert shown == ["areas", *sites, *layers], "the legend names each layer, and no other"


def test_an_empty_map_says_how_to_go_on(client, personas):
    client.force_login(personas.carol)
    said = client.get("/map/").content.decode()
    assert "Look at the last 365 days" in said


def test_classes_begin_at_one_and_rise():
    assert maps.classes([]) == []
    assert maps.classes([1, 1, 1]) == [1]
    begins = maps.classes(list(range(1, 101)))
    assert begins[0] == 1
    assert begins == sorted(set(begins))
    assert len(begins) <= 5


def test_a_show_of_areas_counts_each_once(city):
    carol = actor_of(city.carol)
    counts = maps.on_map(carol, replace(WEEK, show=AREAS))
    assert counts.areas == {"A": 3, "B": 1}
    assert counts.total == maps.on_map(carol, replace(WEEK, show=POINTS)).total == 4


def test_points_lie_where_web_maps_have_them():
    x, y = points.on_world(np.array([0.0, 180.0, np.nan]), np.array([0.0, 85.0511, 1.0]))
    assert x[0] == y[0] == 2**31
    assert (x[1], x[2], y[2]) == (2**32 - 1, 0, 0)
    assert y[1] < 2**32 * 1e-4


def test_queries_of_the_page_do_not_grow_with_the_shootings(
    client, city, django_assert_max_num_queries
):
    client.force_login(city.carol)
    client.get("/map/")
    with clock.held(NIGHT + timedelta(minutes=1)):
        for k in range(20):
            make_incident(lon=WEST + 0.03, lat=SOUTH + 0.001 * k)
        with django_assert_max_num_queries(20):
            client.get("/map/")
        with django_assert_max_num_queries(5):
            client.get("/map/incidents")


def test_a_moment_is_kept_to_the_second():
    assert points.seconds(datetime(1970, 1, 2, tzinfo=UTC)) == 86400


def test_a_row_that_comes_late_lies_between_the_others(db):
    """Two transactions at once: the one with the lower key may end later."""
    store = points._Store()
    row = ("confirmed", "shooting", NIGHT, WEST, SOUTH, "A")
    store._take([(1, *row), (3, *row)])
    before = store._held["pk"][: store._n]
    store._take([(2, *row), (3, "retracted", *row[1:]), (4, *row)])
    assert store._held["pk"][: store._n].tolist() == [1, 2, 3, 4]
    assert store._held["state"][: store._n].tolist() == [2, 2, 0, 2]
    assert before.tolist() == [1, 3], "who reads the old columns is not disturbed"


def test_rows_of_a_loaded_file_are_found(city):
    """They come without events of their own, and their keys may lie between others."""
    held = points.columns()
    source = city.near.source
    fields = {"status": "confirmed", "source": source, "occurred_at": EVENING}
    fields |= {"reported_at": EVENING, "changed_at": EVENING, "lon": WEST, "lat": SOUTH}
    Incident.objects.create(source_ref="late", pk=held.pk[0] - 1, **fields)
    Incident.objects.create(source_ref="new", **fields)
    assert points.columns().pk.size == held.pk.size
    record(kind="batch.imported", subject="source:file", by="system")
    assert points.columns().pk.tolist() == sorted(Incident.objects.values_list("pk", flat=True))
