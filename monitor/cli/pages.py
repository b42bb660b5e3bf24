"""Commands about reaching people: pages (their delivery), notify test (a test page through every channel)."""

import argparse
import asyncio
import getpass
from datetime import UTC, datetime
from uuid import uuid4

import msgspec

from monitor.app.broker_address import find_broker
from monitor.app.deployment import load_all
from monitor.cli.commands import Commands
from monitor.cli.live_status import warn_if_stale
from monitor.cli.words import VenueWords, counted
from monitor.config import Config
from monitor.config import load as load_config
from monitor.core.decode import topic_of
from monitor.core.events.people import NotifyTested
from monitor.core.rules.model import RuleSet
from monitor.errors import BrokerUnavailable, ConfigError
from monitor.journal import Journal
from monitor.mqtt import Publisher
from monitor.roster import ChannelAddress, read_roster
from monitor.sinks.notify import Outcome, open_channel
from monitor.texts import PageWriter, in_english, plain
from monitor.toml.words import no_such


def add(commands: Commands) -> None:
    """Add the commands of this module."""
    parser = commands.add_parser("pages")
    parser.add_argument("--person", default="", metavar="ID", help="only pages to this person")
    parser.add_argument(
        "--limit", type=int, default=20, help="number of pages (default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON Lines")
    parser.set_defaults(run=_pages)
    notify = commands.add_parser("notify")
    parser = notify.add_subparsers(required=True, metavar="WHAT").add_parser(
        "test", help="send a marked test page through each of a person's channels"
    )
    parser.add_argument("person", help="the person's id")
    parser.set_defaults(run=_test)


def _pages(given: argparse.Namespace) -> int:
    config = load_config(given.config)
    words = VenueWords.read(config)
    if given.person:
        words.require_person(given.person)
    with Journal(config.journal.path, read_only=True) as journal:
        found = journal.outbox.latest(given.limit, given.person)
    status = warn_if_stale(config)
    if given.json:
        for row in found:
            attempts = tuple(
                msgspec.structs.replace(each, reason=plain(each.reason)) for each in row.attempts
            )
            whole = msgspec.structs.replace(row, page=in_english(row.page), attempts=attempts)
            print(msgspec.json.encode(whole).decode())
        return status
    for row in found:
        page = row.page
        count = len(page.alerts) + len(page.more)
        what = page.alerts[0].title if page.alerts and count == 1 else counted(count, "alert")
        if page.kind == "daily":
            what = f"daily digest, {counted(count, 'alert')}"
        print(
            f"{words.time(page.at)}  {row.state:11} {words.person(page.person)}: {what} ({plain(page.reason)})"
        )
        for each in row.attempts:
            mark = ", marked as a repeat" if each.is_repeat else ""
            reason = f": {plain(each.reason)}" if each.reason else ""
            print(f"    {words.time(each.at)}  {each.channel}: {each.result}{mark}{reason}")
    if not found:
        print("No pages.")
    return status


def _test(given: argparse.Namespace) -> int:
    config, venue = load_all(given.config)
    if config.files.roster is None:
        raise ConfigError(
            [f'{given.config}: [files] roster: missing; write e.g. roster = "roster.toml"']
        )
    file = read_roster(config.files.roster, venue)
    people = {person.id: person for person in file.people}
    if given.person not in people:
        raise ConfigError([f"{config.files.roster}: {no_such('person', given.person, people)}"])
    writer = PageWriter(lambda: RuleSet(venue=venue), lambda: people, lambda _, __: "")
    failed = 0
    for channel in file.channels[given.person]:
        outcome = asyncio.run(_send(writer, given.person, channel))
        reason = f": {plain(outcome.reason)}" if outcome.reason else ""
        print(f"{channel.name}: {outcome.result}{reason}")
        if outcome.result != "delivered":
            failed += 1
            continue
        event = NotifyTested(
            at=datetime.now(UTC),
            id=uuid4().hex,
            person=given.person,
            channel=channel.name,
            who=getpass.getuser(),
        )
        try:
            topic = topic_of(event, venue.congress.id)
            asyncio.run(_publish(config, topic, msgspec.json.encode(event)))
        except BrokerUnavailable as error:
            print(f"{channel.name}: the test is not recorded: {error}")
    return 1 if failed or not file.channels[given.person] else 0


async def _send(writer: PageWriter, person: str, row: ChannelAddress) -> Outcome:
    channel = await open_channel(row)
    try:
        async with asyncio.timeout(row.timeout.total_seconds()):
            return await channel.send(writer.write_test(person, row.name))
    except TimeoutError:
        return Outcome(result="unknown", reason="no answer in time")
    finally:
        await channel.close()


async def _publish(config: Config, topic: str, payload: bytes) -> None:
    async with Publisher(find_broker(config), f"venue-monitor-test-{uuid4().hex[:8]}") as publisher:
        await publisher.publish(topic, payload)
