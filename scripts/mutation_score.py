"""The share of planted faults that the tests notice, package by package. scripts/mutants runs it.

A package is a pattern of `only_mutate` in pyproject.toml. A fault counts as noticed if a test fails or no longer ends.
Exit code 1: the share is below `FLOOR` in a package, or a package was not tried in full although no names were given.
"""

import json
import sys
import tomllib
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path

from mutmut.stats import status_by_exit_code

FLOOR = 85
"""Per cent."""
COPY = Path("mutants")
"""Where mutmut leaves a `.meta` beside each file that it changed."""
COLUMNS = ("killed", "timeout", "survived", "no tests", "not checked")
"""Ways to end, in mutmut's words; the others, such as a crash of the interpreter, are rare."""


def results(pattern: str) -> Counter[str]:
    """Return how many faults of a package ended in which way."""
    found: Counter[str] = Counter()
    for meta in COPY.rglob("*.meta"):
        source = str(meta.relative_to(COPY)).removesuffix(".meta")
        if fnmatch(source, pattern):
            codes = json.loads(meta.read_text())["exit_code_by_key"].values()
            found.update(status_by_exit_code[code] for code in codes)
    return found


def main(names: list[str]) -> int:
    """Print a line for each package; return the exit code."""
    project = tomllib.loads(Path("pyproject.toml").read_text())
    all_good = True
    print(f"{'':24}" + "".join(f"{name:>13}" for name in (*COLUMNS, "other", "noticed")))
    for pattern in project["tool"]["mutmut"]["only_mutate"]:
        found = results(pattern)
        tried = found.total() - found["not checked"]
        if names and not tried:
            continue
        score = 100 * (found["killed"] + found["timeout"]) / tried if tried else 0.0
        counts = [found.pop(name, 0) for name in COLUMNS]
        print(
            f"{pattern.rstrip('*'):24}"
            + "".join(f"{count:13}" for count in (*counts, found.total()))
            + f"{score:11.1f} %"
        )
        all_good &= score >= FLOOR and (bool(names) or counts[-1] == 0)
    return 0 if all_good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
