"""What changes while a form is under way: its checklist, and what others have sent."""

import json

import pytest
from msgspec.structs import replace
from playwright.async_api import expect

from monitor.core.inputs import RulesChanged
from monitor.core.venue.checklist import ChecklistItem
from tests.support.console import ConsoleSite
from tests.support.form_browser import Phone, forms_in
from tests.support.phone_network import (
    PhoneNetwork,
)
from tests.support.pipeline import PipelineHarness

pytestmark = pytest.mark.asyncio(loop_scope="session")

PIN = "274951"
PUT = "PUT /api/v1/inspections/"


async def test_a_checklist_that_changes_meanwhile(
    linh: Phone, site: ConsoleSite, line: PipelineHarness
) -> None:
    """A draft stays with the version that it began with; the new one asks for a signature, which needs the PIN."""
    await site.accounts.set_pin("linh", PIN)
    page = await linh.open()
    await linh.begin("Fire safety of the hall")
    await linh.answer("pass")
    old = line.engine.state.rule_set
    signed = ChecklistItem(id="signed", text="Signed", kind="signature")
    lists = [
        replace(row, items=(*row.items, signed)) if row.id == "check" else row
        for row in old.venue.checklists
    ]
    venue = replace(old.venue, checklists=tuple(lists))
    now = line.clock.time
    line.pipeline.submit(
        RulesChanged(received_at=now, who="test", rule_set=replace(old, venue=venue))
    )
    try:
        await linh.open()
        await page.locator("a.card", has_text="draft").click()
        await expect(page.locator(".notice")).to_contain_text("This checklist has changed")
        await page.get_by_role("link", name="Go on").click()
        await linh.shown()
        await linh.measure("4,1")
        await linh.answer("pass")
        await linh.finish(becomes="accepted")

        await linh.open()
        await linh.fill_in()
        await page.locator("#pin").fill("000000")
        await page.locator("#finish").click()
        await expect(page.locator(".sign .bad")).to_have_text("The PIN is wrong.")
        await page.locator("#pin").fill(PIN)
        await linh.finish(becomes="accepted")
    finally:
        line.pipeline.submit(RulesChanged(received_at=now, who="test", rule_set=old))
    first, second = forms_in(line)[-2:]
    assert first.version != second.version
    assert [row.item for row in first.items] == ["exits-free", "cold-store", "carpet"]
    assert [row.item for row in second.items] == ["exits-free", "cold-store", "carpet", "signed"]


async def test_what_is_the_same_is_carried_over(linh: Phone, line: PipelineHarness) -> None:
    """Another limit and a new question are answered anew; what asks the same is kept; the old draft is in the bin."""
    page = await linh.open()
    key = await linh.begin("Fire safety of the hall")
    await linh.answer("pass")
    await linh.measure("4,1")
    old, now = line.engine.state.rule_set, line.clock.time
    (check, *others) = old.venue.checklists
    exits, cold, carpet = check.items
    new = ChecklistItem(id="signs", text="Signs are lit")
    check = replace(check, items=(exits, replace(cold, max=4.0), carpet, new))
    venue = replace(old.venue, checklists=(check, *others))
    line.pipeline.submit(
        RulesChanged(received_at=now, who="test", rule_set=replace(old, venue=venue))
    )
    try:
        await linh.open()
        await linh.go(f"#/form/{key}")
        await expect(page.locator(".notice")).to_contain_text("2 questions are new")
        await page.locator("#carry").click()
        await expect(page.locator("#left")).to_contain_text("3 items are not complete.")
        await page.get_by_role("link", name="Go on").click()
        await linh.shown()
        await linh.measure("3,9")
        await linh.answer("pass")
        await linh.answer("pass")
        await linh.finish(becomes="accepted")
    finally:
        line.pipeline.submit(RulesChanged(received_at=now, who="test", rule_set=old))
    form = forms_in(line)[-1]
    assert (form.inspection, form.revision) == (key, 1)
    assert {row.item: row.value for row in form.items} == {
        "exits-free": None,
        "cold-store": 3.9,
        "carpet": None,
        "signs": None,
    }
    assert sorted(map(str, await linh.states())) == ["accepted", "binned"]


async def test_the_same_questions_in_two_places(linh: Phone, line: PipelineHarness) -> None:
    """Each place has its own checklist on the first page, and what is answered in one counts there."""
    old, now = line.engine.state.rule_set, line.clock.time
    hall = next(row for row in old.venue.checklists if row.id == "check")
    foyer = replace(hall, id="foyer-check", name="Fire safety of the foyer", names={}, zone="foyer")
    venue = replace(old.venue, checklists=(*old.venue.checklists, foyer))
    line.pipeline.submit(
        RulesChanged(received_at=now, who="test", rule_set=replace(old, venue=venue))
    )
    try:
        for name, own in (("foyer", "foyer-check"), ("hall", "check")):
            await linh.open()
            await linh.begin(f"Fire safety of the {name}")
            await linh.answer("pass")
            await linh.measure("4,1")
            await linh.answer("pass")
            await expect(linh.page.locator("#title")).to_contain_text(f"Fire safety of the {name}")
            await linh.finish(becomes="accepted")
            assert forms_in(line)[-1].checklist == own
        await linh.go("#/outbox")
        for name in ("foyer", "hall"):
            await expect(linh.page.locator("a.card", has_text=f"of the {name}")).to_have_count(1)
    finally:
        line.pipeline.submit(RulesChanged(received_at=now, who="test", rule_set=old))


async def test_two_who_correct_the_same_form(
    linh: Phone, site: ConsoleSite, network: PhoneNetwork, line: PipelineHarness
) -> None:
    """The second is told what the first has corrected, and corrects that; nothing is merged silently."""
    page = await linh.open()
    key = await linh.fill_in()
    await linh.finish(becomes="accepted")
    body = json.loads(network.bodies(PUT)[0])
    line.wait(60)
    body |= {"revision": 2, "at": f"{line.clock.time:%Y-%m-%dT%H:%M:%SZ}", "signature": None}
    body["items"][2] |= {"result": "fail", "note": "seen later"}
    async with site.client("linh") as client:
        answer = await client.put("/api/v1/inspections/other-phone", json=body)
        assert answer.status_code == 201, answer.text
    line.wait(60)

    await page.locator("#amend").click()
    await expect(page.locator("#finish")).to_be_visible()
    await linh.finish(becomes="refused")
    await expect(page.locator(".items .bad")).to_contain_text("in the newer form: did not pass")
    await page.locator("#correct").click()
    await expect(page.locator("#finish")).to_be_visible()
    await linh.finish(becomes="accepted")
    sent = [json.loads(row) for row in network.bodies(PUT)]
    assert [row["revision"] for row in sent] == [1, 2, 3]
    assert {row["inspection"] for row in sent} == {key}
