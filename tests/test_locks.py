"""Keeps the locks honest: they hold what pyproject.toml asks for, hashed, from no place in particular."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
RUN = ROOT / "requirements.lock"
DEV = ROOT / "requirements-dev.lock"


def locked(lock: Path) -> dict[str, tuple[str, frozenset[str]]]:
    """The version and the hashes of each package; ``AssertionError`` names a line that is neither."""
    found: dict[str, tuple[str, frozenset[str]]] = {}
    for line in lock.read_text().replace("\\\n", "").splitlines():
        pin, *hashes = (part.strip() for part in line.split("--hash=sha256:"))
        parts = re.fullmatch(r"([a-z0-9-]+)==([0-9a-z.]+)( ; [^:@]+)?", pin)
        assert parts, f"{lock.name}: {line[:80]}"
        found[parts[1]] = (parts[2], frozenset(hashes))
    return found


def asked(*groups: str) -> list[Requirement]:
    """What pyproject.toml asks for: the dependencies, and these groups with what they include."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    rows: list[str] = [*project["project"]["dependencies"]]
    for group in groups:
        rows += [row for row in project["dependency-groups"][group] if isinstance(row, str)]
    return [Requirement(row) for row in rows]


@pytest.mark.parametrize("lock", [RUN, DEV], ids=lambda lock: lock.name)
def test_a_lock_holds_versions_and_hashes_and_nothing_else(lock: Path) -> None:
    """Each package stands there with one exact version and its hashes; no address, no path, no option."""
    packages = locked(lock)

    assert packages
    assert all(re.fullmatch("[0-9a-f]{64}", each) for _, some in packages.values() for each in some)
    assert [name for name, (_, hashes) in packages.items() if not hashes] == []


@pytest.mark.parametrize(
    ("lock", "groups"), [(RUN, ("build",)), (DEV, ("build", "dev"))], ids=["run", "dev"]
)
def test_a_lock_holds_what_is_asked_for(lock: Path, groups: tuple[str, ...]) -> None:
    """Whoever changed a dependency has also run ``scripts/lock``."""
    packages = locked(lock)

    for wanted in asked(*groups):
        version, _ = packages[canonicalize_name(wanted.name)]
        assert wanted.specifier.contains(version), f"{wanted} but {lock.name} has {version}"


def test_the_grafana_client_is_locked_apart() -> None:
    """It replaces urllib3, so it is in no other lock; and what is locked is what the extra asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (wanted,) = map(Requirement, project["optional-dependencies"]["grafana"])
    packages = locked(ROOT / "requirements-grafana.lock")
    assert wanted.specifier.contains(packages["grafana-client"][0])
    assert not {"grafana-client", "niquests", "urllib3-future"} & locked(DEV).keys()


def test_what_is_tested_is_what_runs() -> None:
    """The tests use the same versions and files of all that the monitor runs on."""
    assert locked(RUN).items() <= locked(DEV).items()
