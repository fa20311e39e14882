"""Counting, and the words that a count may hold."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stoop.accounts import actions as accounts
from stoop.accounts.permissions import SYSTEM, actor_of
from stoop.fieldwork import actions
from stoop.fieldwork.actions.words import MOST, checked_place
from stoop.fieldwork.queries.coverage import matrix, standing_counts, sums
from stoop.fieldwork.tests.factories import NIGHT, response
from stoop.kernel import clock
from stoop.kernel.errors import Refusal
from stoop.places import actions as places

LATER = NIGHT + timedelta(minutes=20)
FORM = "0190e3a1-0000-7000-8000-000000000001"


@pytest.fixture
def ann(personas):
    with clock.held(LATER):
        yield actor_of(personas.ann)


def doors(made, ann, number, part=None, block="Elm St, 3rd to 4th", hour=23, **more):
    said = {"what": "doors", "number": number, "part": part, "block": block, "hour": hour}
    return actions.count(response=made, by=ann, **said, **more)


def line(made, code):
    return next(each for each in made.plan.counts if each["code"] == code)


@pytest.mark.django_db
def test_coverage_by_block_and_hour(personas, ann):
    made = response(personas.site)
    doors(made, ann, 10, 4)
    doors(made, ann, 5, 1)
    doors(made, ann, 3, None, hour=0)
    doors(made, ann, 7, 7, block="Oak Ave & 4th")
    found = matrix(line(made, "doors"), standing_counts(made))
    assert found.hours == [0, 23]
    rows = {block: ([(c.number, c.part) for c in cells], all_) for block, cells, all_ in found.rows}
    assert rows["Elm St, 3rd to 4th"][0] == [(3, None), (15, 5)]
    assert rows["Oak Ave & 4th"][0] == [(None, None), (7, 7)]
    assert rows["Elm St, 3rd to 4th"][1].number == 18


@pytest.mark.django_db
def test_missing_is_not_zero(personas, ann):
    made = response(personas.site)
    doors(made, ann, 10, 4)
    doors(made, ann, 90, None)
    actions.count(response=made, what="attendance", number=0, by=ann)
    found = {each.code: each for each in sums(made.plan, standing_counts(made)) if not each.kind}
    assert (found["doors"].number, found["doors"].part, found["doors"].part_of) == (100, 4, 10)
    assert found["attendance"].number == 0
    assert found["materials"].number is None


@pytest.mark.django_db
def test_the_same_form_counts_once(personas, ann):
    made = response(personas.site)
    one = doors(made, ann, 10, once=FORM)
    assert doors(made, ann, 10, once=FORM) == one
    assert made.counts.count() == 1


@pytest.mark.django_db
def test_taking_back_twice_is_once(personas, ann):
    made = response(personas.site)
    one = doors(made, ann, 10)
    gone = actions.undo_count(counted=one, by=ann)
    assert actions.undo_count(counted=one, by=ann).undone_at == gone.undone_at
    assert standing_counts(made) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "bad",
    [
        {"what": "names", "number": 1},
        {"what": "materials", "number": -1},
        {"what": "materials", "number": 10_000},
        {"what": "services", "number": 1, "kind": "tyrone"},
        {"what": "services", "number": 1, "part": 2, "kind": "trauma"},
        {"what": "doors", "number": 1, "block": "Elm St & 3rd", "hour": 24},
        {"what": "doors", "number": 1, "block": "", "hour": 2},
        {"what": "materials", "number": 1, "day": date(2026, 11, 22)},
        {"what": "materials", "number": 1, "day": date(1900, 1, 1)},
    ],
)
def test_refused_counts(personas, ann, bad):
    made = response(personas.site)
    with pytest.raises(Refusal):
        actions.count(response=made, by=ann, **bad)
    assert made.counts.count() == 0


PLACES = [
    "Elm St, 3rd to 4th",
    "Building 4",
    "400 block of Elm",
    "Oak Ave & 12th",
    "Corner of Main and Lake",
    "Marcus Garvey Houses",
    "St. Mary's Park",
    "E 149 St / Morris Ave",
    "Calle Ocho",
    "Martin Luther King Jr Blvd",
    "Broadway & W 225 St",
    "Avenue D",
    "Grand Concourse",
    "1520 Grand Concourse",
    "The Bowery",
    "112-20 Roosevelt Av",
    "450 W 149",
    "E149 & 3",
    "1 Bowling Green",
    "90 Park Row",
    "25 Coenties Slip",
    "Kings Hwy",
    "40-15 Junction Blvd",
    "1-11 Bay St Landing",
    "Van Wyck Expy / Jamaica Av",
    "Precinct 75, sector B",
]
NOT_PLACES = [
    "Tyrone Jones",
    "4 Tyrone Smith",
    "Tyrone Smith 4",
    "4B Tyrone",
    "450 Maria 2",
    "Tyrone Hill",
    "Mrs. Washington",
    "Building 4 Apt 3B",
    "Elm St, unit 2",
    "his mother on Elm St",
    "718-555-0142",
    "Elm St 718 555 0142",
    "a@example.org Elm St",
    "Elm St <b>",
    "shooter lives on Elm St",
    "👮 Elm St",
    "=cmd() Elm St",
    "",
    "   ",
    "x" * 80 + " St",
]


@pytest.mark.parametrize("text", PLACES)
def test_places_that_may_be_written(text):
    assert checked_place(f"  {text} ") == text


@pytest.mark.parametrize("text", NOT_PLACES)
def test_what_is_no_place_is_refused_in_one_sentence(text):
    with pytest.raises(Refusal, match=r"Write a block or a building, like"):
        checked_place(text)


@pytest.mark.django_db
def test_a_street_of_the_city_may_be_typed_without_its_kind(personas, ann, tmp_path):
    """With the city's list of addresses; a name that is no street is refused all the same."""
    made = response(personas.site)
    said = {"response": made, "what": "doors", "number": 1, "hour": 3, "by": ann}
    with pytest.raises(Refusal, match="add its kind, like St or Ave"):
        actions.count(block="1000 Fulton", **said)
    path = tmp_path / "list.csv"
    path.write_text(
        "number,street,place,lat,lon\n1000,FULTON STREET,Brooklyn,40.7,-73.9\n"
        "7,SMITH STREET,Brooklyn,40.7,-73.9\n9,KILMARNOCK,Brooklyn,40.7,-73.9\n"
    )
    places.load_addresses(files=[path], by=SYSTEM)
    for block in ("1000 Fulton", "1002 fultn", "77 Smith, Brooklyn", "Kilmarnock"):
        assert actions.count(block=block, **said).block == block
    for block in ("4 Tyrone Smith", "Tyrone Smith", "4 Smith Tyrone", "4 Tyrone Fulton"):
        with pytest.raises(Refusal, match="may be a name"):
            actions.count(block=block, **said)


def test_a_place_is_one_line():
    assert checked_place("Elm St,\n3rd to 4th") == "Elm St, 3rd to 4th"


@given(st.text(max_size=100))
def test_whatever_is_kept_is_short_plain_and_a_place(text):
    try:
        kept = checked_place(text)
    except Refusal:
        return
    assert 0 < len(kept) <= MOST
    assert kept.isprintable()
    assert "@" not in kept
    assert sum(each.isdigit() for each in kept) < 25


@given(st.from_regex(r"\A[A-Z][a-z]{2,10} [A-Z][a-z]{2,10}\Z"))
def test_two_words_like_a_name_are_refused_unless_they_name_a_kind_of_place(text):
    try:
        checked_place(text)
    except Refusal:
        return
    kinds = "street avenue road boulevard place court drive lane way terrace parkway square plaza "
    kinds += "park walk alley bridge station houses homes tower towers building garden gardens "
    kinds += "village project projects playground church mosque temple synagogue library school "
    kinds += "center centre market hospital calle avenida rue via and between corner block ave "
    kinds += "blvd ter pkwy hwy bldg broadway bowery concourse expressway expy turnpike tpke "
    kinds += "promenade esplanade precinct pct sector"
    assert set(text.lower().split()) & set(kinds.split()), text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "counted"),
    [("congregation", "clergy"), ("hospital", "hospital"), ("school", "school"),
     ("tenants", "tenants"), ("provider", "provider"), ("police", "agency")],
)  # fmt: skip
def test_a_partner_says_of_which_kind_it_is(personas, ann, kind, counted):
    """Whoever named the hospital and left the first kind of the list did not ask clergy."""
    asked = accounts.add_organization(name="Asked tonight", kind=kind, by=SYSTEM)
    made = response(personas.site)
    found = actions.count(
        response=made, what="partners", number=1, kind="agency", organization=asked, by=ann
    )
    assert (found.kind, found.organization) == (counted, asked)
