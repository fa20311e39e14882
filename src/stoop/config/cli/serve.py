"""`stoop setup`, `serve`, `web`, `work`, `feed`: the platform, as one tree or as its parts."""

import gc
import os
import signal
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings
from django.utils.module_loading import import_string

from stoop.accounts.actions import walls
from stoop.accounts.permissions import SYSTEM, within
from stoop.config.actions import beats, home, schema, tasks
from stoop.config.cli import options, show, tree
from stoop.config.middleware import metrics
from stoop.fieldwork import actions as fieldwork
from stoop.flows import feed as feeds
from stoop.flows import loops, worker
from stoop.incidents import queries as incidents
from stoop.kernel import logs

BACKLOG = 2048
DRAIN_S = 5  # for answers that are under way when a web process is told to stop
PATIENCE_S = 600.0

Host = Annotated[str, typer.Option("--host", help="Address to listen on.")]
Port = Annotated[
    int, typer.Option("--port", help="Port to listen on.", min=1, max=options.LAST_PORT)
]
Processes = Annotated[int, typer.Option("--processes", help="Web processes.", min=1, max=64)]
Descriptor = Annotated[int | None, typer.Option("--fd", hidden=True)]
Child = Annotated[bool, typer.Option("--child", hidden=True)]


def setup() -> None:
    """Make STOOP_HOME and its key, bring the tables up to date, install the default plans.

    Safe to run again, and on several machines at once. With PostgreSQL run it as the role that
    owns the tables; the other commands need only the role of the program.
    """
    prepare()
    if walls.lacking():  # after a restore no table is behind, and none has its wall
        with within(SYSTEM):
            walls.raise_walls(by=SYSTEM)
    show.say(f"{settings.STOOP_HOME} is ready.")


def serve(
    port: Port = 8000,
    host: Host = "127.0.0.1",
    processes: Processes = 1,
    workers: Annotated[int, typer.Option("--workers", help="Worker processes.", min=1, max=64)] = 2,
) -> None:
    """Run the platform: web, worker and feed in one tree, set up on the first run.

    A process that dies is started again; Ctrl+C or SIGTERM stops all, and what is in hand is
    finished first.
    """
    with listening(host, port) as listener:
        prepare()
        with home.in_use(_home()):
            os.environ.setdefault("STOOP_URL", url(host, port))
            tell = _announcer(host, port)
            raise typer.Exit(tree.run(parts(listener, processes, workers), after_start=tell))


def web(
    port: Port = 8000, host: Host = "127.0.0.1", processes: Processes = 1, fd: Descriptor = None
) -> None:
    """Run the web server alone, in one or more processes that share an address."""
    if fd is not None:
        _web_process(fd)
        return
    ready()
    with home.in_use(_home()), listening(host, port) as listener:
        raise typer.Exit(
            tree.run(_web_parts(listener, processes), after_start=_announcer(host, port))
        )


def work(child: Child = False) -> None:
    """Run a worker alone: alerts, responses, messages. Run as many as you like."""
    _loop_process("work", worker.work, child)


def feed(child: Child = False) -> None:
    """Run the feed alone: ask the open-data endpoints of the sources for what is new."""
    _loop_process("feed", _feed, child)


def _feed(stop: threading.Event, tell: loops.Tell) -> None:
    take_up = loops.every(feeds.LOST_S, tasks.take_up_lost)
    lost = loops.Loop("lost tasks", take_up, feeds.LOOK_S)
    feeds.feed(stop, tell, name=beats.name_of("feed"), besides=[lost])


def prepare() -> None:
    """Home, key, tables, default plans."""
    home.make_home(_home())
    take_key()
    todo = schema.pending()
    if todo:
        show.say(f"Bringing the database up to date ({len(todo)} steps)")
        schema.migrate()
        with within(SYSTEM):
            walls.raise_walls(by=SYSTEM)  # new tables are closed until their wall stands
    with within(SYSTEM):
        fieldwork.install_plans(by=SYSTEM)


def take_key() -> None:
    """The key as it is kept: this process may have read its settings before there was one."""
    kept = _home() / home.KEY
    if kept.is_file() and not os.environ.get("STOOP_SECRET_KEY"):
        settings.SECRET_KEY = kept.read_text().strip()


def ready() -> None:
    """For the parts: a home with a key, and tables as this program wants them."""
    home.make_home(_home())
    schema.require_current()


def parts(listener: socket.socket, processes: int = 1, workers: int = 2) -> list[tree.Part]:
    """The processes of a platform that answers at a socket."""
    return [
        *_web_parts(listener, processes),
        *(tree.Part(f"work {n}", ["work", "--child"]) for n in range(1, workers + 1)),
        tree.Part("feed", ["feed", "--child"]),
    ]


def _web_parts(listener: socket.socket, processes: int) -> list[tree.Part]:
    number = listener.fileno()
    return [
        tree.Part(f"web {n}", ["web", "--fd", str(number)], (number,))
        for n in range(1, processes + 1)
    ]


def _home() -> Path:
    return Path(settings.STOOP_HOME)


def listening(host: str, port: int) -> socket.socket:
    """A socket that takes connections there; whoever answers them may come later."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise typer.BadParameter(
            f"{host} port {port} cannot be used ({error.strerror}); name another with --port"
        ) from error


def url(host: str, port: int) -> str:
    """How this machine reaches it."""
    anywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (compared only)
    return f"http://[{anywhere}]:{port}" if ":" in anywhere else f"http://{anywhere}:{port}"


def _announcer(host: str, port: int) -> Callable[[], None]:
    """Says the address once something answers there."""
    return once_answering(
        host, port, lambda: show.say(f"\n  Open  {url(host, port)}/   (Ctrl+C stops it)\n")
    )


def once_answering(host: str, port: int, then: Callable[[], None]) -> Callable[[], None]:
    """A function that waits until something answers there and then does what is asked."""

    def wait() -> None:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            with suppress(OSError):
                try:
                    urllib.request.urlopen(f"{url(host, port)}/health", timeout=5)  # noqa: S310
                except urllib.error.HTTPError as answer:
                    answer.close()  # it answers, even if with bad news
                then()
                return
            time.sleep(0.1)

    return wait


def _web_process(fd: int) -> None:
    """One process that answers at a socket which it was given."""
    import uvicorn

    logs.quiet_crashes()
    tree.end_with_parent()
    configuration = uvicorn.Config(
        "stoop.config.asgi:application",
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        backlog=BACKLOG,
        proxy_headers=False,  # settings.STOOP_PROXIES says what to believe
        timeout_graceful_shutdown=DRAIN_S,
    )
    with suppress(KeyboardInterrupt), beats.beating("web"):
        import_module("stoop.config.asgi")
        keep_loaded()
        incidents.warm_map()  # after it: the thread's connection goes with the thread
        uvicorn.Server(configuration).run(sockets=[socket.socket(fileno=fd)])


def keep_loaded() -> None:
    """Load what is left of the program, and take it out of the sight of Python's collector.

    It will not go away any more, and each walk through it would hold up every answer for a sixth
    of a second.
    """
    import_module(settings.ROOT_URLCONF)
    for function, _kinds in settings.STOOP_FLOWS.values():
        import_string(function)
    gc.collect()
    gc.freeze()


def _loop_process(
    part: str, run: Callable[[threading.Event, loops.Tell], None], child: bool
) -> None:
    """One process of endless loops, until it is told to stop; what is in hand is finished."""
    logs.quiet_crashes()
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stop.set())
    ready()
    if child:
        tree.end_with_parent()
    keep_loaded()
    with home.in_use(_home()), beats.beating(part) as pulse:

        def tell(loop: str, done: int, failed: bool) -> None:
            if failed:
                pulse.failed()
            metrics.ROUNDS.labels(loop, "failed" if failed else "done").inc(1 if failed else done)

        run(stop, tell)
