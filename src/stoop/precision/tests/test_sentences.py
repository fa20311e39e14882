"""The sentences hold at the edges: one, none, part of a year, a list of everything."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from stoop.precision.studies.areas import Areas, Coverage, Covered, Curve, Rank
from stoop.precision.studies.blocks import HotSpots
from stoop.precision.studies.hours import Hours, Span
from stoop.precision.studies.near_repeat import NearRepeat
from stoop.precision.studies.trend import Change, LongRun, Trend, Year
from stoop.precision.views import sentences
from stoop.precision.views.sentences.times import fullest
from stoopstat.events import events
from stoopstat.nearrepeat import knox
from stoopstat.watchzone import watch_zone


def years(*counts: int, whole: bool = True) -> Trend:
    """Years that end with 2020; the last is whole or runs to 30 June."""
    first = 2021 - len(counts)
    listed = tuple(
        Year(first + i, whole or i < len(counts) - 1, n, n, n, n // 5, n, n)
        for i, n in enumerate(counts)
    )
    now, before = counts[-1], counts[-2]
    change = Change(now, before, now / before, 0.5, 2.0, "quasi-Poisson", 2.0)
    run = LongRun(first, 2019, 100.0, 80.0, 120.0, "above", now / 100)
    last = date(2020, 12, 31) if whole else date(2020, 6, 30)
    return Trend(
        2020, whole, date(first, 1, 1), last, listed, (), change, change, run, dispersion=2.0
    )


def area(code: str, rank: int, incidents: int, share: float) -> Rank:
    return Rank(
        code, rank, rank, rank + 1, incidents, incidents, incidents, share, incidents, 0.0, 9.0,
        0.999, rank, None, None, None, None,
    )  # fmt: skip


def ranking(*counts: int, top: int) -> Areas:
    total = max(sum(counts), 1)
    ranked = tuple(area(f"A{i}", i, n, n / total) for i, n in enumerate(counts, 1))
    curve = Curve(tuple(0.1 * i for i in range(1, 9)), tuple(0.11 * i for i in range(1, 9)))
    return Areas(
        ranked, top, 36, date(2018, 1, 1), date(2020, 12, 31), "incidents", sum(counts), 0, (),
        curve, True, (), (), (), (), None,
    )  # fmt: skip


def test_a_year_under_way_is_compared_with_the_same_days() -> None:
    said = sentences.trend(years(90, 110, 95, 100, 150, whole=False), date(2020, 6, 30))
    assert said.answer.startswith("From 1 January to 30 June 2020 there were 150 ")
    assert "the same days of 2019 (100)" in said.answer
    assert "No earlier year on file (2016 to 2019) had as many by this day." in said.more[-1]


def test_the_last_year_like_this_is_named_when_long_ago() -> None:
    said = sentences.trend(years(160, 110, 95, 100, 150), date(2020, 12, 31))
    assert "The last year with as many was 2016, with 160." in said.more[-1]
    assert "by this day" not in said.more[-1]
    fell = sentences.trend(years(40, 110, 95, 100, 50), date(2020, 12, 31))
    assert "The last year with as few was 2016, with 40." in fell.more[-1]


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (0, "In 2020 there was no shooting incident on file"),
        (1, "In 2020 there was one shooting incident, with at least 1 victim:"),
        (2, "In 2020 there were 2 shooting incidents, with at least 2 victims:"),
    ],
)
def test_one_and_none(now: int, words: str) -> None:
    assert sentences.trend(years(5, 4, 6, 5, now), date(2020, 12, 31)).answer.startswith(words)


def test_deaths_are_said_only_where_the_file_knows() -> None:
    t = years(90, 110, 95, 100, 150)
    assert "In 30 of the incidents (20%) someone died." in sentences.trend(t, t.last_date).more
    some = sentences.trend(t, t.last_date, without_fatal=7).more
    assert any(s.startswith("In at least 30 ") for s in some)
    none = sentences.trend(t, t.last_date, without_fatal=545).more
    assert not any("died" in s for s in none)


def test_a_list_of_every_area_is_not_said_to_hold_everything() -> None:
    said = sentences.areas(ranking(40, 30, 10, 10, 5, 5, top=6))
    assert said.answer.startswith("5 of 6 areas held 95% ")
    assert said.answer.endswith(": areas A1, A2, A3, A4 and A5.")
    assert not any("worth having" in s for s in said.more)
    assert sentences.areas(ranking(7, top=1)).answer.endswith("a known area are in A1.")
    assert sentences.areas(ranking(0, 0, top=1)).answer.startswith("No incident of the last 36")


def test_intervals_of_earlier_lists_are_held_against_the_year_after() -> None:
    a = ranking(40, 30, 10, 10, 5, 5, 1, 1, top=2)
    assert not any("year after" in s for s in sentences.areas(a).more)
    said = sentences.areas(replace(a, held=0.61, held_windows=4)).more[0]
    assert "of 4 earlier lists, 61% of the areas kept within theirs in the year after." in said


def test_the_list_is_judged_at_its_own_length() -> None:
    said = sentences.areas(ranking(40, 30, 10, 10, 5, 5, 1, 1, top=2))
    assert "The first 2 of a list made a year ago" in said.more[1]
    assert "held 22.0%, and 2 at random would hold 25%" in said.more[1]


@pytest.mark.parametrize(
    ("programs", "words"),
    [
        ((("One",), ("Two",)), "Each of them has a program running."),
        (((), ()), "None of them has a program running."),
        ((("One",), ()), "1 of the 2 has no program running."),
    ],
)
def test_gaps_in_words(programs: tuple[tuple[str, ...], ...], words: str) -> None:
    covered = tuple(Covered(f"A{i}", i, names) for i, names in enumerate(programs, 1))
    c = Coverage(covered, 1, 1, 0, (), ())
    assert sentences.gaps(c) == words
    assert "1 program of the file begins later" in sentences.coverage(c)


def test_one_hot_spot_and_none() -> None:
    none = HotSpots(
        250.0, 375.0, 36, date(2018, 1, 1), 0.05, 100, 6.25, "", 50, 0, 0, 0, 0, 0.2, 0.5, 0.1, ()
    )
    assert sentences.hot_spots(none).answer.startswith("No block stands out")


def near(ratio: float, low: float, high: float, *, raised: bool) -> NearRepeat:
    rng = np.random.default_rng(1)
    place = rng.uniform(0, 2_000, (2, 40))
    found = knox(
        events(place[0], place[1], rng.integers(0, 90, 40)),
        distance_m=(100, 200),
        window_days=(7, 14),
        permutations=9,
        rng=rng,
    )
    extra = {
        "extra_per_incident": (ratio - 1) / 40,
        "extra_low": (low - 1) / 40,
        "extra_high": (high - 1) / 40,
    }
    zone = replace(
        watch_zone(found), raised=raised, ratio=ratio, ratio_low=low, ratio_high=high, **extra
    )
    tables = (found.within, found.within, found.within)
    return NearRepeat(40, 2020, 2020, (100.0, 200.0), (7, 14), 9, *tables, zone)


def test_raised_risk_is_said_with_its_interval_and_in_counts() -> None:
    said = sentences.near_repeat(near(1.5, 1.2, 1.8, raised=True))
    assert "+50% (95% interval +20% to +80%), about one more for every 80 shootings" in said.answer
    assert "(50 to 200)" in said.answer
    calm = sentences.near_repeat(near(0.9, 0.7, 1.2, raised=False)).answer
    assert calm.startswith("No raised risk")
    assert "one more" not in calm


def test_drift_is_spoken_of_only_where_a_longer_shuffle_finds_more() -> None:
    n = near(0.9, 0.7, 1.2, raised=False)
    assert not any("Read with care" in s for s in sentences.near_repeat(n).more)
    drifts = replace(n, all_time=replace(n.all_time, ratio=n.all_time.ratio + 0.3))
    assert any("Read with care" in s for s in sentences.near_repeat(drifts).more)


def test_the_line_under_the_title_counts_rows_that_were_used() -> None:
    day = date(2020, 3, 1)
    assert sentences.source(1, 2, 1, day, day).startswith("1 shooting incident from 2 rows in 1 f")


def test_fullest_hours_cross_midnight_with_their_night() -> None:
    week = [[0] * 24 for _day in range(7)]
    week[4][23] = 10  # Friday night, before midnight
    week[5][0] = week[5][1] = week[5][2] = 10  # and after it
    week[5][3] = 1
    counts = tuple(tuple(day) for day in week)
    assert fullest(counts, (4,)) == (23, 40, 41)
    assert fullest(counts, (5,)) == (12, 0, 0)


def test_weekend_hours_are_told_apart_only_where_they_differ() -> None:
    span = Span(1260, 60, 300, 1000, 0.3, 0.27, 0.33)
    week = [[10 if h in (20, 21, 22, 23) else 1 for h in range(24)] for _day in range(7)]
    same = Hours(
        counts=tuple(map(tuple, week)),
        known=1000,
        unknown=0,
        midnight_suspicious=False,
        midnight_scarce=False,
        at_midnight=0,
        midnight_expected=0.0,
        best=None,
        best_earlier_share=None,
        occupy=span,
        weekend=None,
        areas=(),
    )
    assert not any("fullest" in s for s in sentences.hours(same).more)
    for day in (5, 6):
        week[day] = [30 if h < 4 else 1 for h in range(24)]
    differ = replace(same, counts=tuple(map(tuple, week)))
    said = next(s for s in sentences.hours(differ).more if "fullest" in s)
    assert "Friday and Saturday nights are fullest from 00:00 to 04:00" in said
    assert "the other nights from 20:00 to 00:00" in said
