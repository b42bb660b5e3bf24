"""Reloads roster.toml and the calendars while the monitor runs, and hands the core every change of the roster."""

import asyncio
import difflib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from operator import attrgetter
from pathlib import Path

import msgspec
import structlog
from msgspec.structs import replace

from monitor.config import Config
from monitor.core.inputs import RosterChanged
from monitor.core.roster import Roster, Trouble
from monitor.core.state.time import LONG_AGO
from monitor.core.transitions import Override
from monitor.errors import ConfigError
from monitor.ingest.line import Line
from monitor.roster import RosterFile, read_roster
from monitor.roster.feeds import Feeds
from monitor.roster.plan import plan
from monitor.runtime.clock import Clock
from monitor.runtime.daemon_thread import in_daemon_thread
from monitor.runtime.file_poller import FilePoller
from monitor.runtime.files import content

log = structlog.get_logger()

REFRESH_EVERY = 1.0
"""Seconds between two checks of which calendars are due."""
PLAN_EVERY = timedelta(minutes=1)
"""The plan is computed at least this often, even if nothing has changed: gaps approach, and cached calendars age."""
LONGEST_DIFF = 20_000
"""Characters of a change that the audit trail keeps."""


class RosterReload:
    """Keeps the roster in force equal to its files.

    Args:
        path: roster.toml. While it has mistakes, the roster before stays in force, and an alert reports them.
        copy: where the last good roster.toml is kept, for a start while the file has mistakes.
        feeds: the calendars.
        pipeline: receives the change.
        clock: the monitor's clock.

    Raises:
        ConfigError: roster.toml has mistakes, and there is no good copy.

    """

    def __init__(self, path: Path, copy: Path, feeds: Feeds, pipeline: Line, clock: Clock) -> None:
        self.path = path
        self.copy = copy
        self.feeds = feeds
        self.pipeline = pipeline
        self.clock = clock
        self._refused = ""
        self._poller = FilePoller(lambda: [path])
        self._body = self._poller.read()[path]
        self.file: RosterFile = self._first()
        """The file in force; it has the addresses, which the core does not get."""
        self._planned_at = LONG_AGO
        self._planning = asyncio.Lock()
        self.put_in_force(self.planned(dict(pipeline.engine.state.paging.overrides)), "start")

    async def run(self) -> None:
        """Reload what changes, until cancelled; a calendar that hangs delays only the calendars."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow_file())
            group.create_task(self._follow_calendars())

    async def _follow_file(self) -> None:
        while True:
            change = await self._poller.poll()
            if change is not None:
                self._body = change.contents[self.path]
                await self._reload()
                await self._plan(change.who)
            elif not self._planned_at <= self.clock.now() < self._planned_at + PLAN_EVERY:
                await self._plan("clock")

    async def _follow_calendars(self) -> None:
        while True:
            if await self.feeds.refresh(self.file.document.calendars, self.clock.now()):
                await self._plan("calendars")
            await asyncio.sleep(REFRESH_EVERY)

    def planned(self, overrides: Mapping[str, Override]) -> Roster:
        """Work out who is on call, given the shifts that were taken over, and what is wrong with the roster."""
        venue, now = self.pipeline.engine.state.rule_set.venue, self.clock.now()
        calendars = self.file.document.calendars
        found = plan(self.file, venue, now, self.feeds.texts(calendars), overrides)
        # A calendar that has not been read yet may fill a gap: report the gap only afterwards.
        unread = {row.team for row in self.feeds.unread(calendars)}
        known = [row for row in found.troubles if row.kind != "gap" or row.subject not in unread]
        troubles = [*known, *self.feeds.troubles(calendars, now)]
        if self._refused:
            troubles.append(Trouble(kind="file", subject=self.path.name, reason=self._refused))
        return replace(found, troubles=tuple(sorted(troubles, key=attrgetter("sort_key"))))

    def put_in_force(self, roster: Roster, who: str) -> None:
        """Hand the roster to the core if it differs from the one in force."""
        before, now = self.pipeline.engine.state.paging.roster, self.clock.now()
        self._planned_at = now
        if roster != before:
            diff = difference(before, roster)
            self.pipeline.submit(RosterChanged(received_at=now, who=who, roster=roster, diff=diff))
            wrong = len(roster.troubles)
            log.info("roster_changed", who=who, people=len(roster.people), troubles=wrong)

    async def _plan(self, who: str) -> None:
        # Expanding years of a calendar is slow, and the pipeline must not wait for it.
        async with self._planning:  # the later plan wins
            overrides = dict(self.pipeline.engine.state.paging.overrides)
            self.put_in_force(await in_daemon_thread(partial(self.planned, overrides)), who)

    async def _reload(self) -> None:
        """Read the file; if it has mistakes, the one before stays in force."""
        # A thousand people take a sixth of a second, and the pipeline must not wait for it.
        found = await in_daemon_thread(self._attempt)
        if isinstance(found, ConfigError):
            self._refuse(found)
        else:
            self.file = found
            self._refused = ""
            self._keep()
            self.feeds.again()

    def _attempt(self) -> RosterFile | ConfigError:
        """Return the file, or its mistakes as a value, since this runs on another thread."""
        try:
            return self._read(self.path)
        except ConfigError as error:
            return error

    def _first(self) -> RosterFile:
        """Read the file at a start; if it has mistakes, its last good copy."""
        try:
            found = self._read(self.path)
        except ConfigError as error:
            try:
                found = self._read(self.copy)
            except ConfigError:
                raise error from None
            self._refuse(error)
        else:
            self._keep()
        return found

    def _refuse(self, error: ConfigError) -> None:
        log.warning("roster_refused", mistakes=error.mistakes)
        self._refused = error.summary

    def _keep(self) -> None:
        """Keep a copy that no other user can read, since it contains addresses."""
        if content(self.copy) == self._body:
            return
        new = self.copy.with_suffix(".new")
        try:
            new.touch(0o600)
            new.write_bytes(self._body)
            new.replace(self.copy)
        except OSError as error:
            log.warning("roster_not_kept", copy=str(self.copy), reason=error.strerror)

    def _read(self, path: Path) -> RosterFile:
        rule_set = self.pipeline.engine.state.rule_set
        rules = [rule.id for rule in rule_set.rules]
        return read_roster(path, rule_set.venue, rules, folder=self.path.parent)


def open_roster(config: Config, pipeline: Line) -> RosterReload | None:
    """Put the roster in force; ``None`` if the deployment has none: then no one is paged.

    Raises:
        ConfigError: see `RosterReload`.

    """
    path, clock, journal = config.files.roster, pipeline.clock, config.journal.path
    if path is not None:
        copy = journal.with_name("roster.last-good.toml")
        return RosterReload(path, copy, Feeds.beside(journal), pipeline, clock)
    log.warning("no_roster", why="config.toml names no roster in [files]: no one is paged")
    if pipeline.engine.state.paging.roster is not None:
        pipeline.submit(RosterChanged(received_at=clock.now(), who="start", roster=None))
    return None


def difference(before: Roster | None, after: Roster) -> str:
    """Return the difference of two rosters, one line for each person, team, policy and problem; without addresses."""
    lines = difflib.unified_diff(
        list(_lines(before)), list(_lines(after)), "before", "after", n=0, lineterm=""
    )
    return "\n".join(lines)[:LONGEST_DIFF]


def _lines(roster: Roster | None) -> Iterator[str]:
    if roster is None:
        return
    for name in (
        "people",
        "teams",
        "policies",
        "flood",
        "fallback",
        "quiet_severities",
        "troubles",
    ):
        rows = getattr(roster, name)
        for row in rows if isinstance(rows, tuple) else (rows,):
            yield f"{name}: {msgspec.json.encode(row).decode()}"
