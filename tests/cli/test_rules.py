"""What an officer types about the rules of a small deployment."""

import shutil
from pathlib import Path

import pytest

from monitor.cli import MISTAKES, OK, main
from tests.support.pipeline import ROOT

DOOR = """\
[[rule]]
id = "door-alarm"
title = "Door [/red] [bold]{point}"
severity = "high"
by = "point"
match = { of = { on = "door.alarm", where = 'alarm == "forced_open"' } }
why = "judgement [1]"
do = "Look."

[[test]]
rule = "door-alarm"
name = "forced"
events = ["+0s door.alarm point=d1 alarm=forced_open"]
expect = ["+0s raised d1"]

[[test]]
rule = "door-alarm"
name = "normal"
events = ["+0s door.alarm point=d1 alarm=normal"]
expect = []
"""


class Officer:
    """Somebody with a deployment of one rule."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.rules = folder / "rules"
        self.rules.mkdir()
        self.venue = folder / "venue.toml"
        shutil.copy(ROOT / "venue.toml", self.venue)
        shutil.copy(ROOT / "roster.toml", folder)
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

    code, out, err = officer.types("rules", "list")

    assert (code, err) == (OK, "")
    assert "Door [/red] [bold]{point}" in out
    assert "judgement [1]" in out


def test_a_test_that_fails_or_is_missing_has_a_place(officer: Officer) -> None:
    """File and line: of the test, or of the rule that has none; in `check` and `rules test` alike."""
    lines = DOOR.replace("+0s raised d1", "+1s raised d1").splitlines()[:15]
    officer.doors.write_text("\n".join(lines))

    for command in (("check",), ("rules", "test")):
        _, _, err = officer.types(*command)

        doors = officer.doors
        assert f'{doors}:10: rule "door-alarm", test "forced" fails:\n    expected ["+1s' in err
        assert f'{doors}:1: rule "door-alarm" has no test in which it stays silent; add' in err


def test_a_schedule_has_to_stand_in_both_venue_files(officer: Officer) -> None:
    """The one that is lacking is named with what to add, and nothing else is left out for it."""
    officer.doors.write_text(DOOR.replace("severity", 'schedule = "night-watch"\nseverity'))
    officer.config.write_text(officer.config.read_text() + '[files]\nroster = "roster.toml"\n')

    code, _, err = officer.types("check")

    assert code == MISTAKES
    for file in (officer.rules / "trial.venue.toml", officer.venue):
        assert f'{officer.doors}:1: rule "door-alarm": {file} has no [[schedule]] "night-' in err
    assert "roster.toml:" in err


@pytest.mark.parametrize("name", ["../side-door", "Ünï x", "-", "", "a" * 64, "door-alarm"])
def test_an_id_that_cannot_be_or_is_taken_writes_nothing(officer: Officer, name: str) -> None:
    """The running monitor would refuse its rules for that file."""
    folder = officer.rules.parent
    before = sorted(folder.rglob("*"))

    code, _, err = officer.types("rules", "new", "--", name)

    assert code == MISTAKES
    assert "is no id; write" in err or f"{officer.doors}:1: a rule is called" in err
    assert sorted(folder.rglob("*")) == before


def test_a_new_rule_is_in_order_from_the_start(officer: Officer) -> None:
    """It can stand in the folder until it is worked out; a second one doesn't write over it."""
    assert officer.types("rules", "new", "side-door-open")[0] == OK
    assert officer.types("check")[0] == OK
    assert officer.types("rules", "new", "side-door-open")[0] == MISTAKES


def test_that_nothing_is_recorded_is_said(officer: Officer, tmp_path: Path) -> None:
    """An empty answer would leave open whether the rule was asked at all."""
    (tmp_path / "empty.jsonl").write_text("")
    code, out, _ = officer.types(
        "rules", "explain", "door-alarm", "--input", str(tmp_path / "empty.jsonl")
    )
    assert (code, out) == (OK, 'Of what "door-alarm" listens to nothing is recorded.\n')
