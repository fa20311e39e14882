"""A PostgreSQL of the tests' own: made in a temporary folder, reached by a socket, gone afterwards.

Run as a program, this file is the guard of a cluster: it waits until its standard input ends, which
happens however the tests end, then stops the server and removes the folder.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MISSING = (
    "PostgreSQL 15 or newer is not installed here: apt-get install postgresql, then try again."
)
OPTIONS = (
    "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off "
    "-c max_connections=200 -c timezone=UTC"
)


@dataclass(frozen=True)
class Cluster:
    """A running server; `folder` holds its data and its socket."""

    folder: Path

    def url(self, database: str, user: str = "postgres") -> str:
        """As STOOP_DATABASE_URL takes it."""
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def dsn(self, database: str = "postgres", user: str = "postgres") -> str:
        """As psycopg takes it."""
        return f"host={self.folder} dbname={database} user={user}"

    def control(self, *words: str) -> None:
        """Stop, start or restart it, as `pg_ctl` says it."""
        _run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-t", "60", *words)


def binaries() -> Path | None:
    """Folder of the newest PostgreSQL programs of 15 or later; None when there is none."""
    found = {}
    for program in Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"):
        found[int(program.parent.parent.name)] = program.parent
    on_path = shutil.which("pg_ctl")
    if on_path:
        said = subprocess.run([on_path, "--version"], capture_output=True, text=True, check=False)
        number = re.search(r"(\d+)", said.stdout)
        found.setdefault(int(number[1]) if number else 0, Path(on_path).parent)
    newest = max(found, default=0)
    return found[newest] if newest >= 15 else None


def _run(program: str, *words: str) -> None:
    """Run one of PostgreSQL's programs; as root through its own user, who alone may."""
    folder = binaries()
    if folder is None:
        raise FileNotFoundError(MISSING)
    command = [str(folder / program), *words]
    if os.geteuid() == 0:
        command = ["runuser", "-u", "postgres", "--", *command]
    done = subprocess.run(
        command,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # no pipe: the server would hold it open
        stderr=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{program} {words[-1]} ended with {done.returncode}")


@contextmanager
def running() -> Iterator[Cluster]:
    """A new cluster within the block."""
    folder = Path(tempfile.mkdtemp(prefix="stoop-pg-", dir="/tmp"))  # short: a socket's path is
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    cluster = Cluster(folder)
    guard = subprocess.Popen(
        [sys.executable, __file__, str(folder)], stdin=subprocess.PIPE, start_new_session=True
    )
    try:
        data = str(folder / "data")
        _run("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync", "-D", data)
        options = f"-k {folder} {OPTIONS}"
        cluster.control("-l", str(folder / "log"), "-o", options, "start")
        yield cluster
    finally:
        if guard.stdin:
            guard.stdin.close()
        guard.wait()


def _guard(folder: Path) -> None:
    sys.stdin.buffer.read()
    try:
        if (folder / "data" / "postmaster.pid").exists():
            Cluster(folder).control("-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    _guard(Path(sys.argv[1]))
