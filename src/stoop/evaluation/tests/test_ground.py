"""The ground of a study: outlines by day, catchments, who is next door, and rings."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from stoop.evaluation.models import Panel
from stoop.evaluation.readers import read_design
from stoop.evaluation.studies.ground import Ground, read_ground
from stoop.evaluation.studies.panel import build
from stoop.evaluation.studies.study import make_study
from stoop.evaluation.tests.factories import DESIGN, town
from stoop.kernel.errors import Refusal

MAPPED = ('measure = "incidents"', 'measure = "incidents"\narea = "mapped"')
EACH_DAY = ('field = "district"', 'field = "district"\nas_of = "each day"')
CATCHMENTS = (
    'field = "district"\npopulation = "population.csv"',
    'field = "district"\ncatchments = "catchments.geojson"\ncatchment_field = "site"',
)
RINGS = ("[[exclude]]", "[spillover]\nrings_m = [250, 500]\n\n[[exclude]]")
FROM = "2015-07-01"


def designed(folder: Path, *changes: tuple[str, str]) -> Path:
    text = DESIGN
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return town(folder, design=text)


def recorded(folder: Path) -> Panel:
    return build(read_design(designed(folder)))


def outlines(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "areas.geojson").read_text())
    return found


def drawn(folder: Path, features: list[dict[str, Any]], name: str = "areas.geojson") -> None:
    (folder / name).write_text(json.dumps({"type": "FeatureCollection", "features": features}))


def box(code: str, west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """A catchment in squares of the town, of which the south-western has its corner at 0, 0."""
    shape = shapely.box(*(round(-60 + 0.01 * x, 6) if at % 2 == 0 else round(41 + 0.01 * x, 6)
                          for at, x in enumerate((west, south, east, north))))  # fmt: skip
    geometry = json.loads(shapely.to_geojson(shape))
    return {"type": "Feature", "properties": {"site": code}, "geometry": geometry}


def swapped(folder: Path) -> None:
    """From the middle of 2015 on J has the ground of K, and K that of J."""
    features = outlines(folder)["features"]
    by_code = {feature["properties"]["district"]: feature for feature in features}
    later = []
    for code, other in (("J", "K"), ("K", "J")):
        new = json.loads(json.dumps(by_code[code]))
        new["geometry"] = by_code[other]["geometry"]
        new["properties"]["valid_from"] = FROM
        by_code[code]["properties"]["valid_to"] = FROM
        later.append(new)
    drawn(folder, [*features, *later])


def test_each_incident_by_the_outlines_of_its_day(tmp_path: Path) -> None:
    known = recorded(tmp_path)
    j, k = known.units.index("J"), known.units.index("K")
    path = designed(tmp_path, MAPPED)
    swapped(tmp_path)
    fixed = build(read_design(path))
    # By default one map holds throughout, that of the last day: a unit is the same ground always.
    assert np.array_equal(fixed.counts[j], known.counts[k])
    assert any("J, K. Points and neighbours go by those of 2018-12-31" in s for s in fixed.said)
    path = designed(tmp_path, MAPPED, EACH_DAY)
    swapped(tmp_path)
    by_day = build(read_design(path))
    assert np.array_equal(by_day.counts[j, :4], known.counts[j, :4])
    assert np.array_equal(by_day.counts[j, 5:], known.counts[k, 5:])
    rows = [row.split(",") for row in (tmp_path / "shootings.csv").read_text().splitlines()[1:]]
    year = [row for row in rows if row[1][:4] == "2015"]
    assert by_day.counts[j, 4] == sum(row[2] == ("J" if row[1] < FROM else "K") for row in year)
    assert by_day.total == known.total
    assert any("Outlines moved within the panel: J, K." in sentence for sentence in by_day.said)


@pytest.mark.parametrize("more", [(), (MAPPED,)], ids=["recorded", "mapped"])
def test_an_area_of_half_the_panel_is_missing_and_not_zero(
    tmp_path: Path, more: tuple[tuple[str, str], ...]
) -> None:
    def opened(path: Path) -> Panel:
        features = outlines(tmp_path)["features"]
        features[10]["properties"]["valid_from"] = FROM
        drawn(tmp_path, features)
        return build(read_design(path))

    panel = opened(designed(tmp_path, EACH_DAY, *more))
    assert "K" not in panel.units
    (_, why, lost), *_ = panel.exclusions
    assert "missing, not zero" in why
    assert lost > 0
    if more:
        # Where the outlines of the last day hold throughout, it was always there.
        assert "K" in opened(designed(tmp_path, *more)).units


@pytest.mark.parametrize("how", [(), (EACH_DAY,)], ids=["last day", "each day"])
def test_parts_that_are_joined_have_not_moved(
    tmp_path: Path, how: tuple[tuple[str, str], ...]
) -> None:
    known = recorded(tmp_path)
    joined = ('kind = "district"', 'kind = "district"\nparts = { K2 = "K" }')
    path = designed(tmp_path, MAPPED, joined, *how)
    features = outlines(tmp_path)["features"]
    halves = [box("", 2, 2, 2.4, 3), box("", 2.4, 2, 3, 3)]
    for code, half in zip(("K", "K2"), halves, strict=True):
        half["properties"] = {"district": code, "valid_from": FROM}
    features[10]["properties"]["valid_to"] = FROM
    drawn(tmp_path, [*features, *halves])
    panel = build(read_design(path))
    assert np.array_equal(panel.counts, known.counts)
    assert not any("Outlines" in sentence for sentence in panel.said)


def test_an_outline_that_is_over_is_no_unit(tmp_path: Path) -> None:
    path = designed(tmp_path, MAPPED)
    features = outlines(tmp_path)["features"]
    features[10]["properties"]["valid_to"] = FROM
    drawn(tmp_path, features)
    panel = build(read_design(path))
    assert "K" not in panel.units
    assert any(sentence.startswith("Without a known district") for sentence in panel.said)
    for feature in features:
        feature["properties"]["valid_to"] = FROM
    drawn(tmp_path, features)
    with pytest.raises(Refusal, match=r"No outline of areas.geojson holds on 2018-12-31"):
        build(read_design(path))


def test_neighbours_are_those_of_the_day_of_the_start(tmp_path: Path) -> None:
    # D lies above H, in the corner; from 2015 on it has the ground of I, far from there.
    def beside(*changes: tuple[str, str]) -> dict[str, list[str]]:
        path = designed(tmp_path, *changes)
        features = outlines(tmp_path)["features"]
        new = json.loads(json.dumps(features[3]))
        new["geometry"] = features[8]["geometry"]
        features[3]["properties"]["valid_to"] = new["properties"]["valid_from"] = FROM
        drawn(tmp_path, [*features, new])
        panel = build(read_design(path))
        near = panel.adjacent
        assert near is not None
        return {
            unit: [panel.units[row] for row in np.flatnonzero(near[:, column])]
            for column, unit in enumerate(panel.units)
        }

    fixed = beside()
    assert fixed["D"] == ["E", "F", "I", "J"]
    assert fixed["C"] == ["B", "F", "G", "H"]
    by_day = beside(EACH_DAY)
    # D began in 2016, in its new place; C in January 2015, when D was still beside it.
    assert by_day["D"] == ["E", "F", "I", "J"]
    assert by_day["C"] == ["B", "D", "F", "G", "H"]


def test_catchments_are_units_and_areas_keep_the_rest(tmp_path: Path) -> None:
    known = recorded(tmp_path)
    path = designed(tmp_path, MAPPED, CATCHMENTS)
    # Every shooting lies in the middle of its square. North and Mid both hold the middle of B.
    boxes = [box("Mid", 1.2, 0.3, 2.8, 0.7), box("North", 0.3, 0.3, 1.7, 0.7)]
    drawn(tmp_path, [*boxes, box("Waiting", 3.3, 1.3, 3.7, 1.7)], "catchments.geojson")
    (tmp_path / "sites.csv").write_text(
        "district,start,end\nNorth,2014-07,\nMid,2015-01,\nL,2016-01,\n"
    )
    panel = build(read_design(path))
    counts = dict(zip(panel.units, panel.counts, strict=True))
    was = dict(zip(known.units, known.counts, strict=True))
    assert np.array_equal(counts["North"], was["A"] + was["B"])
    assert np.array_equal(counts["Mid"], was["C"])
    assert np.array_equal(counts["Waiting"], was["H"])
    assert not counts["A"].any()
    assert np.array_equal(counts["D"], was["D"])
    assert panel.total == known.total
    said = " ".join(panel.said)
    assert "Catchments of catchments.geojson are units of their own (3)" in said
    assert "Catchments overlap: North and Mid." in said
    assert panel.treated == 2
    near = panel.adjacent
    assert near is not None
    beside = [panel.units[row] for row in np.flatnonzero(near[panel.units.index("North")])]
    assert beside == ["A", "B", "Mid"]
    assert [name for name, _ in panel.inputs][2] == "catchments.geojson"


def test_a_catchment_has_its_last_outline_throughout(tmp_path: Path) -> None:
    known = recorded(tmp_path)
    path = designed(tmp_path, MAPPED, CATCHMENTS)
    outlined = []
    for since, until, east in (("", FROM, 0.7), (FROM, "2019-06-01", 1.7), ("2019-06-01", "", 2.7)):
        feature = box("North", 0.3, 0.3, east, 0.7)
        feature["properties"] |= {"valid_from": since or None, "valid_to": until or None}
        outlined.append(feature)
    drawn(tmp_path, outlined, "catchments.geojson")
    (tmp_path / "sites.csv").write_text("district,start,end\nNorth,2015-07,\n")
    panel = build(read_design(path))
    # It grew in 2015 and grows again after the panel: A and B are its ground, before 2015 too.
    assert np.array_equal(
        panel.counts[panel.units.index("North")], known.counts[0] + known.counts[1]
    )


@pytest.mark.parametrize(
    ("boxes", "said"),
    [
        ([("A", 0.3, 0.3, 0.7, 0.7)], "A is a catchment of .* and an area of"),
        (
            [("One", 0.3, 0.3, 1.7, 0.7), ("Two", 0.4, 0.4, 0.6, 0.6)],
            "catchment Two of catchments.geojson lies wholly within those that start earlier",
        ),
    ],
)
def test_catchments_that_cannot_be_told_apart(
    tmp_path: Path, boxes: list[tuple[str, float, float, float, float]], said: str
) -> None:
    path = designed(tmp_path, MAPPED, CATCHMENTS)
    drawn(tmp_path, [box(*each) for each in boxes], "catchments.geojson")
    (tmp_path / "sites.csv").write_text("district,start,end\nOne,2014,\nTwo,2015,\nA,2015,\n")
    with pytest.raises(Refusal, match=said):
        build(read_design(path))


def test_catchments_are_on_no_record(tmp_path: Path) -> None:
    path = designed(tmp_path, CATCHMENTS)
    drawn(tmp_path, [box("One", 0.3, 0.3, 0.7, 0.7)], "catchments.geojson")
    with pytest.raises(Refusal, match='write area = "mapped"'):
        read_design(path)


def test_rings_are_ground_within_a_distance(tmp_path: Path) -> None:
    design = read_design(designed(tmp_path, RINGS))
    panel, ground = build(design), read_ground(design, ())
    assert panel.within is not None
    assert isinstance(ground, Ground)
    shapes = ground.shapes(panel.units, ground.last_day)
    rng = np.random.default_rng(5)
    for unit, column in (("E", 3), ("E", 4), ("H", 5), ("B", 3), ("F", 7), ("C", 7)):
        row = panel.units.index(unit)
        west, south, east, north = shapely.bounds(shapes[row])
        points = shapely.points(rng.uniform(west, east, 4000), rng.uniform(south, north, 4000))
        points = points[shapely.contains(shapes[row], points)]
        active = [at for at in np.flatnonzero(panel.onset <= column) if at != row]
        near = shapely.distance(points, shapely.union_all(shapes[active]))
        for ring, reach in enumerate(design.rings_m):
            share = float((near <= reach).mean())
            assert panel.within[ring, row, column] == pytest.approx(share, abs=0.03)
    far = panel.units.index("I")
    assert not panel.within[:, far].any()
    assert not panel.within[:, :, :3].any()


def test_a_study_with_rings_says_what_is_left(tmp_path: Path) -> None:
    asked = ("seed = 3", 'seed = 3\nestimators = ["spillover"]')
    study = make_study(read_design(designed(tmp_path, asked, RINGS)))
    found = {line.term: line.estimate for line in study.estimates if "rings" in line.estimator}
    assert list(found) == ["on", "ring 0-250 m", "ring 250-500 m", "direct", "diffuse", "net"]
    # The town was made with half as many where a program works, and nothing beside it.
    assert found["direct"] < -200 < found["diffuse"]
    assert found["net"] == pytest.approx(found["direct"] + found["diffuse"])


def test_neighbours_can_be_left_out_of_the_comparison(tmp_path: Path) -> None:
    rule = ("[[exclude]]", "[comparison]\nleave_out_neighbours = true\n\n[[exclude]]")
    panel = build(read_design(designed(tmp_path, rule)))
    assert panel.units == tuple("ABCDIJK")
    reasons = {code: why for code, why, _ in panel.exclusions}
    assert reasons["F"] == "next door to a unit with a program"
    panel = build(read_design(designed(tmp_path, rule, RINGS)))
    assert panel.units == tuple("ABCDIJK")
    # L is excluded by name; where it has a program, K is next door to that all the same.
    path = designed(tmp_path, rule)
    with (tmp_path / "sites.csv").open("a") as file:
        file.write("L,2016-01,\n")
    assert build(read_design(path)).units == tuple("ABCDIJ")
    path = designed(tmp_path, RINGS)
    with (tmp_path / "sites.csv").open("a") as file:
        file.write("L,2016-01,\n")
    panel = build(read_design(path))
    assert panel.within is not None
    assert panel.within[0, panel.units.index("K")].tolist()[4:] == pytest.approx(
        [0, 0.297, 0.297, 0.297], abs=0.01
    )
    wide = ("rings_m = [250, 500]", "rings_m = [1200]")
    with pytest.raises(Refusal, match=r"rules of \[comparison\] leave no unit"):
        build(read_design(designed(tmp_path, rule, RINGS, wide)))


def test_outlines_that_overlap_count_to_the_program_that_started_first(tmp_path: Path) -> None:
    """By the order of the file it would be the first that takes what they share."""
    path = designed(tmp_path, MAPPED)
    whole = outlines(tmp_path)["features"]
    by_code = {each["properties"]["district"]: each for each in whole}
    kept = build(read_design(path))
    # B started in 2015, D in 2016: D takes all of B's ground as well, and stands before it.
    merged = shapely.union(*(shapely.geometry.shape(by_code[c]["geometry"]) for c in "BD"))
    by_code["D"]["geometry"] = json.loads(shapely.to_geojson(merged))
    drawn(tmp_path, [by_code["D"], *(each for code, each in by_code.items() if code != "D")])
    panel = build(read_design(path))
    assert any("Outlines overlap: D and B. By the map" in each for each in panel.said)
    for code in "BD":
        row = panel.units.index(code)
        assert panel.counts[row].tolist() == kept.counts[kept.units.index(code)].tolist()
    assert not any("overlap" in each for each in kept.said)
