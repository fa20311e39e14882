"""Dates and times as tables write them."""

from pathlib import Path

import numpy as np
import pytest

from stoop.incidents import readers
from stoop.kernel.errors import Refusal


def read(
    tmp_path: Path,
    dates: list[str],
    times: list[str] | None = None,
    header: str = "date",
    timezone: str | None = None,
) -> readers.Shootings:
    """Read a file of these dates, each at a place of its own."""
    lines = [f"{header}\ttime\tlat\tlon" if times else f"{header}\tlat\tlon"]
    for i, date in enumerate(dates):
        cells = [date, *([times[i]] if times else []), f"40.{i:04d}1", "-75.5"]
        lines.append("\t".join(cells))
    path = tmp_path / "a.tsv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return readers.read([path], timezone=timezone)


@pytest.mark.parametrize(
    ("text", "minute"),
    [
        ("2019-08-23", -1),
        ("2019/08/23", -1),
        ("8/23/2019", -1),
        ("08-23-2019", -1),
        ("23.08.2019", -1),
        ("20190823", -1),
        ("20190823.0", -1),
        ("Aug 23, 2019", -1),
        ("Friday, August 23, 2019", -1),
        ("23-Aug-2019", -1),
        ("43700", -1),
        ("43700.0", -1),
        ("43700.92361111111", 1330),
        ("2019-08-23T22:10:00.000", 1330),
        ("2019-08-23 22:10", 1330),
        ("08/23/2019 10:10:00 PM", 1330),
        ("8/23/2019 10:10 p.m.", 1330),
        ("Aug 23 2019 10:10PM", 1330),
        ("8/23/2019 12:05 AM", 5),
    ],
)
def test_a_day_however_written(tmp_path, text, minute):
    shootings = read(tmp_path, [text])
    assert shootings.date[0] == np.datetime64("2019-08-23")
    assert shootings.minute[0] == minute


@pytest.mark.parametrize(
    ("text", "minute"),
    [
        ("22:10:00", 1330), ("22:10", 1330), ("10:10 PM", 1330), ("10:10:30 pm", 1330),
        ("2210", 1330), ("2210.0", 1330), ("22h10", 1330), ("0.9236", 1330),
        ("0.923611111111111", 1330), ("0.99999", 1439),
        ("1899-12-31T22:10:00.000", 1330), ("T22:10:00Z", 1330),
        ("12:00 AM", 0), ("12:00 PM", 720), ("0:52:00", 52), ("0", 0), ("", -1), ("(null)", -1),
        ("UNKNOWN", -1),
    ],
)  # fmt: skip
def test_a_time_however_written(tmp_path, text, minute):
    shootings = read(tmp_path, ["2019-08-23", "2019-08-24"], [text, "1:00"])
    assert shootings.minute[0] == minute
    assert not len(shootings.report.rejects)


def test_bare_digits_are_a_clock_or_hours(tmp_path):
    dates = ["2019-08-23"] * 3
    assert read(tmp_path, dates, ["2210", "45", "5"]).minute.tolist() == [1330, 45, 5]
    assert read(tmp_path, dates, ["22", "5", "0"]).minute.tolist() == [1320, 300, 0]


def test_24_00_is_the_next_day(tmp_path):
    shootings = read(tmp_path, ["2019-12-31", "2019-12-30"], ["24:00", "2400"])
    assert [str(d) for d in shootings.date] == ["2020-01-01", "2019-12-31"]
    assert shootings.minute.tolist() == [0, 0]
    assert any("24:00" in note for note in shootings.report.notes)


def test_a_strange_time_costs_only_the_hour(tmp_path):
    strange = ["25:99", "24:30", "22:60", "Mr Smith's house", "12 Main St"]
    shootings = read(tmp_path, ["2019-12-31"] * 5, strange)
    assert shootings.minute.tolist() == [-1] * 5
    shown = [": 25:99", ": 24:30", ": 22:60", "", ""]
    assert [(r.row, r.reason, r.use) for r in shootings.report.rejects] == [
        (i, f"time that cannot be read{value}", "all but the hour")
        for i, value in enumerate(shown, 1)
    ]
    assert shootings.report.rows_rejected == 0


def test_the_whole_column_tells_day_from_month(tmp_path):
    days_first = read(tmp_path, ["03/04/2019", "25/04/2019"])
    assert [str(d) for d in days_first.date] == ["2019-04-03", "2019-04-25"]
    month_first = read(tmp_path, ["03/04/2019", "04/25/2019"])
    assert [str(d) for d in month_first.date] == ["2019-03-04", "2019-04-25"]
    neither = read(tmp_path, ["03/04/2019", "05/06/2019"])
    assert [str(d) for d in neither.date] == ["2019-03-04", "2019-05-06"]
    assert any("month is read first" in note for note in neither.report.notes)
    # The twelfth tells nothing: 05/12 is no sign that the month comes first.
    twelfth = read(tmp_path, ["05/12/2019", "25/04/2019"])
    assert [str(d) for d in twelfth.date] == ["2019-12-05", "2019-04-25"]
    twelfth = read(tmp_path, ["12/05/2019", "04/25/2019"])
    assert [str(d) for d in twelfth.date] == ["2019-12-05", "2019-04-25"]


def test_dates_that_contradict_each_other_are_refused(tmp_path):
    with pytest.raises(Refusal, match="mixes dates"):
        read(tmp_path, ["25/04/2019", "04/25/2019"])


@pytest.mark.parametrize("good", [299, 99])
def test_one_slip_in_a_hundred_is_rejected(tmp_path, good):
    shootings = read(tmp_path, ["04/25/2019"] * good + ["25/04/2019"])
    (reject,) = shootings.report.rejects
    assert (reject.row, reject.use) == (good + 1, "nothing")
    assert "other way round" in reject.reason


def test_two_digit_years_are_refused(tmp_path):
    with pytest.raises(Refusal, match="two digits"):
        read(tmp_path, ["8/23/19", "8/24/19"])
    with pytest.raises(Refusal, match="two digits"):
        read(tmp_path, ["8/23/19"] * 3 + ["8/24/2019", "8/25/2019"])
    shootings = read(tmp_path, ["8/23/19", "8/24/2019", "8/25/2019"])
    assert shootings.report.reasons == {("year of two digits", "nothing"): 1}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1899-12-31", "date outside 1900 to 2100: 1899-12-31"),
        ("2101-01-01", "date outside 1900 to 2100: 2101-01-01"),
        ("2019-02-30", "date that no calendar has: 2019-02-30"),
        ("John Doe", "date that cannot be read"),
        ("", "no date"),
        ("(null)", "no date"),
        ("9999999999999999", "date that cannot be read: 9999999999999999"),
        ("9" * 33, "date that cannot be read"),
        ("12 Main St, apt 4", "date that cannot be read"),
    ],
)
def test_what_is_no_date_is_named(tmp_path, text, reason):
    shootings = read(tmp_path, ["2019-08-23", text])
    (reject,) = shootings.report.rejects
    assert (reject.row, reject.reason, reject.use) == (2, reason, "nothing")
    assert shootings.report.rows_read == 2


def test_a_slip_in_the_year_stands_out(tmp_path):
    days = [f"2019-{m:02d}-{d:02d}" for m in range(1, 13) for d in range(1, 29)]
    slips = ["2091-01-01", "2026-01-01", "1970-01-01"]
    shootings = read(tmp_path, [*days, *slips, "2023-01-01", "2000-01-01"])
    assert [r.reason for r in shootings.report.rejects] == [
        f"date years away from all others: {slip}" for slip in slips
    ]


def test_the_first_and_the_last_day_that_are_believed(tmp_path):
    shootings = read(tmp_path, ["1900-01-01", "2100-12-31"])
    assert [str(d) for d in shootings.date] == ["1900-01-01", "2100-12-31"]


def test_midnight_everywhere_is_no_time(tmp_path):
    shootings = read(tmp_path, ["2019-08-23T00:00:00.000", "2019-08-24T00:00:00.000"])
    assert shootings.minute.tolist() == [-1, -1]
    assert any("no time" in note for note in shootings.report.notes)
    zoned = read(tmp_path, ["2019-08-23T00:00:00Z"], timezone="America/New_York")
    assert str(zoned.date[0]) == "2019-08-23"


def test_the_time_column_wins(tmp_path):
    shootings = read(tmp_path, ["2019-08-23 11:00", "2019-08-24 12:00"], ["22:10", ""])
    assert shootings.minute.tolist() == [1330, -1]


def test_offsets_become_local_time_with_daylight_saving(tmp_path):
    moments = {
        "2019-07-01T02:30:00Z": ("2019-06-30", 22 * 60 + 30),
        "2019-01-01T02:30:00Z": ("2018-12-31", 21 * 60 + 30),
        "2019-07-01T02:30:00+02:00": ("2019-06-30", 20 * 60 + 30),
        "2019-07-01T02:30:00-07:00": ("2019-07-01", 5 * 60 + 30),
    }
    stamps = list(moments)
    shootings = read(tmp_path, stamps, timezone="America/New_York")
    found = zip(map(str, shootings.date), shootings.minute.tolist(), strict=True)
    assert dict(zip(stamps, found, strict=True)) == moments
    as_written = read(tmp_path, stamps)
    assert as_written.minute.tolist() == [150] * 4
    assert any("--timezone" in note for note in as_written.report.notes)


def test_epochs_are_read_and_converted(tmp_path):
    # 2019-07-01 04:00 UTC is midnight in New York: days, written by a server as moments.
    days = read(tmp_path, ["1561953600000", "1562040000000"], timezone="America/New_York")
    assert [str(d) for d in days.date] == ["2019-07-01", "2019-07-02"]
    assert days.minute.tolist() == [-1, -1]
    moments = read(tmp_path, ["1561953660", "1562040000"], timezone="America/New_York")
    assert moments.minute.tolist() == [1, 0]


def test_an_hour_column_serves_where_nothing_better_does(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("date,hour,lat,lon\n2019-08-23,22,40,-75\n2019-08-23,5,40.1,-75\n")
    assert readers.read([path]).minute.tolist() == [1320, 300]
    path.write_text("date,hour,lat,lon\n2019-08-23 22:10,22,40,-75\n")
    assert readers.read([path]).minute.tolist() == [1330]
