"""Commands about reaching people: what has become of the pages, and a marked test by every channel."""

import argparse
import asyncio
import getpass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import msgspec

from monitor.app.deployment import load_all
from monitor.app.runfile import find_broker
from monitor.config import Config
from monitor.config import load as load_config
from monitor.core.decode import topic_of
from monitor.core.events.people import NotifyTested
from monitor.core.rules.model import RuleBook
from monitor.errors import BrokerUnavailable, ConfigError
from monitor.journal import Journal
from monitor.mqtt import Publisher
from monitor.roster import Channel, read_roster
from monitor.sinks.notify import Outcome, open_channel
from monitor.texts import Author


def add(commands: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    """Add the commands of this module."""
    parser = commands.add_parser(
        "pages", help="show the latest pages and every attempt to deliver them"
    )
    parser.add_argument("--person", default="", help="those to one person")
    parser.add_argument("--limit", type=int, default=20, help="how many (%(default)s)")
    parser.set_defaults(run=_pages)
    notify = commands.add_parser("notify", help="try the ways to reach people").add_subparsers(
        required=True, metavar="WHAT"
    )
    parser = notify.add_parser("test", help="send somebody a marked test by every channel")
    parser.add_argument("person", help="the person's id")
    parser.set_defaults(run=_test)


def _pages(given: argparse.Namespace) -> int:
    config = load_config(given.config)
    with Journal(config.journal.path, read_only=True) as journal:
        found = journal.outbox.latest(given.limit, given.person)
    for row in found:
        page = row.page
        what = page.alerts[0].title if len(page.alerts) == 1 else f"{len(page.alerts)} alerts"
        print(f"{page.at:%Y-%m-%d %H:%M:%S}Z {row.state:11} {page.person}: {what} ({page.reason})")
        for each in row.attempts:
            mark = ", marked as repeat" if each.is_repeat else ""
            print(
                f"    {each.at:%H:%M:%S}Z {each.channel}: {each.result}{mark} {each.reason}".rstrip()
            )
    if not found:
        print("No pages.")
    return 0


def _test(given: argparse.Namespace) -> int:
    config, venue = load_all(given.config)
    if config.files.roster is None:
        raise ConfigError([f"{given.config}: [files] names no roster: there is nobody to test"])
    file = read_roster(config.files.roster, venue)
    people = {person.id: person for person in file.people}
    if given.person not in people:
        raise ConfigError([f"{config.files.roster}: nobody has the id {given.person}"])
    author = Author(lambda: RuleBook(venue=venue), lambda: people, lambda _, __: "")
    failed = 0
    for channel in file.channels[given.person]:
        outcome = asyncio.run(_sent(author, given.person, channel))
        print(f"{channel.name}: {outcome.result} {outcome.reason}".rstrip())
        if outcome.result != "delivered":
            failed += 1
            continue
        said = NotifyTested(
            at=datetime.now(UTC),
            id=uuid4().hex,
            person=given.person,
            channel=channel.name,
            who=getpass.getuser(),
        )
        try:
            asyncio.run(_tell(config, topic_of(said, venue.congress.id), msgspec.json.encode(said)))
        except BrokerUnavailable as error:
            print(f"{channel.name}: the test is not noted: {error}")
    return 1 if failed or not file.channels[given.person] else 0


async def _sent(author: Author, person: str, row: Channel) -> Outcome:
    channel = await open_channel(row)
    try:
        async with asyncio.timeout(row.timeout.total_seconds()):
            return await channel.send(author.write_test(person, row.name))
    except TimeoutError:
        return Outcome(result="unknown", reason="no answer in time")
    finally:
        await channel.close()


async def _tell(config: Config, topic: str, payload: bytes) -> None:
    async with Publisher(find_broker(config), f"venue-monitor-test-{uuid4().hex[:8]}") as publisher:
        await publisher.publish(topic, payload)
