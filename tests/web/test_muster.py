"""The muster list: who has not reported after a fire alarm or in a drill, and who ticked off whom."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from monitor.core.events.muster import StaffAddToMuster
from monitor.core.inputs import Arrival
from monitor.web import muster
from tests.support.console import ADMIN, ConsoleSite, console_site
from tests.support.console_browser import hears_nothing
from tests.support.pipeline import PipelineHarness, event_payload

pytestmark = pytest.mark.asyncio(loop_scope="session")

LIST = "/muster/centre"


@pytest_asyncio.fixture(loop_scope="session")
async def site(tmp_path: Path, line: PipelineHarness) -> AsyncIterator[ConsoleSite]:
    """A console with officers at both sites and a viewer; two badges in the hall, and one behind the gate."""
    async with console_site(tmp_path, line) as made:
        await made.add("anna", "officer", "centre")
        await made.add("there", "officer", "annex")
        await made.add("vera", "viewer")
        for holder in ("h-1", "h-2"):
            made.send("access.granted", "d1", direction="in", holder=holder)
        made.send("access.taken", "g1", direction="in", holder="h-3")
        yield made


def fire(site: ConsoleSite, kind: str = "emergency.fire") -> None:
    """A fire alarm in the hall, or its end."""
    payload = event_payload(kind, site.line.clock.time, zone="hall")
    site.line.take(site.line.sent("venue/centre/emergency/hall", payload))
    site.line.wait(3)


async def post(client: httpx.AsyncClient, act: str, page: str, **fields: str) -> httpx.Response:
    """Send a form of the list with the key that the page gave it."""
    about = rf'value="{fields["holder"]}"' if "holder" in fields else ""
    pattern = rf'/{act}" .*?name="key" value="([^"]+)".*?{about}'
    found = next(
        match[1]
        for form in re.findall(r"<form.*?</form>", page, re.DOTALL)
        if (match := re.search(pattern, form, re.DOTALL)) is not None
    )
    return await client.post(f"{LIST}/{act}", data={"key": found, **fields})


async def add(client: httpx.AsyncClient, name: str, zone: str = "hall") -> httpx.Response:
    """Put a person without a badge on the list."""
    page = (await client.get(LIST)).text
    (key,) = re.findall(
        rf'action="{LIST}/add">\s*<input type="hidden" name="key" value="(\w+)"', page
    )
    return await client.post(f"{LIST}/add", data={"key": key, "name": name, "zone": zone})


async def test_the_address_without_a_site_leads_to_one_s_own(site: ConsoleSite) -> None:
    """It is the first site of the reader where people are missing, or else their first one."""
    async with site.client("there") as client:
        answer = await client.get("/muster")
        assert (answer.status_code, answer.headers["location"]) == (303, "/muster/annex")
    fire(site)
    async with site.client("anna") as client:
        assert (await client.get("/muster")).headers["location"] == LIST


async def test_who_has_no_badge_is_added_and_ticked_like_the_others(site: ConsoleSite) -> None:
    """Under the last zone, with who added them; missing until ticked; recorded in the officer's name."""
    fire(site)
    async with site.client("anna") as client:
        assert (await add(client, "Florist <b>Mai</b>")).status_code == 303
        page = (await client.get(LIST)).text
        assert counts(page) == [4, 0, 4]
        assert "Florist &lt;b&gt;Mai&lt;/b&gt;" in page
        assert "no badge, added by" in page
        (key,) = re.findall(r'name="holder" value="(name-\w+)"', page)
        assert (await post(client, "account", page, holder=key)).status_code == 303
        page = (await client.get(LIST)).text
        assert counts(page) == [4, 1, 3]
        assert "Florist &lt;b&gt;Mai&lt;/b&gt;" in page.partition('id="arrived"')[2]
    acts = [row for _, row in site.line.journal.inputs() if isinstance(row, Arrival)]
    added = [event for row in acts for event in row.events if isinstance(event, StaffAddToMuster)]
    assert [(row.who, row.zone) for row in added] == [("anna", "hall")]


async def test_who_ticked_has_a_name_without_being_on_the_roster(site: ConsoleSite) -> None:
    """An account has the full name of its owner, which others know better than how they sign in."""
    await site.add("m-77", "officer", "centre")
    site.accounts.set_profile("m-77", ADMIN, full_name="Mai Trần")
    fire(site)
    async with site.client("m-77") as client:
        page = (await client.get(LIST)).text
        assert (await post(client, "account", page, holder="h-1")).status_code == 303
        assert "ticked by Mai Trần" in "".join(
            (await client.get(LIST)).text.split("\u2068")
        ).replace("\u2069", "")


@pytest.mark.parametrize(
    ("name", "zone", "reason"),
    [
        ("  ", "hall", "write a name"),
        ("MAI  the florist", "hall", "on the list already"),
        ("Ben", "nowhere", "nowhere"),
    ],
)
async def test_who_cannot_be_added(site: ConsoleSite, name: str, zone: str, reason: str) -> None:
    """Nobody twice, nobody without a name, and nobody at a place of another site."""
    fire(site)
    async with site.client("anna") as client:
        await add(client, "Mai the florist")
        refused = await add(client, name, zone)
        assert refused.status_code == 409
        assert reason in refused.text
        assert counts((await client.get(LIST)).text) == [4, 0, 4]


async def test_before_a_muster_nobody_is_added(site: ConsoleSite) -> None:
    """There is no form, and what is sent all the same is refused; so is an officer of another site."""
    form = {"key": "k", "name": "Mai", "zone": "hall"}
    async with site.client("anna") as client, site.client("there") as there:
        assert "/add" not in (await client.get(LIST)).text
        refused = await client.post(f"{LIST}/add", data=form)
        elsewhere = await there.post(f"{LIST}/add", data=form)
    assert refused.status_code == 409
    assert elsewhere.status_code == 403


def counts(page: str) -> list[int]:
    """How many were inside, have reported, and are missing."""
    return [int(n) for n in re.findall(r"<dd[^>]*>(\d+)[ ✓]*</dd>", page)]


async def test_a_fire_alarm_lists_the_missing_by_their_last_zone(site: ConsoleSite) -> None:
    """The counts, the zones, and a way to tick each person off; a badge at an assembly point does it too."""
    async with site.client("anna") as client:
        assert "There was no muster" in (await client.get(LIST)).text
        fire(site)
        page = (await client.get(LIST)).text
        assert "Fire alarm" in page
        assert counts(page) == [3, 0, 3]
        assert page.index("Hall") < page.index("Foyer")
        assert "Muster list: 3 missing" in (await client.get("/plan/centre")).text
        site.send("access.muster", "g1", holder="h-3")
        page = (await client.get(LIST)).text
        assert counts(page) == [3, 1, 2]
        assert "by badge, 14:0" in page


async def test_a_person_is_ticked_off_by_name_and_back(site: ConsoleSite) -> None:
    """It is an event by the authenticated name; twice it counts once; it can be taken back, and done again."""
    fire(site)
    async with site.client("anna") as client:
        page = (await client.get(LIST)).text
        for _ in range(2):
            answer = await post(client, "account", page, holder="h-1", who="somebody else")
            assert answer.status_code == 303
        page = (await client.get(LIST)).text
        assert counts(page) == [3, 1, 2]
        assert "ticked by Anna Nguyễn" in page
        await post(client, "account", page, holder="h-1", undo="1")
        page = (await client.get(LIST)).text
        assert counts(page) == [3, 0, 3]
        await post(client, "account", page, holder="h-1")
        assert counts((await client.get(LIST)).text) == [3, 1, 2]
        refused = await client.post(f"{LIST}/account", data={"key": "k", "holder": "h-9"})
        assert refused.status_code == 409
        assert "not on the list of this muster" in refused.text


async def test_a_drill_is_begun_and_ended_by_hand(site: ConsoleSite) -> None:
    """It says that it is one and who began it; nobody is paged; a fire alarm cannot be ended like that."""
    async with site.client("anna") as client:
        page = (await client.get(LIST)).text
        assert (await post(client, "drill", page, active="1")).status_code == 303
        page = (await client.get(LIST)).text
        assert "Drill" in page
        assert "Anna Nguyễn" in page
        assert counts(page) == [3, 0, 3]
        site.line.wait(1200)
        assert [row.rule for row in site.line.journal.alerts() if "muster" in row.rule] == []
        await post(client, "drill", page, active="0")
        assert "over since" in (await client.get(LIST)).text
        fire(site)
        refused = await client.post(f"{LIST}/drill", data={"key": "k", "active": "0"})
        assert refused.status_code == 409
        fire(site, "emergency.cleared")
        page = (await client.get(LIST)).text
        assert "over since" in page
        assert counts(page) == [3, 0, 3]


async def test_others_see_nothing_of_it(site: ConsoleSite) -> None:
    """Neither a viewer, nor an officer of another site; the plan of a viewer has no count of it."""
    fire(site)
    for name in ("vera", "there"):
        async with site.client(name) as client:
            assert (await client.get(LIST)).status_code == 403
            answer = await client.post(f"{LIST}/account", data={"key": "k", "holder": "h-1"})
            assert answer.status_code == 403
    async with site.client("vera") as client:
        assert "Muster list" not in (await client.get("/plan/centre")).text


async def test_a_long_list_counts_all_and_lists_some(
    site: ConsoleSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What follows the stream is bounded; the counts are of all, and one page has everyone."""
    monkeypatch.setattr(muster, "MOST_MISSING", 2)
    fire(site)
    async with site.client("anna") as client:
        page = (await client.get(LIST)).text
        assert counts(page) == [3, 0, 3]
        assert "1 more is missing and not listed" in page
        assert page.count("☐ Has reported") == 2
        whole = (await client.get(LIST, params={"all": "1"})).text
    assert whole.count("☐ Has reported") == 3
    assert "data-follows" not in whole


async def test_pseudonyms_are_text(site: ConsoleSite) -> None:
    """A pseudonym with markup is shown as written."""
    site.send("access.granted", "d1", direction="in", holder='"><script>alert(1)</script>')
    fire(site)
    async with site.client("anna") as client:
        assert "<script>alert" not in (await client.get(LIST)).text


async def test_the_keyboard_ticks_off_row_by_row(browser: Browser, site: ConsoleSite) -> None:
    """The focus goes to the next who is missing, also while the list changes by itself."""
    fire(site)
    context = await browser.new_context()
    await context.add_cookies([{"name": "vm", "value": await site.cookie("anna"), "url": site.url}])
    page = await context.new_page()
    await page.goto(f"{site.url}{LIST}")
    await expect(page.locator("#alive")).to_contain_text("14:0")
    first, second, third = (page.locator(f"[data-row=h-{n}]") for n in (1, 2, 3))
    await first.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".arrived")).to_contain_text("h-1")
    await expect(second).to_be_focused()
    site.send("access.muster", "g1", holder="h-2")
    await expect(page.locator(".arrived")).to_contain_text("h-2")
    await expect(third).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator(".arrived")).to_contain_text("h-3")
    await expect(page.locator("#followed")).to_be_focused()
    await context.close()


async def test_the_list_follows_without_a_reload_and_prints(
    browser: Browser, site: ConsoleSite
) -> None:
    """A press moves a person to those who have reported; a stale list can still be printed, with its time."""
    fire(site)
    context = await browser.new_context(viewport={"width": 375, "height": 800})
    await context.add_cookies([{"name": "vm", "value": await site.cookie("anna"), "url": site.url}])
    page = await context.new_page()
    await page.clock.install()
    await page.goto(f"{site.url}{LIST}")
    await page.get_by_role("button", name="h-1: Has reported").click()
    await expect(page.locator(".arrived")).to_contain_text("h-1")
    site.send("access.muster", "g1", holder="h-2")
    await expect(page.locator(".arrived")).to_contain_text("h-2")
    await site.stall()
    await hears_nothing(page)
    await expect(page.get_by_role("button", name="Has reported")).to_be_disabled()
    await expect(page.get_by_role("button", name="Print")).to_be_enabled()
    await context.set_offline(True)
    await page.emulate_media(media="print")
    await expect(page.get_by_text("It may be old")).to_be_visible()
    await expect(page.locator(".people .box").first).to_be_visible()
    await context.close()
