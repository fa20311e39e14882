"""A platform of its own for a measurement: a folder, a database, its processes, and their end."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ENGINES = ("sqlite", "postgresql")
_POSTGRES = Path("/usr/lib/postgresql")
_PATIENCE_S = 60.0


@dataclass
class Platform:
    """Where it is asked, and the environment its processes run in."""

    engine: str
    home: Path
    env: dict[str, str]
    port: int = 0
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, module: str, **given: Any) -> Any:
        """Run `python -m module` with what is given as JSON on its input; its answer, from JSON."""
        done = subprocess.run(
            [sys.executable, "-m", module],
            input=json.dumps(given).encode(),
            env=self.env,
            cwd=ROOT,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{module} failed: {done.stderr.decode()[-2000:]}")
        return json.loads(done.stdout.splitlines()[-1])

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a `stoop` process; its words go to a file in the home folder."""
        with (self.home / f"{words[0]}.log").open("wb") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "stoop.config.cli", *words],
                env=self.env,
                cwd=self.home,
                stderr=said,
                stdout=said,
            )
        self.processes.append(process)
        return process

    def serve(self) -> None:
        """Web, two workers and a feed, as `stoop serve` has them; returns when it is well."""
        self.port = free_port()
        self.env["STOOP_URL"] = self.url
        self.start("web", "--port", str(self.port))
        self.start("work")
        self.start("work")
        self.start("feed")
        end = time.monotonic() + _PATIENCE_S
        while time.monotonic() < end:
            with suppress(OSError):
                urllib.request.urlopen(f"{self.url}/health", timeout=5).close()
                return
            time.sleep(0.1)
        raise RuntimeError(
            f"the site did not answer: {(self.home / 'web.log').read_text()[-2000:]}"
        )

    def stop(self) -> None:
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def platform(engine: str, **settings: str) -> Iterator[Platform]:
    """An empty platform on an engine, migrated, not yet served."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="stoop-bench-")))
        url = "sqlite:///" + str(home / "stoop.sqlite3")
        if engine == "postgresql":
            url = stack.enter_context(postgres())
        env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "stoop.config.settings",
            "STOOP_HOME": str(home),
            "STOOP_DATABASE_URL": url,
            "STOOP_SECRET_KEY": "only-for-a-measurement",
            "STOOP_SECOND_FACTOR": "offered",
            **settings,
        }
        made = Platform(engine, home, env)
        subprocess.run(
            [sys.executable, "-m", "django", "migrate", "--verbosity", "0"],
            env=env,
            cwd=home,
            check=True,
        )
        try:
            yield made
        finally:
            made.stop()


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL cluster in a folder of its own, as Debian ships it; gives its address."""
    bin_folder = max(_POSTGRES.glob("*/bin"), default=None)
    if bin_folder is None:
        raise RuntimeError("no PostgreSQL here; mend with: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="stoop-pg-"))
    as_postgres = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        as_postgres = ["runuser", "-u", "postgres", "--"]
    port = free_port()
    data = folder / "data"
    ctl = [*as_postgres, str(bin_folder / "pg_ctl"), "-D", str(data), "-w"]
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": "/"}
    subprocess.run(
        [*as_postgres, str(bin_folder / "initdb"), "-D", str(data), "-A", "trust", "-U", "stoop"],
        **quiet,  # type: ignore[call-overload]
    )
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1"
    subprocess.run([*ctl, "-o", options, "-l", str(folder / "log"), "start"], **quiet)  # type: ignore[call-overload]
    try:
        yield f"postgresql://stoop@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*ctl, "-m", "fast", "stop"], **quiet)  # type: ignore[call-overload]
        shutil.rmtree(folder, ignore_errors=True)
