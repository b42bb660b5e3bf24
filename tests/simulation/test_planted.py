"""The planted defects, which show how sharp the simulation is, can still be planted."""

from pathlib import Path

import pytest

from tests.simulation.planted import ROOT, applied, patches


def test_there_are_twenty_two() -> None:
    """No planted defect was dropped because it was in the way."""
    assert len(patches()) == 22


@pytest.mark.parametrize("patch", patches(), ids=lambda path: path.stem)
def test_a_planted_defect_still_applies(patch: Path, tmp_path: Path) -> None:
    """The patch fits the present files; `scripts/simulate-faults --planted` plays days with it."""
    touched = {
        line.removeprefix("+++ b/")
        for line in patch.read_text().splitlines()
        if line.startswith("+++ ")
    }
    for name in touched:
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())

    result = applied(patch, tmp_path)

    assert result.returncode == 0, result.stderr
    assert any((tmp_path / name).read_bytes() != (ROOT / name).read_bytes() for name in touched)
