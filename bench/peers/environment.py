"""A virtual environment for each program that comes from the Python package index."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.peers.peer import PLACE, Unavailable


def python_of(name: str) -> Path:
    """Return the interpreter of an environment."""
    return PLACE / name / "bin" / "python"


def install_into(name: str, packages: Sequence[str]) -> None:
    """Install packages into an environment of their own, unless just these are there already.

    Raises:
        Unavailable: pip can't install them.

    """
    wanted, installed = "\n".join(packages), PLACE / name / "installed.txt"
    if installed.exists() and installed.read_text() == wanted:
        return
    print(f"Installing {packages[0]} into bench/.peers/{name} ...", file=sys.stderr)
    python = python_of(name)
    commands = (
        [sys.executable, "-m", "venv", "--clear", str(PLACE / name)],
        [str(python), "-m", "pip", "install", "--quiet", *packages],
    )
    for command in commands:
        ran = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - our own commands
        if ran.returncode:
            last = (ran.stderr.strip().splitlines() or ["it failed"])[-1]
            raise Unavailable(f"pip can't install {packages[0]}: {last}")
    installed.write_text(wanted)
