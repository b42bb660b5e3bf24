"""The monitor is killed repeatedly while it pages people: every page arrives, and repeats are marked."""

import asyncio
import json
import re
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from monitor.journal import OutboxPage
from monitor.mqtt import BrokerAddress
from tests.support.chaos_stream import reached, rule_set
from tests.support.http_stub import HttpStub, ReceivedRequest, StubResponse, http_stub
from tests.support.monitor_process import MonitorProcess
from tests.support.servers import HOST, PATIENCE, Mosquitto
from tests.system.test_cli import send

PEOPLE = ("anna", "bao", "chi")
REPEAT = "Repeat: "
TAKEN = StubResponse(body=b'{"healthy":true}')
SILENCE = StubResponse(hangs=True)
SILENCES = 3
"""Pages between two kills that are taken in silence: fewer than a channel is handed at the same time."""


class Phones:
    """The phones of all people, behind one server that sometimes takes a page without confirming it."""

    def __init__(self, server: HttpStub, rng: Random) -> None:
        self._server = server
        self._rng = rng
        self._ids = {point.name: point.id for point in rule_set().venue.points}
        longest_first = sorted(self._ids, key=len, reverse=True)
        names = "|".join(map(re.escape, longest_first))
        self._forced = re.compile(f"Door forced open: ({names})")
        self.silences = 0
        """How many more pages are taken without a confirmation, so that their records are open at a kill."""
        server.decide = self._decide

    def _decide(self, asked: ReceivedRequest) -> StubResponse:
        if asked.method == "POST" and self.silences and self._rng.random() < 0.3:
            self.silences -= 1
            return SILENCE
        return TAKEN

    @property
    def pages(self) -> list[tuple[str, frozenset[str], bool]]:
        """The pages that arrived, in order: to whom, about which doors, and whether each was marked as a repeat."""
        messages = [
            json.loads(asked.body) for asked in self._server.asked if asked.method == "POST"
        ]
        return [
            (
                message["topic"],
                frozenset(
                    self._ids[name]
                    for name in self._forced.findall(message["title"] + "\n" + message["message"])
                ),
                message["title"].startswith(REPEAT),
            )
            for message in messages
        ]

    async def have(self, many: int) -> None:
        """Wait until this many pages have arrived."""
        await reached(lambda: len(self.pages) >= many, PATIENCE)

    def roster(self) -> str:
        """A roster in which everyone is paged about a forced door, one by one, once."""
        people = "".join(
            f"""
[[person]]
id = "{person}"
name = "{person}"
languages = ["en"]
channel = [{{ name = "phone", url = "ntfy://{HOST}:{self._server.port}/{person}", timeout = "60s", per_minute = 600 }}]
"""
            for person in PEOPLE
        )
        people_named = ", ".join(f'"{person}"' for person in PEOPLE)
        return f"""{people}
[[escalation]]
id = "duress"
silent = true
step = [{{ notify = "anna" }}]

[[escalation]]
id = "doors"
rules = ["door-forced"]
step = [{{ notify = [{people_named}], wait = "1h" }}]

[[escalation]]
id = "all-else"

[flood]
pages = 100

[fallback]
notify = "anna"
"""


def doors() -> list[str]:
    """The access points of the venue."""
    return sorted(point.id for point in rule_set().venue.points)


def outbox(program: MonitorProcess) -> list[OutboxPage]:
    """All pages with their attempts."""
    with program.read() as journal:
        return journal.outbox.latest(1000)


async def survive(folder: Path, broker: BrokerAddress, *, kills: int, seed: int) -> None:
    """Force every door, some between two kills each, and check who received what."""
    rng = Random(seed)
    forced = rng.sample(doors(), len(doors()))
    bursts = [forced[n :: kills + 1] for n in range(kills + 1)]
    async with http_stub() as server:
        phones = Phones(server, rng)
        program = MonitorProcess(folder, broker, roster=phones.roster())
        try:
            for left, burst in zip(reversed(range(kills + 1)), bursts, strict=True):
                phones.silences = SILENCES if left else 0
                await asyncio.to_thread(program.start)
                await reached(lambda: pages_one_by_one(program), PATIENCE)
                seen = len(phones.pages)
                for door in burst:
                    await asyncio.to_thread(
                        send, program, f"door/{door}", "door.alarm", point=door, alarm="forced_open"
                    )
                if left:
                    await phones.have(seen + rng.randrange(len(burst) * len(PEOPLE)))
                    await asyncio.sleep(rng.uniform(0, 0.2))
                    program.kill()
            await reached(lambda: everybody_has_everything(program, forced), PATIENCE)
            found = outbox(program)
        finally:
            program.kill()
    as_recorded(phones, found)


def pages_one_by_one(program: MonitorProcess) -> bool:
    """Return whether the monitor is connected and has caught up."""
    health = program.health()
    return bool(health["broker_connected"]) and not health["catching_up"]


def everybody_has_everything(program: MonitorProcess, forced: list[str]) -> bool:
    """Return whether every person's page about every door is delivered, and check that none is in the outbox twice."""
    rows = outbox(program)
    ordered = Counter((row.page.person, alert.key) for row in rows for alert in row.page.alerts)
    assert set(ordered.values()) <= {1}
    everything = {(person, door) for person in PEOPLE for door in forced}
    return ordered.keys() == everything and {row.state for row in rows} == {"delivered"}


def as_recorded(phones: Phones, rows: list[OutboxPage]) -> None:
    """Check that every page has reached its phone, and again only after an open record and marked as a repeat."""
    seen = phones.pages
    for row in rows:
        about = frozenset(alert.key for alert in row.page.alerts)
        marks = [
            mark for person, named, mark in seen if (person, named) == (row.page.person, about)
        ]
        results = [attempt.result for attempt in row.attempts]
        opened = results.count("open")
        assert results == ["open"] * opened + ["delivered"]
        assert 1 <= len(marks) <= 1 + opened, row
        assert all(marks[1:]), row
        assert opened or not marks[0], row
    found = {(row.page.person, frozenset(alert.key for alert in row.page.alerts)) for row in rows}
    assert {(person, about) for person, about, _ in seen} == found
    assert any(len(row.attempts) > 1 for row in rows), "no kill hit a page on its way"


async def test_killed_while_pages_are_delivered(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """Every page arrives despite three kills, with six alerts to three people before each."""
    await survive(tmp_path, mosquitto.address, kills=3, seed=1)


@pytest.mark.chaos
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(10))
async def test_killed_for_long_while_pages_are_delivered(
    tmp_path: Path, mosquitto: Mosquitto, seed: int
) -> None:
    """Every page arrives despite eleven kills a round."""
    await survive(tmp_path, mosquitto.address, kills=11, seed=300 + seed)
