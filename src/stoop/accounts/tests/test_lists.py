"""The city's own list of sites: several programs in a precinct, ends, plans, blanks, changes."""

from datetime import date
from pathlib import Path

import pytest
from django.http import Http404

from stoop.accounts import actions, queries
from stoop.accounts.models import Listing, Organization, Program, Site
from stoop.accounts.permissions import SYSTEM, actor_of
from stoop.kernel.errors import Refusal
from stoop.ledger import queries as ledger
from stoop.places import actions as places
from stoop.places import queries as outlines
from stoop.places.tests.factories import make_area

HEAD = "precinct,provider,program,neighborhood,start_month,end_month,planned_start,status\n"
LIST = """\
1,Harbor Aid,Steady Hands (SH),Riverside (north),2016-05,,,Fully Operational
2,Harbor Aid,SH,Riverside (south) expansion,2019-07,,,Fully Operational
3,Hill House,Even Ground,Hillside,2015-05,2021-10,,Not Operational
3,Hill House,Even Ground,Valley,2021-07,,,Start Up- No/Limited Services
1,TBD,,Old Mill,,,2022-07,Coverage by others
2,TBD,,TBD,,,2022-07,N/A
9,Far Away,Last Stop,Islands,2020-01,,,Fully Operational
"""


@pytest.fixture
def ground(db):
    for number in (1, 2, 3):
        make_area("precinct", str(number), (float(number), 0.0, number + 1.0, 1.0))


@pytest.fixture
def load(tmp_path: Path):
    def load(text: str) -> actions.SitesLoaded:
        file = tmp_path / "sites.csv"
        file.write_text(HEAD + text, encoding="utf-8")
        return actions.load_sites(files=[file], by=SYSTEM)

    return load


def caught(lon: float, day: date) -> tuple[str, ...]:
    return outlines.placed(lon, 0.5, on=day).get("catchment", ())


def test_a_list_becomes_sites_programs_and_catchments(ground, load) -> None:
    loaded = load(LIST)
    assert (loaded.sites, loaded.programs, len(loaded.added), loaded.changed) == (6, 7, 7, ())
    told = {
        row.site.name: (row.status, row.areas, row.has_catchment)
        for row in queries.overview(SYSTEM)
    }
    assert told == {
        "Steady Hands (SH), Riverside": ("operational", "precinct 1, precinct 2", True),
        "Even Ground, Hillside": ("closed", "", False),
        "Even Ground, Valley": ("start_up", "precinct 3", True),
        "Planned: Old Mill": ("covered", "precinct 1", False),
        "Planned: area 2": ("planned", "precinct 2", False),
        "Last Stop, Islands": ("operational", "precinct 9", False),
    }
    said = set(Program.objects.values_list("said", flat=True))
    assert "Start Up- No/Limited Services" in said
    assert any("No outline is known for precinct 9" in note for note in loaded.notes)
    assert any("say by which" in note for note in loaded.notes)
    assert Organization.objects.get(name="Provider to be decided").kind == "provider"


def test_the_catchment_follows_the_days_of_the_programs(ground, load) -> None:
    load(LIST)
    harbor = Site.objects.get(name__startswith="Steady").code
    hill = Site.objects.get(name="Even Ground, Hillside").code
    before, early, late = date(2016, 4, 30), date(2018, 1, 1), date(2020, 1, 1)
    assert [harbor in caught(1.5, day) for day in (before, early, late)] == [False, True, True]
    assert [harbor in caught(2.5, day) for day in (before, early, late)] == [False, False, True]
    last, past = date(2021, 10, 31), date(2021, 11, 1)
    assert [hill in caught(3.5, day) for day in (last, past)] == [True, False]


def test_loading_twice_changes_nothing(ground, load) -> None:
    load(LIST)
    seq = ledger.latest_seq()
    again = load(LIST)
    assert again.known == ledger.timeline("sites:list").last().at
    otherwise = load(LIST + "\n")
    assert (otherwise.known, otherwise.unchanged) == (None, 7)
    assert (otherwise.added, otherwise.changed) == ((), ())
    assert ledger.latest_seq() == seq


def test_a_list_is_looked_at_again_when_its_ground_has_moved(ground, load) -> None:
    load(LIST)
    make_area("precinct", "9", (9.0, 0.0, 10.0, 1.0))
    again = load(LIST)
    assert (again.known, again.unchanged) == (None, 7)
    assert caught(9.5, date(2022, 1, 1)) == ("last-stop-islands",)


def test_lines_that_cannot_be_used_are_set_aside(ground, load) -> None:
    loaded = load(LIST + ",Nobody,No Area,,2020-01,,,\n1,Late,Too Soon,,2020-13,,,\n")
    assert loaded.programs == 7
    assert [(bad.row, bad.reason.partition(";")[0]) for bad in loaded.rejects] == [
        (8, "names no area"),
        (9, "gives '2020-13' as the start of a program"),
    ]
    assert loaded.rejects[0].said == ",Nobody,No Area,,2020-01,,,"


def test_a_changed_list_says_what_changed(ground, load) -> None:
    load(LIST)
    changed = LIST.replace("2019-07,,,Fully Operational", "2019-07,2022-03,,Not Operational")
    changed = changed.replace("9,Far Away,Last Stop,Islands,2020-01,,,Fully Operational\n", "")
    changed += "3,Hill House,Even Ground,Lakeside,2022-02,,,Start up\n"
    loaded = load(changed)
    assert loaded.added == ("Even Ground, Lakeside, precinct 3",)
    assert loaded.changed == (
        "Steady Hands (SH), Riverside, precinct 2: ends: 2022-03-31 (was none), "
        "said: Not Operational (was Fully Operational), status: closed (was operational)",
    )
    assert any("Last Stop" in note and "no longer in the list" in note for note in loaded.notes)
    [before] = Listing.objects.all()
    assert (before.program.site.name, before.ends, before.said) == (
        "Steady Hands (SH), Riverside", None, "Fully Operational",
    )  # fmt: skip
    gone = Program.objects.get(site__name__startswith="Last Stop")
    assert gone.unlisted_at is not None
    [event] = list(ledger.events_after(0, {"sites.loaded"}))[1:]
    assert {name: event.data[name] for name in ("added", "changed", "withdrawn")} == {
        "added": 1, "changed": 1, "withdrawn": 1,
    }  # fmt: skip
    harbor = Site.objects.get(name__startswith="Steady").code
    assert harbor in caught(2.5, date(2022, 3, 31))
    assert harbor not in caught(2.5, date(2022, 4, 1))
    assert harbor in caught(1.5, date(2022, 4, 1))


def test_a_line_that_comes_again_is_in_the_list_again(ground, load) -> None:
    load(LIST)
    short = LIST.replace("9,Far Away,Last Stop,Islands,2020-01,,,Fully Operational\n", "")
    assert load(short).gone == 1
    assert load(short).known, "marked once"
    again = load(LIST)
    assert not again.known, "an old file is news after a later one that lacks something"
    assert [each.partition(":")[0] for each in again.changed] == ["Last Stop, Islands, precinct 9"]
    assert Program.objects.get(site__name__startswith="Last Stop").unlisted_at is None


def test_a_name_changed_by_hand_survives_the_list(ground, load) -> None:
    load(LIST)
    hill = Site.objects.get(name="Even Ground, Valley")
    actions.edit_site(
        site=hill, name="Even Ground East", organization=hill.organization, neighborhood="Valley",
        covered_by=None, version=hill.version, by=SYSTEM,
    )  # fmt: skip
    assert load(LIST).added == ()
    assert Site.objects.get(pk=hill.pk).name == "Even Ground East"


def test_a_corrected_first_day_moves_the_catchment(ground, load) -> None:
    load(LIST)
    valley = Site.objects.get(name="Even Ground, Valley").code
    assert valley in caught(3.5, date(2021, 7, 15))
    loaded = load(LIST.replace("2021-07", "2021-08"))
    assert loaded.changed == (
        "Even Ground, Valley, precinct 3: starts: 2021-08-01 (was 2021-07-01)",
    )
    assert valley not in caught(3.5, date(2021, 7, 15))
    assert valley in caught(3.5, date(2021, 8, 1))


def test_only_who_keeps_the_sites_loads_them(personas, tmp_path) -> None:
    file = tmp_path / "sites.csv"
    file.write_text(HEAD + LIST)
    for person in (personas.alice, personas.carol, personas.nobody):
        with pytest.raises(Http404):
            actions.load_sites(files=[file], by=actor_of(person))
    assert actions.load_sites(files=[file], by=actor_of(personas.ada)).programs == 7


def test_a_list_that_is_none_is_refused(db, tmp_path) -> None:
    file = tmp_path / "sites.csv"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(Refusal, match="no column for the area"):
        actions.load_sites(files=[file], by=SYSTEM)
    assert not Site.objects.exists()


@pytest.mark.real_data
def test_new_yorks_list(db, real_data) -> None:
    """35 lines of January 2022: 34 sites, for SAVE answers for precincts 23 and 25."""
    places.load_areas(
        files=[real_data / "precincts.geojson"], kind="precinct", code_field="precinct", by=SYSTEM
    )
    loaded = actions.load_sites(files=[real_data / "cms_sites.csv"], by=SYSTEM)
    assert (loaded.sites, loaded.programs, len(loaded.added)) == (34, 35, 35)
    assert len(loaded.notes) == 1, "the line that others cover; every precinct has its outline"
    rows = queries.overview(SYSTEM)
    statuses = [row.status for row in rows]
    counted = {status: statuses.count(status) for status in sorted(set(statuses))}
    assert counted == {"closed": 2, "covered": 1, "operational": 25, "planned": 1, "start_up": 5}
    assert sum(row.has_catchment for row in rows) == 30
    save = next(row for row in rows if "(SAVE)" in row.site.name)
    assert save.areas == "precinct 23, precinct 25"
    assert actions.load_sites(files=[real_data / "cms_sites.csv"], by=SYSTEM).known
