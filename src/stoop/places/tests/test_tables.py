"""Populations and lists of sites from CSV files."""

from datetime import date

import pytest

from stoop.kernel.errors import Refusal
from stoop.places.readers import read_population, read_programs


@pytest.fixture
def csv(tmp_path):
    def write(text, encoding="utf-8"):
        path = tmp_path / "table.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


def refusal(reader, path):
    with pytest.raises(Refusal) as caught:
        reader(path)
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text


@pytest.mark.parametrize(
    "text",
    [
        "precinct,population_2010\n75,1000\n101D,2.5\n",
        "Residents;Sector\n1000;75.0\n2.5;101D\n",
        "what,Total Population\n75,1000\n\n101D,2.5\n",
        "zone\tname of zone\tpop\n75\tx\t1000\n101D\ty\t2.5\n",
        'Police Precinct,POPULATION,year\n75,9,2010\n75,"1,000",2020\n101D,2.5,2020\n',
        "area,population_2010,population_2020\n75,1,1000\n101D,1,2.5\n",
    ],
)
def test_population_in_many_spellings(csv, text):
    assert read_population(csv(text)) == {"75": 1000.0, "101D": 2.5}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
def test_population_in_any_encoding(csv, encoding):
    path = csv("area,population\nPiñon,10\n", encoding)
    assert read_population(path) == {"Piñon": 10.0}


def test_nobody_need_live_in_an_area(csv):
    assert read_population(csv("area,population\npark,0\n")) == {"park": 0.0}


def test_population_by_a_named_field(csv):
    path = csv("area,beat,population\nnorth,1,10\nnorth,2,20\n")
    assert read_population(path, field="Beat") == {"1": 10.0, "2": 20.0}


@pytest.mark.parametrize(
    "text",
    [
        "area,year,population\n1,2011,5\n1,2016,6\n1,2023,7\n",
        "area,population_2011,population_2016,population_2023\n1,5,6,7\n",
    ],
)
@pytest.mark.parametrize(
    ("year", "residents"), [(None, 7), (2023, 7), (2020, 6), (2016, 6), (2011, 5), (2000, 5)]
)
def test_population_of_a_year_knows_nothing_later(csv, text, year, residents):
    assert read_population(csv(text), year=year) == {"1": residents}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("area,year,population\n1,recent,5\n", "gives 'recent' as a year"),
        ("", "has no rows"),
        ("area,population\n", "has no rows"),
        ("area,people_count\n1,2\n", "has no population column (its columns are area, people_coun"),
        ("area,population\n1,many\n", "Line 2 of table.csv gives 'many'"),
        ("area,population\n1,-5\n", "Line 2 of table.csv gives '-5'"),
        ("area,population\n1,nan\n", "gives 'nan'"),
        ("area,population\n1,5\n1.0,6\n", "names area 1 twice (line 3)"),
        ("area,population\n\n1,5\n\n1,6\n", "names area 1 twice (line 5)"),
        ("area,population\n1,5\n,6\n", "Line 3 of table.csv has no area in column 'area'"),
        ("area;population\n1;66.679\n", "may be a fraction or thousands; write 66679 or 66.679"),
        (f"area,population\n{'x' * 200_000},5\n", "is not a CSV file (field larger than"),
        ("a\0b,population\n1,5\n", "is not a CSV file"),
    ],
)
def test_population_refusals(csv, text, said):
    assert said in refusal(read_population, csv(text))


def test_more_people_than_a_country_has_are_refused(csv):
    assert "'1e300'" in refusal(read_population, csv("area,population\n1,1e300\n"))


def test_a_quotation_mark_that_is_never_closed_swallows_no_lines(csv):
    text = 'precinct,program,start\n1,"Cure,2014-01\n2,Save,2015-01\n'
    assert "not a CSV file" in refusal(read_programs, csv(text))


def test_missing_files_are_refused(tmp_path):
    assert "The population file" in refusal(read_population, tmp_path / "none.csv")
    assert "The sites file" in refusal(read_programs, tmp_path)


SITES = """precinct,provider,program,neighborhood,start_month,end_month,planned_start,status_2022_01
67,GMACC,GMACC,East Flatbush,2015-05,2021-10,,Not Operational
67.0,Elite,TBD,"East Flatbush, north",2022-01,,,Start Up
40,TBD,,Mott Haven,,,2022-07,Coverage by others
"""


def test_programs(csv):
    closed, running, planned = read_programs(csv(SITES))
    assert closed.area == running.area == "67"
    assert (closed.start, closed.end) == (date(2015, 5, 1), date(2021, 10, 31))
    assert (running.program, running.name) == ("", "Elite")
    assert running.neighborhood == "East Flatbush, north"
    assert (planned.start, planned.planned_start) == (None, date(2022, 7, 1))
    assert (planned.provider, planned.name) == ("", "Mott Haven")
    assert closed.status == "Not Operational"


@pytest.mark.parametrize(
    ("day", "names"),
    [
        ("2015-04-30", []),
        ("2015-05-01", ["GMACC"]),
        ("2021-10-31", ["GMACC"]),
        ("2021-11-01", []),
        ("2022-01-01", ["Elite"]),
        ("2030-01-01", ["Elite"]),
    ],
)
def test_what_runs_is_decided_by_dates_alone(csv, day, names):
    programs = read_programs(csv(SITES))
    assert [one.name for one in programs if one.running_on(date.fromisoformat(day))] == names


def test_programs_in_other_words(csv):
    [one] = read_programs(csv("District;Site;Agency;Opened\n7;Safe Block;City;7/15/2021\n"))
    assert (one.area, one.program, one.provider) == ("7", "Safe Block", "City")
    assert (one.start, one.end, one.status) == (date(2021, 7, 15), None, "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("site,start\nx,2020\n", "no column for the area of a program (its columns are site, st"),
        ("precinct,site\n1,x\n", "no column for the start of a program"),
        ("precinct,start\n\n,2020\n", "Line 3 of table.csv names no area"),
        ("precinct,start\n1,soon\n", "gives 'soon' as the start of a program"),
        ("precinct,start,end\n1,2020-05,2020-04\n", "ends a program on 2020-04-30 before"),
        ("precinct,start,planned_start\n1,,x\n", "as the planned start of a program"),
    ],
)
def test_program_refusals(csv, text, said):
    assert said in refusal(read_programs, csv(text))


@pytest.mark.real_data
def test_new_york(real_data):
    population = read_population(real_data / "precinct_population_2010.csv")
    assert len(population) == 77
    programs = read_programs(real_data / "cms_sites.csv")
    assert len(programs) == 35
    assert sum(one.start is None for one in programs) == 2
    treated = {one.area for one in programs if one.start and one.start.year <= 2017}
    assert len(treated) == 17
