"""From a forced door to somebody who has it: over MQTT, a phone, a letter and the link in them, as in earnest."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from monitor.cli import MISTAKES, OK, WRONG
from monitor.core.events.people import NotifyTested
from monitor.core.inputs import Arrival
from monitor.core.transitions import AlertChanged, PageOrdered
from monitor.journal import Journal
from tests.support.chaos_stream import reached
from tests.support.http_stub import Answer, Asked, Loopback, loopback
from tests.support.mail import Mailbox, mailbox, text_of
from tests.support.monitor_process import PATIENCE, PUBLIC, Program
from tests.support.servers import HOST, free_port
from tests.system.test_cli import alert_at

LINK = re.compile(rf"{PUBLIC}(/a/\S+)")


class Scene:
    """A monitor, Anna's phone, Bảo's letters, and the chief, who is told when neither says «mine»."""

    def __init__(self, folder: Path, phones: Loopback, letters: Mailbox) -> None:
        phones.decide = lambda _: Answer(body=b'{"healthy":true}')
        self.phones = phones
        self.letters = letters
        self.program = Program(
            folder,
            roster=f"""
[[person]]
id = "anna"
name = "Anna"
languages = ["en"]
channel = [{{ name = "phone", url = "ntfy://{HOST}:{phones.port}/anna" }}]

[[person]]
id = "bao"
name = "Bảo"
languages = ["en"]
channel = [
    {{ name = "phone", url = "ntfy://{HOST}:{free_port()}/nobody-there" }},
    {{ name = "mail", url = "{letters.url("bao")}" }},
]

[[person]]
id = "chief"
name = "Chief"
languages = ["en"]
channel = [{{ name = "phone", url = "ntfy://{HOST}:{phones.port}/chief" }}]

[[escalation]]
id = "duress"
silent = true
step = [{{ tell = "chief" }}]

[[escalation]]
id = "doors"
rules = ["door-forced"]
step = [{{ tell = ["anna", "bao"], wait = "10s" }}, {{ tell = "chief", wait = "1h" }}]

[[escalation]]
id = "all-else"

[fallback]
tell = "chief"
""",
        )

    def told(self, person: str) -> list[dict[str, Any]]:
        """What came to somebody's phone."""
        messages = [json.loads(asked.body) for asked in self.phones.asked if is_page(asked)]
        return [message for message in messages if message["topic"] == person]

    async def forced(self, door: str) -> str:
        """A door is forced, when pages go out one by one; returns the id of the alert."""
        await reached(lambda: not self.program.health()["catching_up"], PATIENCE)
        alert = await asyncio.to_thread(
            alert_at, self.program, door, "door.alarm", alarm="forced_open"
        )
        return alert.id

    async def types(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, standard output and standard error of a command."""
        done = await asyncio.to_thread(self.program.ask, *arguments)
        return done.returncode, done.stdout, done.stderr

    async def shown(self, alert: str) -> dict[str, Any]:
        """What the list of alerts says about one."""
        code, out, _ = await self.types("alerts", "--json")
        assert code == OK
        return next(row for row in map(json.loads, out.splitlines()) if row["id"] == alert)


def is_page(asked: Asked) -> bool:
    """It is no look at the server's health."""
    return asked.method == "POST"


def paged_after_taken(journal: Journal, alert: str) -> list[str]:
    """Who was paged about an alert after somebody had taken it."""
    rows = [row.transition for row in journal.transitions(0, 100_000)]
    taken = next(
        n
        for n, row in enumerate(rows)
        if isinstance(row, AlertChanged) and row.alert.id == alert and row.alert.owner
    )
    return [
        row.person
        for row in rows[taken:]
        if isinstance(row, PageOrdered) and any(one.id == alert for one in row.alerts)
    ]


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """It runs."""
    async with loopback() as phones, mailbox() as letters:
        made = Scene(tmp_path, phones, letters)
        try:
            await asyncio.to_thread(made.program.start)
            yield made
        finally:
            made.program.kill()


async def test_a_forced_door_is_somebodys_and_nobody_else_is_called(scene: Scene) -> None:
    """By ntfy and by mail, each with a link of its own; opening one changes nothing, its button stops the ladder."""
    alert = await scene.forced("hall-vip-door")
    await reached(lambda: bool(scene.told("anna") and scene.letters.mails), PATIENCE)
    (page,), (letter,) = scene.told("anna"), scene.letters.mails
    assert "hall-vip-door forced" in page["title"]
    assert page["title"] == letter["subject"]
    link, other = LINK.search(page["click"]), LINK.search(text_of(letter))
    assert link is not None
    assert other is not None

    status, _ = await asyncio.to_thread(scene.program.get, link[1])
    assert status == 200
    assert (await scene.shown(alert))["handling"] == "new"

    status, said = await asyncio.to_thread(scene.program.post, link[1])
    assert (status, "It is yours" in said) == (200, True)
    status, said = await asyncio.to_thread(scene.program.post, other[1])
    assert (status, "Anna has taken it" in said) == (409, True)
    seen = await scene.shown(alert)
    assert (seen["handling"], seen["owner"]) == ("acknowledged", "anna")
    _, out, _ = await scene.types("alerts")
    assert "acknowledged by anna" in out

    # A second door that nobody takes climbs, and its time comes after the first one's would have come.
    await scene.forced("hall-gate-north-1")
    await reached(
        lambda: any("hall-gate-north-1" in page["title"] for page in scene.told("chief")), PATIENCE
    )
    with scene.program.read() as journal:
        assert paged_after_taken(journal, alert) == []


async def test_pages_are_shown_with_every_attempt(scene: Scene) -> None:
    """Who, what, why, by which channel with what result; and of one person alone."""
    assert await scene.types("pages") == (OK, "No pages.\n", "")
    await scene.forced("hall-vip-door")
    await reached(lambda: bool(scene.told("anna") and scene.letters.mails), PATIENCE)

    def settled() -> bool:
        with scene.program.read() as journal:
            states = [row.state for row in journal.outbox.latest(10)]
        return states.count("delivered") >= 2

    await reached(settled, PATIENCE)
    code, out, _ = await scene.types("pages", "--person", "bao")
    assert code == OK
    page, refused, mailed = out.splitlines()
    assert re.fullmatch(
        r"\S+ \S+Z delivered +bao: Door hall-vip-door forced open \(named\)", page
    ), page
    assert re.fullmatch(r" +\S+Z phone: failed .+", refused), refused
    assert re.fullmatch(r" +\S+Z mail: delivered", mailed), mailed
    code, out, _ = await scene.types("pages", "--limit", "1")
    assert (code, len(re.findall("(?m)^[0-9]", out))) == (OK, 1)


async def test_a_marked_test_goes_to_every_channel_and_is_noted(scene: Scene) -> None:
    """What came of each is printed, what failed is the exit code, and the monitor knows when it was."""
    code, out, err = await scene.types("notify", "test", "anna")
    assert (code, out, err) == (OK, "phone: delivered\n", "")
    assert [page["title"] for page in scene.told("anna")] == ["Test: nothing has happened"]
    assert "actions" not in scene.told("anna")[0]

    code, out, _ = await scene.types("notify", "test", "bao")
    assert code == WRONG
    refused, mailed = out.splitlines()
    assert refused.startswith("phone: failed ")
    assert mailed == "mail: delivered"
    assert [letter["subject"] for letter in scene.letters.mails] == ["Test: nothing has happened"]

    def noted() -> set[tuple[str, str]]:
        with scene.program.read() as journal:
            return {
                (event.person, event.channel)
                for _, given in journal.inputs()
                if isinstance(given, Arrival)
                for event in given.events
                if isinstance(event, NotifyTested)
            }

    await reached(lambda: noted() == {("anna", "phone"), ("bao", "mail")}, PATIENCE)
    assert await scene.types("pages") == (OK, "No pages.\n", "")


async def test_a_test_to_nobody_is_refused(scene: Scene) -> None:
    """With the file that would have to know the person."""
    code, out, err = await scene.types("notify", "test", "eve")
    assert (code, out) == (MISTAKES, "")
    assert "roster.toml: nobody has the id eve" in err
