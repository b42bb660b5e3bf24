"""What follows a form: corrections, decisions, work and its verification, signatures, and paired phones."""

import hmac
import json
from base64 import b64decode, b64encode
from datetime import datetime, timedelta
from hashlib import sha256

import httpx
import pytest

from monitor.core.events import kind_of
from monitor.core.events.inspection import InspectionItem
from monitor.core.inputs import Arrival
from tests.support.console import ADMIN, ConsoleSite
from tests.support.form import PASSES, form_body
from tests.support.pipeline import event_payload

pytestmark = pytest.mark.asyncio(loop_scope="module")

FAILS = ({"item": "exits-free", "result": "fail", "note": "chained"}, PASSES[1])


async def sends(
    site: ConsoleSite, client: httpx.AsyncClient, key: str, **fields: object
) -> httpx.Response:
    """Send a form, and let it count."""
    items = fields.pop("items", PASSES)
    body = form_body(site.line.clock.time, items, **fields)  # type: ignore[arg-type]
    answer = await client.put(f"/api/v1/inspections/{key}", content=body)
    site.line.wait(3)
    return answer


def state_of(site: ConsoleSite) -> str:
    """Return the readiness of the hall."""
    return site.line.engine.state.readiness.statuses["centre/hall"].state


async def test_a_locked_exit_does_not_wait_for_its_form(
    site: ConsoleSite, linh: httpx.AsyncClient
) -> None:
    """One answer counts at once; the same again is the same; what is wrong is named."""
    at = site.line.clock.time.isoformat()
    body = {"schema": 1, "checklist": "check", "inspection": "v", "at": at, "item": FAILS[0]}
    answers = [await linh.put("/api/v1/items/i1", json=body) for _ in range(2)]
    wrong = await linh.put("/api/v1/items/i2", json=body | {"item": {"item": "x", "result": "na"}})
    site.line.wait(3)

    assert [row.status_code for row in answers] == [201, 200]
    assert answers[0].json()["seq"] == answers[1].json()["seq"]
    assert (wrong.status_code, wrong.json()["items"][0]["item"]) == (422, "x")
    assert state_of(site) == "no_go"
    (given,) = [row for _, row in site.line.journal.inputs() if isinstance(row, Arrival)]
    (event,) = given.events
    assert isinstance(event, InspectionItem)
    assert (event.inspector, event.note) == ("linh", "chained")


async def test_lists_say_what_is_to_be_done_for_whom_and_when(
    site: ConsoleSite, linh: httpx.AsyncClient
) -> None:
    """An action has its note and who opened it; a scheduled inspection is due when it was scheduled for."""
    work = {"item": "exits-free", "lead": "safety", "note": "take the chain off"}
    await sends(site, linh, "one", items=list(FAILS), actions=[work])
    due_at = site.line.clock.time + timedelta(minutes=20)
    fields = {"checklist": "check", "inspection": "v7", "due_at": due_at.isoformat()}
    payload = event_payload("inspection.scheduled", site.line.clock.time, **fields)
    site.line.take(site.line.sent("venue/centre/inspection/check", payload))
    site.line.wait(3)

    lists = (await linh.get("/api/v1/my/lists")).json()
    (action,) = lists["actions"]
    assert (action["note"], action["opened_by"]) == ("take the chain off", "Linh")
    (check,) = (row for row in lists["lists"] if row["id"] == "check")
    assert datetime.fromisoformat(check["due_at"]) == due_at


async def test_a_correction_names_the_form_that_it_corrects(
    site: ConsoleSite, linh: httpx.AsyncClient
) -> None:
    """Two phones correct the same form: the second gets the newer one to lay beside its own."""
    await sends(site, linh, "one", items=FAILS)
    first = await sends(site, linh, "two", revision=2)
    async with site.client("minh") as minh:
        second = await sends(site, minh, "three", revision=2, items=FAILS)
        twice = await sends(site, minh, "four")

    assert (first.status_code, second.status_code, twice.status_code) == (201, 409, 409)
    newer = second.json()["newer"]
    assert (newer["revision"], newer["by"], newer["items"][0]["result"]) == (2, "Linh", "pass")


async def test_work_is_done_by_one_and_verified_by_another(
    site: ConsoleSite, linh: httpx.AsyncClient
) -> None:
    """Failed, repaired, inspected again, approved, verified: each in the name of who has signed in."""
    await site.add("olga", "supervisor")
    action = {"item": "exits-free", "lead": "safety"}
    await sends(site, linh, "one", items=FAILS, actions=[action])
    address = "/api/v1/actions/visit-1.exits-free"
    done = await linh.post(f"{address}/done", json={"key": "d", "note": "chain removed"})
    site.line.wait(3)
    again = await linh.post(f"{address}/done", json={"key": "d", "note": "chain removed"})
    own = await linh.post(f"{address}/verified", json={"key": "v"})
    site.line.wait(120)
    async with site.client("minh") as minh, site.client("olga") as olga:
        taken = await minh.post(f"{address}/done", json={"key": "d"})
        await sends(site, minh, "two", inspection="visit-2")
        mine = await minh.post("/api/v1/inspections/visit-2/approve", json={"key": "a"})
        looked = await olga.post(
            "/api/v1/inspections/visit-2/approve", json={"key": "a", "revision": 1}
        )
        verified = await olga.post(f"{address}/verified", json={"key": "v"})
        site.line.wait(3)
        nothing = await olga.post("/api/v1/actions/none/done", json={"key": "v"})

    found = [row.status_code for row in (done, again, own, taken, mine, looked, verified, nothing)]
    assert found == [200, 200, 403, 409, 403, 200, 200, 404]
    assert "Linh" in taken.json()["detail"]
    work = site.line.engine.state.work
    assert work.actions["visit-1.exits-free"].stage == "verified"
    assert set(work.checklists["check"].approved["visit-2"]) == {"olga"}
    events = [
        kind_of(event)
        for _, row in site.line.journal.inputs()
        if isinstance(row, Arrival)
        for event in row.events
    ]
    assert events == [
        *("inspection.submitted", "action.opened", "action.done"),
        *("inspection.submitted", "inspection.approved", "action.verified"),
    ]


async def test_a_rejected_form_does_not_count(site: ConsoleSite, linh: httpx.AsyncClient) -> None:
    """It takes a reason, and the form that was looked at."""
    await site.add("olga", "supervisor")
    await sends(site, linh, "one")
    address = "/api/v1/inspections/visit-1/reject"
    async with site.client("olga") as olga:
        answers = [
            await olga.post(address, json={"key": "r"}),
            await olga.post(address, json={"key": "r", "revision": 3, "note": "no photo"}),
            await olga.post(address, json={"key": "r", "revision": 1, "note": "no photo"}),
        ]
    site.line.wait(3)
    assert [row.status_code for row in answers] == [422, 409, 200]
    assert site.line.engine.state.work.checklists["check"].answers == {}


async def test_a_signature_is_the_pin_of_the_inspector(
    site: ConsoleSite, linh: httpx.AsyncClient
) -> None:
    """A phone gets a key for the PIN; with it a form is signed, and any change of the form is found."""
    await site.accounts.set_pin("linh", "271828")
    asked = {"device": "phone-1", "pin": "271828"}
    wrong = await linh.post("/api/v1/signing-keys", json=asked | {"pin": "000000"})
    key = (await linh.post("/api/v1/signing-keys", json=asked)).json()
    body = form_body(site.accounts.now(), signature=None).replace(
        b', "signature": null', b',"signature":null'
    )
    made = hmac.new(b64decode(key["key"]), sha256(body).hexdigest().encode(), sha256).digest()
    signature = {
        "person": "linh",
        "method": "pin",
        "key_id": key["id"],
        "mac": b64encode(made).decode(),
    }
    signed = body.replace(b"null}", json.dumps(signature).encode() + b"}")
    changed = signed.replace(b'"pass"', b'"fail"', 1)

    assert wrong.json()["type"] == "urn:venue-monitor:wrong-pin"
    assert (await linh.put("/api/v1/inspections/a", content=changed)).status_code == 422
    async with site.client("minh") as minh:
        assert (await minh.put("/api/v1/inspections/a", content=signed)).status_code == 422
    assert (await linh.put("/api/v1/inspections/a", content=signed)).status_code == 201
    latest = site.line.journal.work_events.latest_form("visit-1")
    assert latest is not None
    assert getattr(latest.event, "signed_with", "") == key["id"]
    site.accounts.reset("linh", ADMIN)
    assert not site.accounts.signing_keys.is_signed(
        "linh", key["id"], sha256(body).hexdigest(), signature["mac"], site.accounts.now()
    )


async def test_a_paired_phone_only_sends(site: ConsoleSite, linh: httpx.AsyncClient) -> None:
    """Without its session it has its lists and sends forms; nothing else, from no other site, for thirty days."""
    paired = await linh.post("/api/v1/phone")
    assert paired.status_code == 201
    linh.cookies.delete("vm")
    assert "vm-phone" in linh.cookies

    assert (await sends(site, linh, "one")).status_code == 201
    assert (await linh.get("/api/v1/my/lists")).status_code == 200
    elsewhere = await linh.put(
        "/api/v1/inspections/two",
        content=form_body(site.line.clock.time),
        headers={"origin": "https://evil.example"},
    )
    statuses = [
        elsewhere.status_code,
        (await linh.get("/readiness", headers={"accept": "*/*"})).status_code,
        (await linh.post("/api/v1/inspections/visit-1/approve", json={"key": "a"})).status_code,
        (await linh.post("/api/v1/phone")).status_code,
    ]
    assert statuses == [403, 401, 401, 401]
    site.time.later = timedelta(days=31)
    assert (await linh.get("/api/v1/my/lists")).status_code == 401
    site.time.later = timedelta(0)
    assert (await linh.delete("/api/v1/phone")).status_code == 204
    assert (await linh.get("/api/v1/my/lists")).status_code == 401
