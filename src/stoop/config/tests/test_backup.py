"""Which files a backup takes along; tests/stories/test_backup.py tells the rest."""

from pathlib import Path

from stoop.config.actions import backup


def test_a_database_that_was_left_behind_is_no_file_of_the_city(tmp_path: Path) -> None:
    """A city that moved to PostgreSQL may still have the old file, with everything in it."""
    for name in ("stoop.sqlite3", "stoop.sqlite3-wal", "stoop.sqlite3-shm", "vapid-key"):
        (tmp_path / name).write_text("x")
    (tmp_path / "brief").mkdir()
    (tmp_path / "brief" / "stoop.sqlite3").write_text("of somebody's own")
    found = [name for _path, name in backup.home_files(tmp_path)]
    assert found == ["vapid-key", "brief/stoop.sqlite3"]
