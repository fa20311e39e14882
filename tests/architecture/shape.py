"""What a module may hold at its top, and how long a file or a function may grow."""

import ast
from pathlib import Path

from tests.architecture.tree import modules, sources

ROOMS = {
    *("models", "actions", "queries", "public", "readers", "forms", "views", "urls"),
    *("apps", "admin", "management", "migrations", "templates", "static", "tests"),
}
EXTRA_ROOMS = {
    "config": {"settings", "asgi", "cli", "middleware", "navigation"},
    "precision": {"studies"},
    "evaluation": {"studies"},
    "accounts": {"permissions"},
}
# Modules whose files are named after what they hold, not after rooms.
FREE = {"kernel", "ui", "flows"}
README_LINES = (10, 30)
FILE_LINES = 600
FUNCTION_LINES = 80


def names(root: Path) -> list[str]:
    """The same few names in every module, so that a reader knows where a thing is."""
    complaints = []
    for folder in modules(root):
        for entry in sorted(folder.iterdir()):
            known = ROOMS | EXTRA_ROOMS.get(folder.name, set())
            name = entry.name.removesuffix(".py")
            if entry.name in ("README.md", "__init__.py") or name.startswith((".", "__pycache")):
                continue
            if name == "utils":
                complaints.append(f"{folder.name}/{entry.name}: name it after what it holds")
            elif name not in known and folder.name not in FREE:
                complaints.append(f"{folder.name}/{entry.name} is no room; see CONTRIBUTING.md")
    complaints += [
        f"{source.module}: name it after what it holds"
        for source in sources(root)
        if source.parts[-1] == "utils" and len(source.parts) > 3
    ]
    return complaints


def readmes(root: Path) -> list[str]:
    """Each module says in 10 to 30 lines what it owns, its words, and what it refuses."""
    complaints = []
    low, high = README_LINES
    for folder in [*modules(root), root / "stoopstat"]:
        readme = folder / "README.md"
        if not readme.exists():
            complaints.append(f"{folder.name} has no README.md")
        elif not low <= (count := len(readme.read_text(encoding="utf-8").splitlines())) <= high:
            complaints.append(f"{folder.name}/README.md has {count} lines, not {low} to {high}")
    return complaints


def namespaces(root: Path) -> list[str]:
    """Templates and static files stand in a folder of their module's name, so none collides."""
    return [
        f"{folder.name}/{kind}/{entry.name} belongs in {kind}/{folder.name}/"
        for folder in modules(root)
        for kind in ("templates", "static")
        if (folder / kind).is_dir()
        for entry in sorted((folder / kind).iterdir())
        if entry.name != folder.name
    ]


def lengths(root: Path) -> list[str]:
    """No file over 600 lines, no function over 80: what grows past that is two things."""
    complaints = []
    for source in sources(root):
        if "migrations" in source.parts:
            continue
        if source.lines > FILE_LINES:
            complaints.append(f"{source.module} has {source.lines} lines, over {FILE_LINES}")
        for node in ast.walk(source.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not source.is_test:
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > FUNCTION_LINES:
                    complaints.append(
                        f"{source.at(node.lineno)} {node.name} has {length} lines, "
                        f"over {FUNCTION_LINES}"
                    )
    return complaints
