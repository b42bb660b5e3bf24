"""What follows when the journal has lost history or is damaged: people are paged, the retained status says why."""

import asyncio
import getpass
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple, assert_never

import msgspec
import structlog
from msgspec import Struct

from monitor.app.broker import broker_settings
from monitor.app.broker_address import latest_congress
from monitor.config import Config
from monitor.core.alert import Alert
from monitor.core.events.base import Event
from monitor.core.events.monitor import MonitorJournalDamaged, MonitorLossAccepted
from monitor.core.oncall.rehearsal import rehearse
from monitor.core.phrase import Phrase, phrase
from monitor.core.rules.model import Rule, RuleSet
from monitor.core.state.state import State
from monitor.core.transitions import PageOrdered
from monitor.deadman.heartbeat_message import status_topic
from monitor.deadman.retained_heartbeat import retained_heartbeat
from monitor.errors import (
    BrokerUnavailable,
    ConfigError,
    JournalDamaged,
    JournalError,
    JournalLoss,
)
from monitor.journal import Head, Journal
from monitor.mqtt import BrokerAddress, Publisher
from monitor.roster import ChannelAddress, RosterFile, read_roster
from monitor.roster.feeds import Feeds
from monitor.roster.plan import plan
from monitor.sinks.notify import open_channel
from monitor.texts import ENGLISH, PageWriter, Text

log = structlog.get_logger()

LOSS = "journal"
"""The id of the alert that people are paged about when no rule is about a loss or a damage."""
REPEAT = timedelta(minutes=15)
"""The interval of pages about the same failure while a supervisor starts the monitor again and again; judgement."""
PATIENCE = 60.0
"""Seconds for all pages together."""
LARGEST_SEQ = 1 << 53
"""No journal has as many inputs: a heartbeat with more is forged."""


class _Paged(Struct, frozen=True):
    """The latest page about a failure."""

    what: str
    at: datetime


class _Failure(NamedTuple):
    """What people are paged about."""

    about: type[Event]
    """The event whose rule says how; the running monitor raises its alert."""
    title: str
    values: Mapping[str, str]
    reason: Phrase


async def find_by_heartbeat(
    journal: Journal, config: Config, address: BrokerAddress, congress: str
) -> JournalLoss | None:
    """Compare the journal with the heartbeat that the broker has kept; return what is missing."""
    if not config.publish.enabled:
        return None
    client_id = f"{broker_settings(config).client_id}-start"
    heartbeat = await retained_heartbeat(address, client_id, congress)
    if heartbeat is None or not 0 < heartbeat.seq < LARGEST_SEQ:
        return None
    known = Head(heartbeat.seq, b"")
    try:
        if heartbeat.head:
            known = Head.read(heartbeat.head)
        own = bytes.fromhex(heartbeat.journal)
    except (JournalError, ValueError):
        log.warning("heartbeat_unreadable", head=heartbeat.head, journal=heartbeat.journal)
        own = b""
    return journal.find_loss(known, "the retained heartbeat", own)


def accepted(loss: JournalLoss, at: datetime) -> MonitorLossAccepted:
    """Return the event of a loss that a person has accepted."""
    return MonitorLossAccepted(at=at, ends=loss.ends, was=loss.was, reason=loss.reason, who=_user())


async def report(
    failure: JournalLoss | JournalDamaged,
    config: Config,
    rule_set: RuleSet | None,
    address: BrokerAddress | None,
    now: datetime,
) -> None:
    """Publish a failure as the retained status, and page the people who would be paged about a critical alert.

    Args:
        failure: what is missing or damaged.
        config: the deployment.
        rule_set: the rules and the venue; without them, everyone on the roster is paged.
        address: the broker; ``None`` if there is none.
        now: the present time.

    """
    match failure:
        case JournalLoss():
            log.error("journal_loss", ends=failure.ends, was=failure.was, reason=failure.reason)
        case JournalDamaged():
            log.error("journal_damaged", reason=failure.reason)
        case _:
            assert_never(failure)
    async with AsyncExitStack() as stack:
        congress = latest_congress(config) if rule_set is None else rule_set.venue.congress.id
        if address is not None and congress:
            client_id = f"{broker_settings(config).client_id}-loss"
            with suppress(BrokerUnavailable):
                publisher = await stack.enter_async_context(Publisher(address, client_id))
                status = f"stopped: {failure.summary}".encode()
                await publisher.publish(status_topic(congress), status, retain=True)
        if _is_due(failure, config.journal.path, now) and await _page(
            _of(failure), config, rule_set, now
        ):
            paged = msgspec.json.encode(_Paged(failure.summary, now))
            with suppress(OSError):
                _record(config.journal.path).write_bytes(paged)


def forget(path: Path) -> None:
    """Forget the pages about a failure: the monitor runs again."""
    with suppress(OSError):
        _record(path).unlink(missing_ok=True)


def _record(path: Path) -> Path:
    return path.with_name(path.name + ".loss")


def _of(failure: JournalLoss | JournalDamaged) -> _Failure:
    if isinstance(failure, JournalLoss):
        return _Failure(
            MonitorLossAccepted,
            f"History lost: the {failure.summary}",
            {"ends": str(failure.ends), "was": str(failure.was)},
            phrase("start-needs-acceptance"),
        )
    return _Failure(
        MonitorJournalDamaged,
        f"The {failure.summary}",
        {"path": failure.path.name, "reason": failure.reason},
        phrase("start-needs-journal"),
    )


def _is_due(failure: JournalLoss | JournalDamaged, path: Path, now: datetime) -> bool:
    try:
        paged = msgspec.json.decode(_record(path).read_bytes(), type=_Paged)
    except (OSError, msgspec.MsgspecError):
        return True
    return paged.what != failure.summary or not now - REPEAT < paged.at <= now


def _rule_of(rules: RuleSet, about: type[Event]) -> Rule | None:
    """Return the rule that matches an event: people are paged as it says."""
    tag = str(about.__struct_config__.tag)
    return next((row for row in rules.rules if tag in _events_of(row)), None)


def _events_of(rule: Rule) -> Iterator[str]:
    """Yield the types of events that a rule matches."""
    if rule.match is not None:
        of = rule.match.of
        for selector in of if isinstance(of, tuple) else (of,):
            yield from selector.on


async def _page(failure: _Failure, config: Config, rule_set: RuleSet | None, now: datetime) -> bool:
    """Page people; return whether at least one was reached."""
    file = _roster(config, rule_set)
    if file is None:
        log.error("no_one_paged", why="there is no roster that can be read")
        return False
    rules = rule_set or State().rule_set
    rule = _rule_of(rules, failure.about)
    name = LOSS if rule is None else rule.id
    alert = Alert(
        id=name,
        rule=name,
        key="",
        title=failure.title,
        severity="critical",
        do="" if rule is None else rule.procedure,
        values=dict(failure.values),
        happened_at=now,
        raised_at=now,
        last_at=now,
    )
    people = {person.id: person for person in file.people}
    writer = PageWriter(lambda: rules, lambda: people, lambda _, __: "")
    async with asyncio.TaskGroup() as group:
        pages = [
            PageOrdered(
                at=now,
                id=f"{name} {person}",
                person=person,
                kind="raised",
                reason=failure.reason,
                alerts=(alert,),
            )
            for person in _recipients(file, rule_set, alert, config.journal.path, now)
        ]
        sent = [
            group.create_task(
                _send(page.person, writer.write(page, repeat=False), file.channels[page.person])
            )
            for page in pages
            if file.channels.get(page.person)
        ]
    return any(task.result() for task in sent)


def _roster(config: Config, rule_set: RuleSet | None) -> RosterFile | None:
    """Read the roster; if it has mistakes, its last good copy."""
    path = config.files.roster
    if path is None:
        return None
    for each in (path, config.journal.path.with_name("roster.last-good.toml")):
        try:
            venue = None if rule_set is None else rule_set.venue
            return read_roster(each, venue, folder=path.parent)
        except ConfigError as error:
            log.warning("roster_refused", mistakes=error.mistakes)
    return None


def _recipients(
    file: RosterFile, rule_set: RuleSet | None, alert: Alert, journal: Path, now: datetime
) -> Iterable[str]:
    """Return all people of the alert's escalation, at once: no one can acknowledge. Without any, everyone."""
    everyone = [person.id for person in file.people]
    if rule_set is None:
        return everyone
    texts = Feeds.beside(journal).texts(file.document.calendars)
    found = rehearse(plan(file, rule_set.venue, now, texts), {}, alert, now, ENGLISH)
    return dict.fromkeys(page.person for page in found.pages) or everyone


async def _send(person: str, text: Text, channels: Iterable[ChannelAddress]) -> bool:
    """Try a person's channels in order; return whether one has accepted the page."""
    for row in channels:
        channel = await open_channel(row)
        try:
            async with asyncio.timeout(row.timeout.total_seconds()):
                outcome = await channel.send(text)
        except TimeoutError:
            log.warning("page_failed", person=person, channel=row.name, reason="no answer in time")
            continue
        finally:
            await channel.close()
        log.info("page", person=person, channel=row.name, result=outcome.result)
        if outcome.result == "delivered":
            return True
    return False


def _user() -> str:
    """Return the name of the user whose process this is."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
