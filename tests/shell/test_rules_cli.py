"""What an officer types about the rules of a small deployment."""

import shutil
from pathlib import Path

import pytest

from monitor.cli import OK, main
from tests.system.line import ROOT

DOOR = """\
[[rule]]
id = "door-alarm"
title = "Door [/red] [bold]{point}"
severity = "high"
by = "point"
match = { of = { on = "door.alarm_changed", where = 'alarm == "forced_open"' } }
why = "judgement [1]"
do = "Look."

[[test]]
rule = "door-alarm"
name = "forced"
events = ["+0s door.alarm_changed point=d1 alarm=forced_open"]
expect = ["+0s raised d1"]

[[test]]
rule = "door-alarm"
name = "normal"
events = ["+0s door.alarm_changed point=d1 alarm=normal"]
expect = []
"""


class Officer:
    """Somebody with a deployment of one rule."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.rules = folder / "rules"
        self.rules.mkdir()
        for name in ("venue.toml", "roster.toml"):
            shutil.copy(ROOT / name, folder)
        shutil.copy(ROOT / "rules" / "trial.venue.toml", self.rules)
        self.config = folder / "config.toml"
        self.config.write_text('[journal]\npath = "journal.db"\n')
        self.doors = self.rules / "doors.toml"
        self.doors.write_text(DOOR)
        self._capsys = capsys

    def types(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, standard output and standard error."""
        self._capsys.readouterr()
        code = main(["--config", str(self.config), *arguments])
        return code, *self._capsys.readouterr()


@pytest.fixture
def officer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Officer:
    """With a deployment whose only rule is `DOOR`."""
    return Officer(tmp_path, capsys)


def test_a_title_is_shown_as_it_is_written(
    officer: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Square brackets are text like any other."""
    monkeypatch.setenv("COLUMNS", "200")

    code, out, _ = officer.types("rules", "list")

    assert code == OK
    assert "Door [/red] [bold]{point}" in out
    assert "judgement [1]" in out
