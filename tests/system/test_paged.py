"""From a forced door to an acknowledgement: over MQTT, a phone, a mail and the links in them, as in production."""

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
from tests.support.http_stub import HttpStub, ReceivedRequest, StubResponse, http_stub
from tests.support.mail import Mailbox, mailbox, text_of
from tests.support.monitor_process import PUBLIC, MonitorProcess
from tests.support.phone import person_with_phone
from tests.support.servers import HOST, PATIENCE, free_port
from tests.system.test_cli import alert_at

LINK = re.compile(rf"{PUBLIC}(/a/\S+)")


class Scene:
    """A monitor, Anna's phone, Bảo's mail, and the chief, who is paged if neither acknowledges."""

    def __init__(self, folder: Path, phones: HttpStub, letters: Mailbox) -> None:
        phones.decide = lambda _: StubResponse(body=b'{"healthy":true}')
        self.phones = phones
        self.letters = letters
        self.program = MonitorProcess(
            folder,
            roster=f"""
{person_with_phone("anna", phones.port)}
[[person]]
id = "bao"
name = "Bảo"
languages = ["en"]
channel = [
    {{ name = "phone", url = "ntfy://{HOST}:{free_port()}/nobody-there" }},
    {{ name = "mail", url = "{letters.url("bao")}" }},
]

{person_with_phone("chief", phones.port)}
[[escalation]]
id = "duress"
silent = true
step = [{{ notify = "chief" }}]

[[escalation]]
id = "doors"
rules = ["door-forced"]
step = [{{ notify = ["anna", "bao"], wait = "10s" }}, {{ notify = "chief", wait = "1h" }}]

[[escalation]]
id = "all-else"

[fallback]
notify = "chief"
""",
        )

    def received(self, person: str) -> list[dict[str, Any]]:
        """Return the pages that reached a person's phone."""
        messages = [json.loads(asked.body) for asked in self.phones.asked if is_page(asked)]
        return [message for message in messages if message["topic"] == person]

    async def forced(self, door: str) -> str:
        """Force a door once pages go out one by one; return the id of the alert."""
        await reached(lambda: not self.program.health()["catching_up"], PATIENCE)
        alert = await asyncio.to_thread(
            alert_at, self.program, door, "door.alarm", alarm="forced_open"
        )
        return alert.id

    async def types(self, *arguments: str) -> tuple[int, str, str]:
        """Run a command; return exit code, standard output and standard error."""
        done = await asyncio.to_thread(self.program.ask, *arguments)
        return done.returncode, done.stdout, done.stderr

    async def shown(self, alert: str) -> dict[str, Any]:
        """Return an alert as the list of alerts shows it."""
        code, out, _ = await self.types("alerts", "--json")
        assert code == OK
        return next(row for row in map(json.loads, out.splitlines()) if row["id"] == alert)


def is_page(asked: ReceivedRequest) -> bool:
    """Return whether a request is a page, not a health check."""
    return asked.method == "POST"


def paged_after_taken(journal: Journal, alert: str) -> list[str]:
    """Return who was paged about an alert after it was acknowledged."""
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
    """A running scene."""
    async with http_stub() as phones, mailbox() as letters:
        made = Scene(tmp_path, phones, letters)
        try:
            await asyncio.to_thread(made.program.start)
            yield made
        finally:
            made.program.kill()


async def test_an_acknowledged_alert_pages_no_one_else(scene: Scene) -> None:
    """Pages go out by ntfy and mail, each with its own link; opening it changes nothing, its button acknowledges."""
    alert = await scene.forced("hall-vip-door")
    await reached(lambda: bool(scene.received("anna") and scene.letters.mails), PATIENCE)
    (page,), (letter,) = scene.received("anna"), scene.letters.mails
    assert "Door forced open: VIP lounge" in page["title"]
    assert page["title"] == letter["subject"]
    link, other = LINK.search(page["click"]), LINK.search(text_of(letter))
    assert link is not None
    assert other is not None

    status, _ = await asyncio.to_thread(scene.program.get, link[1])
    assert status == 200
    assert (await scene.shown(alert))["handling"] == "new"

    status, body = await asyncio.to_thread(scene.program.post, link[1])
    assert (status, 'class="critical"' in body) == (200, True)
    status, body = await asyncio.to_thread(scene.program.post, other[1])
    assert (status, "Anna" in body) == (409, True)
    seen = await scene.shown(alert)
    assert (seen["handling"], seen["owner"]) == ("acknowledged", "anna")
    _, out, _ = await scene.types("alerts")
    assert "acknowledged by Anna (anna)" in out

    # A second alert that no one acknowledges escalates, after the first one would have.
    await scene.forced("hall-gate-north-1")
    await reached(
        lambda: any("North turnstile 1" in page["title"] for page in scene.received("chief")),
        PATIENCE,
    )
    with scene.program.read() as journal:
        assert paged_after_taken(journal, alert) == []


async def test_pages_are_shown_with_every_attempt(scene: Scene) -> None:
    """Pages are listed with who, what and why, and each channel with its result; also for one person alone."""
    assert await scene.types("pages") == (OK, "No pages.\n", "")
    await scene.forced("hall-vip-door")
    await reached(lambda: bool(scene.received("anna") and scene.letters.mails), PATIENCE)

    def settled() -> bool:
        with scene.program.read() as journal:
            return all(
                [row.state for row in journal.outbox.latest(1, person)] == ["delivered"]
                for person in ("anna", "bao")
            )

    await reached(settled, PATIENCE)
    code, out, _ = await scene.types("pages", "--person", "bao")
    assert code == OK
    page, refused, mailed = out.splitlines()
    assert re.fullmatch(
        r"\d\d \w+ \d{4} \S+ \S+  delivered +Bảo \(bao\): Door forced open: VIP lounge \(named.*\)",
        page,
    ), page
    assert re.fullmatch(r" +\d\d \w+ \d{4} \S+ \S+  phone: failed: .+", refused), refused
    assert re.fullmatch(r" +\d\d \w+ \d{4} \S+ \S+  mail: delivered", mailed), mailed
    code, out, _ = await scene.types("pages", "--limit", "1")
    assert (code, len(re.findall("(?m)^[0-9]", out))) == (OK, 1)


async def test_a_test_page_goes_to_every_channel_and_is_recorded(scene: Scene) -> None:
    """Each result is printed, a failure sets the exit code, and the monitor records the time."""
    code, out, err = await scene.types("notify", "test", "anna")
    assert (code, out, err) == (OK, "phone: delivered\n", "")
    assert [page["title"] for page in scene.received("anna")] == ["Test: nothing has happened"]
    assert "actions" not in scene.received("anna")[0]

    code, out, _ = await scene.types("notify", "test", "bao")
    assert code == WRONG
    refused, mailed = out.splitlines()
    assert refused.startswith("phone: failed: ")
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


async def test_a_test_page_to_an_unknown_person_is_refused(scene: Scene) -> None:
    """The error names the file that doesn't have the person."""
    code, out, err = await scene.types("notify", "test", "eve")
    assert (code, out) == (MISTAKES, "")
    assert 'roster.toml: unknown person "eve"' in err
