"""`stoop demo`: the platform on Sample City, a made-up city, with a simulated feed."""

import hashlib
import os
import shutil
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings

from stoop.config.actions import home as homes
from stoop.config.cli import options, serve, show, tree
from stoop.config.cli.demo import city, people
from stoop.config.cli.demo.feed import Feed
from stoop.kernel import progress
from stoop.kernel.errors import Refusal
from stoop.precision import actions, studies
from stoop.precision.views.brief import brief_page
from stoop.sample import actions as sample

TITLE = "Sample City, a made-up city"
NOTICE = "Sample City is made up: no shooting, no place and no person here is real."
HOST = "127.0.0.1"
MARK, HALF_WAY = ".made-by", "half-way"


def demo(
    folder: Annotated[
        Path, typer.Option("--folder", help="Where Sample City and its platform are kept.")
    ] = Path("demo"),
    port: options.Port = 8000,
    every: Annotated[
        float, typer.Option("--every", help="Seconds between two made-up shootings.", min=1)
    ] = 150,
    first: Annotated[
        float, typer.Option("--first", help="Seconds until the first one.", min=0)
    ] = 20,
    only_build: Annotated[bool, typer.Option("--only-build", help="Build, do not serve.")] = False,
) -> None:
    """Build Sample City, a made-up city, load it into a platform, serve it, and let things happen.

    One sign-in for each role is printed. What an earlier run built is used again as long as the
    program is the same; what was done in it since is kept too.
    """
    mark = folder / MARK
    if folder.is_dir() and any(folder.iterdir()) and not mark.is_file():
        raise Refusal(f"{folder} holds files that Stoop did not make; name another with --folder.")
    folder.mkdir(parents=True, exist_ok=True)
    free = port if only_build else _free_port(port)
    _begin_again_as_sample_city(folder, free)
    if mark.is_file() and mark.read_text() == _program():
        show.say("Sample City stands from the last time.")
        serve.prepare()
    else:
        _make(folder, mark)
    if not only_build:
        raise typer.Exit(_run(folder, free, first, every))


def build(folder: Path, report: progress.Progress = progress.silent) -> sample.City:
    """Sample City in FOLDER/city, its brief in FOLDER/brief."""
    report("Sample City: areas, people, eight years of shootings", 1, 1)
    made = sample.build(folder / "city")
    request = studies.Request(
        files=made.shootings,
        areas=made.areas,
        area_field="district",
        sites=made.sites,
        population=made.population,
        title=TITLE,
        top=8,
    )
    actions.publish_brief(request=request, out=folder / "brief", render=brief_page, progress=report)
    return made


def _begin_again_as_sample_city(folder: Path, port: int) -> None:
    """Start this command anew with the settings of the demo, whatever those of the city are.

    So the demo can never write into a real database. Does nothing when they hold already.
    """
    wanted = {
        "STOOP_HOME": str((folder / "home").absolute()),
        "STOOP_DATABASE_URL": "sqlite:///",
        "STOOP_SECRET_KEY": "",
        "STOOP_URL": serve.url(HOST, port),
        "STOOP_HOSTS": "",
        "STOOP_PROXIES": "0",
        "STOOP_TIMEZONE": "America/Halifax",
        "STOOP_AREA_KIND": "district",
        "STOOP_SECOND_FACTOR": "offered",
        "STOOP_BREACHED_PASSWORDS": "",
        "STOOP_EMAIL_URL": "console:",
        "STOOP_SMS_URL": "console:",
        "STOOP_OIDC_URL": "",
        "STOOP_NOTICE": f"{NOTICE}\n{people.sign_ins()}",
    }
    if all(os.environ.get(name, "") == value for name, value in wanted.items()):
        return
    command = [sys.executable, "-m", "stoop.config.cli", *sys.argv[1:]]
    sys.stdout.flush()
    os.execve(sys.executable, command, os.environ | wanted)  # noqa: S606 (this very program)


def _make(folder: Path, mark: Path) -> None:
    mark.write_text(HALF_WAY)
    place = Path(settings.STOOP_HOME)
    if place.exists():
        with homes.alone(place):
            shutil.rmtree(place)
    with show.steps() as report:
        made = build(folder, report)
    serve.prepare()
    shutil.copytree(folder / "brief", place / "brief")
    with show.steps() as report:
        city.fill(made, folder, report)
    mark.write_text(_program())


def _run(folder: Path, port: int, first: float, every: float) -> int:
    """The platform, and the simulated feed in a thread beside it; their words go into files."""
    feed = Feed(folder / city.FEED_FILE, serve.url(HOST, port), seed=os.getpid())

    def begin() -> None:
        _say(folder, port, first, every)
        feed.run(first, every)

    with homes.in_use(Path(settings.STOOP_HOME)), serve.listening(HOST, port) as listener:
        parts = serve.parts(listener)
        for part in parts:
            part.log, part.words_to = folder / "log.jsonl", folder / "messages.txt"
            part.log.write_text("")
            part.words_to.write_text("")
        code = tree.run(parts, after_start=serve.once_answering(HOST, port, begin), quiet=True)
    feed.end()
    return code


def _say(folder: Path, port: int, first: float, every: float) -> None:
    """The address, who may sign in, and what is going to happen."""
    width = max(len(each.email) for each in people.PERSONAS)
    lines = [f"    {each.email:<{width}}  {each.sentence}" for each in people.PERSONAS]
    show.say(
        f"\n  {NOTICE}\n\n  Open  {serve.url(HOST, port)}/   (Ctrl+C stops it)\n\n"
        f"  The password of everybody is  {people.PASSWORD}\n\n"
        + "\n".join(lines)
        + f"""

  Two minutes, two windows (the second one private, so that you are two people):
    1. Sign in as Alice, on call for her site, and as Carol at the city's desk.
    2. In {first:.0f} seconds a shooting is made up on a block of Alice's. Both boards show it.
    3. Alice: open it, take it. Carol's board says so. Mark what is done, count doors.
    4. Carol: open the shooting, correct it or say that it was none. Alice is told at once.
  Then one every {every:.0f} seconds somewhere; some are corrected or taken back by the feed itself.

  E-mails and text messages: {folder / "messages.txt"}     logs: {folder / "log.jsonl"}
"""
    )


def _program() -> str:
    """Digest of Stoop's own source: a changed program builds its demo anew."""
    root = Path(__file__).parents[4]
    sources = [p for name in ("stoop", "stoopstat") for p in (root / name).rglob("*.*")]
    wanted = (".py", ".html", ".css")
    digest = hashlib.sha256()
    for path in sorted(p for p in sources if p.suffix in wanted and "tests" not in p.parts):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _free_port(first: int) -> int:
    for port in range(first, min(first + 50, options.LAST_PORT + 1)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise Refusal(f"No free port from {first} on; name another with --port.")
