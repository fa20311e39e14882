"""Whatever stands in STUDY.toml or in the list of sites: a design, or one sentence."""

import copy
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from stoop.evaluation.models import Design, Sites, Status
from stoop.evaluation.readers import read_design, read_sites
from stoop.evaluation.readers.design import design_of
from stoop.evaluation.tests.factories import DESIGN, town
from stoop.kernel.errors import Refusal

FULL = (
    DESIGN.replace('measure = "incidents"', 'measure = "incidents"\narea = "mapped"')
    .replace('field = "district"', 'field = "district"\nas_of = "each day"\nparts = {X = "A"}')
    .replace('end = "end"', 'end = "end"\nstatus = "status"\nat_work = ["a"]\nclosed = ["b"]')
    + '[[sample]]\nname = "late"\nstarts_from = 2015\nlast = 2017\n'
    + "[spillover]\nrings_m = [250, 500.5]\n"
    + '[comparison]\nunits = ["E", 4]\nleave_out_neighbours = true\nnot_yet_treated = false\n'
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.dates()
    | st.datetimes()
    | st.sampled_from(["a\nb", "x" * 5000, "\0", "2011-Q5", "9999", "mapped", ".", "../.."]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)
CELLS = st.one_of(
    st.sampled_from(["A", "2014", "2014-02-30", "2014-05-31", "9999-12-31", "0000", "", " ", "a"]),
    st.text(max_size=6),
)
LIGHT = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def places(table: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every key of a table, and of the tables in it."""
    pairs = table.items() if isinstance(table, dict) else enumerate(table)
    for key, value in pairs:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


PLACES = tuple(places(tomllib.loads(FULL)))


def sentence(refusal: Refusal) -> None:
    said = str(refusal)
    assert said.isprintable(), said
    assert said.endswith(".")
    assert len(said) < 500


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return town(tmp_path_factory.mktemp("fuzz"), design=FULL).parent


def test_the_full_design_is_one(folder: Path) -> None:
    assert isinstance(read_design(folder / "STUDY.toml"), Design)


@LIGHT
@given(st.sampled_from(PLACES), VALUES, st.sampled_from(["put", "take", "rename"]))
@example(("outcome", "files", 0), "x" * 5000, "put")
@example(("outcome", "files", 0), "gone\n.csv", "put")
@example(("period", "first"), "20\n06", "put")
def test_any_value_anywhere(folder: Path, place: tuple[Any, ...], value: Any, how: str) -> None:
    whole = copy.deepcopy(tomllib.loads(FULL))
    table: Any = whole
    for key in place[:-1]:
        table = table[key]
    if how == "put" or isinstance(table, list):
        table[place[-1]] = value
    else:
        held = table.pop(place[-1])
        if how == "rename":
            table[str(value)[:30]] = held
    try:
        assert isinstance(design_of(folder / "STUDY.toml", b"", whole), Design)
    except Refusal as refusal:
        sentence(refusal)


@LIGHT
@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode()))
@example(b"\xff\xfe")
@example(b"[a]\n[a]\n")
@example(b'question = "a\n')
def test_any_bytes(folder: Path, data: bytes) -> None:
    path = folder / "ANY.toml"
    path.write_bytes(data)
    with pytest.raises(Refusal) as refused:
        read_design(path)
    sentence(refused.value)


@LIGHT
@given(st.lists(st.lists(CELLS, max_size=5), max_size=5), st.booleans())
@example([["A", "2014", "x" * 300, "a"]], False)
@example([["A", "2014", "", "a\nb"], ["A", "2014", "", "c"]], True)
@example([["a\nb", "2014", "2013", "a"]], False)
def test_any_sites(folder: Path, rows: list[list[str]], by_status: bool) -> None:
    path = folder / "any.csv"
    quoted = (",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    text = "\n".join(["area,start,end,status", *quoted])
    path.write_text(text, encoding="utf-8", errors="replace")
    status = Status("status", ("a",), ("b",)) if by_status else None
    try:
        found = read_sites(path, area="area", start="start", end="end", status=status)
        assert isinstance(found, Sites)
        assert found.programs
    except Refusal as refusal:
        sentence(refusal)


@LIGHT
@given(st.binary(max_size=80))
@example(b"area,start\n\0,2014")
@example(b'area,start\n"' + b"x" * 200_000 + b'",2014')
def test_any_bytes_for_sites(folder: Path, data: bytes) -> None:
    path = folder / "bytes.csv"
    path.write_bytes(data)
    try:
        read_sites(path, area="area", start="start", end=None)
    except Refusal as refusal:
        sentence(refusal)
