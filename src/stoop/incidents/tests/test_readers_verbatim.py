"""Rows word for word beside what they mean, and how many persons they mean."""

import json
from inspect import signature

import numpy as np
import pytest

from stoop.incidents import readers
from stoopstat.measures import measures

CSV = """INCIDENT_KEY,OCCUR_DATE,OCCUR_TIME,PRECINCT,STATISTICAL_MURDER_FLAG,Latitude,Longitude,NOTE
"12,345",1/2/2019,22:10,40,TRUE,40.8,-73.9,"a, ""b"" c"
12345,1/2/2019,22:10,40,FALSE,40.8,-73.9,
,1/3/2019,,41,Y,40.81,-73.91,\\
99,13/45/2019,1:00,41,Y,40.81,-73.91,bad date
7,1/4/2019,1:00,41,,0,0,no point
"""


def test_rows_are_kept_word_for_word(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(CSV)
    kept = readers.read_verbatim([path])
    cells = [json.loads(text) for text in kept.said]
    assert cells[0] == ["12,345", "1/2/2019", "22:10", "40", "TRUE", "40.8", "-73.9", 'a, "b" c']
    assert cells[1][-1] is None
    assert kept.number.tolist() == ["12345", "12345", "", "7"]
    assert kept.aside == {"99"}
    assert kept.headers[0][0] == "INCIDENT_KEY"
    assert "12345" not in repr(kept)


def test_numbers_that_are_words_keep_their_letters(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("case number,date,lat,lon\nhz-1 ,2020-01-01,41.8,-87.6\n")
    assert readers.read_verbatim([path]).number.tolist() == ["HZ-1"]


def test_other_formats_too(tmp_path):
    path = tmp_path / "a.geojson"
    point = {"type": "Point", "coordinates": [-87.6, 41.8]}
    feature = {"type": "Feature", "properties": {"id": 5, "date": "2020-01-01"}, "geometry": point}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    kept = readers.read_verbatim([path])
    assert json.loads(kept.said[0]) == ["5", "2020-01-01", "POINT (-87.6 41.8)"]


def test_killed_and_hurt_as_counts(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "incident_id,date,lat,lon,killed,injured\n"
        "1,2020-01-01,41.8,-87.6,2,3\n2,2020-01-01,41.8,-87.6,0,0\n3,2020-01-01,41.8,-87.6,,\n"
        "4,2020-01-01,41.8,-87.6,2,\n5,2020-01-01,41.8,-87.6,,4\n6,2020-01-01,41.8,-87.6,0,\n"
    )
    kept = readers.read_verbatim([path])
    found = readers.persons(kept.shootings, kept.killed)
    assert found.hit.tolist() == [5, 0, 1, 2, 4, 1]
    assert found.killed.tolist() == [2, 0, 0, 2, 0, 0]
    assert found.fate_known.tolist() == [True, True, False, True, False, True]
    assert found.hurt.tolist() == [3, 0, 1, -1, 4, -1], "of the killed alone nobody counts the hurt"


@pytest.mark.parametrize("seed", range(5))
def test_persons_are_those_of_the_published_rule(seed):
    """The rule is explained and tested in stoopstat; here it is only made fast."""
    rng = np.random.default_rng(seed)
    n = 4000
    incident = np.sort(rng.integers(0, 1500, n))
    incident = np.unique(incident, return_inverse=True)[1]
    columns = {
        "incident": incident,
        "perpetrator": rng.integers(-1, 2, n).astype(np.int32),
        "victim": rng.integers(-1, 2, n).astype(np.int32),
        "fatal": rng.integers(0, 2, n).astype(np.int8),
        "victims": np.where(rng.random(n) < 0.9, -1, 3).astype(np.int16),
        "at_least": np.where(rng.random(n) < 0.9, -1, 2).astype(np.int16),
    }
    blank = dict.fromkeys(readers.Shootings.__dataclass_fields__)
    shootings = readers.Shootings(**{**blank, "row": incident, **columns})
    want = measures(**shootings.counted)
    found = readers.persons(shootings)
    assert np.array_equal(found.hit, np.maximum(want.incident_victims, want.incident_deaths))
    assert np.array_equal(found.killed, want.incident_deaths)
    assert np.array_equal(found.rows, want.incident_rows)
    assert want.crossed.sum() > 20
    assert [*shootings.counted] == [*signature(measures).parameters], "all that the rule asks for"
