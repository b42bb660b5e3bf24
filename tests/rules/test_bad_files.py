"""Rule files with mistakes: every one is told, with file, line, what is wrong and what to write instead."""

from pathlib import Path

import pytest

from monitor.errors import ConfigError
from monitor.rules.read import TRIAL_VENUE, load

HERE = Path(__file__).parent / "bad"
TRIAL = Path(__file__).parents[2] / "rules" / TRIAL_VENUE


def told(folder: Path) -> str:
    """What the loader says about a folder."""
    with pytest.raises(ConfigError) as caught:
        load(folder)
    return "\n".join(caught.value.mistakes).replace(f"{folder}/", "rules/") + "\n"


@pytest.mark.parametrize("name", sorted(path.stem for path in HERE.glob("*.toml")))
def test_every_mistake_of_a_file_is_told(name: str, tmp_path: Path) -> None:
    """To the letter, as the text beside the file says."""
    (tmp_path / TRIAL_VENUE).write_bytes(TRIAL.read_bytes())
    (tmp_path / f"{name}.toml").write_bytes((HERE / f"{name}.toml").read_bytes())

    assert told(tmp_path) == (HERE / f"{name}.txt").read_text(encoding="utf-8")


def test_the_mistakes_of_all_files_are_told_together(tmp_path: Path) -> None:
    """One look is enough to mend all of them; files come in the order of their names."""
    (tmp_path / TRIAL_VENUE).write_bytes(TRIAL.read_bytes())
    for path in HERE.glob("*.toml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    lines = [line for line in told(tmp_path).splitlines() if line.startswith("rules/")]

    files = [line.split(":")[0] for line in lines]
    assert files == sorted(files)
    assert set(files) == {f"rules/{path.name}" for path in HERE.glob("*.toml")}
