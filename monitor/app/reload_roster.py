"""Keeps the roster in force: looks at roster.toml and the calendars, and tells the core what changed."""

import asyncio
import difflib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import msgspec
import structlog
from msgspec.structs import replace

from monitor.core.inputs import RosterChanged
from monitor.core.roster import Roster, Trouble
from monitor.core.state.state import LONG_AGO
from monitor.core.transitions import Override
from monitor.errors import ConfigError
from monitor.ingest.pipeline import Pipeline
from monitor.roster import RosterFile, read_roster
from monitor.roster.feeds import Feeds
from monitor.roster.plan import plan
from monitor.runtime.clock import Clock
from monitor.runtime.files import content
from monitor.runtime.owner import owner_of

log = structlog.get_logger()

LOOK_EVERY = 1.0
"""Seconds between two looks at roster.toml and at what calendars are due."""
PLAN_EVERY = timedelta(minutes=1)
"""So often the plan is worked out although nothing was changed: gaps come nearer, and copies get old."""
LONGEST_DIFF = 20_000
"""Characters of a change that the audit trail keeps."""


class Rota:
    """Who is on call, from the files to the core.

    Args:
        path: of roster.toml. With mistakes in it the roster before holds, and that is an alert.
        copy: where the last good roster.toml is kept, for a start when it has mistakes.
        feeds: the calendars.
        pipeline: takes the change in.
        clock: tells when.

    Raises:
        ConfigError: roster.toml has mistakes, and there is no good copy.

    """

    def __init__(
        self, path: Path, copy: Path, feeds: Feeds, pipeline: Pipeline, clock: Clock
    ) -> None:
        self.path = path
        self.copy = copy
        self.feeds = feeds
        self.pipeline = pipeline
        self.clock = clock
        self._refused = ""
        self._text = content(path)
        self.file: RosterFile = self._first()
        """What holds; it has the addresses, which the core has not."""
        self._planned_at = LONG_AGO
        self._planning = asyncio.Lock()
        self.put_in_force(self.planned(dict(pipeline.engine.state.overrides)), "start")

    async def run(self) -> None:
        """Look again and again, until cancelled; a feed that hangs holds up nothing but the calendars."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow_file())
            group.create_task(self._follow_calendars())

    async def _follow_file(self) -> None:
        while True:
            text = await asyncio.to_thread(content, self.path)
            if text != self._text:
                self._text = text
                self._take_in()
                await self._plan(owner_of(self.path))
            elif not self._planned_at <= self.clock.now() < self._planned_at + PLAN_EVERY:
                await self._plan("clock")
            await asyncio.sleep(LOOK_EVERY)

    async def _follow_calendars(self) -> None:
        while True:
            if await self.feeds.refresh(self.file.document.calendars, self.clock.now()):
                await self._plan("calendars")
            await asyncio.sleep(LOOK_EVERY)

    def planned(self, overrides: Mapping[str, Override]) -> Roster:
        """Work out who is on call, and what is wrong with it, the shifts that were taken being known."""
        venue, now = self.pipeline.engine.state.book.venue, self.clock.now()
        calendars = self.file.document.calendars
        found = plan(self.file, venue, now, self.feeds.texts(calendars), overrides)
        # What stands in a calendar that has not been read may fill a gap: nobody is said to be missing yet.
        unread = {row.team for row in self.feeds.unread(calendars)}
        told = [row for row in found.troubles if row.kind != "gap" or row.subject not in unread]
        troubles = [*told, *self.feeds.troubles(calendars, now)]
        if self._refused:
            troubles.append(Trouble(kind="file", subject=self.path.name, reason=self._refused))
        return replace(found, troubles=tuple(sorted(troubles)))

    def put_in_force(self, roster: Roster, who: str) -> None:
        """Tell the core, if it is another roster than before."""
        before, now = self.pipeline.engine.state.roster, self.clock.now()
        self._planned_at = now
        if roster != before:
            diff = difference(before, roster)
            self.pipeline.submit(RosterChanged(received_at=now, who=who, roster=roster, diff=diff))
            wrong = len(roster.troubles)
            log.info("roster_changed", who=who, people=len(roster.people), troubles=wrong)

    async def _plan(self, who: str) -> None:
        # Years of a calendar take their time to work out, and the line must not wait for that.
        async with self._planning:  # the later plan is the one that holds
            overrides = dict(self.pipeline.engine.state.overrides)
            self.put_in_force(await asyncio.to_thread(self.planned, overrides), who)

    def _take_in(self) -> None:
        """Read the file; if it has mistakes, the one before holds."""
        try:
            self.file = self._read(self.path)
        except ConfigError as error:
            self._refuse(error)
        else:
            self._refused = ""
            self._keep()
            self.feeds.again()

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
        more = f" (and {len(error.mistakes) - 1} more)" if len(error.mistakes) > 1 else ""
        self._refused = f"{error.mistakes[0].splitlines()[0]}{more}"[:500]

    def _keep(self) -> None:
        """Keep a copy that nobody else can read: there are addresses in it."""
        if content(self.copy) == self._text:
            return
        new = self.copy.with_suffix(".new")
        try:
            new.touch(0o600)
            new.write_bytes(self._text)
            new.replace(self.copy)
        except OSError as error:
            log.warning("roster_not_kept", copy=str(self.copy), reason=error.strerror)

    def _read(self, path: Path) -> RosterFile:
        book = self.pipeline.engine.state.book
        rules = [rule.id for rule in book.rules]
        return read_roster(path, book.venue, rules, folder=self.path.parent)


def difference(before: Roster | None, after: Roster) -> str:
    """Return what is another in two rosters, a line for each person, team, ladder and trouble; no address is in it."""
    lines = difflib.unified_diff(
        list(_lines(before)), list(_lines(after)), "before", "after", n=0, lineterm=""
    )
    return "\n".join(lines)[:LONGEST_DIFF]


def _lines(roster: Roster | None) -> Iterator[str]:
    if roster is None:
        return
    for name in ("people", "teams", "ladders", "flood", "fallback", "quiet_severities", "troubles"):
        rows = getattr(roster, name)
        for row in rows if isinstance(rows, tuple) else (rows,):
            yield f"{name}: {msgspec.json.encode(row).decode()}"
