"""The way in of forms: each counts once, whatever the network does, and what is wrong is answered at once."""

import asyncio
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from monitor.core.events.inspection import InspectionSubmitted
from monitor.core.events.work import ActionOpened
from monitor.core.inputs import Arrival
from monitor.core.venue.checklist import digest_of
from tests.support.console import ADMIN, ConsoleSite, console_line, console_site
from tests.support.form import PASSES, form_body
from tests.support.pipeline import PipelineHarness

pytestmark = pytest.mark.asyncio(loop_scope="module")

ADDRESS = "/api/v1/inspections/one"


def arrivals(line: PipelineHarness) -> list[Arrival]:
    """Return what came in."""
    return [given for _, given in line.journal.inputs() if isinstance(given, Arrival)]


async def test_a_form_is_one_input_by_whoever_has_signed_in(
    site: ConsoleSite, linh: httpx.AsyncClient
) -> None:
    """The receipt names the input; the inspector is the account, and what the form orders belongs to it."""
    fails = ({"item": "exits-free", "result": "fail", "note": "chained"}, PASSES[1])
    action = {"item": "exits-free", "lead": "safety", "note": "remove the chain"}
    body = form_body(site.line.clock.time, fails, actions=[action])

    answer = await linh.put(ADDRESS, content=body)

    assert answer.status_code == 201
    receipt = answer.json()
    (given,) = arrivals(site.line)
    form, opened = given.events
    assert isinstance(form, InspectionSubmitted)
    assert isinstance(opened, ActionOpened)
    assert (form.inspector, form.id, form.form) == ("linh", "one", sha256(body).hexdigest())
    assert (opened.zone, opened.severity, opened.from_item) == ("hall", "critical", "exits-free")
    assert receipt["seq"] == site.line.journal.seq
    assert receipt["digest"] == form.form
    assert (receipt["zone"]["id"], receipt["zone"]["name"]) == ("hall", "Hall")
    site.line.wait(3)
    assert site.line.engine.state.readiness.statuses["centre/hall"].state == "no_go"
    assert site.line.engine.state.work.actions["visit-1.exits-free"].lead == "safety"


async def test_a_repetition_gets_the_same_receipt(
    site: ConsoleSite, linh: httpx.AsyncClient
) -> None:
    """Later, five at once, and from a clock that was set meanwhile: one input."""
    body = form_body(site.line.clock.time)
    first, *others = await asyncio.gather(*(linh.put(ADDRESS, content=body) for _ in range(5)))
    site.line.wait(3600)
    later = await linh.put(ADDRESS, content=body)

    assert sorted(row.status_code for row in (first, *others)) == [200, 200, 200, 200, 201]
    fixed = ("key", "seq", "received_at", "digest")
    assert {tuple(row.json()[name] for name in fixed) for row in (first, *others, later)} == {
        tuple(first.json()[name] for name in fixed)
    }
    assert later.status_code == 200
    assert len(arrivals(site.line)) == 1


async def test_a_repetition_is_recognised_after_a_restart(tmp_path: Path) -> None:
    """The answer was lost, and the monitor was started anew: one input."""
    statuses: list[int] = []
    body, found = b"", 0
    for _ in range(2):
        with console_line(tmp_path) as line:
            async with console_site(tmp_path, line) as site:
                if not statuses:
                    await site.add("linh", "engineer")
                body = body or form_body(line.clock.time)
                async with site.client("linh") as client:
                    statuses.append((await client.put(ADDRESS, content=body)).status_code)
                found = len(arrivals(line))
    assert (statuses, found) == ([201, 200], 1)


async def test_a_key_belongs_to_its_account_and_to_its_bytes(
    site: ConsoleSite, linh: httpx.AsyncClient
) -> None:
    """Other bytes under a key are refused and the first stand; a stranger's key tells nothing."""
    body = form_body(site.line.clock.time)
    await linh.put(ADDRESS, content=body)
    changed = await linh.put(ADDRESS, content=body + b" ")
    async with site.client("minh") as minh:
        own = form_body(site.line.clock.time, inspection="visit-2")
        other = await minh.put(ADDRESS, content=own)

    assert changed.status_code == 422
    assert changed.json()["type"] == "urn:venue-monitor:key-reused"
    assert other.status_code == 201
    inspectors = [given.events[0].inspector for given in arrivals(site.line)]  # type: ignore[union-attr]
    assert inspectors == ["linh", "minh"]


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "an unknown item": ({"item": "exit-free", "result": "pass"}, "exit-free", "“exits-free”"),
    "no reason": ({"item": "exits-free", "result": "na"}, "exits-free", "doesn't apply"),
    "no value": ({"item": "cold-store", "result": "pass"}, "cold-store", "value in °C"),
    "another unit": (
        {"item": "cold-store", "result": "pass", "value": 38.0, "unit": "lux"},
        "cold-store",
        "value in °C",
    ),
}


@pytest.mark.parametrize(("item", "name", "write"), WRONG.values(), ids=WRONG.keys())
async def test_what_is_wrong_is_answered_by_item(
    site: ConsoleSite, linh: httpx.AsyncClient, item: dict[str, Any], name: str, write: str
) -> None:
    """422 with the item, the reason and what to write; nothing is recorded, and the key stays free."""
    answer = await linh.put(ADDRESS, content=form_body(site.line.clock.time, [item]))

    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    (row,) = answer.json()["items"]
    assert row["item"] == name
    assert write in row["write"]
    assert arrivals(site.line) == []
    again = await linh.put(ADDRESS, content=form_body(site.line.clock.time))
    assert again.status_code == 201


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "JSON"),
        (b'{"schema": 1', "JSON"),
        (b"[" * 100_000, ""),
        (b'{"schema": 1, "checklist": "check"}', "inspection"),
    ],
)
async def test_what_is_no_form_is_refused(
    site: ConsoleSite, linh: httpx.AsyncClient, body: bytes, words: str
) -> None:
    """A half-sent body, garbage, and a form that lacks something."""
    answer = await linh.put(ADDRESS, content=body)
    assert answer.status_code == 422
    assert words in answer.json()["detail"]
    assert arrivals(site.line) == []


async def test_who_may_not_is_refused_in_json(site: ConsoleSite) -> None:
    """Nobody, a viewer, another account than the form's, and another origin; a program's token needs none."""
    body = form_body(site.line.clock.time)
    async with site.client() as nobody, site.client("viet") as viewer, site.client("linh") as linh:
        ends = site.accounts.now().replace(year=2100)
        token = site.accounts.tokens.make(
            "linh", ["inspect"], site="", ends_at=ends, label="", by=ADMIN
        )
        answers = [
            await nobody.put(ADDRESS, content=body),
            await viewer.put(ADDRESS, content=body),
            await linh.put(ADDRESS, content=body, headers={"form-account": "minh"}),
            await linh.put(ADDRESS, content=body, headers={"origin": "https://evil.example"}),
            await nobody.put(
                ADDRESS,
                content=body,
                headers={"authorization": f"Bearer {token}", "origin": ""},
            ),
        ]
    found = [(row.status_code, row.json().get("type", "")) for row in answers]
    assert found == [
        (401, "urn:venue-monitor:signed-out"),
        (403, "urn:venue-monitor:right-missing"),
        (401, "urn:venue-monitor:other-account"),
        (403, "urn:venue-monitor:right-missing"),
        (201, ""),
    ]


async def test_reasons_are_in_the_callers_language(site: ConsoleSite) -> None:
    """A Vietnamese engineer reads Vietnamese."""
    async with site.client("linh") as client:
        client.cookies["vm-language"] = "vi"
        answer = await client.put(ADDRESS, content=b"{}")
    assert answer.json()["title"] == "Có chỗ cần sửa"


async def test_everything_below_the_api_is_json(linh: httpx.AsyncClient) -> None:
    """An unknown address, and a method that none has: a phone takes anything else for a captive portal."""
    for method, path in (("GET", "/api/v1/nothing"), ("DELETE", "/api/v1/ping")):
        answer = await linh.request(method, path)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code
        assert answer.status_code in {404, 405}


async def test_a_phone_learns_the_time_without_signing_in(site: ConsoleSite) -> None:
    """The time is that of the monitor."""
    async with site.client() as client:
        answer = (await client.get("/api/v1/ping")).json()
    assert answer["time"] == site.line.clock.time.isoformat().replace("+00:00", "Z")


async def test_a_list_is_sent_again_only_when_it_has_changed(
    site: ConsoleSite, linh: httpx.AsyncClient
) -> None:
    """With the tag of what the phone has: 304, until an answer came; another account never gets it."""
    first = await linh.get("/api/v1/my/lists")
    tag = {"if-none-match": first.headers["etag"]}
    again = await linh.get("/api/v1/my/lists", headers=tag)
    async with site.client("minh") as minh:
        other = await minh.get("/api/v1/my/lists", headers=tag)
    await linh.put(ADDRESS, content=form_body(site.line.clock.time))
    site.line.wait(3)
    changed = await linh.get("/api/v1/my/lists", headers=tag)

    assert [row.status_code for row in (first, again, other, changed)] == [200, 304, 200, 200]
    (check,) = [row for row in first.json()["lists"] if row["id"] == "check"]
    assert (check["id"], check["zone"]["name"]) == ("check", {"en": "Hall"})
    assert [item["kind"] for item in check["items"]] == ["pass-fail", "measurement", "pass-fail"]
    (answered,) = [row for row in changed.json()["lists"] if row["id"] == "check"]
    previous = answered["previous"]
    assert previous["exits-free"]["result"] == "pass"
    assert previous["exits-free"]["by"] == "Linh"


async def test_a_form_of_an_earlier_checklist_is_taken(
    site: ConsoleSite, linh: httpx.AsyncClient
) -> None:
    """It names the definition that it answers; what is gone since is no mistake of the phone's."""
    item = {"item": "gone", "result": "pass"}
    body = form_body(site.line.clock.time, [item, *PASSES], digest="0" * 64)
    answer = await linh.put(ADDRESS, content=body)
    assert answer.status_code == 201
    (given,) = arrivals(site.line)
    assert isinstance(given.events[0], InspectionSubmitted)
    assert given.events[0].version == "0" * 64
    assert json.loads(body)["digest"] == "0" * 64


async def test_a_form_is_checked_against_what_was_asked(
    site: ConsoleSite, linh: httpx.AsyncClient
) -> None:
    """A limit whose unit was changed since is no mistake of the phone's; an answer in the new unit would be one."""
    checklist = next(
        row for row in site.line.engine.state.rule_set.venue.checklists if row.id == "check"
    )
    (measured,) = [row for row in checklist.items if row.unit]
    items = tuple(
        replace(row, unit="lux", min=None, max=None) if row is measured else row
        for row in checklist.items
    )
    earlier = replace(checklist, items=items)
    site.line.engine.state.work.versions["check"] = {digest_of(earlier): earlier}
    answered = [
        {"item": row.id, "result": "pass"}
        | ({"value": 3, "unit": "lux"} if row.id == measured.id else {})
        for row in checklist.items
    ]

    for key, digest, status in (("then", digest_of(earlier), 201), ("now", "", 422)):
        body = form_body(site.line.clock.time, answered, digest=digest, inspection=key)
        answer = await linh.put(f"/api/v1/inspections/{key}", content=body)
        assert answer.status_code == status, answer.text
