"""What is written is whole or not there, whoever is killed, and however many write at once."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from stoop.kernel import files
from stoop.kernel.errors import Refusal
from stoop.kernel.files import digest, file_in_one_move, folder_in_one_move

# Writes one file of the folder, says so, and waits to be killed before it writes the other.
FOLDER_WRITER = """
import sys
from pathlib import Path
from stoop.kernel.files import folder_in_one_move
with folder_in_one_move(Path(sys.argv[1]), made_by="run.json") as folder:
    (folder / "run.json").write_text("new")
    print("half", flush=True)
    sys.stdin.read()
    (folder / "page").write_text("new")
"""
FILE_WRITER = """
import sys
from pathlib import Path
from stoop.kernel.files import file_in_one_move
with file_in_one_move(Path(sys.argv[1])) as file:
    file.write("half")
    file.flush()
    print("half", flush=True)
    sys.stdin.read()
"""
# Dies inside the last step: as soon as the names have been exchanged, or tried to be.
LAST_STEP_WRITER = """
import os, signal, sys
from pathlib import Path
from stoop.kernel import files
exchanged = files._exchanged
def killed(one, other):
    if sys.argv[2] == "after":
        exchanged(one, other)
    os.kill(os.getpid(), signal.SIGKILL)
files._exchanged = killed
with files.folder_in_one_move(Path(sys.argv[1]), made_by="run.json") as folder:
    (folder / "run.json").write_text("new")
    (folder / "page").write_text("new")
"""


def write(out: Path, text: str) -> None:
    with folder_in_one_move(out, made_by="run.json") as folder:
        for name in ("run.json", "page"):
            (folder / name).write_text(text)


def contents(out: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in out.iterdir()}


def killed_half_way(script: str, out: Path, how: signal.Signals) -> int:
    command = [sys.executable, "-c", script, str(out)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"half\n"
        writer.send_signal(how)
        return writer.wait(30)


def test_a_folder_comes_whole(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "down" / "brief"
    write(out, "new")
    assert contents(out) == {"run.json": "new", "page": "new"}
    assert [p.name for p in out.parent.iterdir()] == ["brief"]


def test_the_old_folder_is_replaced_whole(tmp_path: Path) -> None:
    out = tmp_path / "brief"
    write(out, "old")
    (out / "hotspots.csv").write_text("of the old run alone")
    write(out, "new")
    assert contents(out) == {"run.json": "new", "page": "new"}
    assert [p.name for p in tmp_path.iterdir()] == ["brief"]


@pytest.mark.parametrize("old", [True, False])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_writer_killed_half_way_changes_nothing(
    tmp_path: Path, how: signal.Signals, old: bool
) -> None:
    out = tmp_path / "brief"
    if old:
        write(out, "old")
    assert killed_half_way(FOLDER_WRITER, out, how) != 0
    if old:
        assert contents(out) == {"run.json": "old", "page": "old"}
    else:
        assert not out.exists()
    write(out, "after")
    assert contents(out) == {"run.json": "after", "page": "after"}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems exchange otherwise")
@pytest.mark.parametrize(("moment", "stays"), [("before", "old"), ("after", "new")])
def test_a_writer_killed_in_the_last_step_leaves_one_whole(
    tmp_path: Path, moment: str, stays: str
) -> None:
    out = tmp_path / "brief"
    write(out, "old")
    command = [sys.executable, "-c", LAST_STEP_WRITER, str(out), moment]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert contents(out) == {"run.json": stays, "page": stays}


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_file_whose_writer_is_killed_stays_as_it_was(tmp_path: Path, how: signal.Signals) -> None:
    out = tmp_path / "forecasts.csv"
    out.write_text("old")
    assert killed_half_way(FILE_WRITER, out, how) != 0
    assert out.read_text() == "old"


def test_an_error_leaves_nothing_behind(tmp_path: Path) -> None:
    out = tmp_path / "brief"
    with pytest.raises(TypeError), folder_in_one_move(out, made_by="run.json") as folder:
        (folder / "run.json").write_text(7)  # type: ignore[arg-type]
    with pytest.raises(TypeError), file_in_one_move(tmp_path / "file") as file:
        print("half", 7, file=file, sep=7)  # type: ignore[call-overload]
    assert not list(tmp_path.iterdir())


def test_of_many_writers_at_once_one_stays_whole(tmp_path: Path) -> None:
    out, failed, together = tmp_path / "brief", [], threading.Barrier(8)

    def writer(text: str) -> None:
        together.wait()
        try:
            for _ in range(5):
                write(out, text)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=writer, args=(str(i),)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    found = contents(out)
    assert set(found) == {"run.json", "page"}
    assert len(set(found.values())) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["brief"]


def test_a_system_that_cannot_exchange_names_replaces_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_exchanged", lambda _one, _other: False)
    out = tmp_path / "brief"
    write(out, "old")
    write(out, "new")
    assert contents(out) == {"run.json": "new", "page": "new"}
    assert [p.name for p in tmp_path.iterdir()] == ["brief"]


def test_through_a_link_the_folder_behind_it_is_replaced(tmp_path: Path) -> None:
    write(tmp_path / "real", "old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write(tmp_path / "link", "new")
    assert contents(tmp_path / "real")["page"] == "new"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link", "real"]


def test_the_folder_is_as_open_as_the_user_wants(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write(tmp_path / "brief", "new")
    finally:
        os.umask(before)
    assert (tmp_path / "brief").stat().st_mode & 0o777 == 0o700


def test_what_others_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("theirs")
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "one").write_text("theirs")
    with pytest.raises(Refusal, match="is a file, not a folder"):
        write(tmp_path / "file", "new")
    with pytest.raises(Refusal, match="holds files that Stoop did not make"):
        write(tmp_path / "letters", "new")
    with (
        pytest.raises(Refusal, match="is a folder; name a file"),
        file_in_one_move(tmp_path / "letters"),
    ):
        pass
    with pytest.raises(Refusal, match=r"Cannot write .*file/below"):
        write(tmp_path / "file" / "below", "new")
    assert contents(tmp_path / "letters") == {"one": "theirs"}


def test_a_folder_that_became_anothers_meanwhile_is_refused(tmp_path: Path) -> None:
    out, theirs = tmp_path / "brief", tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "letter").write_text("theirs")
    with (
        pytest.raises(Refusal, match="did not make"),
        folder_in_one_move(out, made_by="run.json"),
    ):
        theirs.rename(out)
    assert contents(out) == {"letter": "theirs"}


@pytest.mark.parametrize("name", ["x" * 300, "nul\0inside"])
def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refusal, match="Cannot write") as refused:
        write(tmp_path / name, "new")
    assert len(str(refused.value)) < 400
    with pytest.raises(Refusal, match="Cannot write"), file_in_one_move(tmp_path / name):
        pass


def test_digest_is_sha256(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, B.1
    assert digest(tmp_path / "abc") == known
