"""The command line: misuse is one sentence and exit code 2, whatever was typed."""

import gc
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stoop.config import cli
from stoop.config.cli import options, serve, show
from stoop.precision.tests import factories

RUN = [sys.executable, "-c", "from stoop.config.cli import main; main()"]
MISUSE = {
    "no file": ("brief", "FILES"),
    "an option that is none": ("brief s.csv --colour red", "--colour"),
    "a command that is none": ("predict", "predict"),
    "no areas at the top": ("brief s.csv --top 0", "--top"),
    "no months": ("brief s.csv --months 0", "--months"),
    "more months than the calendar has": ("brief s.csv --months 100000", "--months"),
    "cells of a room": ("brief s.csv --cell 5", "--cell"),
    "cells that are no number": ("brief s.csv --cell nan", "--cell"),
    "a seed below zero": ("brief s.csv --seed -1", "--seed"),
    "a day after all calendars": ("brief s.csv --as-of 9999-12-31", "9999-12-31"),
    "a day before all records": ("rank s.csv --as-of 0001-01-01", "0001-01-01"),
    "29 February of a common year": ("rank s.csv --as-of 2021-02-29", "2021-02-29"),
    "a distance that is no number": ("knox s.csv --distance 100,nan", "--distance"),
    "a distance without end": ("knox s.csv --distance 100,inf", "--distance"),
    "a distance of nothing": ("knox s.csv --distance 0,100", "--distance"),
    "distances the wrong way round": ("knox s.csv --distance 200,100", "--distance"),
    "a part of a day": ("knox s.csv --window 7,14.5", "whole days"),
    "more days than there were": ("knox s.csv --window 1e30", "--window"),
    "a circle without end": ("scan s.csv --max-radius inf", "--max-radius"),
    "a month that is none": ("forecast s.csv --from 2021-13 --to 2022-01", "2021-13"),
    "forecasts over a folder": ("forecast s.csv --from 2023-01 --to 2023-02 --out .", "folder"),
    "forecasts over the input": ("forecast s.csv --from 2023-01 --to 2023-02 --out s.csv", "s.csv"),
    "forecasts below a file": ("forecast s.csv --from 2023-01 --to 2023-02 --out s.csv/f", "s.csv"),
    "a port that is none": ("serve --port 99999", "--port"),
    "a role that is none": ("invite a@city.example --role boss", "boss"),
    "a loss without a word": ("restore s.csv --replace", "--yes"),
    "a demo in another's folder": ("demo --only-build --folder .", "--folder"),
    "a demo below a file": ("demo --only-build --folder s.csv/demo", "s.csv"),
    "a brief below a file": ("brief s.csv --out s.csv/brief", "s.csv"),
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    factories.shootings_file(tmp_path / "s.csv")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def typed(words: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["stoop", *words.split()])
    return cli._run()


@pytest.mark.parametrize("name", MISUSE)
def test_misuse_is_one_sentence(
    name: str, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words, must_say = MISUSE[name]
    before = (home / "s.csv").read_bytes()
    assert typed(words, monkeypatch) == 2
    said = capsys.readouterr()
    assert said.out == ""
    last = said.err.splitlines()[-1]
    assert last.startswith("stoop: ")
    assert must_say.lower() in last.lower()
    assert [p.name for p in home.iterdir()] == ["s.csv"]
    assert (home / "s.csv").read_bytes() == before


def test_older_forecasts_are_replaced(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = "forecast s.csv --from 2023-01 --to 2023-01 --out new/folder/f.csv"
    assert typed(words, monkeypatch) == 0
    first = (home / "new" / "folder" / "f.csv").read_bytes()
    assert first.startswith(b"month,cell_x,cell_y,score\n2023-01,")
    assert typed(words, monkeypatch) == 0
    assert (home / "new" / "folder" / "f.csv").read_bytes() == first


def test_a_table_shows_any_name_and_steers_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    show.table("Areas", ["area", "n"], [["[bold]x[/] \x1b[31mred \u202eshort", "1"], ["[/]", "2"]])
    shown = capsys.readouterr().out
    assert "[bold]x[/]" in shown
    assert "[/]" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def stoop(*words: str, cwd: Path, **kept: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*RUN, *words], cwd=cwd, capture_output=True, env=os.environ | kept)


def test_a_terminal_without_the_letters_is_no_reason_to_stop(home: Path) -> None:
    text = (home / "s.csv").read_text().replace(",A,", ",Café 東,")
    (home / "s.csv").write_text(text)
    table = stoop("rank", "s.csv", cwd=home, PYTHONIOENCODING="latin-1")
    assert table.returncode == 0, table.stderr
    assert b"Caf\xe9 \\u6771" in table.stdout
    found = stoop("rank", "s.csv", "--json", cwd=home, PYTHONIOENCODING="latin-1")
    assert json.loads(found.stdout)["areas"][0]["area"] == "Café 東"


def test_a_reader_who_has_seen_enough_is_no_error(home: Path) -> None:
    command = [*RUN, "knox", "s.csv", "--json", "--permutations", "9"]
    with subprocess.Popen(command, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.close()
        assert run.stderr.read() == b""


def test_a_stop_in_the_middle_clears_away(home: Path) -> None:
    waiting = (
        "import signal, stoop.config.cli\nfrom stoop.precision import studies\n"
        "studies.brief.load = lambda _request: print('begun', flush=True) or signal.pause()\n"
    )
    words = ["stoop", "brief", "s.csv", "--out", "brief"]
    script = f"import sys\nsys.argv = {words}\n{waiting}from stoop.config.cli import main\nmain()"
    for how in (signal.SIGTERM, signal.SIGINT):
        with subprocess.Popen(
            [sys.executable, "-c", script], cwd=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as run:
            assert run.stdout is not None
            assert run.stderr is not None
            assert run.stdout.readline() == b"begun\n"
            run.send_signal(how)
            said = run.stderr.read().decode()
        assert run.returncode == cli.INTERRUPTED
        assert said.splitlines()[-1] == "stoop: stopped; nothing was written."
        assert "Traceback" not in said
        assert [p.name for p in home.iterdir()] == ["s.csv"]


def test_a_name_of_no_letters_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    os.rename(b"s.csv", b"s\xff.csv")
    assert typed("rank " + os.fsdecode(b"s\xff.csv"), monkeypatch) == 2
    assert capsys.readouterr().err == (
        "stoop: s?.csv holds bytes that are no letters here; rename the file.\n"
    )


def test_days_are_days_of_records() -> None:
    assert str(options.day("2020-02-29")) == "2020-02-29"
    assert options.day(None) is None


def test_what_is_loaded_is_out_of_the_sight_of_the_collector() -> None:
    """Else each walk through a whole program's objects holds up every answer."""
    try:
        serve.keep_loaded()
        assert gc.get_freeze_count() > 10_000
        assert len(gc.get_objects()) < gc.get_freeze_count() / 10
    finally:
        gc.unfreeze()
