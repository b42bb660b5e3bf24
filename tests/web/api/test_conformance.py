"""One inspection by three ways in, MQTT, HTTP and the terminal: the same events in the journal, one verdict."""

import json
import os
import pwd
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest

from monitor.accounts import Account, Grant
from monitor.app.command_protocol import Request, SentForm
from monitor.app.command_server import CommandServer
from monitor.core.events import ReceivedEvent
from monitor.core.inputs import Arrival
from monitor.core.venue.checklist import digest_of
from tests.support.accounts import ADMIN
from tests.support.console import ConsoleSite, console_line, console_rule_set, console_site
from tests.support.form import PASSES, form_body
from tests.support.pipeline import PipelineHarness
from tests.support.source import source_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

Items = list[dict[str, Any]]
OWN_OF_A_WAY = {"id": "", "form": "", "started_at": None, "finished_at": None}
"""What only says by which way an event came, or when."""
CASES: dict[str, Items] = {
    "passed": list(PASSES),
    "failed with a note": [{"item": "exits-free", "result": "fail", "note": "chained"}, PASSES[1]],
    "out of limits, though ticked": [
        PASSES[0],
        {"item": "cold-store", "result": "pass", "value": 9.0, "unit": "celsius"},
    ],
    "not applicable": [
        {"item": "exits-free", "result": "na", "na_reason": "walled up"},
        PASSES[1],
    ],
    "with a photo": [
        {"item": "exits-free", "result": "fail", "photos": ["a" * 64]},
        PASSES[1],
    ],
    "only one item": [PASSES[0]],
}
VERSION = next(digest_of(row) for row in console_rule_set().venue.checklists if row.id == "check")
ACTIONS = [{"item": "exits-free", "lead": "safety", "note": "remove it"}]


def events_of(line: PipelineHarness) -> list[ReceivedEvent]:
    """Return what came in, without what only says by which way."""
    return [
        msgspec.structs.replace(
            event, **{key: row for key, row in OWN_OF_A_WAY.items() if hasattr(event, key)}
        )
        for _, given in line.journal.inputs()
        if isinstance(given, Arrival)
        for event in given.events
    ]


def by_mqtt(line: PipelineHarness, body: bytes) -> None:
    """Publish the events that a form stands for."""
    form = json.loads(body)
    items = [
        {
            **{key: value for key, value in row.items() if key != "photos"},
            "evidence": [
                {"sha256": own, "media_type": "image/jpeg"} for own in row.get("photos", [])
            ],
        }
        for row in form["items"]
    ]
    event = {
        "type": "inspection.submitted",
        "at": form["at"],
        "checklist": "check",
        "inspection": form["inspection"],
        "inspector": "linh",
        "version": VERSION,
        "items": items,
    }
    line.take(line.sent("venue/centre/inspection/check", json.dumps(event).encode()))
    for work in form["actions"]:
        opened = {
            "type": "action.opened",
            "at": form["at"],
            "action": f"{form['inspection']}.{work['item']}",
            "zone": "hall",
            "who": "linh",
            "kind": "repair",
            "lead": work["lead"],
            "note": work["note"],
            "from_item": work["item"],
            "severity": "critical",
        }
        topic = f"venue/centre/action/{opened['action']}"
        line.take(line.sent(topic, json.dumps(opened).encode()))


async def by_http(site: ConsoleSite, body: bytes) -> None:
    """Send the form as a program does."""
    async with site.client("linh") as client:
        assert (await client.put("/api/v1/inspections/k", content=body)).status_code == 201


async def by_terminal(site: ConsoleSite, body: bytes) -> None:
    """Hand the form to the running monitor as the command does."""
    with ExitStack() as stack:
        source = source_of(site.line)
        server = CommandServer(site.accounts, site.line.pipeline, dict, source, stack)
        request = Request(form=SentForm(key="k", body=body.decode()))
        answer = await server.answer(msgspec.json.encode(request), os.geteuid())
    assert answer.accepted, answer
    assert answer.receipt is not None
    assert answer.receipt.seq == site.line.journal.seq


async def played(
    folder: Path, send: Callable[[ConsoleSite], Any]
) -> tuple[list[ReceivedEvent], bytes]:
    """Return the events and the readiness of the hall after a form came in."""
    with console_line(folder) as line:
        async with console_site(folder, line) as site:
            user = pwd.getpwuid(os.geteuid()).pw_name
            grant = Grant(role="engineer")
            site.accounts.add(Account(name="linh", os_user=user, grants=(grant,)), ADMIN)
            await site.accounts.set_password("linh", "correct horse battery staple")
            done = send(site)
            if done is not None:
                await done
            line.wait(3)
            status = line.engine.state.readiness.statuses["centre/hall"]
            return events_of(line), msgspec.json.encode(status)


@pytest.mark.parametrize("items", CASES.values(), ids=CASES.keys())
async def test_three_ways_give_the_same(tmp_path: Path, items: Items) -> None:
    """Events and verdict do not depend on how a form came in."""
    with console_line(tmp_path) as line:
        at = line.clock.time
    actions = ACTIONS if items[0]["result"] == "fail" else []
    body = form_body(at, items, actions=actions, finished_at=at.isoformat())

    mqtt = await played(tmp_path / "mqtt", lambda site: by_mqtt(site.line, body))
    http = await played(tmp_path / "http", lambda site: by_http(site, body))
    terminal = await played(tmp_path / "terminal", lambda site: by_terminal(site, body))

    assert mqtt == http
    assert http == terminal
    assert len(mqtt[0]) == 1 + len(actions)


async def test_what_is_wrong_is_wrong_by_both_checked_ways(tmp_path: Path) -> None:
    """The terminal names the same items as the HTTP API, and nothing is recorded."""
    with console_line(tmp_path) as line:
        async with console_site(tmp_path, line) as site:
            await site.add("linh", "engineer")
            user = pwd.getpwuid(os.geteuid()).pw_name
            site.accounts.set_profile("linh", ADMIN, os_user=user)
            body = form_body(line.clock.time, [{"item": "exits-free", "result": "na"}])
            async with site.client("linh") as client:
                http = await client.put("/api/v1/inspections/k", content=body)
            with ExitStack() as stack:
                server = CommandServer(site.accounts, line.pipeline, dict, source_of(line), stack)
                request = Request(form=SentForm(key="k", body=body.decode()))
                answer = await server.answer(msgspec.json.encode(request), os.geteuid())
            assert not answer.accepted
            assert (
                msgspec.to_builtins(answer.items) == tuple(http.json()["items"])
                or [*map(msgspec.to_builtins, answer.items)] == http.json()["items"]
            )
            assert events_of(line) == []
