"""The roster in force: what is in the files reaches the core, and mistakes raise alerts."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread, current_thread

import pytest

from monitor.adapters import Translator
from monitor.app import reload_roster
from monitor.app.reload_roster import RosterReload
from monitor.core.engine.engine import Engine
from monitor.core.inputs import RosterChanged, RulesChanged
from monitor.core.state.state import State
from monitor.errors import ConfigError
from monitor.ingest.pipeline import Pipeline
from monitor.journal import Journal
from monitor.roster import RosterFile, read_roster
from monitor.roster.feeds import Feeds
from monitor.runtime.clock import SystemClock
from monitor.runtime.metrics import Metrics
from monitor.texts import ENGLISH
from tests.support.engine import RULE_SET
from tests.support.servers import HOST, eventually
from tests.support.story import ROSTER

SECOND = timedelta(seconds=1)


class Deployment:
    """A folder with a roster, and the parts that keep it in force."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "roster.toml"
        self.path.write_text(ROSTER.read_text())
        self.journal = Journal(folder / "journal.db")
        self.pipeline = Pipeline(
            Engine(State(), lateness=2 * SECOND, tolerance=2 * SECOND, wording=ENGLISH),
            self.journal,
            Translator([]),
            SystemClock(),
            Metrics(),
            snapshot_every=timedelta(days=1),
            on_commit=lambda: None,
        )
        self.pipeline.submit(
            RulesChanged(received_at=datetime.now(UTC), who="test", rule_set=RULE_SET)
        )
        self.copy = folder / "kept" / "roster.toml"
        self.copy.parent.mkdir()
        self.feeds = Feeds.beside(folder / "journal.db")
        self.roster = self.made()

    def made(self) -> RosterReload:
        """Return the roster as a start makes it."""
        return RosterReload(self.path, self.copy, self.feeds, self.pipeline, SystemClock())

    def edit(self, old: str, new: str) -> None:
        """Change one text of the roster."""
        text = self.path.read_text()
        assert old in text
        self.path.write_text(text.replace(old, new))

    def changes(self) -> list[RosterChanged]:
        """The changes of the roster that the journal holds."""
        return [given for _, given in self.journal.inputs() if isinstance(given, RosterChanged)]

    def alerts(self) -> list[tuple[str, str]]:
        """The open alerts: rule and key."""
        return [(alert.rule, alert.key) for alert in self.journal.alerts()]


@pytest.fixture
def stopped(tmp_path: Path) -> Iterator[Deployment]:
    """A deployment whose roster is not polled."""
    made = Deployment(tmp_path)
    yield made
    made.journal.close()


@pytest.fixture
async def deployment(stopped: Deployment) -> AsyncIterator[Deployment]:
    """A deployment whose roster is polled."""
    task = asyncio.create_task(stopped.roster.run())
    try:
        yield stopped
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_change_comes_into_force(deployment: Deployment) -> None:
    """The journal has the author and the change, but no address; a roster already in force is not written again."""
    deployment.edit('name = "Bao"', 'name = "Bao Tran"')
    await eventually(lambda: len(deployment.changes()) == 2)

    change = deployment.changes()[-1]
    assert "Bao Tran" in change.diff
    assert "json://" not in change.diff
    assert "json://" not in repr(change)
    deployment.made()
    assert len(deployment.changes()) == 2


async def test_a_changed_roster_is_read_beside_the_line(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading a thousand people takes long enough to hold up everything else."""
    readers: list[Thread] = []

    def noted(*args: object, **more: object) -> RosterFile:
        readers.append(current_thread())
        return read_roster(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(reload_roster, "read_roster", noted)
    deployment.edit('name = "Bao"', 'name = "Bao Tran"')
    await eventually(lambda: len(deployment.changes()) == 2)
    assert readers
    assert current_thread() not in readers


async def test_a_mistake_leaves_the_roster_before_in_force(deployment: Deployment) -> None:
    """A mistake in the roster raises an alert until it is corrected."""
    deployment.edit('people = ["chi"]', 'people = ["chu"]')
    await eventually(lambda: ("roster-refused", "roster.toml") in deployment.alerts())

    held = deployment.pipeline.engine.state.paging.roster
    assert held is not None
    assert {row.person for row in held.shifts if row.team == "leaders"} == {"chi"}
    deployment.edit('people = ["chu"]', 'people = ["chi"]')
    await eventually(lambda: ("roster-refused", "roster.toml") not in deployment.alerts())


async def test_a_roster_that_cannot_be_read_leaves_the_one_before_in_force(
    deployment: Deployment,
) -> None:
    """A roster that can't be read raises an alert with the reason, until it can be read again."""
    text = deployment.path.read_text()
    deployment.path.unlink()
    deployment.path.mkdir()
    await eventually(lambda: ("roster-refused", "roster.toml") in deployment.alerts())

    (alert,) = deployment.journal.alerts()
    assert "can't be read: not a regular file" in alert.title
    deployment.path.rmdir()
    deployment.path.write_text(text)
    await eventually(lambda: ("roster-refused", "roster.toml") not in deployment.alerts())


async def test_a_team_that_nobody_is_on_call_for_is_an_alert(deployment: Deployment) -> None:
    """A team with no one on call raises an alert, and so does a calendar that can't be read.

    A readable calendar fills the gap, and an unknown name in it is reported.
    """
    team = '[[team]]\nid = "medics"\n'
    deployment.edit("[fallback]", f"{team}\n[fallback]")
    await eventually(lambda: ("on-call-gap", "medics") in deployment.alerts())

    calendar = '[[calendar]]\nid = "plan"\nteam = "medics"\nfile = "medics.ics"\nevery = "10s"\n'
    deployment.edit("[fallback]", f"{calendar}\n[fallback]")
    await eventually(lambda: ("calendar-unreadable", "plan") in deployment.alerts())
    today = datetime.now(UTC)
    days = "".join(
        f"BEGIN:VEVENT\nUID:{n}\nSUMMARY:{name}\nDTSTART:{today - timedelta(days=1):%Y%m%d}T000000Z\n"
        f"DTEND:{today + timedelta(days=3):%Y%m%d}T000000Z\nEND:VEVENT\n"
        for n, name in enumerate(("Bao", "Baobab"))
    )
    path = deployment.path.with_name("medics.ics")
    path.write_text(f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{days}END:VCALENDAR\n")
    deployment.edit('every = "10s"', 'every = "11s"')

    await eventually(
        lambda: set(deployment.alerts()) == {("calendar-stranger", "plan")}, seconds=30
    )


async def test_a_feed_that_hangs_holds_up_nothing(deployment: Deployment) -> None:
    """The roster and a change of it are in force at once; no gap is reported before the calendar is read."""
    taken: list[asyncio.StreamWriter] = []
    hanging = await asyncio.start_server(lambda _, writer: taken.append(writer), HOST, 0)
    port = hanging.sockets[0].getsockname()[1]
    plan = f'[[calendar]]\nid = "plan"\nteam = "medics"\nurl = "http://{HOST}:{port}/"\n'
    deployment.edit("[fallback]", f'[[team]]\nid = "medics"\n{plan}\n[fallback]')
    await eventually(lambda: bool(taken))

    deployment.edit('name = "Bao"', 'name = "Bao Tran"')
    await eventually(lambda: "Bao Tran" in deployment.changes()[-1].diff)
    assert ("on-call-gap", "medics") not in deployment.alerts()
    before = len(deployment.changes())
    deployment.edit('name = "Bao Tran"', 'name = "Bao"')
    deployment.made()
    assert len(deployment.changes()) == before + 1
    hanging.close()
    for writer in taken:
        writer.close()
    await eventually(lambda: ("on-call-gap", "medics") in deployment.alerts())


def test_a_start_with_a_mistake_goes_on_with_the_last_good_roster(stopped: Deployment) -> None:
    """After a power failure during an edit, the last roster stays in force, and the mistake is reported."""
    before = stopped.roster.file
    assert stopped.copy.stat().st_mode & 0o077 == 0
    stopped.edit('notify = "dung"', 'notify = "dong"')

    found = stopped.made().file
    assert (found.people, found.document.fallback) == (before.people, before.document.fallback)
    (phone,), (phone_before,) = found.channels["anna"], before.channels["anna"]
    assert phone.url.reveal() == phone_before.url.reveal()
    assert ("roster-refused", "roster.toml") in stopped.alerts()
    stopped.edit('notify = "dong"', 'notify = "dung"')
    stopped.made()
    assert ("roster-refused", "roster.toml") not in stopped.alerts()


def test_a_first_start_with_a_mistake_in_the_roster_is_refused(stopped: Deployment) -> None:
    """Without an earlier roster to continue with, a mistake in the roster prevents the start."""
    stopped.copy.unlink()
    stopped.edit('notify = "dung"', 'notify = "dong"')

    with pytest.raises(ConfigError, match="dong"):
        stopped.made()
