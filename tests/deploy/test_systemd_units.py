"""deploy/systemd: the units run our commands, and no exit code that needs a person leads to a restart."""

import re
from configparser import ConfigParser, SectionProxy

import pytest

from monitor.cli import DAMAGED, LOSS, MISTAKES, TAKEN
from tests.support.pipeline import ROOT

FOLDER = ROOT / "deploy" / "systemd"
UNITS = sorted(path.name for path in FOLDER.glob("*.service"))
PAGE = (ROOT / "docs" / "operations.md").read_text()


def service(name: str) -> SectionProxy:
    """Return the section [Service] of a unit."""
    unit = ConfigParser(interpolation=None, strict=True)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string((FOLDER / name).read_text())
    return unit["Service"]


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("venue-monitor", "--config config.toml run"),
        ("venue-standby", "--config config.toml standby"),
        ("venue-take-over", "--config config.toml run --take-over"),
        ("venue-watch", "watch --file /etc/venue-watch/watch.toml"),
    ],
)
def test_each_unit_runs_a_command(name: str, command: str) -> None:
    """A unit starts one command of ours, which notifies systemd, and the page of operations explains it."""
    unit = service(f"{name}.service")
    assert unit["ExecStart"] == f"/opt/venue-monitor/.venv/bin/venue-monitor {command}"
    assert unit["Type"] == "notify"
    assert f"{name}.service" in PAGE


def test_what_needs_a_person_is_not_started_again() -> None:
    """The monitor is restarted after every failure but those that another attempt can't end; the page lists both."""
    unit = service("venue-monitor.service")
    assert unit["Restart"] == "always"
    assert {int(code) for code in unit["RestartPreventExitStatus"].split()} == {
        MISTAKES,
        LOSS,
        TAKEN,
        DAMAGED,
    }
    listed = set(re.findall(r"^\| (\d) \| ", PAGE, re.MULTILINE))
    assert listed == {"0", "1", *(str(code) for code in (MISTAKES, LOSS, TAKEN, DAMAGED))}
    assert f"`RestartPreventExitStatus={unit['RestartPreventExitStatus']}`" in PAGE


def test_no_one_is_replaced_by_a_machine() -> None:
    """A take-over is a person's decision: systemd never starts it, nor repeats one that was refused."""
    text = (FOLDER / "venue-take-over.service").read_text()
    assert "[Install]" not in text
    assert service("venue-take-over.service")["Restart"] == "on-abnormal"


@pytest.mark.parametrize("name", UNITS)
def test_each_unit_is_confined(name: str) -> None:
    """A unit gains no privileges and writes nothing outside its folder."""
    unit = service(name)
    assert unit["NoNewPrivileges"] == "true"
    assert unit["ProtectSystem"] == "strict"
    assert unit["ProtectHome"] == "true"
    assert unit["User"] != "root"
