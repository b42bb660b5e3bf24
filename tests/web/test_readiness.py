"""The readiness board: verdicts with their reasons, who signs, what is printed, and what open pages learn."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from msgspec.structs import replace
from playwright.async_api import Browser, expect

from monitor.core.inputs import RulesChanged
from monitor.core.venue.model import AccreditationClass, Schedule, Venue, Zone
from monitor.web.openings import Opening, next_opening
from tests.support.console import ConsoleSite, console_rule_set, console_site
from tests.support.pipeline import PipelineHarness

pytestmark = pytest.mark.asyncio(loop_scope="session")

SEEN = re.compile(r'name="seen" value="(\w+)"')
SCRIPT = "<script>alert(1)</script>"


@pytest_asyncio.fixture(loop_scope="session")
async def site(tmp_path: Path, line: PipelineHarness) -> AsyncIterator[ConsoleSite]:
    """A console with a supervisor, an officer, and a viewer at another site."""
    async with console_site(tmp_path, line) as made:
        await made.add("chief", "supervisor")
        await made.add("anna", "officer")
        await made.add("vera", "viewer", "annex")
        yield made


def send(site: ConsoleSite, type_: str, topic: str, **fields: object) -> None:
    """Send an event, and let the watermark pass it."""
    content = {"type": type_, "at": site.line.clock.time.isoformat(), **fields}
    site.line.take(site.line.sent(f"venue/centre/{topic}", msgspec.json.encode(content)))
    site.line.wait(3)


def inspect(site: ConsoleSite, result: str = "pass") -> None:
    """Fill in the checklist of the hall, and approve it."""
    form: dict[str, object] = {"checklist": "check", "inspection": "v1"}
    for item, measured in (("exits-free", {}), ("cold-store", {"value": 4.0, "unit": "celsius"})):
        answer = {**form, "inspector": "linh", "item": item, "result": result, **measured}
        send(site, "inspection.item", "inspection/check", **answer)
    send(site, "inspection.approved", "inspection/check", **form, approver="khoa")


def force(site: ConsoleSite, venue: Venue) -> None:
    """Put another venue in force."""
    given = replace(console_rule_set(), venue=venue)
    site.line.pipeline.submit(
        RulesChanged(received_at=site.line.clock.time, who="test", rule_set=given)
    )
    site.line.wait(3)


async def seen(site: ConsoleSite, name: str) -> str:
    """Return what the form of a page stands for."""
    async with site.client(name) as client:
        found = SEEN.search((await client.get("/readiness/centre")).text)
    assert found is not None
    return found[1]


async def test_the_gravest_zone_comes_first_with_its_reasons_and_who_must_act(
    site: ConsoleSite,
) -> None:
    """No go before unknown before go; each reason in words, with the agencies and a time."""
    inspect(site, "fail")
    send(
        site,
        "action.opened",
        "action/a-17",
        action="a-17",
        zone="hall",
        kind="repair",
        severity="critical",
        lead="safety",
        due_at="2026-01-01T06:00:00Z",
    )
    async with site.client("anna") as anna:
        shown = (await anna.get("/readiness")).text
        one = (await anna.get("/readiness/centre")).text

    assert shown.index('id="zone-hall"') < shown.index('id="zone-foyer"')
    for text in (
        "NO GO",
        "UNKNOWN",
        "Fire safety of the hall: failed (critical): All exits are free",
        "Must act: Safety",
        "OVERDUE since 13:00",
        "not signed off",
        "Hall opens at 17:00: T minus 2 h 57 min",
        "no checklist",
    ):
        assert text in shown
        assert text in one
    assert (await status(site, "anna", "/readiness/nowhere")) == 404
    assert (await status(site, "vera", "/readiness/centre")) == 403


async def status(site: ConsoleSite, name: str, path: str) -> int:
    """Return the status of a page."""
    async with site.client(name) as client:
        return (await client.get(path)).status_code


async def test_a_zone_without_a_checklist_says_so(site: ConsoleSite) -> None:
    """It reads “no checklist”, and unknown is no go for opening; the viewer of another site sees nothing of it."""
    there = console_rule_set().venue
    bare = Zone(id="yard", name=f"Yard {SCRIPT}", site="centre", capacity=5, area_m2=50.0)
    force(site, replace(there, zones=(*there.zones, bare)))
    async with site.client("anna") as anna, site.client("vera") as vera:
        shown = (await anna.get("/readiness")).text
        printed = (await anna.get("/readiness/centre/print")).text
        hidden = (await vera.get("/readiness")).text
    for page in (shown, printed):
        assert "no checklist" in page
        assert SCRIPT not in page
    assert "no checklist" in re.sub(r"\s+", " ", shown.partition('id="zone-yard"')[2][:400])
    assert "Yard" not in hidden


async def test_a_supervisor_signs_what_they_have_seen(site: ConsoleSite) -> None:
    """Only a zone in which nothing else is open, once, and only as long as it is as the page showed it."""
    address = "/readiness/centre/hall/sign_off"
    async with site.client("chief") as chief:
        blocked = await chief.post(address, data={"seen": "x"})
        inspect(site)
        shown = SEEN.findall((await chief.get("/readiness/centre")).text)
        other = await chief.post(address, data={"seen": "something else"})
        before = site.line.journal.seq
        done = [
            await chief.post(address, data={"seen": shown[0], "who": "mallory"}) for _ in range(3)
        ]
        assert site.line.journal.seq == before + 1
        site.line.wait(3)
        again = await chief.post(address, data={"seen": await seen(site, "chief")})
        page = (await chief.get("/readiness/centre")).text

    assert (blocked.status_code, other.status_code, again.status_code) == (409, 409, 409)
    assert "Settle this first: Fire safety of the hall: not answered" in blocked.text
    assert "has changed since you looked" in other.text
    assert "Chief has signed it off already" in again.text
    assert [row.headers["location"] for row in done] == ["/readiness/centre#zone-hall"] * 3
    assert "signed off by chief" in page
    assert "mallory" not in page
    assert re.search(r'class="zone go" id="zone-hall"', page)


async def test_an_officer_withdraws_with_a_reason_and_signs_nothing(site: ConsoleSite) -> None:
    """The reason stands beside the verdict; nothing is withdrawn twice."""
    inspect(site)
    address = "/readiness/centre/hall/withdraw"
    async with site.client("anna") as anna, site.client("chief") as chief:
        refused = await anna.post("/readiness/centre/hall/sign_off", data={"seen": "x"})
        nothing = await anna.post(address, data={"seen": "x", "note": "why"})
        await chief.post(
            "/readiness/centre/hall/sign_off", data={"seen": await seen(site, "chief")}
        )
        site.line.wait(3)
        form = {"seen": await seen(site, "anna")}
        silent = await anna.post(address, data=form)
        done = await anna.post(
            address, data={**form, "note": f"smoke {SCRIPT}"}, headers={"hx-request": "true"}
        )
        site.line.wait(3)
        page = (await anna.get("/readiness/centre")).text
        unknown = await anna.post("/readiness/centre/nowhere/withdraw", data=form)

    assert refused.status_code == 403
    assert "The zone is not signed off." in nothing.text
    assert "needs a reason" in silent.text
    assert "Withdrawn." in done.text
    assert "Anna Nguyễn withdrew it: smoke" in page
    assert SCRIPT not in page
    assert 'class="zone no_go" id="zone-hall"' in page
    assert unknown.status_code == 404


async def test_an_unattended_session_asks_for_the_pin(site: ConsoleSite) -> None:
    """A sign-off is a signature: nobody gives it at a desk that another has left."""
    inspect(site)
    shown = await seen(site, "chief")
    async with site.client("chief") as chief:
        await chief.post("/me/pin", data={"new_pin": "402817"})
        site.time.later = timedelta(hours=1)
        address, form = "/readiness/centre/hall/sign_off", {"seen": shown, "note": "all seen"}
        asked = await chief.post(address, data=form)
        done = await chief.post(address, data={**form, "pin": "402817"})
    assert asked.status_code == 403
    assert 'value="all seen"' in asked.text
    assert done.status_code == 303


@pytest.mark.parametrize("n", [0, 40])
async def test_a_site_is_printed_on_one_page(browser: Browser, site: ConsoleSite, n: int) -> None:
    """With verdict, reasons, who must act, the time of the data and when it is old, however many zones there are."""
    there = console_rule_set().venue
    (check, *_) = there.checklists
    items = tuple(
        replace(check.items[0], id=f"i{k}", text=f"{k}: {'a long question ' * 6}") for k in range(5)
    )
    zones = [replace(there.zones[0], id=f"z{k}", name=f"Zone number {k}") for k in range(n)]
    lists = [replace(check, id=f"c{k}", zone=row.id, items=items) for k, row in enumerate(zones)]
    force(
        site,
        replace(
            there,
            zones=(*there.zones, *zones),
            checklists=(*there.checklists, *lists),
        ),
    )
    context = await browser.new_context(java_script_enabled=False)
    await context.add_cookies([{"name": "vm", "value": await site.cookie("anna"), "url": site.url}])
    page = await context.new_page()
    await page.goto(f"{site.url}/readiness/centre/print")
    text = await page.locator("main").inner_text()
    pdf = await page.pdf(prefer_css_page_size=True)
    await context.close()
    for part in ("Congress centre", "UNKNOWN", "Must act: Safety", "1 Jan 2026", "may be old"):
        assert part in text
    assert all(row.name in text for row in zones)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) == 1


@pytest.mark.parametrize("language", ["ar", "vi"])
async def test_it_is_read_in_each_language(site: ConsoleSite, language: str) -> None:
    """Nothing of ours stays English, and Arabic runs from right to left."""
    async with site.client("chief") as chief:
        chief.cookies.set("vm-language", language)
        for path in ("/readiness", "/readiness/centre/print"):
            shown = (await chief.get(path)).text
            assert ('dir="rtl"' in shown) == (language == "ar")
            for text in ("UNKNOWN", "Must act", "not signed off", "T minus", "no checklist"):
                assert text not in shown


async def test_an_open_page_learns_of_changes_and_keeps_what_is_typed(
    browser: Browser, site: ConsoleSite
) -> None:
    """A new verdict appears without a reload; while a form is open nothing is replaced; signed, it reads go."""
    context = await browser.new_context(reduced_motion="reduce")
    await context.add_cookies(
        [{"name": "vm", "value": await site.cookie("chief"), "url": site.url}]
    )
    page = await context.new_page()
    await page.goto(f"{site.url}/readiness/centre")
    hall, foyer = page.locator("#zone-hall"), page.locator("#zone-foyer")
    await expect(hall.locator(".verdict")).to_contain_text("UNKNOWN")
    await expect(page.locator("#alive")).to_contain_text("14:0")

    await foyer.locator("summary").click()
    await foyer.locator("textarea").fill("half a sen")
    inspect(site)
    await expect(foyer.locator("textarea")).to_have_value("half a sen")
    await foyer.locator("summary").click()
    await expect(hall.locator("summary")).to_have_text("Sign off …")

    await hall.locator("summary").click()
    await hall.get_by_role("button").click()
    await expect(page.locator("#result")).to_contain_text("Signed off.")
    site.line.wait(3)
    await expect(hall.locator(".verdict")).to_contain_text("GO")
    await expect(hall).to_contain_text("signed off by chief")
    await context.close()


async def test_what_t_minus_counts_to(site: ConsoleSite) -> None:
    """The next opening of a zone; without any, the hours of those who are admitted; after the last, nothing."""
    there, now = console_rule_set().venue, site.line.clock.time
    hall, foyer = (replace(zone, opens_at=()) for zone in there.zones[:2])
    late, soon = now + timedelta(hours=9), now + timedelta(minutes=48)
    opens = (replace(hall, opens_at=(now, late)), replace(foyer, opens_at=(soon,)))
    assert next_opening(there, opens, now) == Opening(at=soon, zone="foyer")
    assert next_opening(there, opens, soon) == Opening(at=late, zone="hall")
    assert next_opening(there, opens, late) is None
    assert next_opening(replace(there, classes=()), [hall, foyer], now) is None

    hours = Schedule(id="day", days=("fri",), opens=now.time(), closes=late.time())
    staff = AccreditationClass(id="staff", name="Staff", zones=("hall",), schedule="day")
    scheduled = replace(there, schedules=(hours,), classes=(staff,))
    found = next_opening(scheduled, [hall, foyer], now)
    assert found is not None
    assert (found.schedule, found.at.weekday()) == ("day", 4)

    force(site, replace(scheduled, zones=(hall, foyer, *there.zones[2:])))
    async with site.client("anna") as anna:
        shown = (await anna.get("/readiness")).text
    assert "The hours “day” begin at 2 January 07:02: T minus 16 h 59 min" in shown
    assert "No opening is planned." in shown
