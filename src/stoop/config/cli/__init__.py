"""The command line: `stoop COMMAND`. Each command parses, calls a door of a module, and prints."""

import os
import signal
import sys
from io import TextIOWrapper

import django
import typer
from django.apps import apps
from django.db import DatabaseError
from typer.exceptions import TyperException

from stoop import __version__
from stoop.kernel.errors import Refusal

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stoop.config.settings")
# Before NumPy is loaded: matrices are small here, so more threads cost more than they bring, and
# one adds up in one order on every machine. A library would not decide that; a command may.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
if not apps.ready:
    django.setup()  # the commands import tables

from stoop.config.cli import (
    analyses,
    backups,
    brief,
    claims,
    demo,
    doctor,
    evaluate,
    ledger,
    load,
    people,
    serve,
    walls,
)

INTERRUPTED = 130

app = typer.Typer(
    name="stoop",
    help="Where gun violence concentrates, how sure we are, and what is done about it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("brief")(brief.brief)
app.command("forecast")(analyses.forecast)
app.command("knox")(analyses.knox)
app.command("scan")(analyses.scan)
app.command("rank")(analyses.rank)
app.command("evaluate")(evaluate.evaluate)
app.command("claims")(claims.claims)
app.command("demo")(demo.demo)
app.command("setup")(serve.setup)
app.command("serve")(serve.serve)
app.command("web")(serve.web)
app.command("work")(serve.work)
app.command("feed")(serve.feed)
app.add_typer(load.app, name="load")
app.add_typer(ledger.app, name="ledger")
app.command("walls")(walls.walls)
app.command("doctor")(doctor.doctor)
app.command("invite")(people.invite)
app.command("backup")(backups.backup)
app.command("restore")(backups.restore)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"stoop {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and stop."
    ),
) -> None:
    pass


def main() -> None:
    """Run a command; what cannot be done is one sentence on standard error and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a letter shows its number; it is no reason to stop.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGTERM, _stop)  # so that what is half-done is cleared away
    sys.exit(_run())


def _run() -> int:
    """The exit code of the command that was typed."""
    odd = next((word for word in sys.argv if not _is_text(word)), None)
    if odd is not None:
        shown = odd.encode("utf-8", "replace").decode()
        return _refused(f"{shown} holds bytes that are no letters here; rename the file.")
    try:
        code = int(app(standalone_mode=False) or 0)
        if sys.stdout:
            sys.stdout.flush()
    except BrokenPipeError:
        # The reader of a pipe has seen enough; Python must not try to flush it once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Refusal as refusal:
        return _refused(str(refusal))
    except TyperException as misuse:
        said = " ".join(misuse.format_message().split()).rstrip(".")
        return _refused(f"{said}; see stoop --help.") if said else 2
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        return _refused(f"The system says of{where or ' its files'}: {error.strerror or error}.")
    except DatabaseError as error:
        kind = type(error).__name__
        return _refused(f"The database does not do what was asked ({kind}); see: stoop doctor")
    except MemoryError:
        return _refused("This needs more memory than there is; give fewer rows or a larger --cell.")
    if code == INTERRUPTED:
        typer.echo("stoop: stopped; nothing was written.", err=True)
    return code


def _is_text(word: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in word)


def _refused(why: str) -> int:
    typer.echo(f"stoop: {' '.join(why.split())}", err=True)
    return 2


def _stop(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt
