"""What is not in this house: magic, scores of persons, hidden chance, printing numbers."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import Source, dotted, imports, sources

MAGIC_IMPORTS = {
    "django.dispatch": "signals: write an event to the ledger, let a worker read it",
    "django.db.models.signals": "signals: write an event to the ledger, let a worker read it",
    "django.core.signals": "signals: write an event to the ledger, let a worker read it",
    "django.contrib.contenttypes": "a generic foreign key: name the table it points at",
    "django.views.generic": "class-based views: write a function",
    "django.views.View": "class-based views: write a function",
}
MODEL_OVERRIDES = {"save", "delete", "asave", "adelete"}

NEVER = "Stoop scores places and hours, never a person"
PERSON = r"(person|people|participant|client|individual|youth|offender|suspect|perpetrator)s?"
SCORE = r"(risk|score|rank|ranking|rating|level|threat)s?"
SCORES_A_PERSON = re.compile(
    rf"(?:^|_){PERSON}_?(?:\w+_)?{SCORE}(?:_|$)|(?:^|_){SCORE}_(?:of_|for_|by_|per_|a_)*{PERSON}(?:_|$)"
)
IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_ -]{2,60}")

FIXED_CHANCE = {"default_rng", "Generator", "SeedSequence", "BitGenerator", "PCG64", "Philox"}
TALKERS = {"rich", "typer", "tqdm", "click", "logging"}


def magic(root: Path) -> list[str]:
    """No signals, generic keys, class-based views or overridden saves: what happens is called."""
    complaints = []
    for source in sources(root):
        if not source.house:
            continue
        for line, target in imports(source):
            for name, instead in MAGIC_IMPORTS.items():
                if target == name or target.startswith(f"{name}."):
                    complaints.append(f"{source.at(line)} uses {instead}")
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Attribute) and node.attr == "as_view":
                complaints.append(f"{source.at(node.lineno)} uses a class-based view")
            if isinstance(node, ast.ClassDef):
                complaints += _class_complaints(source, node)
    return complaints


def _class_complaints(source: Source, node: ast.ClassDef) -> list[str]:
    if source.room == "views" and any(dotted(base).endswith("View") for base in node.bases):
        return [f"{source.at(node.lineno)} is a class-based view: write a function"]
    if source.room != "models":
        return []
    return [
        f"{source.at(each.lineno)} overrides {each.name}(): write an action"
        for each in node.body
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
        if each.name in MODEL_OVERRIDES
    ]


def _named(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, name) of everything a file names: functions, classes, fields, columns, keys."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.value.lineno, node.arg
        elif isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and IDENTIFIER.fullmatch(node.value)
        ):
            yield node.lineno, node.value


def scores_a_person(name: str) -> bool:
    """Whether a name says that a person is scored, ranked or rated ('clientRiskScore')."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[ -]+", "_", name).lower()
    return bool(SCORES_A_PERSON.search(snake))


def persons(root: Path) -> list[str]:
    """Places, never persons: nothing is named as a score of somebody."""
    complaints = [
        f"{source.at(line)} names {name!r}: {NEVER}"
        for source in sources(root)
        for line, name in sorted(set(_named(source.tree)))
        if scores_a_person(name)
    ]
    for path in sorted(p for kind in ("html", "js", "sql", "csv") for p in root.rglob(f"*.{kind}")):
        words = set(re.findall(r"\w+", path.read_text(encoding="utf-8")))
        complaints += [
            f"{path.relative_to(root)} names {word!r}: {NEVER}"
            for word in sorted(words)
            if scores_a_person(word)
        ]
    return complaints


def chance(root: Path) -> list[str]:
    """Randomness comes in as a seeded generator; the same inputs give the same numbers."""
    complaints = []
    for source in sources(root):
        standard = False
        for line, target in imports(source):
            standard |= target == "random"
            if target.startswith("random.") or _hidden(target):
                complaints.append(f"{source.at(line)} takes {target}, which has hidden state")
        for node in ast.walk(source.tree):
            name = re.sub(r"^np\.", "numpy.", dotted(node))
            if isinstance(node, ast.Attribute):
                if _hidden(name) or (standard and name.startswith("random.")):
                    complaints.append(f"{source.at(node.lineno)} uses {name}, of hidden state")
            elif name.endswith("default_rng") and isinstance(node, ast.Call):
                seed = [*node.args, *node.keywords]
                complaints += [] if seed else [f"{source.at(node.lineno)} gives no seed"]
    return complaints


def _hidden(name: str) -> bool:
    return name.startswith("numpy.random.") and name.split(".")[2] not in FIXED_CHANCE


def silence(root: Path) -> list[str]:
    """stoopstat says nothing and shows nothing: its results are what it has to say."""
    complaints = []
    for source in sources(root):
        if source.parts[0] != "stoopstat" or source.is_test:
            continue
        for line, target in imports(source):
            if target.partition(".")[0] in TALKERS:
                complaints.append(f"{source.at(line)} imports {target}")
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and dotted(node.func) == "print":
                complaints.append(f"{source.at(node.lineno)} prints")
            if isinstance(node, ast.Attribute) and dotted(node) in ("sys.stdout", "sys.stderr"):
                complaints.append(f"{source.at(node.lineno)} writes to {dotted(node)}")
    return complaints


def frozen(root: Path) -> list[str]:
    """What stoopstat returns cannot be changed afterwards: a result stays what was computed."""
    complaints = []
    for source in sources(root):
        if source.parts[0] != "stoopstat" or source.is_test:
            continue
        for node in ast.walk(source.tree):
            for how in node.decorator_list if isinstance(node, ast.ClassDef) else ():
                call = how if isinstance(how, ast.Call) else ast.Call(how, [], [])
                given = {k.arg: k.value for k in call.keywords}.get("frozen")
                sure = isinstance(given, ast.Constant) and given.value is True
                if dotted(call.func).rpartition(".")[2] == "dataclass" and not sure:
                    complaints.append(f"{source.at(how.lineno)} has a dataclass that is not frozen")
    return complaints
