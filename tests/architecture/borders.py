"""Who may enter where: doors, the portal, the wall around casework, writes."""

import ast
from pathlib import Path

from tests.architecture.tree import Source, dotted, imports, modules, sources

DOORS = {"actions", "queries", "public", "permissions", "readers"}
# The lowest floors are libraries: their files are their doors.
LIBRARIES = {"kernel", "ui"}
# Who may use more than the doors: (module, room, or "" for all its rooms) -> which rooms.
EXTRA_DOORS = {
    ("config", ""): {"studies", "urls", "views"},
    ("flows", ""): {"studies"},
}
# A flow is a file of its own name; who runs it enters there.
OPEN = {("config", "flows")}
# Who holds connections without writing through them, each with its reason.
CONNECTIONS = {"stoop.flows.loops": "gives its connection back between two rounds"}
BEHIND_THE_WALL = {"flows", "api", "config"}
WRITES = {
    "save",
    "create",
    "delete",
    "update",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
}
WRITES |= {f"a{name}" for name in WRITES}
MANAGERS = {"objects", "_default_manager", "_base_manager"}
QUERYSETS = {"filter", "exclude", "all", "order_by", "select_for_update"}


def _visits(root: Path) -> list[tuple[Source, int, str, str]]:
    """(source, line, module entered, what is taken) for imports between modules of the house."""
    names = {folder.name for folder in modules(root)}
    found = []
    for source in sources(root):
        for line, target in imports(source):
            package, _, rest = target.partition(".")
            other, _, room = rest.partition(".")
            if source.house and package == "stoop" and other in names and other != source.house:
                found.append((source, line, other, room))
    return found


def doors(root: Path) -> list[str]:
    """A module is entered by its doors, never through its models, views or private names."""
    complaints = []
    for source, line, other, taken in _visits(root):
        room = taken.partition(".")[0]
        extra = (EXTRA_DOORS.get((source.house, part), set()) for part in (source.room, ""))
        allowed = DOORS.union(*extra)
        through_factories = source.is_test and taken.startswith("tests.factories")
        if (other in LIBRARIES or (source.house, other) in OPEN) and room != "tests":
            continue
        if room not in allowed and not through_factories:
            complaints.append(
                f"{source.at(line)} enters {other} by {room or 'the package itself'}; "
                f"its doors are {', '.join(sorted(allowed))}"
            )
    return complaints


def portal(root: Path) -> list[str]:
    """The public site sees only what is already suppressed."""
    return [
        f"{source.at(line)} takes {other}.{taken}; the portal imports only `public`"
        for source, line, other, taken in _visits(root)
        if source.house == "portal" and not source.is_test
        if other not in LIBRARIES and taken.partition(".")[0] != "public"
    ]


def casework(root: Path) -> list[str]:
    """The records of participants are walled: four named importers, no others."""
    return [
        f"{source.at(line)} looks behind the wall of casework"
        for source, line, other, _ in _visits(root)
        if other == "casework"
        if source.house not in BEHIND_THE_WALL
        and (source.house, source.room) != ("evaluation", "studies")
    ]


def is_write(call: ast.Call, owns_models: bool) -> bool:
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in WRITES:
        return False
    chain = set(dotted(call.func).split(".")[:-1])
    if chain & MANAGERS:
        return True
    if call.func.attr in ("update", "aupdate"):  # dictionaries and digests have one too
        return owns_models and bool(chain & QUERYSETS)
    return owns_models


def writes(root: Path) -> list[str]:
    """Only actions write to the database: there permission is checked and an event is left."""
    owners = {
        folder.name
        for folder in modules(root)
        if (folder / "models.py").exists() or (folder / "models").is_dir()
    }
    complaints = []
    for source in sources(root):
        if not source.house or source.room in ("actions", "migrations") or source.is_test:
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and is_write(node, source.house in owners):
                complaints.append(f"{source.at(node.lineno)} writes outside actions")
        for line, target in imports(source):
            sql = target in ("django.db.connection", "django.db.connections")
            if sql and source.module not in CONNECTIONS:
                complaints.append(f"{source.at(line)} reaches for SQL outside actions")
    return complaints
