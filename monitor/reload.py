"""Puts changed rule and venue files in force while the monitor runs; what has a mistake stays out."""

import asyncio
import difflib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import msgspec
import structlog

from monitor.clock import Clock
from monitor.config import Config
from monitor.core.event.noticed import MonitorRulesLoaded, MonitorRulesRefused
from monitor.core.input import Notice, RulesChanged
from monitor.core.rule import RuleBook
from monitor.errors import ConfigError
from monitor.files import content
from monitor.owner import owner_of
from monitor.pipeline import Pipeline
from monitor.rulebook import TRIAL_VENUE, failures, load, rule_files
from monitor.venue import load as load_venue

log = structlog.get_logger()

LOOK_EVERY = 1.0
"""Seconds between two looks at the files."""
LONGEST_DIFF = 20_000
"""Characters of a change that the audit trail keeps."""

Texts = Mapping[Path, bytes]
T = TypeVar("T")


class Reload:
    """Looks at the files, and takes in what changed between two inputs.

    Args:
        config: says where the files are.
        pipeline: takes the change in.
        clock: tells when.

    """

    def __init__(self, config: Config, pipeline: Pipeline, clock: Clock) -> None:
        self.files = config.files
        self.pipeline = pipeline
        self.clock = clock
        self.asked = asyncio.Event()
        """Set by SIGHUP: look now, and say that it was asked for."""
        self._in_force: Texts = self._texts()
        self._seen = self._in_force

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.asked.wait(), LOOK_EVERY)
            texts = await asyncio.to_thread(self._texts)
            if texts != self._seen or self.asked.is_set():
                who = "SIGHUP" if self.asked.is_set() else _owner(self._seen, texts)
                self.asked.clear()
                self._seen = texts
                await self._take_in(texts, who)

    async def _take_in(self, texts: Texts, who: str) -> None:
        folder = str(self.files.rules)
        try:
            book = await asyncio.to_thread(self._read)
        except ConfigError as error:
            log.warning("rules_refused", mistakes=error.mistakes)
            count = len(error.mistakes)
            first = error.mistakes[0].splitlines()[0]
            reason = first + (f" (and {count - 1} more)" if count > 1 else "")
            now = self.clock.now()
            event = MonitorRulesRefused(at=now, folder=folder, reason=reason[:500])
            self.pipeline.submit(Notice(received_at=now, event=event))
            return
        now = self.clock.now()
        diff = _diff(self._in_force, texts)
        self._in_force = texts
        digest = digest_of(book)
        self.pipeline.submit(
            RulesChanged(received_at=now, who=who, book=book, diff=diff, digest=digest),
            Notice(received_at=now, event=MonitorRulesLoaded(at=now, folder=folder)),
        )
        log.info("rules_changed", who=who, rules=len(book.rules), digest=digest)

    def _read(self) -> RuleBook:
        """Read all files and play their tests.

        Raises:
            ConfigError: with every mistake, and every test that fails.

        """
        mistakes: list[str] = []
        venue = _read(partial(load_venue, self.files.venue), mistakes)
        rules = _read(partial(load, self.files.rules), mistakes)
        if rules is not None:
            mistakes += failures(rules)
        if venue is not None and rules is not None:
            mistakes += rules.lacking(venue, self.files.venue).values()
        if venue is None or rules is None or mistakes:
            raise ConfigError(mistakes)
        return rules.book(venue)

    def _texts(self) -> Texts:
        rules = self.files.rules
        paths = [*rule_files(rules), rules / TRIAL_VENUE, self.files.venue]
        return {path: content(path) for path in paths}


def digest_of(book: RuleBook) -> str:
    """Return what tells one rule book from another."""
    return sha256(msgspec.json.encode(book)).hexdigest()[:12]


def difference(before: RuleBook, after: RuleBook) -> str:
    """Return what is another in two rule books whose files are not at hand, a line for each part."""
    lines = difflib.unified_diff(
        list(_parts(before)), list(_parts(after)), "before", "after", n=0, lineterm=""
    )
    return "\n".join(lines)[:LONGEST_DIFF]


def _parts(book: RuleBook) -> Iterator[str]:
    for owner in (book, book.names, book.venue):
        for name, value in msgspec.to_builtins(owner).items():
            if name in ("names", "venue"):
                continue
            rows = list(value.items()) if isinstance(value, dict) else value
            for row in rows if isinstance(rows, list | tuple) else (rows,):
                yield f"{name}: {msgspec.json.encode(row).decode()}"


def _read(read: Callable[[], T], mistakes: list[str]) -> T | None:
    """Read one part; what is wrong with it is noted."""
    try:
        return read()
    except ConfigError as error:
        mistakes += error.mistakes
        return None


def _owner(before: Texts, after: Texts) -> str:
    """Return who owns the changed file."""
    changed = [path for path, text in after.items() if before.get(path) != text]
    return owner_of(changed[0]) if changed else "unknown"


def _diff(before: Texts, after: Texts) -> str:
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


def _lines(text: bytes) -> list[str]:
    return text.decode(errors="replace").splitlines()
