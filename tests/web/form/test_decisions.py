"""What others do on their phones with a form: approve, reject and sign off, and sign as the second person."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
import pytest_asyncio
from msgspec.structs import replace
from playwright.async_api import Browser, expect

from monitor.core.events.inspection import InspectionApproved, InspectionRejected
from monitor.core.events.work import ReadinessWithdrawn
from monitor.core.inputs import RulesChanged
from monitor.core.venue.checklist import ChecklistItem
from tests.support.console import ConsoleSite
from tests.support.form_browser import Phone, items_in, phone
from tests.support.phone_network import PhoneNetwork
from tests.support.pipeline import PipelineHarness

pytestmark = pytest.mark.asyncio(loop_scope="session")

PIN = "274951"
VAULT = "Vault"


@pytest_asyncio.fixture(loop_scope="session")
async def olga(browser: Browser, site: ConsoleSite, network: PhoneNetwork) -> AsyncIterator[Phone]:
    """The phone of a supervisor."""
    async with phone(browser, network.url) as made:
        await made.sign_in(site, "olga")
        yield made


@contextmanager
def changed(line: PipelineHarness, own: str, *items: ChecklistItem) -> Iterator[None]:
    """Add items to a checklist for a while."""
    old, now = line.engine.state.rule_set, line.clock.time
    lists = [
        replace(row, items=(*row.items, *items)) if row.id == own else row
        for row in old.venue.checklists
    ]
    new = replace(old, venue=replace(old.venue, checklists=tuple(lists)))
    line.pipeline.submit(RulesChanged(received_at=now, who="test", rule_set=new))
    try:
        yield
    finally:
        line.pipeline.submit(RulesChanged(received_at=now, who="test", rule_set=old))


def state_of(line: PipelineHarness) -> str:
    """Return the readiness of the vault."""
    return line.engine.state.readiness.statuses["centre/vault"].state


def withdraw(line: PipelineHarness) -> None:
    """Withdraw what an attempt before has signed: the site is that of all tests."""
    if "vault" in line.engine.state.work.sign_offs:
        event = ReadinessWithdrawn(at=line.clock.time, who="olga", zone="vault", note="again")
        line.pipeline.record(event, "console/olga", uuid4().hex)


async def sends(linh: Phone, line: PipelineHarness, result: str) -> str:
    """Send a form about the vault, and let it count; return the inspection."""
    await linh.open()
    key = await linh.begin(VAULT)
    await linh.answer(result)
    await linh.finish(becomes="accepted")
    line.wait(60)
    return key


async def test_a_supervisor_decides_and_signs_off(
    linh: Phone, olga: Phone, network: PhoneNetwork, line: PipelineHarness
) -> None:
    """Reject with a reason, without a network too; approve the next form; sign off, and withdraw that."""
    withdraw(line)
    first = await sends(linh, line, "fail")
    page = await olga.open(is_ready=True)
    waiting = page.locator('a.card[href*="decide"]', has_text=VAULT)
    await expect(waiting).to_contain_text("1 failed")
    await network.cut()
    await waiting.click()
    await expect(page.locator(".items")).to_contain_text("All lights work")
    await page.locator("#reject").click()
    await expect(page.locator("#lacks")).to_have_text("Say why you reject it.")
    await page.locator("#note").fill("take a picture of it")
    await page.evaluate("dispatchEvent(new Event('online'))")
    await olga.until_quiet()
    await page.locator("#reject").click()
    await expect(page.locator("#reject")).to_have_count(0)
    await expect(waiting).to_have_count(0)
    await network.restore()
    await olga.send()
    line.wait(60)
    (event,) = (
        row.event
        for row in line.journal.work_events.of(first)
        if isinstance(row.event, InspectionRejected)
    )
    assert (event.approver, event.note) == ("olga", "take a picture of it")

    second = await sends(linh, line, "pass")
    await olga.open()
    await page.locator(f'a.card[href*="{second}"]').click()
    await page.locator("#approve").click()
    await expect(page.locator("#approve")).to_have_count(0)
    await olga.until_quiet()
    line.wait(60)
    approved = line.journal.work_events.of(second)[-1].event
    assert isinstance(approved, InspectionApproved)
    assert approved.approver == "olga"

    await olga.open()
    await page.locator('a.card[href*="sign/vault"]').click()
    await page.locator("#sign").click()
    # Just reported, and after four seconds as the monitor tells it.
    signed = re.compile("reported just now|signed off by olga")
    await expect(page.locator("a.card", has_text=signed)).to_be_visible()
    line.wait(3)
    assert line.engine.state.work.sign_offs["vault"].who == "olga"
    assert state_of(line) == "go"

    await olga.open()
    await page.locator("a.card", has_text="signed off by olga").click()
    await page.locator("#withdraw").click()
    await expect(page.locator("#trouble")).to_contain_text("needs a reason")
    await page.locator("#note").fill("smoke in the corridor")
    await page.locator("#withdraw").click()
    await expect(page.locator("#withdraw")).to_have_count(0)
    await olga.until_quiet()
    line.wait(3)
    assert state_of(line) == "no_go"


async def test_a_second_person_signs(
    linh: Phone,
    browser: Browser,
    site: ConsoleSite,
    network: PhoneNetwork,
    line: PipelineHarness,
) -> None:
    """Who has signed first is not asked; somebody else finds it on the first page, and signs it in their own name."""
    await site.accounts.set_pin("linh", PIN)
    signed = ChecklistItem(id="signed", text="Signed", kind="signature")
    second = ChecklistItem(
        id="second", text="Signed by a second person", kind="signature", other_than="signed"
    )
    with changed(line, "vault-check", signed, second):
        page = await linh.open()
        await linh.begin(VAULT)
        await linh.answer("pass")
        await page.locator("#pin").fill(PIN)
        await linh.finish(becomes="accepted")
        line.wait(60)
        await linh.open()
        heading = "To be signed by a second person"
        await expect(page.get_by_role("heading", name=heading)).to_have_count(0)
        async with phone(browser, network.url) as bao:
            await bao.sign_in(site, "bao")
            await bao.open()
            part = bao.page.locator("section", has_text=heading)
            await part.get_by_role("button", name="Sign").click()
            await expect(bao.page.get_by_role("heading", name=heading)).to_have_count(0)
            await bao.until_quiet()
    event = items_in(line)[-1]
    assert (event.item, event.result, event.inspector) == ("second", "pass", "bao")
