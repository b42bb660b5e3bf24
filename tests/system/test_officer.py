"""An officer changes a rule: the story of docs/rules.md, with a running monitor and its commands."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.cli import MISTAKES, OK
from monitor.core.alert import Alert
from monitor.core.inputs import Arrival
from monitor.mqtt import Publisher
from tests.support.monitor_process import MonitorProcess
from tests.support.pipeline import ROOT, event_payload, site_of
from tests.support.servers import Mosquitto

SECOND = timedelta(seconds=1)
A, B = "hotel-a-lobby-door", "hotel-b-lobby-door"


class Office:
    """A monitor with its own venue and rule files, which an officer edits."""

    def __init__(self, folder: Path, broker: Mosquitto) -> None:
        self.program = MonitorProcess(folder, broker.address)
        self.venue = folder / "venue.toml"
        shutil.copy(ROOT / "venue.toml", self.venue)
        shutil.copytree(ROOT / "rules", folder / "rules")
        shutil.copytree(ROOT / "checklists", folder / "checklists")
        config = self.program.config
        config.write_text(config.read_text().replace(f"{ROOT}/", ""))

    def edit(self, old: str, new: str) -> None:
        """Replace a text everywhere in the venue file."""
        text = self.venue.read_text()
        assert old in text
        self.venue.write_text(text.replace(old, new))

    async def opened(self, point: str) -> datetime:
        """Publish that a door was opened 25 s ago; return when it was."""
        at = datetime.now(UTC) - 25 * SECOND
        async with Publisher(self.program.broker, "door") as door:
            topic = f"venue/{site_of({'point': point})}/door/{point}"
            await door.publish(topic, event_payload("door.opened", at, point=point))
        return at

    def received(self) -> int:
        """Return the number of messages from devices in the journal."""
        with self.program.read() as journal:
            return sum(isinstance(given, Arrival) for _, given in journal.inputs())

    def alert(self, rule: str, key: str = "") -> Alert | None:
        """Return the open alert of a rule, and of a key if one is given."""
        with self.program.read() as journal:
            rows = [row for row in journal.alerts() if row.rule == rule and key in ("", row.key)]
        return rows[0] if rows else None

    def raised(self, rule: str, key: str = "") -> Alert:
        """Wait for an alert of a rule and return it."""
        self.program.until(lambda: self.alert(rule, key) is not None)
        alert = self.alert(rule, key)
        assert alert is not None
        return alert


@pytest.fixture
def office(tmp_path: Path, mosquitto: Mosquitto) -> Iterator[Office]:
    """A running monitor in a folder of its own."""
    made = Office(tmp_path, mosquitto)
    with made.program:
        yield made


async def test_an_officer_changes_breaks_and_repairs_a_rule(office: Office) -> None:
    """A new limit applies at once, even to an open door; a mistake changes nothing and is an alert until corrected."""
    program = office.program
    opened = await office.opened(A)
    program.until(lambda: office.received() == 1)
    assert office.alert("door-held-open", A) is None

    office.edit('held_open_limit = "1m"', 'held_open_limit = "20s"')
    assert office.raised("door-held-open", A).happened_at == opened + 20 * SECOND

    office.edit('held_open_limit = "20s"', 'held_open_limit = "20 sec"')
    refused = office.raised("rules-refused")
    assert 'held_open_limit: "20 sec" is not a duration; write e.g. "30s"' in refused.title
    checked = program.ask("check")
    assert checked.returncode == MISTAKES
    assert '"20 sec" is not a duration' in checked.stderr
    opened = await office.opened(B)
    held = office.raised("door-held-open", B)
    assert held.happened_at == opened + 20 * SECOND

    shown = program.ask("alerts")
    assert shown.returncode == OK, shown.stderr
    assert refused.title in shown.stdout
    assert held.title in shown.stdout
    acknowledged = program.ask("ack", held.id, "--who", "ann")
    assert (acknowledged.returncode, acknowledged.stdout) == (
        OK,
        f"{held.id} acknowledged: {held.title}\n",
    )

    office.edit('held_open_limit = "20 sec"', 'held_open_limit = "20s"')
    program.until(lambda: office.alert("rules-refused") is None)
    assert program.ask("check").returncode == OK


async def test_a_restart_with_a_broken_file_keeps_the_old_rules(office: Office) -> None:
    """The mistake is an alert, and correcting it is enough."""
    program = office.program
    program.kill()
    office.edit('held_open_limit = "1m"', 'held_open_limit = "20 sec"')
    program.start()

    assert '"20 sec" is not a duration' in office.raised("rules-refused").title
    await office.opened(A)
    program.until(lambda: office.received() == 1)
    assert office.alert("door-held-open", A) is None

    office.edit('held_open_limit = "20 sec"', 'held_open_limit = "20s"')
    office.raised("door-held-open", A)
    program.until(lambda: office.alert("rules-refused") is None)
