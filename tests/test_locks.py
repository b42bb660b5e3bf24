"""The lock files: they contain what pyproject.toml requires, with hashes and without addresses."""

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
    """The version and the hashes of each package; ``AssertionError`` names any other line."""
    found: dict[str, tuple[str, frozenset[str]]] = {}
    for line in lock.read_text().replace("\\\n", "").splitlines():
        pin, *hashes = (part.strip() for part in line.split("--hash=sha256:"))
        parts = re.fullmatch(r"([a-z0-9-]+)==([0-9a-z.]+)( ; [^:@]+)?", pin)
        assert parts, f"{lock.name}: {line[:80]}"
        found[parts[1]] = (parts[2], frozenset(hashes))
    return found


def asked(*groups: str) -> list[Requirement]:
    """The requirements of pyproject.toml: the dependencies, and these groups with what they include."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    rows: list[str] = [*project["project"]["dependencies"]]
    for group in groups:
        rows += [row for row in project["dependency-groups"][group] if isinstance(row, str)]
    return [Requirement(row) for row in rows]


@pytest.mark.parametrize("lock", [RUN, DEV], ids=lambda lock: lock.name)
def test_a_lock_has_only_versions_and_hashes(lock: Path) -> None:
    """Each package has one exact version and its hashes; there is no address, no path, no option."""
    packages = locked(lock)

    assert packages
    assert all(re.fullmatch("[0-9a-f]{64}", each) for _, some in packages.values() for each in some)
    assert [name for name, (_, hashes) in packages.items() if not hashes] == []


@pytest.mark.parametrize(
    ("lock", "groups"), [(RUN, ("build",)), (DEV, ("build", "dev"))], ids=["run", "dev"]
)
def test_a_lock_has_what_is_required(lock: Path, groups: tuple[str, ...]) -> None:
    """After a change of dependencies ``scripts/lock`` must be run."""
    packages = locked(lock)

    for wanted in asked(*groups):
        version, _ = packages[canonicalize_name(wanted.name)]
        assert wanted.specifier.contains(version), f"{wanted} but {lock.name} has {version}"


def test_the_grafana_client_has_its_own_lock() -> None:
    """The Grafana client replaces urllib3, so it is in no other lock; its lock has what the extra requires."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (wanted,) = map(Requirement, project["optional-dependencies"]["grafana"])
    packages = locked(ROOT / "requirements-grafana.lock")
    assert wanted.specifier.contains(packages["grafana-client"][0])
    assert not {"grafana-client", "niquests", "urllib3-future"} & locked(DEV).keys()


def test_the_tested_versions_are_the_installed_ones() -> None:
    """The tests use the same versions and files as the monitor."""
    assert locked(RUN).items() <= locked(DEV).items()
