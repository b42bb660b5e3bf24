"""The rules commands on a small deployment."""

import shutil
from pathlib import Path

import pytest

from monitor.cli import MISTAKES, OK, main
from monitor.rules.read import rule_files
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


GATES = """
[[rule]]
id = "gates"
title = "Gate {point}"
severity = "high"
by = "point"
# Only the first gate.
match = { of = { on = "door.alarm", where = 'point == "hall-gate-11"' } }
why = "judgement"
do = "Look."
"""


class Officer:
    """A user of a deployment with one rule."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.rules = folder / "rules"
        self.rules.mkdir()
        self.venue = folder / "venue.toml"
        shutil.copy(ROOT / "venue.toml", self.venue)
        shutil.copytree(ROOT / "checklists", folder / "checklists")
        shutil.copy(ROOT / "roster.toml", folder)
        shutil.copy(ROOT / "rules" / "trial.venue.toml", self.rules)
        self.config = folder / "config.toml"
        self.config.write_text('[journal]\npath = "journal.db"\n')
        self.doors = self.rules / "doors.toml"
        self.doors.write_text(DOOR)
        self._capsys = capsys

    def types(self, *arguments: str) -> tuple[int, str, str]:
        """Run a command; return exit code, standard output and standard error."""
        self._capsys.readouterr()
        code = main(["--config", str(self.config), *arguments])
        return code, *self._capsys.readouterr()


@pytest.fixture
def officer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Officer:
    """A user of a deployment whose only rule is `DOOR`."""
    return Officer(tmp_path, capsys)


def test_a_title_is_shown_as_it_is_written(
    officer: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Square brackets in a title are not markup."""
    monkeypatch.setenv("COLUMNS", "200")

    code, out, err = officer.types("rules", "list")

    assert (code, err) == (OK, "")
    assert "Door [/red] [bold]{point}" in out
    assert "judgement [1]" in out


def test_a_failing_or_missing_test_is_named_with_its_place(officer: Officer) -> None:
    """`check` and `rules test` name the file and line of a failing test, or of a rule without one."""
    lines = DOOR.replace("+0s raised d1", "+1s raised d1").splitlines()[:15]
    officer.doors.write_text("\n".join(lines))

    for command in (("check",), ("rules", "test")):
        _, _, err = officer.types(*command)

        doors = officer.doors
        assert f'{doors}:10: rule "door-alarm", test "forced" fails:\n    expected ["+1s' in err
        assert f'{doors}:1: rule "door-alarm" has no test in which it stays silent; add' in err


def test_every_mistake_of_every_rule_is_shown_in_one_run(officer: Officer) -> None:
    """Unreadable keys, conditions, places, and failing and missing tests: none hides another, in any file."""
    wrong = DOOR.replace("\"forced_open'", "'").replace("severity", "severty")
    officer.doors.write_text(wrong.replace("forced_open", "forced_opn", 1))
    other = officer.rules / "other.toml"
    gates = DOOR.replace("door-alarm", "gate-alarm").replace("+0s raised d1", "+1s raised d1")
    other.write_text(gates + GATES)

    for command in (("check",), ("rules", "test")):
        code, _, err = officer.types(*command)

        assert code == MISTAKES
        doors = officer.doors
        assert f'{doors}:4: rule "door-alarm": severty: unknown key; did you mean "sever' in err
        assert (
            f'{doors}:6: rule "door-alarm": match.of: "alarm" is never "forced_opn"; did you mean'
            ' "forced_open"?\n      alarm == "forced_opn"\n               ^'
        ) in err
        assert f'{other}:10: rule "gate-alarm", test "forced" fails:' in err
        assert f'{other}:28: rule "gates": match.of: "point" is never "hall-gate-11"; did' in err
        assert f'{other}:22: rule "gates" has no test in which it fires' in err
        assert f'{other}:22: rule "gates" has no test in which it stays silent' in err


def test_a_file_that_is_no_toml_brings_no_false_mistakes(officer: Officer) -> None:
    """What it may define is not reported as unknown; the place is pointed at."""
    (officer.rules / "facts.toml").write_text('[lists]\nalarms = ["forced_open]\n')
    used = DOOR.replace('alarm == "forced_open"', "alarm in alarms and replay_macro")
    officer.doors.write_text(used.replace("why", 'while = "door-locked"\nwhy'))

    code, _, err = officer.types("check")

    assert code == MISTAKES
    assert err.count("\n") == 3
    assert f"{officer.rules}/facts.toml:2: not valid TOML" in err
    assert '\n      alarms = ["forced_open]\n                ' in err


def test_a_schedule_must_be_in_both_venue_files(officer: Officer) -> None:
    """The file without it is named with what to add, and other mistakes are still listed."""
    officer.doors.write_text(DOOR.replace("severity", 'schedule = "night-watch"\nseverity'))
    officer.config.write_text(officer.config.read_text() + '[files]\nroster = "roster.toml"\n')

    code, _, err = officer.types("check")

    assert code == MISTAKES
    for file in (officer.rules / "trial.venue.toml", officer.venue):
        assert f'{officer.doors}:1: rule "door-alarm": {file} has no [[schedule]] "night-' in err
    assert "roster.toml:" in err


@pytest.mark.parametrize("name", ["../side-door", "Ünï x", "-", "", "a" * 64, "door-alarm"])
def test_an_invalid_or_used_id_writes_nothing(officer: Officer, name: str) -> None:
    """An invalid or used id writes no file: a running monitor would refuse its rules because of that file."""
    folder = officer.rules.parent
    before = sorted(folder.rglob("*"))

    code, _, err = officer.types("rules", "new", "--", name)

    assert code == MISTAKES
    assert "is not an id; write" in err or f"{officer.doors}:1: a rule is already called" in err
    assert sorted(folder.rglob("*")) == before


def test_a_new_rule_is_not_in_force(officer: Officer) -> None:
    """A running monitor doesn't read a draft, `check` names it, and a second one doesn't overwrite it."""
    before = rule_files(officer.rules)
    code, out, _ = officer.types("rules", "new", "side-door-open")
    draft = officer.rules / "side-door-open.draft.toml"
    assert code == OK
    assert out.startswith(f"{draft}: written, not in force;")
    assert rule_files(officer.rules) == before
    code, out, _ = officer.types("check")
    assert code == OK
    assert "1 rule with 2 tests" in out
    assert f"{draft}: a draft, not in force\n" in out
    assert officer.types("rules", "new", "side-door-open")[0] == MISTAKES


def test_a_draft_is_tested_and_put_in_force_by_its_name(officer: Officer) -> None:
    """A draft is valid from the start; its tests run only on request; once renamed, it is a rule like any other."""
    officer.types("rules", "new", "side-door-open")
    assert "2 tests of 1 rule: all passed" in officer.types("rules", "test")[1]
    assert "4 tests of 2 rules: all passed" in officer.types("rules", "test", "--drafts")[1]
    draft = officer.rules / "side-door-open.draft.toml"
    draft.rename(officer.rules / "side-door-open.toml")
    assert "2 rules with 4 tests" in officer.types("check")[1]
    code, _, err = officer.types("rules", "new", "side-door-open")
    assert code == MISTAKES
    assert "a rule is already called" in err


def test_a_mistake_in_the_venue_brings_no_false_ones(officer: Officer) -> None:
    """The rules are read from the folder that config.toml names, whatever is wrong elsewhere."""
    elsewhere = officer.rules.rename(officer.rules.with_name("our-rules"))
    officer.config.write_text(officer.config.read_text() + '[files]\nrules = "our-rules"\n')
    officer.venue.write_text(officer.venue.read_text() + "[[zone]]\n")
    doors = elsewhere / "doors.toml"
    doors.write_text(doors.read_text().replace("door.alarm", "door.alram", 1))

    code, _, err = officer.types("check")

    assert code == MISTAKES
    assert "no such folder" not in err
    assert f"{officer.venue}:" in err
    assert f"{doors}:" in err


@pytest.mark.parametrize(
    ("files", "wrong"),
    [
        ('rulse = "rules"', "rulse"),
        ("rules = 7", "7"),
        ('venue = "venue.toml"\nrules = ["rules"]', "a list"),
    ],
)
def test_a_mistake_in_the_files_table_brings_no_false_ones(
    officer: Officer, files: str, wrong: str
) -> None:
    """A path that could not be read is not replaced by the default."""
    officer.rules.rename(officer.rules.with_name("our-rules"))
    officer.config.write_text(f'[journal]\npath = "journal.db"\n[files]\n{files}\n')

    code, _, err = officer.types("check")

    assert code == MISTAKES
    assert "no such folder" not in err
    assert err.count("\n") == 1
    assert wrong in err


def test_an_unknown_kind_of_channel_is_a_mistake(officer: Officer) -> None:
    """A mistyped address is reported at once; otherwise it would be noticed only when a page fails."""
    officer.config.write_text(officer.config.read_text() + '[files]\nroster = "roster.toml"\n')
    roster = officer.rules.with_name("roster.toml")
    text = (ROOT / "roster.toml").read_text()
    roster.write_text(text.replace("ntfy://127.0.0.1/anna", "nfty://127.0.0.1/anna"))

    code, _, err = officer.types("check")

    assert code == MISTAKES
    assert 'unknown kind of address "nfty://"; did you mean "ntfy://"?' in err
    assert "127.0.0.1/anna" not in err


def test_explain_reports_that_nothing_is_recorded(officer: Officer, tmp_path: Path) -> None:
    """The absence of events is stated: empty output would not show whether the rule was evaluated at all."""
    (tmp_path / "empty.jsonl").write_text("")
    code, out, _ = officer.types(
        "rules", "explain", "door-alarm", "--input", str(tmp_path / "empty.jsonl")
    )
    assert (code, out) == (OK, 'No event to which "door-alarm" subscribes has been recorded.\n')
