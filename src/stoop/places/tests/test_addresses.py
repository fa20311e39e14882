"""Finding an address by what somebody types in a hurry."""

import pytest
from django.http import Http404

from stoop.kernel.errors import Refusal
from stoop.ledger.queries import events_after, latest_seq
from stoop.places import actions, queries
from stoop.places.models import Address
from stoop.places.queries.streets import crossing, house, words
from stoop.places.tests.factories import EDITOR, OUTSIDER

LIST = """H_NO,FULL_STREET_NAME,BOROCODE,Borough,Latitude,Longitude
410,EAST 149 STREET,2,Bronx,40.8150,-73.9150
412,EAST 149 STREET,2,Bronx,40.8151,-73.9148
500,EAST 149 STREET,2,Bronx,40.8140,-73.9120
410,EAST 148 STREET,2,Bronx,40.8140,-73.9155
2910,3 AVENUE,2,Bronx,40.8152,-73.9146
3000,3 AVENUE,2,Bronx,40.8200,-73.9100
130-11,LIBERTY AVENUE,4,Queens,40.6800,-73.8100
12,SAINT ANN'S AVENUE,2,Bronx,40.8080,-73.9160
7,Straße der Pariser Kommune,,Brooklyn,40.7,-73.95
,EAST 149 STREET,2,Bronx,40.8,-73.9
5,EAST 149 STREET,2,Bronx,,
"""


@pytest.fixture
def city(db, tmp_path):
    path = tmp_path / "addresses.csv"
    path.write_text(LIST)
    return actions.load_addresses(files=[path], by=EDITOR)


def texts(question, **more):
    return [found.text for found in queries.find_address(question, **more)]


def test_loading_counts_and_leaves_an_event(city):
    assert (city.addresses, city.streets, city.added, city.crossings) == (9, 6, 9, 0)
    assert [(bad.row, bad.reason) for bad in city.rejects] == [
        (10, "no house number"),
        (11, "no latitude and longitude"),
    ]
    assert city.rejects[1].said == "5,EAST 149 STREET,2,Bronx,,"
    (event,) = events_after(0)
    assert (event.kind, event.data["addresses"]) == ("addresses.loaded", 9)


@pytest.mark.parametrize(
    "typed",
    [
        "410 East 149 Street",
        "410 e 149 st",
        "410 E. 149th St., Bronx",
        "  410   east 149TH street bronx ",
        "410 east 149ht stret",
        "410 esat 149 street",
    ],
)
def test_spellings_of_one_house(city, typed):
    found = queries.find_address(typed)[0]
    assert found == queries.Found("410 East 149 Street, Bronx", -73.9150, 40.8150)


def test_a_number_of_a_street_is_no_slip(city):
    assert texts("410 e 148 st")[0] == "410 East 148 Street, Bronx"
    assert all("149" in text for text in texts("410 e 149 st"))
    assert texts("410 e 147 st") == []


def test_without_a_house_the_street(city):
    assert texts("e 149 st")[0] == "East 149 Street, Bronx"
    assert queries.find_address("e 149 st")[0].lon == -73.9148  # the middle house
    assert texts("149 street")[0] == "East 149 Street, Bronx"
    assert texts("st anns")[0] == "Saint Ann's Avenue, Bronx"
    assert texts("strasse der pariser")[0].startswith("Straße")


@pytest.mark.parametrize("typed", ["e", "el", "elm", "elm s", "elm st", "elm stre", "elm street"])
def test_it_is_found_while_it_is_typed(tmp_path, db, typed):
    """Each letter more finds it too; there used to be nothing at “450 elm s”."""
    path = tmp_path / "elm.csv"
    path.write_text("number,street,lat,lon\n450,ELM STREET,41.4,-61.5\n7,OAK ALLEY,41.5,-61.5\n")
    actions.load_addresses(files=[path], by=EDITOR)
    assert texts(typed)[0] == "Elm Street"
    if len(typed) > 1:  # "450 e" is on its way to a street of its own, 450 East
        assert texts(f"450 {typed}") == ["450 Elm Street"]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("liberty a", "Liberty Avenue, Queens"),
        ("12 st anns a", "12 Saint Ann's Avenue, Bronx"),
        ("410 e 149 s", "410 East 149 Street, Bronx"),
        ("e 149 st, b", "East 149 Street, Bronx"),
        ("7 strasse der p", "7 Straße der Pariser Kommune, Brooklyn"),
        ("liberty ave q", "Liberty Avenue, Queens"),
    ],
)
def test_the_last_word_may_be_the_beginning_of_one(city, typed, first):
    assert texts(typed)[0] == first


def test_a_beginning_of_an_abbreviation_counts_and_whole_words_come_first(tmp_path, db):
    path = tmp_path / "pelham.csv"
    streets = ["PELHAM PARKWAY", "PELHAM BOULEVARD", "MAIN STONE", "MAIN STREET UPON THE HILL"]
    rows = [f"{at},{street},41.4,-61.{at}" for at, street in enumerate(streets, start=1)]
    path.write_text("\n".join(["number,street,lat,lon", *rows]))
    actions.load_addresses(files=[path], by=EDITOR)
    assert texts("pelham pk")[0] == "Pelham Parkway"
    assert texts("pelham bl")[0] == "Pelham Boulevard"
    assert texts("main st") == ["Main Street Upon The Hill", "Main Stone"]
    assert texts("main sto")[0] == "Main Stone"


@pytest.mark.parametrize("typed", ["410 e 14", "e 14", "14", "2910 t", "2910 thir"])
def test_a_number_is_never_completed(city, typed):
    """Who means 14th Street is not sent to 149th, nor who types a t to the third."""
    assert not [text for text in texts(typed) if "149" in text or "148" in text or "3 A" in text]


def test_a_house_that_is_not_there_gives_its_neighbours(city):
    assert texts("420 e 149 st")[:2] == [
        "412 East 149 Street, Bronx",
        "500 East 149 Street, Bronx",
    ]
    assert texts("130-11 Liberty Av")[0] == "130-11 Liberty Avenue, Queens"


@pytest.mark.parametrize(
    "typed", ["e 149 st & 3rd ave", "3 Ave and East 149", "third avenue/e 149 street, bronx"]
)
def test_a_crossing_is_between_the_nearest_houses(city, typed):
    found = queries.find_address(typed)[0]
    assert "149" in found.text
    assert "3 Avenue" in found.text
    assert (found.lon, found.lat) == (pytest.approx(-73.9147), pytest.approx(40.81515))


def test_streets_that_do_not_meet_have_no_crossing(city):
    assert texts("liberty ave & e 149 st") == []


@pytest.mark.parametrize("typed", ["", "   ", "🔥", "'; DROP TABLE", "&", "1", "x" * 5000])
def test_nonsense_finds_nothing(city, typed):
    assert texts(typed) == []


def test_limit(city):
    assert len(texts("east street", limit=1)) == 1
    assert texts("e 149 st", limit=0) == []


def test_no_list_no_answer(db):
    assert texts("410 E 149 St") == []


def test_the_same_list_again_changes_nothing(city, tmp_path):
    path, seq = tmp_path / "addresses.csv", latest_seq()
    again = actions.load_addresses(files=[path], by=EDITOR)
    assert again.known == events_after(0)[0].at
    assert latest_seq() == seq
    path.write_text(LIST + "\n")
    other = actions.load_addresses(files=[path], by=EDITOR)
    assert (other.known, other.unchanged) == (None, 9)
    assert (other.added, other.changed, other.withdrawn) == (0, 0, 0)


def test_a_later_list_is_compared_with_the_one_before(city, tmp_path):
    moved = LIST.replace(
        "412,EAST 149 STREET,2,Bronx,40.8151", "412,EAST 149 STREET,2,Bronx,40.8159"
    )
    gone = "\n".join(line for line in moved.splitlines() if "LIBERTY" not in line)
    path = tmp_path / "b.csv"
    path.write_text(gone + "\n414,EAST 149 STREET,2,Bronx,40.8152,-73.9147\n")
    done = actions.load_addresses(files=[path], by=EDITOR)
    assert (done.added, done.changed, done.withdrawn, done.unchanged) == (1, 1, 1, 7)
    assert queries.find_address("412 e 149 st")[0].lat == 40.8159
    assert texts("414 e 149 st")[0].startswith("414")
    assert texts("130-11 liberty ave") == []
    assert Address.objects.exclude(withdrawn=None).count() == 2, "what was said stays"
    path.write_text(LIST)
    back = actions.load_addresses(files=[path], by=EDITOR)
    assert (back.added, back.changed, back.withdrawn) == (1, 1, 1)
    assert texts("130-11 liberty ave")[0] == "130-11 Liberty Avenue, Queens"


def test_a_list_of_something_else_takes_its_place(city, tmp_path):
    path = tmp_path / "b.csv"
    path.write_text("address;city;the_geom\n12 Main St;Hill;POINT (-73.5 40.5)\n")
    done = actions.load_addresses(files=[path], by=EDITOR)
    assert (done.added, done.withdrawn) == (1, 9)
    assert texts("12 main street") == ["12 Main St, Hill"]
    assert texts("410 E 149 St") == []


def test_several_files_are_one_list(db, tmp_path):
    head, *lines = LIST.splitlines()
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    one.write_text("\n".join([head, *lines[:4]]))
    other.write_text("\n".join([head, *lines[4:]]))
    done = actions.load_addresses(files=[one, other], by=EDITOR)
    assert (done.addresses, done.streets, len(done.rejects)) == (9, 6, 2)
    assert done.rejects[0].file == "other.csv"
    assert actions.load_addresses(files=[other, one], by=EDITOR).known is not None
    with pytest.raises(Refusal, match="the same file"):
        actions.load_addresses(files=[one, one], by=EDITOR)


CROSSINGS = """number,street,lat,lon
1200,MILL LANE,41.40,-61.50
,MILL LANE & DOCK STREET,41.41,-61.51
,West 12th Street @ Mill Lane,41.42,-61.52
,MILL LANE & ,41.43,-61.53
"""


@pytest.fixture
def corners(db, tmp_path):
    path = tmp_path / "corners.csv"
    path.write_text(CROSSINGS)
    return actions.load_addresses(files=[path], by=EDITOR)


@pytest.mark.parametrize(
    ("typed", "lat"),
    [
        ("Mill Lane & Dock Street", 41.41),
        ("Mill Ln at Dock St", 41.41),
        ("dock st and mill ln", 41.41),
        ("corner of mil lane / dock", 41.41),
        ("W 12 St & Mill Ln", 41.42),
        ("Mill Ln @ west twelfth st", 41.42),
    ],
)
def test_a_crossing_of_the_list(corners, typed, lat):
    assert (corners.addresses, corners.crossings, corners.streets) == (1, 2, 3)
    assert [bad.reason for bad in corners.rejects] == ["no house number"]
    assert queries.find_address(typed)[0].lat == lat


def test_a_crossing_that_a_later_list_has_elsewhere(corners, tmp_path):
    path = tmp_path / "later.csv"
    path.write_text(CROSSINGS.replace("41.41", "41.44").replace(",West 12th", "7,West 12th"))
    done = actions.load_addresses(files=[path], by=EDITOR)
    assert (done.crossings, done.changed, done.withdrawn, done.added) == (1, 1, 1, 1)
    assert queries.find_address("Mill Ln at Dock St")[0].lat == 41.44
    assert texts("W 12 St & Mill Ln") == []


@pytest.mark.parametrize(
    ("body", "words_"),
    [
        ("a,b\n1,2\n", "no column for the number"),
        ("number,b\n1,2\n", "no column for the street"),
        ("number,street\n1,Main\n", "latitude and longitude"),
        ("number,street,lat,lon\n1,Main,999999,5\n", "point in degrees"),
    ],
)
def test_a_file_that_lacks_something_is_refused(db, tmp_path, body, words_):
    path = tmp_path / "a.csv"
    path.write_text(body)
    with pytest.raises(Refusal, match=words_):
        actions.load_addresses(files=[path], by=EDITOR)
    with pytest.raises(Refusal, match="cannot be read"):
        actions.load_addresses(files=[tmp_path / "none.csv"], by=EDITOR)
    with pytest.raises(Http404):
        actions.load_addresses(files=[path], by=OUTSIDER)


def here_and_there(text):
    return [queries.Found("Town Hall", -73.9, 40.7)]


def failing(text):
    raise RuntimeError(text)


def test_a_geocoder_beside_the_list(city, settings):
    settings.STOOP_GEOCODER = f"{__name__}.here_and_there"
    assert texts("town hall") == ["Town Hall"]
    assert "Town Hall" not in texts("410 e 149 st"), "the city's own list knew the very house"
    assert texts("e 149 st")[-1] == "Town Hall"


def test_a_geocoder_that_fails_says_nothing_of_what_was_typed(city, settings, caplog, capsys):
    settings.STOOP_GEOCODER = f"{__name__}.failing"
    assert texts("the secret house") == []
    assert "secret" not in caplog.text + "".join(capsys.readouterr())
    settings.STOOP_GEOCODER = "no.such.thing"
    with pytest.raises(Refusal, match="STOOP_GEOCODER"):
        texts("the secret house")


def test_pieces():
    assert words("E. 149th St.") == "east 149 street"
    assert crossing("Main St & 3rd Ave") == ("Main St", "3rd Ave")
    assert crossing("Main St") is None
    assert house("410 E 149 St") == ("410", "E 149 St")
    assert house("149 Street") == ("", "149 Street")
    assert house("149th Street") == ("", "149th Street")
