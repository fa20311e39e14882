"""A folder of its own for the peers, so that Stoop never depends on one by accident."""

import re
import subprocess
import sys

from bench.harness import ROOT, last_words

VENV = ROOT / ".venv-bench"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.txt"


def make(requirements: list[str]) -> dict[str, str]:
    """Install Stoop's own packages and the peers; gives {requirement: why it failed}."""
    if not PYTHON.exists():
        _say("a folder for the peers (.venv-bench)")
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    ready = VENV / ".ready"
    done = set(ready.read_text().splitlines()) if ready.exists() else set()
    lock = f"lock {LOCK.stat().st_mtime_ns}"
    if lock not in done:
        _say("Stoop's own packages, checked against their hashes")
        subprocess.run([*_pip(), "--require-hashes", "-r", str(LOCK)], check=True)
        done = {lock}
    failed = {}
    for requirement in sorted(set(requirements) - done):
        _say(f"peer {requirement}")
        why = _install(requirement)
        if why:
            failed[requirement] = why
            _say(f"  {requirement} cannot be installed here: {why}")
        else:
            done.add(requirement)
    ready.write_text("\n".join(sorted(done)))
    return failed


def _install(requirement: str) -> str:
    """Install beside our versions where the peer allows, else as the peer wants; '' when done."""
    ours = VENV / "ours.txt"
    pins = re.findall(r"^([\w.-]+==[^\s;\\]+)", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    ours.write_text("\n".join(pins))
    for choice in (["-c", str(ours)], []):
        done = subprocess.run(
            [*_pip(), *choice, requirement], capture_output=True, text=True, check=False
        )
        if done.returncode == 0:
            return ""
    return last_words(done.stderr)


def _pip() -> list[str]:
    return [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]


def _say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)
