"""The wall: what can be read from afar without a hand on it, and what no one may read there."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from msgspec.structs import replace
from playwright.async_api import Browser, expect

from monitor.core.inputs import RulesChanged
from monitor.core.venue.model import Zone
from monitor.web.wall import LINES, MOST_TILES, UNITS, unit
from tests.support.console import (
    ADMIN,
    ConsoleSite,
    console_rule_set,
    console_site,
)
from tests.support.console_browser import hears_nothing
from tests.support.pipeline import PipelineHarness

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCRIPT = "<script>alert(1)</script>"
TEXTS = """() => [...document.querySelectorAll("body *")]
    .filter((each) => each.checkVisibility() && [...each.childNodes].some((node) => node.nodeType === 3
        && node.textContent.trim()))
    .map((each) => [parseFloat(getComputedStyle(each).fontSize), each.textContent])"""
"""Returns the size of each text in pixels, and the text."""
IS_WHOLE = """() => [...document.querySelectorAll("main, body")]
    .every((each) => each.scrollHeight <= each.clientHeight + 1 && each.scrollWidth <= each.clientWidth + 1)"""

OVERLAPS = """() => {
    const all = [...document.querySelectorAll("header, .tile, main h2, .lines li, footer")];
    const box = (each) => each.getBoundingClientRect();
    const meets = (one, other) => one.left < other.right - 1 && other.left < one.right - 1
        && one.top < other.bottom - 1 && other.top < one.bottom - 1;
    const isOver = (each) => all.some((other) => other !== each && meets(box(each), box(other)));
    const isCut = (each) => each.scrollHeight > each.clientHeight + 1;
    return all.filter((each) => isOver(each) || isCut(each)).map((each) => each.textContent);
}"""
"""Returns the text of each part that lies on another one, or holds more than it shows."""


@pytest_asyncio.fixture(loop_scope="session")
async def site(tmp_path: Path, line: PipelineHarness) -> AsyncIterator[ConsoleSite]:
    """A console with a wall, its viewer at another site, and a supervisor who sees silent alerts."""
    async with console_site(tmp_path, line) as made:
        await made.add("wall", "viewer")
        await made.add("vera", "viewer", "annex")
        await made.add("chief", "supervisor", silent=True)
        yield made


async def shown(site: ConsoleSite, name: str, path: str = "/wall") -> str:
    """Return a wall."""
    async with site.client(name) as client:
        return (await client.get(path)).text


async def test_a_tile_tells_alert_readiness_and_people(site: ConsoleSite) -> None:
    """Each zone has one; below are the gravest alerts that nobody has, with what happens next."""
    site.happens()
    page = await shown(site, "wall", "/wall/centre")
    hall = page.partition(">Hall<")[2].partition("</li>")[0]
    for text in ("Door forced open", "UNKNOWN", "? / 10"):
        assert text in hall
    below = page.partition('class="lines')[2]
    assert "next page at 14:07" in below
    for text in ("Nobody has it", "SOUND OFF: nobody hears this wall."):
        assert text in page
    assert "<button" not in page
    assert "<a " not in page
    assert "Court of the annex" not in page


async def test_a_tile_says_that_its_zone_has_no_checklist(site: ConsoleSite) -> None:
    """Whether or not it has an alert."""
    venue = console_rule_set().venue
    lacking = {zone.id for zone in venue.zones} - {row.zone for row in venue.checklists}
    site.happens("door.tamper", "d2", active=True)
    for tile in (await shown(site, "wall")).split('<li class="tile')[1:]:
        (zone,) = (zone for zone in venue.zones if f">{zone.name}<" in tile)
        assert tile.count("No checklist") == (zone.id in lacking)


async def test_nobody_reads_a_call_for_help_on_a_wall(site: ConsoleSite) -> None:
    """Whoever has signed in there, and whatever they may see elsewhere; not in the stream of the wall either."""
    before = await shown(site, "chief")
    silent = site.happens("access.duress")
    assert silent.silent
    async with site.client("chief") as chief:
        board = (await chief.get("/board")).text
        page = (await chief.get("/wall")).text
        place = page.partition('data-position="')[2].partition('"')[0]
        async with chief.stream("GET", "/live", params={"last": place, "follows": "wall"}) as live:
            async for text in live.aiter_text():
                assert silent.id not in text
                assert silent.rule not in text
                if "event: tick" in text:
                    break
    assert silent.id in board
    tail = 'class="tiles"'
    assert page.partition(tail)[2] == before.partition(tail)[2]


async def test_a_wall_shows_the_sites_of_its_viewer(site: ConsoleSite) -> None:
    """Another site is refused, an unknown one is not there, and names from outside do no harm."""
    site.send("door.alarm", point=f"x {SCRIPT}", alarm="forced_open")
    there = await shown(site, "vera")
    assert "Court of the annex" in there
    assert "Hall" not in there
    assert SCRIPT not in await shown(site, "wall")
    async with site.client("vera") as vera:
        assert (await vera.get("/wall/centre")).status_code == 403
        assert (await vera.get("/wall/nowhere")).status_code == 404


async def test_the_size_of_the_text_follows_screen_and_distance(site: ConsoleSite) -> None:
    """As in ISO 9241: 75 inches at 3 m need 58 pixels, 55 inches 79; never less than 46, nor more than fits."""
    assert [unit(inch, 3) for inch in (86, 75, 65, 55)] == [54, 58, 67, 79]
    assert (unit(100, 1), unit(32, 10)) == (UNITS[0], UNITS[-1])
    for query, size in [("", 58), ("?inch=55&m=3", 79), ("?inch=nan&m=-1", 58), ("?inch=x", 58)]:
        assert f'class="wall u{size}"' in await shown(site, "wall", f"/wall{query}")
    assert 'data-theme="light"' in await shown(site, "wall", "/wall?theme=light")


async def test_a_paired_wall_needs_no_session_and_opens_nothing_else(site: ConsoleSite) -> None:
    """Its token shows the wall and follows it, whatever else it may do; revoked, the stream ends."""
    ends = site.accounts.now() + timedelta(days=90)
    token = site.accounts.tokens.make("chief", {"view", "act"}, "", ends, label="wall", by=ADMIN)
    useless = site.accounts.tokens.make("chief", {"act"}, "", ends, label="act", by=ADMIN)
    alert = site.happens()
    async with site.client() as wall:
        assert (await wall.get("/wall")).headers["location"].startswith("/login")
        for wrong in ("", "nonsense", useless):
            assert (await wall.post("/pair", data={"token": wrong})).status_code == 401
        assert (await wall.post("/pair", data={"token": token})).headers["location"] == "/wall"
        site.time.later = timedelta(days=30)
        page = (await wall.get("/wall")).text
        assert "Door forced open" in page
        for path in ("/board", "/me", f"/alerts/{alert.id}"):
            assert (await wall.get(path)).headers["location"].startswith("/login")
        done = await wall.post(f"/alerts/{alert.id}/acknowledge", data={"key": "k"})
        pin = await wall.post("/me/pin", data={"new_pin": "402817"})
        assert (done.status_code, pin.status_code) == (401, 401)

        place = page.partition('data-position="')[2].partition('"')[0]
        text = ""
        async with wall.stream("GET", "/live", params={"last": place, "follows": "wall"}) as live:
            async for part in live.aiter_text():
                text += part
                for row in site.accounts.tokens.all():
                    if row.label == "wall" and text.count("event: tick") > 1:
                        site.accounts.tokens.revoke(row.id, ADMIN)
                if "event: bye" in text:
                    break
        assert "signed-out" in text
        assert (await wall.get("/wall")).status_code == 303


@pytest.mark.parametrize("language", ["ar", "vi"])
@pytest.mark.parametrize("n", [MOST_TILES, 10])
async def test_nothing_overlaps_on_a_wall_that_stands_upright(
    browser: Browser, site: ConsoleSite, language: str, n: int
) -> None:
    """Each tile with a long name and a long title: three columns, nothing cut off below or on top of another."""
    there = console_rule_set().venue
    zones = [
        Zone(
            id=f"z{i}",
            name=f"Exhibition hall {i} {'of the east wing ' * 3}",
            site="centre",
            capacity=9,
            area_m2=20.0,
        )
        for i in range(n - len(there.zones))
    ]
    given = replace(console_rule_set(), venue=replace(there, zones=(*there.zones, *zones)))
    site.line.pipeline.submit(
        RulesChanged(received_at=site.line.clock.time, who="test", rule_set=given)
    )
    first = site.happens("door.tamper", "d2", active=True)
    opened = site.line.engine.state.alerts.open
    for zone in zones:
        title = f"{first.title} {'and nobody has looked yet ' * 4}"
        opened[zone.id] = replace(first, id=zone.id, zone=zone.id, rule="gone", title=title)

    context = await browser.new_context(viewport={"width": 1080, "height": 1920})
    names = {"vm": await site.cookie("wall"), "vm-language": language}
    await context.add_cookies(
        [{"name": name, "value": value, "url": site.url} for name, value in names.items()]
    )
    page = await context.new_page()
    await page.goto(f"{site.url}/wall?inch=55&m=3")
    await expect(page.locator("#alive")).to_contain_text("14:0")
    assert await page.locator(".tile").count() == n
    assert await page.evaluate(IS_WHOLE)
    assert await page.evaluate(OVERLAPS) == []
    sizes = [size for size, _ in await page.evaluate(TEXTS)]
    assert min(sizes) >= UNITS[0] * 1920 / 3840
    await context.close()


@pytest.mark.parametrize("language", ["ar", "vi"])
async def test_a_wall_is_read_from_afar_and_says_that_it_is_old(
    browser: Browser, site: ConsoleSite, language: str
) -> None:
    """With more zones and alerts than fit: no text below 46 pixels, 19 lines, nothing cut; old, it says so big."""
    there = console_rule_set().venue
    more = [
        Zone(id=f"z{n}", name=f"Zone {n}", site="centre", capacity=1500, area_m2=3000.0)
        for n in range(30)
    ]
    given = replace(console_rule_set(), venue=replace(there, zones=(*there.zones, *more)))
    site.line.pipeline.submit(
        RulesChanged(received_at=site.line.clock.time, who="test", rule_set=given)
    )
    first = site.happens("door.tamper", "d2", active=True)
    opened = site.line.engine.state.alerts.open
    for own in (first.id, *(f"{n:016}" for n in range(20))):
        opened[own] = replace(first, id=own, severity="low")

    context = await browser.new_context(viewport={"width": 3840, "height": 2160})
    names = {"vm": await site.cookie("wall"), "vm-language": language}
    await context.add_cookies(
        [{"name": name, "value": value, "url": site.url} for name, value in names.items()]
    )
    page = await context.new_page()
    await page.clock.install()
    await page.goto(f"{site.url}/wall?inch=55&m=3")
    await expect(page.locator("#alive")).to_contain_text("14:0")
    assert min(size for size, _ in await page.evaluate(TEXTS)) >= UNITS[0]
    assert await page.evaluate(IS_WHOLE)
    assert await page.locator(".tile").count() == MOST_TILES
    lines = await page.locator(
        "header, .tile:nth-child(5n+1) p, main h2, .lines li, footer"
    ).count()
    assert lines <= LINES

    site.happens()
    await expect(page.locator(".lines .critical")).to_have_count(1)
    await expect(page.locator(".lines .critical .where")).to_contain_text("Door of the hall")

    await site.stall()
    await hears_nothing(page)
    await expect(page.locator("html")).to_have_class("wall u79 stale")
    bar = page.locator("#stale")
    await expect(bar).to_contain_text("14:0")
    assert await bar.evaluate("(each) => parseFloat(getComputedStyle(each).fontSize)") >= 150
    await context.close()
