"""Changed rule files come into force while the monitor runs; broken ones don't."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace

from monitor.adapters import Translator
from monitor.app.reload_rules import RulesReload, difference, digest_of
from monitor.app.rule_files import load_rule_set
from monitor.config.settings import Files
from monitor.core.engine.engine import Engine
from monitor.core.inputs import RulesChanged
from monitor.core.state.state import State
from monitor.errors import ConfigError
from monitor.ingest.pipeline import Pipeline
from monitor.journal import Journal
from monitor.runtime.clock import SystemClock
from monitor.runtime.metrics import Metrics
from monitor.texts import ENGLISH
from tests.support.engine import RULE_SET
from tests.support.servers import eventually

ROOT = Path(__file__).parents[2]
SECOND = timedelta(seconds=1)
FILES = ("credentials.toml", "doors.toml", "monitor.toml", "trial.venue.toml")
"""Rules that the tests here edit, or that are about a change of rules: each reading runs their own tests, too."""


class Deployment:
    """A folder with rules of its own, and the parts that a reload needs."""

    def __init__(self, folder: Path) -> None:
        self.rules = folder / "rules"
        self.rules.mkdir()
        for name in FILES:
            shutil.copy(ROOT / "rules" / name, self.rules)
        self.venue = folder / "venue.toml"
        shutil.copy(ROOT / "venue.toml", self.venue)
        shutil.copytree(ROOT / "checklists", folder / "checklists")
        self.files = Files(venue=self.venue, rules=self.rules)
        self.journal = Journal(folder / "journal.db")
        engine = Engine(State(), lateness=2 * SECOND, tolerance=2 * SECOND, wording=ENGLISH)
        self.clock = SystemClock()
        self.pipeline = Pipeline(
            engine,
            self.journal,
            Translator([]),
            self.clock,
            Metrics(),
            snapshot_every=timedelta(days=1),
            on_commit=lambda: None,
        )
        self.reload = self.made()
        self.reload.begin(self.reload.read())

    def made(self) -> RulesReload:
        """Return the reload as a start makes it."""
        read = partial(load_rule_set, self.rules.parent / "config.toml", self.files)
        return RulesReload(self.files, read, self.pipeline, self.clock)

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[None]:
        """Poll the files."""
        task = asyncio.create_task(self.reload.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def edit(self, name: str, old: str, new: str) -> None:
        """Change one text of one rule file."""
        path = self.rules / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def changes(self) -> list[RulesChanged]:
        """Return the rule changes that the journal holds."""
        return [given for _, given in self.journal.inputs() if isinstance(given, RulesChanged)]

    def alerts(self) -> list[str]:
        """Return the rules of the open alerts."""
        return [alert.rule for alert in self.journal.alerts()]


@pytest.fixture
def stopped(tmp_path: Path) -> Iterator[Deployment]:
    """A deployment whose files are not polled."""
    made = Deployment(tmp_path)
    yield made
    made.journal.close()


@pytest.fixture
async def deployment(stopped: Deployment) -> AsyncIterator[Deployment]:
    """A deployment whose files are polled."""
    async with stopped.looking():
        yield stopped


async def test_an_edited_threshold_is_in_force_and_the_change_is_in_the_journal(
    deployment: Deployment,
) -> None:
    """The journal contains who changed what, line by line."""
    deployment.edit("doors.toml", 'lasts = "10s"', 'lasts = "11s"')

    await eventually(lambda: len(deployment.changes()) == 2)

    change = deployment.changes()[1]
    assert change.who
    assert '-lasts = "10s"\n+lasts = "11s"' in change.diff
    assert change.rule_set.facts != deployment.changes()[0].rule_set.facts
    assert (
        change.digest == digest_of(change.rule_set) != digest_of(deployment.changes()[0].rule_set)
    )


async def test_an_edited_checklist_is_in_force_and_the_one_before_is_kept(
    deployment: Deployment,
) -> None:
    """Checklists are files like the venue's: a change is taken in, and a form of the version before is understood."""
    path = deployment.venue.parent / "checklists" / "fire-safety.toml"
    path.write_text(path.read_text().replace("min = 10.8", "min = 12"))

    await eventually(lambda: len(deployment.changes()) == 2)

    assert "-min = 10.8\n+min = 12" in deployment.changes()[1].diff
    kept = deployment.pipeline.engine.state.work.versions
    assert {row.min for row in next(iter(kept["fire-safety"].values())).items} == {None, 10.8}


def test_a_change_while_the_monitor_was_down_is_described_from_the_rule_sets() -> None:
    """Each rule, fact, list or part of the venue that differs has a line before and after."""
    first, *others = RULE_SET.rules
    changed = replace(RULE_SET, rules=(replace(first, do="Look again."), *others))

    lines = difference(RULE_SET, changed).splitlines()

    assert [line[:7] for line in lines if not line.startswith(("---", "+++", "@@"))] == [
        "-rules:",
        "+rules:",
    ]
    assert '"do":"Look again."' in lines[-1]
    assert difference(RULE_SET, RULE_SET) == ""


async def test_a_broken_file_changes_nothing_raises_an_alert_and_clears_it_when_corrected(
    deployment: Deployment,
) -> None:
    """The earlier rules stay in force until the file is corrected."""
    deployment.edit("doors.toml", 'severity = "critical"', 'severity = "hihg"')
    await eventually(lambda: "rules-refused" in deployment.alerts())
    assert len(deployment.changes()) == 1

    deployment.edit("doors.toml", 'severity = "hihg"', 'severity = "critical"')
    await eventually(lambda: "rules-refused" not in deployment.alerts())


async def test_a_rule_whose_own_test_fails_stays_out(deployment: Deployment) -> None:
    """A changed threshold that contradicts the rule's own tests is a mistake."""
    deployment.edit("credentials.toml", "at_least = 3", "at_least = 4")

    await eventually(lambda: "rules-refused" in deployment.alerts())

    (alert,) = deployment.journal.alerts()
    assert (
        'rule "denied-badge", test "three denials of one badge at different points"' in alert.title
    )
    assert len(deployment.changes()) == 1


async def test_files_that_cannot_be_read_are_mistakes_like_any_other(
    deployment: Deployment,
) -> None:
    """Unreadable files neither end nor hold up the monitor; the alert names file and reason.

    Root can't read these either.
    """
    folder, pipe, link = (deployment.rules / f"zz-{n}.toml" for n in range(3))
    folder.mkdir()
    os.mkfifo(pipe)
    link.symlink_to("nothing")
    await eventually(lambda: "rules-refused" in deployment.alerts())

    (alert,) = deployment.journal.alerts()
    assert f"{folder}: can't be read: not a regular file" in alert.title
    assert "(and 2 more)" in alert.title
    folder.rmdir()
    pipe.unlink()
    link.unlink()
    await eventually(lambda: "rules-refused" not in deployment.alerts())


async def test_a_venue_file_that_is_gone_leaves_the_one_before_in_force(
    deployment: Deployment,
) -> None:
    """A missing venue file raises an alert until it is back."""
    there, away = deployment.venue, deployment.venue.with_suffix(".old")
    there.rename(away)
    await eventually(lambda: "rules-refused" in deployment.alerts())

    away.rename(there)
    await eventually(lambda: "rules-refused" not in deployment.alerts())


async def test_a_start_with_a_broken_file_goes_on_with_the_rules_from_before(
    stopped: Deployment,
) -> None:
    """After a power failure during an edit, the monitor starts, reports the mistake, and loads the corrected file."""
    stopped.edit("doors.toml", 'lasts = "10s"', 'lasts = "11 sec"')
    stopped.reload = stopped.made()
    stopped.reload.begin(None)
    assert len(stopped.changes()) == 1

    async with stopped.looking():
        await eventually(lambda: "rules-refused" in stopped.alerts())
        (alert,) = stopped.journal.alerts()
        assert '"11 sec" is not a duration' in alert.title
        stopped.edit("doors.toml", 'lasts = "11 sec"', 'lasts = "11s"')
        await eventually(lambda: "rules-refused" not in stopped.alerts())
    assert '"lasts":"PT11S"' in stopped.changes()[1].diff


def test_a_first_start_with_a_broken_file_has_nothing_to_go_on_with(stopped: Deployment) -> None:
    """A first start with a broken file is refused: without rules the monitor would silently detect nothing."""
    stopped.pipeline.engine.state.rule_set = State().rule_set
    stopped.edit("doors.toml", 'lasts = "10s"', 'lasts = "11 sec"')
    with pytest.raises(ConfigError, match='"11 sec" is not a duration'):
        stopped.made().begin(None)


async def test_what_was_corrected_while_the_monitor_was_down_clears_the_alert(
    stopped: Deployment,
) -> None:
    """The alert clears after the file was restored, although the rules are the same as before."""
    async with stopped.looking():
        stopped.edit("doors.toml", 'lasts = "10s"', 'lasts = "11 sec"')
        await eventually(lambda: "rules-refused" in stopped.alerts())
    stopped.edit("doors.toml", 'lasts = "11 sec"', 'lasts = "10s"')
    again = stopped.made()
    again.begin(again.read())
    assert stopped.alerts() == []
    assert len(stopped.changes()) == 1


async def test_a_point_that_an_adapter_names_does_not_go_unnoticed(deployment: Deployment) -> None:
    """A name in a map that the venue no longer has is reported: the next start could not use its rules."""
    deployment.rules.parent.joinpath("config.toml").write_text(
        '[[adapter]]\ntopic = "zigbee2mqtt/#"\nformat = "zigbee2mqtt"\n'
        '[adapter.map]\n"contact-1" = "hall-foyer-exit"\n'
    )
    text = deployment.venue.read_text()
    deployment.venue.write_text(text.replace('"hall-foyer-exit"', '"hall-foyer-way-out"'))
    await eventually(lambda: "rules-refused" in deployment.alerts())
    (alert,) = deployment.journal.alerts()
    assert 'adapter: map: "contact-1"' in alert.title


async def test_the_locks_of_editors_are_no_rule_files(deployment: Deployment) -> None:
    """An open editor does not disturb the monitor."""
    (deployment.rules / ".#doors.toml").symlink_to("anna@laptop.4711")
    deployment.reload.request()

    await eventually(lambda: len(deployment.changes()) == 2)
    assert deployment.alerts() == []


async def test_sighup_takes_the_files_in_at_once(deployment: Deployment) -> None:
    """SIGHUP reloads the files at once, even if nothing seems to have changed."""
    deployment.reload.request()

    await eventually(lambda: len(deployment.changes()) == 2)

    assert deployment.changes()[1].who == "SIGHUP"
