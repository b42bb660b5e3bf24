"""Reloads the rule and venue files while the monitor runs; files with a mistake change nothing."""

import difflib
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path

import msgspec
import structlog

from monitor.checklists import checklist_files
from monitor.config.settings import Files
from monitor.core.events.monitor_files import MonitorRulesLoaded, MonitorRulesRefused
from monitor.core.inputs import Notice, RulesChanged
from monitor.core.rules.model import RuleSet
from monitor.errors import ConfigError
from monitor.ingest.pipeline import Pipeline
from monitor.rules.read import TEST_VENUE, rule_files
from monitor.runtime.clock import Clock
from monitor.runtime.daemon_thread import in_daemon_thread
from monitor.runtime.file_poller import Contents, FileChange, FilePoller
from monitor.venue.assignments import FOLDER

log = structlog.get_logger()

LONGEST_DIFF = 20_000
"""Characters of a change that the audit trail keeps."""


class RulesReload:
    """Keeps the rules in force equal to their files.

    Args:
        files: where the files are.
        read: reads all of them and runs their tests.
        pipeline: receives the change.
        clock: the monitor's clock.

    """

    def __init__(
        self, files: Files, read: Callable[[], RuleSet], pipeline: Pipeline, clock: Clock
    ) -> None:
        self.files = files
        self.read = read
        self.pipeline = pipeline
        self.clock = clock
        self._poller = FilePoller(self._paths)
        self._in_force: Contents | None = None
        """The files of the rules in force; ``None`` if those are no longer available."""

    def begin(self, rule_set: RuleSet | None) -> None:
        """Put the rules in force at a start.

        Args:
            rule_set: the content of the files; ``None`` if they have mistakes. Then the rules from before the start
                stay in force, and the first poll reports the mistakes.

        Raises:
            ConfigError: the files have mistakes, and no rules were in force before.

        """
        before = self.pipeline.engine.state.rule_set
        if rule_set is None and not before.rules:
            rule_set = self.read()
        if rule_set is None:
            return
        self._in_force = self._poller.read()
        if msgspec.json.encode(before) != msgspec.json.encode(rule_set):
            diff = difference(before, rule_set) if before.rules else ""
            self._submit(self._changed(rule_set, "start", diff))
        else:
            self.pipeline.submit(self._loaded())

    def request(self) -> None:
        """Reload now, even if no file has changed: SIGHUP."""
        self._poller.request()

    async def run(self) -> None:
        """Reload what changes, until cancelled."""
        while True:
            change = await self._poller.poll()
            if change is not None:
                await self._reload(change)

    async def _reload(self, change: FileChange) -> None:
        changed = await in_daemon_thread(partial(self._attempt, change))
        if isinstance(changed, ConfigError):
            log.warning("rules_refused", mistakes=changed.mistakes)
            now, folder = self.clock.now(), str(self.files.rules)
            refused = MonitorRulesRefused(at=now, folder=folder, reason=changed.summary)
            self.pipeline.notice(refused)
            return
        self._in_force = change.contents
        self._submit(changed)

    def _attempt(self, change: FileChange) -> RulesChanged | ConfigError:
        """Read the files and compile them; their mistakes are a value, since this runs on another thread."""
        engine = self.pipeline.engine
        try:
            rule_set = self.read()
        except ConfigError as error:
            return error
        if self._in_force is None:
            diff = difference(engine.state.rule_set, rule_set)
        else:
            diff = _file_diff(self._in_force, change.contents)
        changed = self._changed(rule_set, change.who, diff)
        engine.prepare(rule_set)
        return changed

    def _changed(self, rule_set: RuleSet, who: str, diff: str) -> RulesChanged:
        now, digest = self.clock.now(), digest_of(rule_set)
        return RulesChanged(received_at=now, who=who, rule_set=rule_set, diff=diff, digest=digest)

    def _submit(self, changed: RulesChanged) -> None:
        """Put rules in force, at the present time."""
        now = self.clock.now()
        self.pipeline.submit(msgspec.structs.replace(changed, received_at=now), self._loaded())
        rules = len(changed.rule_set.rules)
        log.info("rules_changed", who=changed.who, rules=rules, digest=changed.digest)

    def _loaded(self) -> Notice:
        """Return the notice that clears ``rules-refused``, even one from before the start."""
        now = self.clock.now()
        event = MonitorRulesLoaded(at=now, folder=str(self.files.rules))
        return Notice(received_at=now, event=event)

    def _paths(self) -> list[Path]:
        rules = self.files.rules
        checklists = checklist_files(self.files.checklists or self.files.venue.parent / FOLDER)
        return [*rule_files(rules), rules / TEST_VENUE, self.files.venue, *checklists]


def digest_of(rule_set: RuleSet) -> str:
    """Return 12 hexadecimal digits that identify a rule set by its content."""
    return sha256(msgspec.json.encode(rule_set)).hexdigest()[:12]


def difference(before: RuleSet, after: RuleSet) -> str:
    """Return the difference of two rule sets whose files are not available, one line for each part."""
    lines = difflib.unified_diff(
        list(_parts(before)), list(_parts(after)), "before", "after", n=0, lineterm=""
    )
    return "\n".join(lines)[:LONGEST_DIFF]


def _parts(rule_set: RuleSet) -> Iterator[str]:
    for owner in (rule_set, rule_set.names, rule_set.venue):
        for name, value in msgspec.to_builtins(owner).items():
            if name in ("names", "venue"):
                continue
            rows = list(value.items()) if isinstance(value, dict) else value
            for row in rows if isinstance(rows, list | tuple) else (rows,):
                yield f"{name}: {msgspec.json.encode(row).decode()}"


def _file_diff(before: Contents, after: Contents) -> str:
    lines = [
        line
        for path in sorted({*before, *after})
        for line in difflib.unified_diff(
            _lines(before.get(path, b"")),
            _lines(after.get(path, b"")),
            path.name,
            path.name,
            n=0,
            lineterm="",
        )
    ]
    return "\n".join(lines)[:LONGEST_DIFF]


def _lines(body: bytes) -> list[str]:
    return body.decode(errors="replace").splitlines()
