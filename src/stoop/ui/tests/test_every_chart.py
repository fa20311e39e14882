"""What must hold for every chart: well-formed, escaped, honest about what is missing."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest
from django.template.loader import render_to_string

from stoop.ui.charts import (
    Area,
    Band,
    Block,
    Branch,
    Circle,
    Estimate,
    Figure,
    Head,
    Kind,
    KnoxCell,
    Method,
    Month,
    Rank,
    Site,
    Window,
    Year,
    block_map,
    choropleth,
    forest,
    format_number,
    hit_rates,
    hour_columns,
    hours_grid,
    interval,
    knox_table,
    months,
    ranks,
    share_curve,
    sparkline,
    years,
)

NAN = float("nan")
EVIL = '<script>alert("1")</script>\x00&'
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def head(words: str = "Title") -> Head:
    return Head("fig", words, "What it shows: " + words, caption=words)


def square(x: float, y: float, side: float = 1000.0) -> list[tuple[float, float]]:
    return [(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)]


def a_years(v: list[float | None], w: str) -> Figure:
    points = [Year(f"{w}{2000 + i}", n, n, i == len(v) - 1) for i, n in enumerate(v)]
    band = Band(1, 3, w, 2)
    return years(head(w), points, incidents_label=w, victims_label=w, band=band)


def a_months(v: list[float | None], w: str) -> Figure:
    points = [Month(f"{w}{i}", n, n, i == len(v) - 1) for i, n in enumerate(v)]
    return months(head(w), points, value_label=w, rolling_label=w)


def a_ranks(v: list[float | None], w: str) -> Figure:
    rows = [Rank(w, n, n, n, n, n, n, n, i == 0) for i, n in enumerate(v)]
    return ranks(
        head(w), rows, area_label=w, count_label=w, rate_label=w, marked_label=w, cut=1, cut_label=w
    )


def a_city(v: list[float | None], w: str) -> Figure:
    areas = [Area(f"{w}{i}", [square(1000 * i, 0)], n, i == 0) for i, n in enumerate(v)]
    site, circle = Site(500, 500, w), Circle(500, 500, 200, w)
    return choropleth(
        head(w), areas, area_label=w, value_label=w, sites=[site], kinds=[w], circles=[circle]
    )


def a_block(v: list[float | None], w: str) -> Figure:
    cells = [Block(250 * i, 0, 250, 1 + i % 2, i == 0, w, n) for i, n in enumerate(v)]
    return block_map(
        head(w),
        cells,
        outline_rings=[square(0, 0)] if v else [],
        neighbours=[(w, [square(1000, 0)])] if v else [],
        strengths=[w, w],
        forecast_label=w,
        outline_label=w,
        value_label=w,
        walk=f"%(minutes)s {w}",
    )


def a_hits(v: list[float | None], w: str) -> Figure:
    methods = [Method(w, (Estimate(n, n, n), Estimate(n)), i == 0) for i, n in enumerate(v)]
    return hit_rates(head(w), methods, [w, w], chosen_label=w)


def a_forest(v: list[float | None], w: str) -> Figure:
    branches = [Branch(w, NAN if n is None else n, n, n, "one") for n in v]
    kinds = {"one": Kind(w, "square", chosen=True)}
    return forest(head(w), branches, kinds, headers=(w, w, w), write=format_number)


def a_share(v: list[float | None], w: str) -> Figure:
    return share_curve(head(w), v, v, chosen_label=w, best_label=w, areas_label=w, marks=(1, 2))


def a_grid(v: list[float | None], w: str) -> Figure:
    day = (v + [0] * 24)[:24]
    counts = [day] * 7
    days = [w] * 7 if w == EVIL else DAYS
    return hours_grid(
        head(w), counts, weekdays=days, count_label=w, window=Window(21, 4, w, frozenset({4, 5}))
    )


def a_columns(v: list[float | None], w: str) -> Figure:
    return hour_columns(head(w), (v + [0] * 24)[:24], count_label=w, window=Window(21, 4, w))


def a_knox(v: list[float | None], w: str) -> Figure:
    rows = [[KnoxCell(n, 0.01, n, n)] for n in v]
    return knox_table(
        head(w), rows, distances=[w] * len(v), times=[w], corner_label=w, raised_label=w
    )


CHARTS: list[Callable[[list[float | None], str], Figure]] = [
    a_years,
    a_months,
    a_ranks,
    a_city,
    a_block,
    a_hits,
    a_forest,
    a_share,
    a_grid,
    a_columns,
    a_knox,
]
every_chart = pytest.mark.parametrize("chart", CHARTS, ids=lambda f: f.__name__[2:])
VALUES = {
    "some": [3.0, 1.0, 2.0, 5.0],
    "one": [4.0],
    "huge": [1e15, 3.0],
    "zero and one": [0.0, 1.0],
    "missing": [3.0, None, NAN, 2.0],
}


def parse(markup: str) -> ET.Element:
    return ET.fromstring(f"<all>{markup}</all>")


def texts(markup: str) -> list[str]:
    return ["".join(e.itertext()) for e in parse(markup).iter("text")]


@every_chart
@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES.keys())
def test_well_formed_and_without_numbers_that_are_none(chart, values):
    figure = chart(values, "word")
    for markup in (figure.svg, figure.legend):
        tree = parse(markup)
        for element in tree.iter():
            for name, value in element.attrib.items():
                if name not in {"id", "class", "aria-labelledby", "aria-describedby"}:
                    assert not re.search(r"nan|inf|none|e[+-]?\d", value.lower()), (name, value)


@every_chart
def test_escapes_every_word(chart):
    figure = chart([1.5, 2.0, 3.0], EVIL)
    page = render_to_string("ui/figure.html", {"figure": figure})
    assert "<script" not in page
    assert "\x00" not in figure.svg
    assert "!! missing" not in page
    assert "&lt;script&gt;" in page
    parse(page.replace("&nbsp;", " "))


@every_chart
def test_ids_are_unique_and_every_reference_has_its_target(chart):
    figure = chart([3.0, None, 5.0], "word")
    page = render_to_string("ui/figure.html", {"figure": figure})
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    wanted = set(re.findall(r"url\(#([\w-]+)\)", page))
    for value in re.findall(r'aria-(?:labelledby|describedby)="([^"]+)"', page):
        wanted |= set(value.split())
    assert wanted <= set(ids)


@every_chart
def test_picture_has_a_name_and_a_description(chart):
    figure = chart([3.0, 1.0], "word")
    for svg in parse(figure.svg).iter("svg"):
        if svg.get("role") == "img":
            assert svg.find("title").text == "word"
            assert svg.find("desc").text == "What it shows: word"
            assert svg.get("viewBox")


@every_chart
def test_every_picture_has_its_table(chart):
    figure = chart([3.0, 1.0], "word")
    if "<table" in figure.svg:
        assert figure.table is None
    else:
        assert figure.rows
        assert all(len(row) == len(figure.headers) for row in figure.rows)


@every_chart
@pytest.mark.parametrize("values", [[], [None, NAN]], ids=["empty", "all missing"])
def test_nothing_to_draw_is_said(chart, values):
    if chart is a_grid or chart is a_columns:
        values = values + [0] * 24
    if chart in (a_city, a_block) and values:
        assert "No data" in chart(values, "w").legend or chart is a_block
        return
    figure = chart(values, "word")
    assert 'class="empty"' in figure.svg
    assert "<svg" not in figure.svg
    assert figure.table is None


@every_chart
def test_the_same_input_gives_the_same_bytes(chart):
    assert chart([3.0, 1.0], "w") == chart([3.0, 1.0], "w")


@pytest.mark.parametrize("chart", [a_years, a_months, a_grid, a_columns, a_city])
def test_missing_is_drawn_as_missing(chart):
    figure = chart([3.0, None, 2.0], "w")
    assert "-dots)" in figure.svg
    assert "No data" in figure.legend
    assert "no data" in {cell for row in figure.rows for cell in row}
    assert "-dots)" not in chart([3.0, 1.0, 2.0], "w").svg


def test_no_letter_is_under_twelve_pixels_on_a_phone():
    """A phone of 360 px leaves 328 for a picture: its drawing units, so 1 unit is 1 px."""
    for chart in CHARTS:
        for svg in parse(chart([3.0, 1.0], "w").svg).iter("svg"):
            width = float(svg.get("viewBox").split()[2])
            if svg.get("class") == "map":
                narrow = next(g for g in svg if g.get("class") == "only-narrow")
                assert float(narrow.get("font-size")) * 328 / width >= 12
            elif svg.get("class") == "chart chart-narrow":
                assert (width, float(svg.get("font-size"))) == (328, 13)


def test_a_bad_id_is_refused():
    with pytest.raises(ValueError, match="letters, digits"):
        Head('x" onload="', "t", "d")


def test_interval_and_sparkline():
    bar = interval(0.9, 1.1, 1.3, start=0.5, end=1.5, zero=1)
    cut = interval(0.1, 1.1, 9, start=0.5, end=1.5)
    line = sparkline([1, None, 3, NAN, 2])
    for markup in (bar, cut, line, sparkline([0]), sparkline([1e15, 3])):
        assert "nan" not in markup
        assert parse(markup).find("svg").get("aria-hidden") == "true"
    assert 'class="zero"' in bar
    assert "L" in cut  # an end beyond the axis is an arrow
    assert line.count("M") >= 3  # gaps stay gaps
    assert interval(1, None, 2, start=0, end=1) == ""
    assert interval(1, 1, 2, start=1, end=1) == ""
    assert sparkline([None, NAN]) == ""
