"""What each chart says in particular."""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from stoop.ui.charts import (
    Area,
    Block,
    Estimate,
    Head,
    KnoxCell,
    Method,
    Month,
    Rank,
    Table,
    Window,
    Year,
    block_map,
    choropleth,
    class_breaks,
    format_p,
    hit_rates,
    hour_columns,
    hours_grid,
    knox_table,
    months,
    ranks,
    share_curve,
    years,
)
from stoop.ui.charts.ground import (
    Label,
    fit,
    label_point,
    length_words,
    outline,
    place_labels,
    scale_length,
)
from stoop.ui.charts.hours import fold_hour
from stoop.ui.charts.maps import level_of
from stoop.ui.charts.rates import apart
from stoop.ui.charts.svg import shorten, text_width

HEAD = Head("fig", "Title", "Description")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def square(x: float, y: float, side: float) -> list[tuple[float, float]]:
    return [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]


def rects(svg: str, style: str) -> list[dict[str, float]]:
    wide = ET.fromstring(f"<all>{svg}</all>")[0][0]
    found = [e for e in wide.iter("rect") if e.get("class") == style]
    return [{k: float(e.get(k)) for k in ("x", "y", "width", "height")} for e in found]


def test_columns_are_as_high_as_their_numbers():
    figure = years(HEAD, [Year("2019", 10), Year("2020", 30)], incidents_label="Incidents")
    low, high = rects(figure.svg, "bar")
    assert high["height"] == pytest.approx(3 * low["height"], rel=0.01)
    assert low["y"] + low["height"] == pytest.approx(high["y"] + high["height"], abs=0.2)


def test_a_year_not_over_is_hatched_and_starred():
    points = [Year("2019", 10, 12), Year("2020", 5, 6, partial=True)]
    figure = years(HEAD, points, incidents_label="Incidents", partial_label="up to 31 August")
    assert figure.svg.count('class="bar-part"') == 2  # once wide, once narrow
    assert ">2020*</text>" in figure.svg
    assert "* up to 31 August" in figure.legend
    assert figure.rows == (("2019", "10", "12"), ("2020*", "5", "6"))


def test_months_write_years_under_januaries():
    points = [Month(f"{2018 + i // 12}-{i % 12 + 1:02d}", i, i / 2) for i in range(30)]
    svg = months(HEAD, points, value_label="Incidents").svg
    assert re.findall(r">(20\d\d)</text>", svg) == ["2018", "2019", "2020"] * 2


def test_ranks_draw_whiskers_from_low_to_high():
    rows = [Rank("75", 1, 1, 3, 90), Rank("73", 2, 1, 4, 80, marked=True)]
    figure = ranks(HEAD, rows, area_label="Area", count_label="Incidents", marked_label="Program")
    assert figure.svg.count('class="whisker"') == 6
    assert figure.svg.count('class="whisker-chosen"') == 6
    assert figure.rows[1] == ("73", "2 (1–4)", "80", "yes")


def test_ranks_name_their_areas_on_a_phone_beside_a_long_header():
    rows = [Rank("75", 1, 1, 3, 185, 33.4, 28.8, 38.4), Rank("113", 2, 1, 4, 90, 9, 8, 10)]
    figure = ranks(
        HEAD,
        rows,
        area_label="Area",
        count_label="Incidents",
        rate_label="A year for each 100,000 residents of the area",
    )
    assert figure.svg.count(">75</text>") == 2, "once wide, once narrow"
    assert figure.svg.count(">Area</text>") == 2
    assert "…" not in figure.svg


def test_breaks_ascend_and_put_equal_counts_in_classes():
    values = list(range(1, 101))
    breaks = class_breaks(values)
    assert len(breaks) == 4
    levels = [level_of(v, breaks) for v in values]
    assert levels == sorted(levels)
    assert all(15 <= levels.count(level) <= 25 for level in range(1, 6))
    assert class_breaks([5, 5, 5]) == ()
    assert class_breaks([]) == ()
    assert class_breaks([0.0] * 9 + [1.5]) == (0.0,)


def test_a_value_on_a_break_is_in_the_lower_class():
    assert [level_of(v, (10, 20, 30, 40)) for v in (10, 11, 40, 41, None)] == [1, 2, 4, 5, 0]
    assert [level_of(v, (10,)) for v in (10, 11)] == [1, 5]


def test_map_states_its_classes_and_orders_its_table():
    areas = [Area(str(i), [square(i * 100, 0, 100)], i * 10, i == 4) for i in range(5)]
    figure = choropleth(
        HEAD, areas, area_label="Area", value_label="Incidents", breaks=(0, 15, 25, 60)
    )
    words = re.findall(r"<span>([^<]+)</span>", figure.legend)
    assert words[:5] == ["Incidents: 0", "1–15", "16–25", "26–60", "over 60"]
    assert [row[0] for row in figure.rows] == ["4", "3", "2", "1", "0"]
    assert figure.rows[0] == ("4", "40", "yes")
    assert "<title>3: 30</title>" in figure.svg
    with pytest.raises(ValueError, match="ascending"):
        choropleth(HEAD, areas, area_label="a", value_label="v", breaks=(2, 1))


def test_outlines_share_their_borders_and_keep_their_holes():
    place = fit((0, 0, 200, 100))
    left, right = [square(0, 0, 100)], [square(100, 0, 100)]
    edge = round(2 * place(100, 0)[0])
    assert str(edge) in outline(right, place)
    assert outline(left, place).startswith("M16 ")
    ring = [square(0, 0, 100), square(40, 40, 20)]
    assert outline(ring, place).count("z") == 2
    assert outline([square(0, 0, 0.01)], place) == ""


def test_a_label_stands_inside_even_a_bent_area():
    bent = [(0, 0), (300, 0), (300, 300), (200, 300), (200, 100), (0, 100)]
    place = fit((0, 0, 300, 300))
    x, y = label_point([bent], place)
    assert place(200, 0)[0] < x or y > place(0, 100)[1]
    assert label_point([bent], place, view=(0, 0, 1, 1)) is None
    assert label_point([], place) is None


def test_labels_never_overlap_nor_leave_the_drawing():
    labels = [Label("75", 50 + i, 50, gap=3 * (i % 2)) for i in range(12)]
    done, left = place_labels(labels, 14, (0, 0, 200, 100), [(0, 0, 20, 20)])
    assert len(done) + left == 12
    assert len(done) >= 8
    half = text_width("75", 14) / 2
    for i, a in enumerate(done):
        assert half <= a.x <= 200 - half
        assert 7 <= a.y <= 93
        for b in done[:i]:
            assert abs(a.x - b.x) >= 2 * half or abs(a.y - b.y) >= 14


def test_scale_bar_is_round_and_in_minutes_on_foot():
    assert scale_length(0.1, 216) == 2000
    assert scale_length(1, 216) == 200
    assert length_words(2000, walk="%(minutes)s min walk") == "2 km, 25 min walk"
    assert length_words(50) == "50 m"


def test_block_map_tells_hot_from_forecast_without_colour():
    cells = [
        Block(0, 0, 250, strength=2, label="A", value=7),
        Block(250, 0, 250, forecast=True, label="B", value=3),
    ]
    figure = block_map(
        HEAD,
        cells,
        outline_rings=[square(0, 0, 1000)],
        strengths=["Some", "Strong"],
        forecast_label="Next month",
        value_label="Incidents",
    )
    assert 'class="forecast" fill="url(#fig-map-hatch-ink)"' in figure.svg
    assert figure.rows == (("A", "Strong", "no", "7"), ("B", "no", "yes", "3"))
    with pytest.raises(ValueError, match="strength"):
        block_map(
            HEAD, cells, outline_rings=[], strengths=[], forecast_label="x", frame=(0, 0, 1, 1)
        )


def test_letters_stand_in_their_own_cells_in_a_crowd_of_cells():
    """Beside them nobody could tell which letter is whose."""
    cells = [Block(250 * i, 250 * j, 250, 1, True, "ABCDEFGHI"[3 * i + j])
             for i in range(3) for j in range(3)]  # fmt: skip
    figure = block_map(
        HEAD,
        cells,
        outline_rings=[square(0, 0, 6000)],
        strengths=["x"],
        forecast_label="y",
    )
    d = re.search(r'class="forecast" fill="[^"]*" d="([^"]*)"', figure.svg).group(1)
    corners = [tuple(map(float, c)) for c in re.findall(r"M([\d.]+) ([\d.]+)h", d)]
    side = float(re.search(r"h([\d.]+)v", d).group(1))
    letters = re.findall(r'<text class="tb halo"[^>]* x="([\d.]+)" y="([\d.]+)">[A-I]<', figure.svg)
    assert len(letters) == 18, "nine for the desk, nine for the phone"
    for x, y in letters:
        assert any(cx < float(x) < cx + side and cy < float(y) < cy + side for cx, cy in corners)


def test_block_map_looks_at_the_main_part_not_at_far_islands():
    main, island = square(0, 0, 1000), square(90_000, 0, 100)
    cells = [Block(0, 0, 250, strength=1)]
    figure = block_map(
        HEAD, cells, outline_rings=[main, island], strengths=["x"], forecast_label="y"
    )
    side = float(re.search(r'class="cell q2" d="M[\d. ]+h([\d.]+)v', figure.svg).group(1))
    assert side > 100


def test_hit_rates_mark_the_chosen_method():
    methods = [
        Method("Count", (Estimate(0.11, 0.09, 0.13),)),
        Method("Decayed", (Estimate(0.14, 0.12, 0.16),), chosen=True),
    ]
    figure = hit_rates(HEAD, methods, ["1% of the land"], chosen_label="used here")
    assert figure.rows[1] == ("Decayed (used here)", "14.0% (12.0–16.0%)")
    assert figure.svg.count('class="mark-chosen"') == 2
    assert "interval" in figure.legend
    bare = hit_rates(HEAD, [Method("Count", (Estimate(0.11),))], ["1% of the land"])
    assert "interval" not in bare.legend, "a key for nothing drawn"
    with pytest.raises(ValueError, match="panels"):
        hit_rates(HEAD, methods, ["1%", "2%"])


def test_share_curve_marks_only_what_it_has():
    shares = [0.1 * k for k in range(1, 8)]
    figure = share_curve(
        HEAD, shares, shares, chosen_label="c", best_label="b", areas_label="n", marks=(3, 5, 30)
    )
    assert ">3</text>" in figure.svg
    assert ">30</text>" not in figure.svg
    assert figure.rows[2] == ("3", "30.0%", "30.0%")


def test_marks_are_set_apart_in_order():
    places = apart([50, 55, 190], 40, (0, 200))
    assert places == sorted(places)
    assert all(b - a >= 40 for a, b in pairwise(places))
    assert places[-1] <= 180


@pytest.mark.parametrize(("start", "hours", "fold"), [(21, 4, 12), (11, 3, 6), (0, 24, 0)])
def test_a_window_is_never_cut_by_the_fold(start, hours, fold):
    assert fold_hour(Window(start, hours, "w")) == fold
    assert fold_hour(None) == 12


def test_friday_night_is_one_row():
    counts = [[0] * 24 for _ in range(7)]
    counts[4][23] = 6  # Friday 23:00
    counts[5][1] = 7  # Saturday 01:00
    counts[0][3] = 2  # Monday 03:00, which is Sunday's night
    window = Window(22, 4, "late", frozenset({4}))
    figure = hours_grid(HEAD, counts, weekdays=DAYS, count_label="All", window=window)
    table = {row[0]: dict(zip(figure.headers, row, strict=True)) for row in figure.rows}
    assert table["23:00"]["Fri–Sat"] == "6"
    assert table["01:00"]["Fri–Sat"] == "7"
    assert table["03:00"]["Sun–Mon"] == "2"
    (box,) = rects(figure.svg, "window")
    cells = [e for e in rects(figure.svg, "q1") if e["height"] == box["height"] - 1]
    assert cells  # the window is one row high
    assert box["width"] == pytest.approx(4 * (cells[0]["width"] + 1), abs=0.5)


def test_hours_check_their_shape():
    with pytest.raises(ValueError, match="7 days"):
        hours_grid(HEAD, [[1]], weekdays=DAYS, count_label="n")
    with pytest.raises(ValueError, match="24 hours"):
        hour_columns(HEAD, [1], count_label="n")
    with pytest.raises(ValueError, match="window"):
        Window(24, 1, "w")


def test_knox_shades_only_what_is_raised_beyond_chance():
    cells = [[KnoxCell(1.47, 0.001, 120, 81.6), KnoxCell(1.6, 0.2), KnoxCell(0.5, 0.01)]]
    html = knox_table(
        HEAD, cells, distances=["0–200 m"], times=["a", "b", "c"], corner_label="Distance"
    ).svg
    assert html.count("▲") == 1
    assert html.count('class="number k3"') == 1
    plain = re.sub(r"<[^>]+>", "", html)
    assert "120 seen" in plain
    assert "81.6 expected" in plain
    assert format_p(0.001) == "0.001"
    assert format_p(0.0004) == format_p(0.0) == "below 0.001"
    assert format_p(0.25) == "0.25"
    assert format_p(None) == "no p"


def test_table_aligns_numbers_and_names_rows():
    table = Table(("Area", "Rate", "Program"), (("75", "12.3 (10–15)", "Alpha"), ("1", "–", "B")))
    assert table.numeric == (False, True, False)
    assert table.lines[0][1].header == "Rate"
    with pytest.raises(ValueError, match="cells under"):
        Table(("a",), (("1", "2"),))


def test_texts_are_cut_to_their_room():
    assert shorten("Sector 75", 1000, 14) == "Sector 75"
    cut = shorten("Sector 75 Riverside", 80, 14)
    assert cut.endswith("…")
    assert text_width(cut, 14) <= 80
