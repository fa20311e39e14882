"""Logs: one JSON object a line on standard error, and never a word that a person wrote.

Our own lines carry what `log` was given. Of every other library only the logger, the place in the
code and the kind of an error are told: its message could hold an address, an e-mail or a form.
"""

import json
import logging
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

LOGGER = "stoop"
_FRAMES = 6
_PLACES = ("site-packages/", "src/")


def log(event: str, level: int = logging.INFO, /, **fields: Any) -> None:
    """Write one line. Fields are codes, counts, keys and durations: no text of a person."""
    logging.getLogger(LOGGER).log(level, event, extra={"fields": fields})


def log_error(event: str, error: BaseException, **fields: Any) -> None:
    """The same for an error: its kind and where it was raised, not what it says."""
    log(event, logging.ERROR, **fields, **told(error))


def told(error: BaseException) -> dict[str, Any]:
    """Kind of an error and of what caused it, and the last places it went through."""
    kinds: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(kinds) < 4:
        kinds.append(type(cause).__name__)
        cause = cause.__cause__
    return {"error": " from ".join(kinds), "where": _where(error.__traceback__)}


def _where(trace: TracebackType | None) -> list[str]:
    places = []
    while trace is not None:
        places.append(f"{place(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}")
        trace = trace.tb_next
    return places[-_FRAMES:]


def place(path: str) -> str:
    """A file of the program, without the folders of this machine."""
    for start in _PLACES:
        if start in path:
            return path.rpartition(start)[2]
    return Path(path).name


class Lines(logging.Formatter):
    """A log record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
        }
        ours = record.name == LOGGER and hasattr(record, "fields")
        if ours:
            line["event"] = record.msg
            line |= record.__dict__["fields"]
        else:
            line["logger"] = record.name
            line["place"] = f"{place(record.pathname)}:{record.lineno}"
            if record.name.startswith(f"{LOGGER}."):
                line["said"] = record.getMessage()
        if not ours and record.exc_info and record.exc_info[1] is not None:
            line |= told(record.exc_info[1])
        return json.dumps(line, default=str, ensure_ascii=True)


def quiet_crashes() -> None:
    """An error that nobody caught is told like any other: without what it says."""

    def crashed(kind: type[BaseException], error: BaseException, _trace: object) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            log_error("crashed", error)

    def thread_crashed(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            log_error("crashed", args.exc_value, thread=args.thread.name if args.thread else "")

    def unraisable(args: Any) -> None:
        if args.exc_value is not None:
            log_error("crashed", args.exc_value)

    sys.excepthook = crashed
    threading.excepthook = thread_crashed
    sys.unraisablehook = unraisable
