"""What may stand in a file that is handed on: no registry's address, no machine's path, no bulk."""

import re
import subprocess
from pathlib import Path

from tests.architecture.tree import ROOT

BYTES = 1_000_000
# Written in pieces, so that the rule does not find itself.
REGISTRIES = re.compile(
    "|".join(
        (
            *("--index" + "-url", "--extra" + "-index", "--find" + "-links", "--trusted" + "-host"),
            *(r"\bpypi" + r"\.org", r"python" + r"hosted\.org", r"registry\.npm" + r"js"),
            *(r'"resolved": *"' + "http", r"/simp" + r"le/?\b(?=[\s\"'])", r"proxy\.go" + r"lang"),
        )
    )
)
MACHINES = re.compile(r"(?<![\w./<>:-])/(?:home|Users|root|work|workspace|tmp)/\w")


def tracked(root: Path) -> list[Path]:
    """Files under version control, and new ones that are not ignored; empty outside git."""
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    names = done.stdout.split("\0") if done.returncode == 0 else []
    return [root / name for name in names if name and (root / name).is_file()]


def addresses(files: list[Path], root: Path = ROOT) -> list[str]:
    """A clean checkout installs from whatever registry its user has, wherever it stands."""
    complaints = []
    for path in files:
        data = path.read_bytes()
        if b"\0" in data:
            continue
        for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
            if REGISTRIES.search(line):
                complaints.append(f"{path.name}:{number} names a package registry")
            if MACHINES.search(line) or f"{root}/" in line:
                complaints.append(f"{path.name}:{number} holds a path of one machine")
    return complaints


def bulk(files: list[Path]) -> list[str]:
    """A repository is cloned by people on slow lines; data and pictures stay small."""
    return [f"{path.name} is over 1 MB" for path in files if path.stat().st_size > BYTES]
