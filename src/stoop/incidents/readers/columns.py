"""Columns: which header plays which role, by the synonyms of the cities' open data or as said.

A header is compared without case, spaces, underscores or accents, never by its position. Each
role has tiers of synonyms, the surest first: a header of an earlier tier wins over one of a
later tier, and two headers of one tier are an ambiguity that only the reader can settle.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from stoop.kernel.errors import Refusal

ROLES = (
    "incident", "date", "time", "lat", "lon", "x", "y", "point", "area", "fatal", "victims",
    "killed", "injured", "perpetrator", "victim",
)  # fmt: skip
SEVERAL = ("perpetrator", "victim")

_TIERS: dict[str, tuple[str, ...]] = {
    "incident": (
        "incidentkey incidentid incidentnumber incidentno incidentnum incidentnbr inckey incnum"
        " incno",
        "casenumber caseno casenum caseid ccn ccnumber ccno dckey dcnumber drno drnumber drnum"
        " rmsno rmsnumber complaintnumber complaintno cmplntnum eventuniqueid eventid eventnumber"
        " eventno reportnumber reportno gonumber ibrnumber offensenumber offensereportnumber"
        " shootingid shootingnumber shootingkey filenumber masterincidentnumber",
        "cadnumber cadincidentnumber cadeventnumber callnumber",
        "id",
    ),
    "date": (
        "occurreddatetime datetimeoccurred occurdatetime occurrencedatetime incidentdatetime"
        " crimedatetime shootingdatetime offensestartdatetime offensedatetime eventdatetime"
        " occdatetime datetimeofoccurrence dateandtimeoccurred occurreddateandtime",
        "occurdate occurreddate dateoccurred dateocc occdate occurrencedate dateofoccurrence"
        " dateofoccurence dateofincident incidentdate shootingdate dateofshooting crimedate"
        " dateofcrime eventdate offensedate occurredon occurredondate dateoccur"
        " firstoccurrencedate cmplntfrdt",
        "datetime date dateandtime timestamp eventtimestamp datum fecha",
        "startdate startdatetime fromdate fromdatetime begindate datefrom occurredfrom"
        " occurredfromdate occurredfromdatetime",
        "reporteddate datereported reportdate reportdat daterptd reporteddatetime"
        " datetimereported reportdatetime reportedon dispatchdate dispatchdatetime",
    ),
    "time": (
        "occurtime occurredtime timeoccurred timeocc occtime occurrencetime timeofoccurrence"
        " timeofincident incidenttime shootingtime timeofshooting crimetime timeofcrime eventtime"
        " offensetime cmplntfrtm timeofday",
        "time hora heure uhrzeit",
        "starttime fromtime begintime timefrom",
    ),
    "lat": (
        "latitude lat",
        "ycoordlat latwgs84 geolat gpslat latitudex latitudey latitudewgs84 latdd declat"
        " decimallatitude incidentlatitude blocklatitude maplatitude",
    ),
    "lon": (
        "longitude lon lng long",
        "longwgs84 lonwgs84 geolon geolng geolong gpslon gpslng gpslong longitudex longitudey"
        " longitudewgs84 londd longdd declong decimallongitude incidentlongitude blocklongitude"
        " maplongitude",
    ),
    "x": (
        "xcoordcd xcoord xcoordinate coordx xstateplane stateplanex",
        "geox easting xblock roughx",
        "x",
        "pointx",
    ),
    "y": (
        "ycoordcd ycoord ycoordinate coordy ystateplane stateplaney",
        "geoy northing yblock roughy",
        "y",
        "pointy",
    ),
    "point": (
        "lonlat longlat georeferencedcolumn newgeoreferencedcolumn geocodedcolumn geolocation"
        " geocodedlocation wkt",
        "point geometry geom",
        "latlon latlong latlng coordinates",
        "location location1",
    ),
    "area": (
        "precinct policeprecinct addrpctcd pct precinctcode precinctid precinctnumber precinctno"
        " precinctnum",
        "policeprecincts precincts",
        "district policedistrict dist districtid districtcode districtnumber districtno",
        "policedistricts pddistrict districtname",
        "division policedivision",
        "area areaid areacode areanumber patrolarea policearea",
        "sector zone patrolzone policezone policesector region",
        "beat post psa policebeat patrolbeat policeservicearea reportingarea",
        "communityarea neighborhood neighbourhood neighborhoodname neighbourhoodname"
        " communitydistrict communitycouncilneighborhood snaneighborhood cpdneighborhood",
        "newdistrict olddistrict",
        "areaname",
        "ward",
        "borough boro boroname boroughname",
    ),
    "fatal": (
        "statisticalmurderflag murderflag murder fatal isfatal fatality fatalflag fatalshooting"
        " homicideflag ishomicide fatalyn victimfatal",
        "typeofshooting shootingtype shootingtypev2 fatalnonfatal fatalornonfatal",
        "homicide victimizationprimary death died deceased",
    ),
    "victims": (
        "victims victimcount numberofvictims numvictims novictims victimnumber totalvictims"
        " victimstotal victimcnt numberofvictimsshot victimsshot peopleshot personsshot",
    ),
    "killed": ("killed nkilled victimskilled numberkilled numkilled fatalities deaths",),
    "injured": (
        "injured ninjured victimsinjured numberinjured numinjured injuries wounded victimswounded",
    ),
}
_LATE = {
    # Used only where nothing surer is there; what they are is checked against the rows.
    "time": ("hour", "hourofday", "occhour", "occurhour", "incidenthour"),
}
# The last resort: a header that contains the word, unless it also says that it is another one.
_WORDS = {
    "date": re.compile(r"^(?!.*(?:reported|rptd|updat|modif|entry|enter|load|edit|birth|dob|creat|"
                       r"clear|clos|arrest|end|expir|death|geocod)).*date"),
    "time": re.compile(r"^(?!.*(?:date|reported|rptd|updat|range|zone|stamp|end|dispatch|arriv|"
                       r"call)).*(?<!vic)time"),
    "lat": re.compile(r"^lat(?!in|e)|latitude"),
    "lon": re.compile(r"^(?:lon|lng)|longitude"),
}  # fmt: skip
_TRAITS = (
    "age", "agegroup", "ageband", "agerange", "agecategory", "agecat", "sex", "gender", "race",
    "ethnicity", "descent", "raceethnicity", "raceeth", "racecode", "sexcode", "ethnicityrace",
    "latino",
)  # fmt: skip
_PERSONS = {
    "perpetrator": "perp perpetrator suspect susp offender assailant shooter",
    "victim": "vic vict victim victims",
}
_KEYS = {role: tuple(frozenset(tier.split()) for tier in tiers) for role, tiers in _TIERS.items()}
# A role without which one can go on is never worth stopping for.
_STOPS = ("incident", "date", "time", "lat", "lon", "x", "y", "area")


@dataclass(frozen=True, slots=True)
class Columns:
    """Positions in a header by role; `weak` roles rest on a synonym that the rows must bear out."""

    header: tuple[str, ...]
    at: Mapping[str, tuple[int, ...]]
    weak: frozenset[str] = field(default=frozenset())

    def one(self, role: str) -> int | None:
        places = self.at.get(role, ())
        return places[0] if places else None

    def named(self) -> dict[str, str]:
        """Role to header, several headers joined by ' + '."""
        return {
            role: " + ".join(self.header[i] for i in self.at[role])
            for role in ROLES
            if self.at.get(role)
        }

    def dates_reports(self) -> bool:
        """Whether the date is the day of the report, for want of the day of the shooting."""
        return any(key(self.header[i]) in _KEYS["date"][-1] for i in self.at.get("date", ()))

    def ignored(self) -> tuple[str, ...]:
        used = {i for places in self.at.values() for i in places}
        return tuple(h for i, h in enumerate(self.header) if i not in used and h)


def key(header: str) -> str:
    """A header as synonyms are compared: letters and digits alone, small, without accents."""
    text = unicodedata.normalize("NFKD", header).casefold()
    return re.sub(r"[^a-z0-9]", "", text)


def recognised(header: Sequence[str]) -> int:
    """How many headers some role would know, one of them a date; 0 without a date."""
    keys = [key(h) for h in header]
    if not any(_WORDS["date"].search(k) for k in keys) and not any(
        k in tier for k in keys for tier in _KEYS["date"]
    ):
        return 0
    return sum(any(k in tier for tiers in _KEYS.values() for tier in tiers) for k in set(keys))


def looks_like_header(header: Sequence[str]) -> bool:
    """Whether no field of a first row is a number or a date."""
    return not any(re.fullmatch(r"[-+\d.,:/ T]*\d[-+\d.,:/ TZ]*", h) for h in header if h)


def find_columns(header: Sequence[str], said: Mapping[str, str], name: str) -> Columns:
    """Give each role its column.

    `said` maps a role to a header of this file ('' for none). Raises Refusal when two columns
    serve one role equally well, and when a column that was said is not there.
    """
    names = tuple(header)
    keys = [key(h) for h in names]
    at = {role: _said(role, header_said, names, name) for role, header_said in said.items()}
    taken = {i for places in at.values() for i in places}
    for role in _KEYS:
        if role not in at:
            at[role] = _by_tier(role, names, keys, taken, name)
            taken.update(at[role])
    weak = set()
    if not at["time"] and "time" not in said:
        late = tuple(i for i, k in enumerate(keys) if k in _LATE["time"] and i not in taken)
        at["time"] = late[:1]
        weak.update(["time"] if late else [])
    if at["incident"] and "incident" not in said and keys[at["incident"][0]] == "id":
        weak.add("incident")
    for role in SEVERAL:
        if role not in at:
            at[role] = _persons(role, keys, taken)
    return Columns(names, at, frozenset(weak))


def check_said(said: Mapping[str, str]) -> None:
    """Refuse a role that nobody knows."""
    for role in said:
        if role not in ROLES:
            raise Refusal(
                f"There is no role '{role}' for a column; the roles are {', '.join(ROLES)}."
            )


def missing(role: str, columns: Columns, name: str) -> Refusal:
    """The refusal that says which column is missing, what there is, and how to say it."""
    seen = _listed(columns.header) or "no named column"
    return Refusal(
        f"{name} has no column that is known as {role}; it has: {seen}; say which one it is with"
        f" --columns {role.split()[0]}=NAME."
    )


def _listed(header: Sequence[str]) -> str:
    """Headers on one line, however long they are."""
    return ", ".join(" ".join(h.split())[:40] for h in header[:60] if h)


def _said(role: str, header_said: str, names: tuple[str, ...], name: str) -> tuple[int, ...]:
    wanted = header_said.strip()
    if not wanted:
        return ()
    found = _named(wanted, names)
    if found:
        if len(found) > 1:
            raise Refusal(f"{name} has {len(found)} columns named '{wanted}'; rename all but one.")
        return found
    if role in SEVERAL and "+" in wanted:
        parts = [_said(role, part, names, name) for part in wanted.split("+")]
        return tuple(i for part in parts for i in part)
    seen = _listed(names)
    raise Refusal(f"{name} has no column '{wanted}' for {role}; it has: {seen}.")


def _named(wanted: str, names: tuple[str, ...]) -> tuple[int, ...]:
    exact = tuple(i for i, h in enumerate(names) if h == wanted)
    alike = tuple(i for i, h in enumerate(names) if key(h) == key(wanted) and key(h))
    return exact or alike


def _by_tier(
    role: str, names: tuple[str, ...], keys: list[str], taken: set[int], name: str
) -> tuple[int, ...]:
    for tier in _KEYS[role]:
        found = [i for i, k in enumerate(keys) if k in tier and i not in taken]
        if len(found) > 1 and role in _STOPS:
            raise _either(role, [names[i] for i in found], name)
        if found:
            return (found[0],)
    return _by_word(role, names, keys, taken, name)


def _by_word(
    role: str, names: tuple[str, ...], keys: list[str], taken: set[int], name: str
) -> tuple[int, ...]:
    if role not in _WORDS:
        return ()
    found = [i for i, k in enumerate(keys) if _WORDS[role].search(k) and i not in taken]
    if len(found) > 1 and role == "time":
        return ()
    if len(found) > 1:
        raise _either(role, [names[i] for i in found], name)
    return tuple(found)


def _either(role: str, found: Sequence[str], name: str) -> Refusal:
    both = " and ".join(f"'{_listed([header])}'" for header in found[:2])
    return Refusal(
        f"{name} has {both}, and either could be the {role}; say which with --columns {role}=NAME."
    )


def _persons(role: str, keys: list[str], taken: set[int]) -> tuple[int, ...]:
    wanted = {f"{person}{trait}" for person in _PERSONS[role].split() for trait in _TRAITS}
    found = tuple(i for i, k in enumerate(keys) if k in wanted and i not in taken)
    if not found and role == "victim":
        # In a file of victims the bare word means the victim.
        found = tuple(i for i, k in enumerate(keys) if k in _TRAITS and i not in taken)
    return found
