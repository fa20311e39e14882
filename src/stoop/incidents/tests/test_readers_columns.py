"""Which header plays which role, over the releases of many cities."""

from pathlib import Path

import pytest

from stoop.incidents import readers
from stoop.incidents.readers.columns import find_columns
from stoop.kernel.errors import Refusal

NEW_YORK_LATER = (
    "INCIDENT_KEY,OCCUR_DATE,OCCUR_TIME,BORO,LOC_OF_OCCUR_DESC,PRECINCT,JURISDICTION_CODE,"
    "LOC_CLASSFCTN_DESC,LOCATION_DESC,STATISTICAL_MURDER_FLAG,PERP_AGE_GROUP,PERP_SEX,PERP_RACE,"
    "VIC_AGE_GROUP,VIC_SEX,VIC_RACE,X_COORD_CD,Y_COORD_CD,Latitude,Longitude,"
    "New Georeferenced Column,Zip Codes,Community Districts,Police Precincts"
)
CITIES = {
    "New York": (
        NEW_YORK_LATER,
        "INCIDENT_KEY OCCUR_DATE OCCUR_TIME Latitude Longitude PRECINCT STATISTICAL_MURDER_FLAG",
    ),
    "Chicago": (
        "CASE_NUMBER,DATE,BLOCK,VICTIMIZATION_PRIMARY,INCIDENT_PRIMARY,GUNSHOT_INJURY_I,UNIQUE_ID,"
        "ZIP_CODE,WARD,COMMUNITY_AREA,AREA,DISTRICT,BEAT,AGE,SEX,RACE,MONTH,DAY_OF_WEEK,HOUR,"
        "LOCATION_DESCRIPTION,UPDATED,LATITUDE,LONGITUDE,LOCATION",
        "CASE_NUMBER DATE HOUR LATITUDE LONGITUDE DISTRICT VICTIMIZATION_PRIMARY",
    ),
    "Philadelphia": (
        "objectid,year,dc_key,code,date_,time,race,sex,age,wound,officer_involved,location,latino,"
        "point_x,point_y,dist,inside,outside,fatal,lat,lng",
        "dc_key date_ time lat lng dist fatal",
    ),
    "Baltimore": (
        "CrimeDate,CrimeTime,CrimeCode,Location,Description,Inside/Outside,Weapon,Post,District,"
        "Neighborhood,Longitude,Latitude,Premise,Total Incidents",
        "- CrimeDate CrimeTime Latitude Longitude District -",
    ),
    "Los Angeles": (
        "DR_NO,Date Rptd,DATE OCC,TIME OCC,AREA,AREA NAME,Rpt Dist No,Crm Cd,Vict Age,Vict Sex,"
        "Vict Descent,LOCATION,LAT,LON",
        "DR_NO|DATE OCC|TIME OCC|LAT|LON|AREA|-",
    ),
    "Cincinnati": (
        "AddressX,Age,CommunityCouncilNeighborhood,DateTimeOccurred,LatitudeX,LongitudeX,Race,"
        "RMSNo,Sex,TypeOfShooting",
        "RMSNo DateTimeOccurred - LatitudeX LongitudeX CommunityCouncilNeighborhood TypeOfShooting",
    ),
    "Boston": (
        "incident_num,shooting_date,district,shooting_type_v2,victim_gender,victim_race,lat,long",
        "incident_num shooting_date - lat long district shooting_type_v2",
    ),
    "San Francisco": (
        "Incident Datetime,Incident Date,Incident Time,Report Datetime,Row ID,Incident Number,"
        "CAD Number,Police District,Analysis Neighborhood,Latitude,Longitude,Point",
        "Incident Number|Incident Datetime|Incident Time|Latitude|Longitude|Police District|-",
    ),
    "Toronto": (
        "EVENT_UNIQUE_ID,OCC_DATE,OCC_HOUR,DIVISION,DEATH,INJURIES,HOOD_158,LONG_WGS84,LAT_WGS84",
        "EVENT_UNIQUE_ID OCC_DATE OCC_HOUR LAT_WGS84 LONG_WGS84 DIVISION DEATH",
    ),
    "Washington": (
        "X,Y,CCN,REPORT_DAT,SHIFT,METHOD,XBLOCK,YBLOCK,WARD,ANC,DISTRICT,PSA,LATITUDE,LONGITUDE,"
        "START_DATE,END_DATE,OBJECTID",
        "CCN START_DATE - LATITUDE LONGITUDE DISTRICT -",
    ),
}
ROLES = ("incident", "date", "time", "lat", "lon", "area", "fatal")


@pytest.mark.parametrize("city", CITIES)
def test_the_headers_of_cities(city):
    header, expected = CITIES[city]
    wanted = expected.split("|") if "|" in expected else expected.split()
    named = find_columns(header.split(","), {}, "a.csv").named()
    assert [named.get(role, "-") for role in ROLES] == wanted


def test_descriptions_of_both_sides():
    named = find_columns(NEW_YORK_LATER.split(","), {}, "a.csv").named()
    assert named["perpetrator"] == "PERP_AGE_GROUP + PERP_SEX + PERP_RACE"
    assert named["victim"] == "VIC_AGE_GROUP + VIC_SEX + VIC_RACE"
    bare = find_columns(["date", "lat", "lon", "age", "sex", "race"], {}, "a.csv").named()
    assert bare["victim"] == "age + sex + race"
    assert "perpetrator" not in bare


def test_a_said_column_wins():
    header = ["Date", "Reported", "When It Was", "lat", "lon", "Zone", "Beat", "his age", "his sex"]
    said = {"date": "when it was", "area": "Beat", "victim": "his age+his sex", "fatal": ""}
    named = find_columns(header, said, "a.csv").named()
    assert named["date"] == "When It Was"
    assert named["area"] == "Beat"
    assert named["victim"] == "his age + his sex"


@pytest.mark.parametrize(
    ("header", "role", "both"),
    [
        ("incident_date,crime_date,lat,lon", "date", "'incident_date' and 'crime_date'"),
        ("date,latitude,lat,lon", "lat", "'latitude' and 'lat'"),
        ("date,lat,lon,old district,new district", "area", "'old district' and 'new district'"),
        ("date,Date,lat,lon", "date", "'date' and 'Date'"),
    ],
)
def test_two_columns_for_one_role_are_refused(header, role, both):
    with pytest.raises(Refusal, match=f"{both}.*--columns {role}=NAME"):
        find_columns(header.split(","), {}, "a.csv")


def test_of_two_columns_for_a_minor_role_the_first_is_taken():
    named = find_columns(["date", "lat", "lon", "murder", "fatal"], {}, "a.csv").named()
    assert named["fatal"] == "murder"


def test_words_within_headers_are_the_last_resort():
    header = "Shooting Occ. Date,Date Updated,Shot Time,Lat (approx),Longitude_1,District"
    named = find_columns(header.split(","), {}, "a.csv").named()
    assert named["date"] == "Shooting Occ. Date"
    assert named["time"] == "Shot Time"
    assert (named["lat"], named["lon"]) == ("Lat (approx)", "Longitude_1")
    with pytest.raises(Refusal, match="'Some Date' and 'Other Date'"):
        find_columns(["Some Date", "Other Date", "lat", "lon"], {}, "a.csv")


def test_a_victim_is_no_time_and_a_latino_no_latitude():
    """Boston's and Milwaukee's headers, in which words hide inside others."""
    boston = "incident_num,shooting_date,district,shooting_type_v2,victim_ethnicity_NIBRS,latino"
    found = find_columns(boston.split(","), {}, "a.csv")
    assert not found.at["time"]
    assert not found.at["lat"]
    milwaukee = find_columns(["IncidentNum", "ReportedDateTime", "RoughX", "RoughY"], {}, "a.csv")
    assert (milwaukee.at["x"], milwaukee.at["y"]) == ((2,), (3,))


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_said_must_be_there(tmp_path):
    path = write(tmp_path / "a.csv", "date,lat,lon\n2019-01-01,40,-75\n")
    with pytest.raises(Refusal, match=r"no column 'when' for date; it has: date, lat, lon"):
        readers.read([path], columns={"date": "when"})
    with pytest.raises(Refusal, match="no role 'day'"):
        readers.read([path], columns={"day": "date"})


def test_what_is_said_of_one_file_need_not_hold_in_the_other(tmp_path):
    first = write(tmp_path / "a.csv", "date,lat,lon\n2019-01-01,40,-75\n")
    second = write(tmp_path / "b.csv", "when,lat,lon\n2019-01-02,40,-75\n")
    assert len(readers.read([first, second], columns={"date": "when"})) == 2


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ("when,lat,lon", "no column that is known as date.*when, lat, lon.*--columns date=NAME"),
        ("date,lat,elsewhere", "known as lon"),
        ("date,street", "known as lat and lon, or area"),
    ],
)
def test_a_missing_column_is_named(tmp_path, header, sentence):
    path = write(tmp_path / "a.csv", f"{header}\n2019-01-01,40,-75\n")
    with pytest.raises(Refusal, match=sentence):
        readers.read([path])


def test_a_date_of_the_report_is_said_to_be_one(tmp_path):
    path = write(tmp_path / "a.csv", "report_date,lat,lon\n2019-01-01,40,-75\n")
    assert any("dates the report" in note for note in readers.read([path]).report.notes)


def test_a_missing_header_is_not_echoed(tmp_path):
    path = write(tmp_path / "a.csv", "2019-01-01,40,-75,John Doe\n2019-01-02,40,-75,Jane Doe\n")
    with pytest.raises(Refusal, match="no header") as refusal:
        readers.read([path])
    assert "Doe" not in str(refusal.value)


def test_a_column_of_row_numbers_is_no_incident_number(tmp_path):
    rows = "\n".join(f"{i},2019-01-01,22:10,40,-75" for i in range(3))
    path = write(tmp_path / "a.csv", f"id,date,time,lat,lon\n{rows}\n")
    shootings = readers.read([path])
    assert shootings.n_incidents == 1
    assert any("--columns incident=id" in note for note in shootings.report.notes)
    assert readers.read([path], columns={"incident": "id"}).n_incidents == 3
