"""Kills the monitor again and again while it pages people: nobody is left unpaged, and what comes twice says so."""

import asyncio
import json
import re
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from monitor.journal import OutboxPage
from monitor.mqtt import BrokerAddress
from tests.support.chaos_stream import book, reached
from tests.support.http_stub import Answer, Asked, Loopback, loopback
from tests.support.monitor_process import PATIENCE, Program
from tests.support.servers import HOST, Mosquitto
from tests.system.test_cli import send

PEOPLE = ("anna", "bao", "chi")
REPEAT = "Repeat: "
TAKEN = Answer(body=b'{"healthy":true}')
SILENCE = Answer(hangs=True)
SILENCES = 3
"""Pages between two kills that are taken in silence: fewer than a channel is handed at the same time."""


class Phones:
    """Everybody's phone, behind one server that sometimes takes a page and doesn't say so."""

    def __init__(self, server: Loopback, rng: Random) -> None:
        self._server = server
        self._rng = rng
        self._doors = re.compile("|".join(rf"(?<![\w-]){door}(?![\w-])" for door in doors()))
        self.silences = 0
        """So many pages more are taken without a word, so that their records are open when the monitor is killed."""
        server.decide = self._decide

    def _decide(self, asked: Asked) -> Answer:
        if asked.method == "POST" and self.silences and self._rng.random() < 0.3:
            self.silences -= 1
            return SILENCE
        return TAKEN

    @property
    def pages(self) -> list[tuple[str, frozenset[str], bool]]:
        """What came in, in order: to whom, about which doors, and whether it said that it is a repeat."""
        messages = [
            json.loads(asked.body) for asked in self._server.asked if asked.method == "POST"
        ]
        return [
            (
                message["topic"],
                frozenset(self._doors.findall(message["title"] + message["message"])),
                message["title"].startswith(REPEAT),
            )
            for message in messages
        ]

    async def have(self, many: int) -> None:
        """Returns when so many pages have come in."""
        await reached(lambda: len(self.pages) >= many, PATIENCE)

    def roster(self) -> str:
        """Who is told of a forced door: everybody, one by one, once."""
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
        told = ", ".join(f'"{person}"' for person in PEOPLE)
        return f"""{people}
[[escalation]]
id = "duress"
silent = true
step = [{{ tell = "anna" }}]

[[escalation]]
id = "doors"
rules = ["door-forced"]
step = [{{ tell = [{told}], wait = "1h" }}]

[[escalation]]
id = "all-else"

[flood]
pages = 100

[fallback]
tell = "anna"
"""


def doors() -> list[str]:
    """The access points of the venue."""
    return sorted(point.id for point in book().venue.points)


def outbox(program: Program) -> list[OutboxPage]:
    """All pages with their attempts."""
    with program.read() as journal:
        return journal.outbox.latest(1000)


async def survive(folder: Path, broker: BrokerAddress, *, kills: int, seed: int) -> None:
    """Has every door forced, some between two kills each, and looks at what came to whom."""
    rng = Random(seed)
    forced = rng.sample(doors(), len(doors()))
    bursts = [forced[n :: kills + 1] for n in range(kills + 1)]
    async with loopback() as server:
        phones = Phones(server, rng)
        program = Program(folder, broker, roster=phones.roster())
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


def pages_one_by_one(program: Program) -> bool:
    """It hears, and what it hears is news."""
    health = program.health()
    return bool(health["broker_connected"]) and not health["catching_up"]


def everybody_has_everything(program: Program, forced: list[str]) -> bool:
    """Each door was told to each person, says the record, and once."""
    rows = outbox(program)
    ordered = Counter((row.page.person, alert.key) for row in rows for alert in row.page.alerts)
    assert set(ordered.values()) <= {1}
    everything = {(person, door) for person in PEOPLE for door in forced}
    return ordered.keys() == everything and {row.state for row in rows} == {"delivered"}


def as_recorded(phones: Phones, rows: list[OutboxPage]) -> None:
    """Every page has come to its phone; again only where a record was left open, and then it says so."""
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
    told = {(row.page.person, frozenset(alert.key for alert in row.page.alerts)) for row in rows}
    assert {(person, about) for person, about, _ in seen} == told
    assert any(len(row.attempts) > 1 for row in rows), "no kill hit a page on its way"


async def test_killed_while_pages_are_delivered(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """Three kills, and six alerts to three people before each."""
    await survive(tmp_path, mosquitto.address, kills=3, seed=1)


@pytest.mark.chaos
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(10))
async def test_killed_for_long_while_pages_are_delivered(
    tmp_path: Path, mosquitto: Mosquitto, seed: int
) -> None:
    """Eleven kills a round."""
    await survive(tmp_path, mosquitto.address, kills=11, seed=300 + seed)
