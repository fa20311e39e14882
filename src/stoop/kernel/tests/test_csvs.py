"""Tables out: no cell is a program, and every cell comes back as it was."""

import csv
import io

import pytest

from stoop.kernel import csvs


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "|x", "%0A", "\ufeff=1"],
)
def test_what_a_spreadsheet_would_compute_is_text(cell):
    assert csvs.safe(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["Elm & Oak", "a=b", "شارع", "5 Avenue", "", 3, -3.5, True])
def test_the_rest_stays(cell):
    assert csvs.safe(cell) == cell


def test_nothing_is_empty_and_a_null_character_is_gone():
    assert csvs.safe(None) == ""
    assert csvs.safe("a\x00b") == "ab"


def test_lines_read_back():
    rows = [['a "quoted" one', "two, with a comma"], ["three\nlines", None]]
    text = "".join(csvs.lines(["=x", "y"], rows))
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["'=x", "y"],
        ['a "quoted" one', "two, with a comma"],
        ["three\nlines", ""],
    ]
    assert text.count("\r\n") == 3
