"""`stoop demo` and `stoop serve`: a brief at an address on this machine."""

import hashlib
import socket
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings

from stoop.config.cli import options, show
from stoop.kernel import progress
from stoop.kernel.errors import Refusal
from stoop.precision import actions, studies
from stoop.precision.views.brief import brief_page
from stoop.sample import actions as sample

TITLE = "Sample City, a made-up city"


def demo(
    folder: Annotated[
        Path, typer.Option("--folder", help="Where Sample City and its brief are kept.")
    ] = Path("demo"),
    port: options.Port = 8000,
    only_build: Annotated[bool, typer.Option("--only-build", help="Build, do not serve.")] = False,
) -> None:
    """Build Sample City, a made-up city, make its brief, and serve it.

    What an earlier run built is used again as long as the program is the same.
    """
    mark, page = folder / ".made-by", folder / "brief" / "index.html"
    if folder.is_dir() and any(folder.iterdir()) and not mark.is_file():
        raise Refusal(f"{folder} holds files that Stoop did not make; name another with --folder.")
    if page.is_file() and mark.read_text() == _program():
        show.say("Sample City and its brief stand from the last time.")
    else:
        folder.mkdir(parents=True, exist_ok=True)
        mark.write_text("half-way")
        with show.steps() as report:
            build(folder, report)
        mark.write_text(_program())
    if not only_build:
        serve(folder / "brief", port)


def serve(
    folder: Annotated[Path, typer.Argument(help="Folder of a brief.")],
    port: options.Port = 8000,
) -> None:
    """Serve the folder of a brief at an address on this machine."""
    if not (folder / "index.html").is_file():
        raise Refusal(f"{folder} holds no brief; make one with: stoop brief FILES --out {folder}")
    settings.STOOP_HOME = folder.absolute()
    import uvicorn

    free = _free_port(port)

    class Announcing(uvicorn.Server):
        """Says the address once it answers there."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            show.say(f"\n  Open  http://127.0.0.1:{free}/   (Ctrl+C stops it)\n")

    application = "stoop.config.asgi:application"
    configuration = uvicorn.Config(application, port=free, log_level="warning", lifespan="off")
    with suppress(KeyboardInterrupt):  # Ctrl+C is how one leaves, no failure
        Announcing(configuration).run()


def build(folder: Path, report: progress.Progress = progress.silent) -> None:
    """Sample City in FOLDER/city, its brief in FOLDER/brief."""
    report("Sample City: areas, people, eight years of shootings", 1, 1)
    city = sample.build(folder / "city")
    request = studies.Request(
        files=city.shootings,
        areas=city.areas,
        area_field="district",
        sites=city.sites,
        population=city.population,
        title=TITLE,
        top=8,
    )
    actions.publish_brief(request=request, out=folder / "brief", render=brief_page, progress=report)


def _program() -> str:
    """Digest of Stoop's own source: a changed program builds its demo anew."""
    root = Path(__file__).parents[3]
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
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise Refusal(f"No free port from {first} on; name another with --port.")
