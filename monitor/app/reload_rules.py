"""Puts changed rule and venue files in force while the monitor runs; what has a mistake stays out."""

import asyncio
import difflib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import msgspec
import structlog

from monitor import config, venue
from monitor.app.deployment import check_together
from monitor.config.settings import Files
from monitor.core.events.monitor import MonitorRulesLoaded, MonitorRulesRefused
from monitor.core.inputs import Notice, RulesChanged
from monitor.core.rules.model import RuleBook
from monitor.errors import ConfigError
from monitor.ingest.pipeline import Pipeline
from monitor.rules.read import TRIAL_VENUE, Rules, failures, load, rule_files
from monitor.runtime.clock import Clock
from monitor.runtime.files import content
from monitor.runtime.owner import owner_of

log = structlog.get_logger()

LOOK_EVERY = 1.0
"""Seconds between two looks at the files."""
LONGEST_DIFF = 20_000
"""Characters of a change that the audit trail keeps."""

Texts = Mapping[Path, bytes]


class Reload:
    """Looks at the files, and takes in what changed between two inputs.

    Args:
        files: where they are.
        read: reads all of them and plays their tests.
        pipeline: takes the change in.
        clock: tells when.

    """

    def __init__(
        self, files: Files, read: Callable[[], RuleBook], pipeline: Pipeline, clock: Clock
    ) -> None:
        self.files = files
        self.read = read
        self.pipeline = pipeline
        self.clock = clock
        self.asked = asyncio.Event()
        """Set by SIGHUP: look now, and say that it was asked for."""
        self._in_force: Texts | None = None
        """What the files said that hold; `None` if those aren't at hand any more."""
        self._seen: Texts = {}

    def begin(self, book: RuleBook | None) -> None:
        """Put in force what the files say at a start.

        Args:
            book: `None` if they have mistakes: the rules from before the start hold, and the first look says why.

        Raises:
            ConfigError: they have mistakes, and no rules held before.

        """
        before = self.pipeline.engine.state.book
        if book is None and not before.rules:
            book = self.read()
        if book is None:
            return
        self._in_force = self._seen = self._texts()
        if msgspec.json.encode(before) != msgspec.json.encode(book):
            self._change(book, "start", difference(before, book) if before.rules else "")
        else:
            self.pipeline.submit(self._loaded())

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
        try:
            book = await asyncio.to_thread(self.read)
        except ConfigError as error:
            log.warning("rules_refused", mistakes=error.mistakes)
            count = len(error.mistakes)
            first = error.mistakes[0].splitlines()[0]
            reason = first + (f" (and {count - 1} more)" if count > 1 else "")
            now, folder = self.clock.now(), str(self.files.rules)
            event = MonitorRulesRefused(at=now, folder=folder, reason=reason[:500])
            self.pipeline.submit(Notice(received_at=now, event=event))
            return
        if self._in_force is None:
            diff = difference(self.pipeline.engine.state.book, book)
        else:
            diff = _diff(self._in_force, texts)
        self._in_force = texts
        self._change(book, who, diff)

    def _change(self, book: RuleBook, who: str, diff: str) -> None:
        digest = digest_of(book)
        changed = RulesChanged(
            received_at=self.clock.now(), who=who, book=book, diff=diff, digest=digest
        )
        self.pipeline.submit(changed, self._loaded())
        log.info("rules_changed", who=who, rules=len(book.rules), digest=digest)

    def _loaded(self) -> Notice:
        """Say that the files hold: it ends the alert that they don't, which may be from before a start."""
        now = self.clock.now()
        event = MonitorRulesLoaded(at=now, folder=str(self.files.rules))
        return Notice(received_at=now, event=event)

    def _texts(self) -> Texts:
        rules = self.files.rules
        paths = [*rule_files(rules), rules / TRIAL_VENUE, self.files.venue]
        return {path: content(path) for path in paths}


def load_book(path: Path, files: Files) -> RuleBook:
    """Read the rules and the venue that the configuration at ``path`` names, and play the rules' tests.

    Raises:
        ConfigError: with every mistake of both, every test that fails, and what adapters name that the venue lacks.
    """
    found = venue.read(files.venue)
    wrong = [*found.mistakes, *check_together(config.read(path), found)]
    mistakes = [str(mistake) for mistake in sorted(wrong)]
    rules = _rules(files, mistakes)
    if rules is not None and not found.mistakes:
        mistakes += rules.lacking(found.whole(), files.venue).values()
    if rules is None or mistakes:
        raise ConfigError(mistakes)
    return rules.book(found.whole())


def _rules(files: Files, mistakes: list[str]) -> Rules | None:
    try:
        rules = load(files.rules)
    except ConfigError as error:
        mistakes += error.mistakes
        return None
    mistakes += failures(rules)
    return rules


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
