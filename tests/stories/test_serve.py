"""`stoop serve`: the platform in one tree of real processes, asked, hurt, and stopped."""

import os
import shutil
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import cluster
from tests.stories.running import Platform, alive, until

TOKEN = "a-token-for-prometheus"
PARTS = ("web 1", "web 2", "work 1", "feed")


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    home = tmp_path_factory.mktemp("box") / "home"
    words = ("serve", "--port", "8790", "--processes", "2")
    with Platform(home, words, {"STOOP_METRICS_TOKEN": TOKEN}) as running:
        running.answering()
        until(running.healthy, running)
        yield running


def test_the_first_run_makes_a_home_for_this_account_alone(platform: Platform) -> None:
    assert stat.S_IMODE(platform.home.stat().st_mode) == 0o700
    for name in ("secret-key", "stoop.sqlite3"):
        assert stat.S_IMODE((platform.home / name).stat().st_mode) == 0o600
    assert len((platform.home / "secret-key").read_text().strip()) > 60


def test_health_tells_each_part_and_no_more(platform: Platform) -> None:
    answer = platform.ask("/health")
    assert answer.json() == {
        "ok": True,
        "parts": {"database": "ok", "work": "ok", "feed": "ok"},
    }
    assert "no-store" in answer.headers["cache-control"]


def test_every_answer_is_guarded(platform: Platform) -> None:
    for path in ("/", "/health", "/brief/", "/nowhere"):
        headers = platform.ask(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "server" not in headers
    assert platform.ask("/static/ui/tokens.css").status == 200


def test_a_stranger_is_asked_to_sign_in(platform: Platform) -> None:
    answer = platform.ask("/brief/")
    assert answer.status == 302
    assert answer.headers["location"].startswith("/")


@pytest.mark.parametrize(
    "path",
    ["/../secret-key", "/%2e%2e/secret-key", "/static/../secret-key", "/static/%2e%2e/secret-key",
     "/static/..%2f..%2fsecret-key", "//etc/passwd", "/%00", "/" + "a" * 3000],
)  # fmt: skip
def test_nothing_of_the_home_comes_out(platform: Platform, path: str) -> None:
    answer = platform.ask(path)
    assert answer.status in (400, 404)
    assert b"Traceback" not in answer.body


def test_another_name_for_this_machine_is_refused(platform: Platform) -> None:
    answer = platform.ask("/health", headers={"Host": "evil.example"})
    assert answer.status == 400
    assert "evil" not in answer.text


def test_too_much_is_refused_before_it_is_kept(platform: Platform) -> None:
    """Who says that much comes is answered at once; who does not say it, when it has come."""
    said = {"Content-Length": "11000000"}
    assert platform.ask("/nowhere", "POST", headers=said).status == 413
    parts = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    chunked = {"Transfer-Encoding": "chunked"}
    assert platform.ask("/nowhere", "POST", headers=chunked, raw=parts * 11).status == 413


def test_what_two_processes_count_is_told_together(platform: Platform) -> None:
    assert platform.ask("/metrics").status == 404
    wrong = {"Authorization": "Bearer another"}
    assert platform.ask("/metrics", headers=wrong).status == 404
    right = {"Authorization": f"Bearer {TOKEN}"}

    def counted() -> float:
        text = platform.ask("/metrics", headers=right).text
        wanted = 'stoop_requests_total{method="HEAD",status="200",view="health"} '
        found = [line for line in text.splitlines() if line.startswith(wanted)]
        return float(found[0].rpartition(" ")[2]) if found else 0.0

    before = counted()
    for _ in range(20):
        platform.ask("/health", "HEAD")
    assert {counted() for _ in range(6)} == {before + 20}
    text = platform.ask("/metrics", headers=right).text
    assert 'stoop_alive{part="web"} 2.0' in text
    assert 'stoop_duties{state="dead"} 0.0' in text


@pytest.mark.parametrize("part", ["work 1", "web 1"])
def test_a_part_that_is_killed_comes_back(platform: Platform, part: str) -> None:
    before = platform.pid(part)
    os.kill(before, signal.SIGKILL)
    until(lambda: platform.pid(part) != before, platform)
    until(platform.healthy, platform)
    assert not alive(before)


def test_a_second_platform_does_not_take_the_address(platform: Platform, tmp_path: Path) -> None:
    with Platform(tmp_path / "home", ("serve", "--port", str(platform.port))) as second:
        assert second.ended() == 2
    assert "--port" in second.said[-1]


def test_a_restore_while_it_runs_is_refused(platform: Platform, tmp_path: Path) -> None:
    with Platform(platform.home, ("restore", str(tmp_path / "no.stoop"))) as other:
        assert other.ended() == 2
    assert "stop it first" in other.said[-1]


def test_a_stop_is_clean(platform: Platform) -> None:
    """Last of this module: ends the platform that the tests above share."""
    running = [platform.pid(part) for part in PARTS]
    assert all(alive(pid) for pid in running)
    assert platform.stop(signal.SIGINT) == 0, "Ctrl+C is how one leaves, no failure"
    assert not any(alive(pid) for pid in running)
    assert list((platform.home / "run").glob("metrics-*")) == []


def test_parts_end_when_the_tree_is_killed(platform: Platform, tmp_path: Path) -> None:
    shutil.copytree(platform.home, tmp_path / "home")
    with Platform(tmp_path / "home", ("serve", "--port", "8792")) as tree:
        tree.answering()
        running = [tree.pid(part) for part in ("web 1", "work 1", "feed")]
        tree.stop(signal.SIGKILL)
        until(lambda: not any(alive(pid) for pid in running))


def test_a_part_waits_for_its_tables(tmp_path: Path) -> None:
    for part in ("web", "work", "feed"):
        with Platform(tmp_path / "home", (part,)) as early:
            assert early.ended() == 2
        assert "stoop setup" in early.said[-1]


@pytest.mark.skipif(cluster.binaries() is None, reason=cluster.MISSING)
def test_the_same_on_postgresql_inside_the_walls(tmp_path: Path) -> None:
    """The owner sets up; the program runs as a member of stoop_app and survives a restart."""
    import psycopg

    with cluster.running() as server:
        with psycopg.connect(server.dsn(), autocommit=True) as admin:
            admin.execute("CREATE ROLE owner LOGIN CREATEROLE")
            admin.execute("CREATE DATABASE city OWNER owner")
            as_owner = {"STOOP_DATABASE_URL": server.url("city", "owner")}
            with Platform(tmp_path / "home", ("setup",), as_owner) as setup:
                assert setup.ended() == 0, setup.said
            admin.execute("CREATE ROLE program LOGIN IN ROLE stoop_app")
        as_program = {"STOOP_DATABASE_URL": server.url("city", "program")}
        with Platform(tmp_path / "home", ("serve", "--port", "8794"), as_program) as running:
            running.answering()
            until(running.healthy, running)
            server.control("restart", "-m", "immediate")
            until(running.healthy, running)
            # A worker that dies while the database is away comes back with it; the rest stays.
            server.control("stop", "-m", "immediate")
            os.kill(running.pid("work 1"), signal.SIGKILL)
            died = '"part.died", "part": "work 1"'
            until(lambda: sum(died in line for line in running.said) > 1, running)
            options = f"-k {server.folder} {cluster.OPTIONS}"
            server.control("-l", str(server.folder / "log"), "-o", options, "start")
            until(running.healthy, running)
            assert running.stop() == 0
