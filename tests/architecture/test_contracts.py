"""The import contracts: each is broken once, on a little copy of the house, and must notice."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, floors, modules, plant

# Contract id -> one file that breaks it, and what it imports.
BREAKS = {
    "floors": [
        ("stoop/kernel/clock.py", "import stoop.ui.charts"),
        ("stoop/places/queries.py", "import stoop.incidents.queries"),
        ("stoop/incidents/queries.py", "import stoop.precision.queries"),
        ("stoop/ui/charts.py", "import stoop.places.queries"),
        ("stoop/attic/queries.py", ""),
    ],
    "kernel": [("stoop/kernel/clock.py", "import stoop.sample.city")],
    "rooms": [
        ("stoop/precision/queries.py", "import stoop.precision.actions"),
        ("stoop/precision/studies.py", "import stoop.precision.views"),
        ("stoop/incidents/models.py", "import stoop.incidents.readers"),
    ],
    "pure-numbers": [
        ("stoopstat/events.py", "import django"),
        ("stoopstat/events.py", "import pandas"),
        ("stoopstat/events.py", "import duckdb"),
        ("stoopstat/events.py", "import matplotlib.pyplot"),
        ("stoopstat/events.py", "import stoop.kernel"),
    ],
    "one-bridge": [
        ("stoop/precision/queries.py", "import stoopstat.events"),
        ("stoop/config/cli.py", "import stoopstat.events"),
    ],
    "twins": [
        ("stoopstat/events.py", "import stoopstat.reference"),
        ("stoop/precision/studies.py", "import stoopstat.reference"),
    ],
    "sample-city": [("stoop/precision/studies.py", "import stoop.sample.city")],
}
LITTLE_HOUSE = {
    "stoop/config/cli.py": "import stoop.precision.studies\nimport stoop.sample.city",
    "stoop/precision/studies.py": "import stoopstat.events\nimport stoop.incidents.queries",
    "stoop/precision/tests/test_studies.py": "import stoopstat.events\nimport stoop.sample.city",
    "stoop/precision/views.py": "import stoop.precision.studies",
    "stoop/precision/actions.py": "import stoop.precision.studies",
    "stoop/precision/queries.py": "",
    "stoop/incidents/queries.py": "import stoop.places.queries",
    "stoop/incidents/readers.py": "import stoop.incidents.queries",
    "stoop/places/queries.py": "import stoop.kernel.clock",
    "stoop/ui/charts.py": "",
    "stoop/sample/city.py": "import stoop.kernel.clock",
    "stoop/kernel/clock.py": "",
    "stoopstat/events.py": "import numpy",
    "stoopstat/reference/__init__.py": "",
    "stoopstat/tests/test_events.py": "import stoopstat.reference",
}


def _lint(folder: Path, contract: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [
        *(sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"),
        *("--no-cache", "--no-logo", "--config", str(ROOT / ".importlinter")),
        *(("--contract", contract) if contract else ()),
    ]
    environment = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_the_real_house_keeps_every_contract() -> None:
    done = _lint(ROOT / "src")
    assert done.returncode == 0, done.stdout


def test_the_little_house_keeps_every_contract(tmp_path: Path) -> None:
    done = _lint(plant(tmp_path, LITTLE_HOUSE))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("contract", "file", "line"), [(name, *each) for name, many in BREAKS.items() for each in many]
)
def test_a_break_is_seen(tmp_path: Path, contract: str, file: str, line: str) -> None:
    done = _lint(plant(tmp_path, LITTLE_HOUSE | {file: line}), contract)
    assert done.returncode == 1, done.stdout
    assert "BROKEN" in done.stdout


def test_every_contract_is_broken_once() -> None:
    ids = {
        line.removeprefix("[importlinter:contract:").rstrip("]")
        for line in (ROOT / ".importlinter").read_text().splitlines()
        if line.startswith("[importlinter:contract:")
    }
    assert ids == set(BREAKS)


def test_every_module_stands_on_a_floor() -> None:
    assert {folder.name for folder in modules(ROOT / "src")} <= set(floors())
