"""Planted defects: patches that break a promise of the monitor, each of which the simulation has to find."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATCHES = Path(__file__).parent / "planted"
PARTS = ("monitor", "rules", "tests/simulation", "tests/support")
"""What a run needs of the repository."""


def patches(names: Sequence[str] = ()) -> list[Path]:
    """Return the patches, or those with these names."""
    found = sorted(PATCHES.glob("*.patch"))
    return [path for path in found if not names or path.stem in names]


def applied(patch: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Apply a patch in a folder."""
    command = ("git", "apply", str(patch))
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def copied(folder: Path) -> None:
    """Copy what a run needs into a folder."""
    for part in PARTS:
        shutil.copytree(
            ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", "static")
        )


def search(names: Sequence[str], seeds: int, jobs: int | None) -> int:
    """Look for each planted defect; return 1 if one is not found."""
    missed = 0
    for patch in patches(names):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            copied(folder)
            result = applied(patch, folder)
            if result.returncode:
                sys.stdout.write(f"{patch.stem}: does not apply: {result.stderr}\n")
                missed += 1
                continue
            found = list(_failures(folder, seeds, jobs))
        missed += not found
        what = f"found: {found[0]}" if found else f"NOT FOUND in {seeds} seeds"
        sys.stdout.write(f"{patch.stem}: {what}\n")
        sys.stdout.flush()
    return bool(missed)


def _failures(folder: Path, seeds: int, jobs: int | None) -> Iterator[str]:
    command = [sys.executable, "-m", "tests.simulation.command"]
    command += ["--until-failure", "--as-drawn"]
    command += ["--seeds", str(seeds), *(["--jobs", str(jobs)] if jobs else [])]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    lines = result.stdout.splitlines()
    for line, what in pairwise(lines):
        if "FAILS" in line:
            yield f"{line.partition(' FAILS')[0]} ({what.strip()[:120]})"
