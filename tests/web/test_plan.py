"""The pages about the venue: how zones, doors and devices stand, and that unknown is never shown as a number."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from msgspec.structs import replace
from playwright.async_api import Browser, expect

from monitor.core.inputs import RulesChanged
from monitor.core.venue.model import Venue
from monitor.web.plan_shapes import plan_shapes
from monitor.web.point_passages import PointPassages
from tests.support.console import ConsoleSite, console_rule_set, console_site
from tests.support.console_browser import hears_nothing, signed_in
from tests.support.pipeline import PipelineHarness, event_payload

pytestmark = pytest.mark.asyncio(loop_scope="session")

EVIL = "<script>alert(1)</script>\u202e"
SQUARE = ((0.0, 0.0), (20.0, 0.0), (20.0, 10.0), (0.0, 10.0))


@pytest_asyncio.fixture(loop_scope="session")
async def site(tmp_path: Path, line: PipelineHarness) -> AsyncIterator[ConsoleSite]:
    """A console with an officer, a chief who sees silent alerts, and a viewer at the annex."""
    async with console_site(tmp_path, line) as made:
        await made.add("anna", "officer")
        await made.add("chief", "supervisor", silent=True)
        await made.add("vera", "viewer", "annex")
        yield made


async def read(site: ConsoleSite, path: str, name: str = "anna", **cookies: str) -> str:
    """Return a page as somebody reads it."""
    async with site.client(name) as client:
        for key, value in cookies.items():
            client.cookies.set(key, value)
        answer = await client.get(path)
    assert answer.status_code == 200, path
    return answer.text


def row(page: str, address: str) -> str:
    """Return the text of the row of a table that leads to an address."""
    (found,) = re.findall(
        rf'<tr role="row"><th scope="row" role="rowheader"><a href="{address}">.*?</tr>',
        page,
        re.DOTALL,
    )
    return " ".join(re.sub("<[^>]+>", " ", found).split())


def change(site: ConsoleSite, venue: Venue) -> None:
    """Put another venue in force."""
    rules = replace(console_rule_set(), venue=venue)
    site.line.pipeline.submit(
        RulesChanged(received_at=site.line.clock.time, who="test", rule_set=rules)
    )


def send(site: ConsoleSite, kind: str, subject: str, **fields: object) -> None:
    """Send an event about a zone or device of the centre, and let the watermark pass it."""
    folder = kind.partition(".")[0]
    payload = event_payload(kind, site.line.clock.time, **{folder: subject}, **fields)
    site.line.take(site.line.sent(f"venue/centre/{folder}/{subject}", payload))
    site.line.wait(3)


async def test_a_zone_that_nobody_counts_has_no_number(site: ConsoleSite) -> None:
    """Unknown is a question mark, never 0; a count by hand says that it is one."""
    page = await read(site, "/plan/centre?layer=occupancy")
    assert "? / 10 unmonitored" in row(page, "/zones/hall")
    assert 'class="zone filling-unknown" aria-label="Hall: ? / 10, unmonitored"' in page

    send(site, "zone.count", "hall", count=11, who="anna")
    page = await read(site, "/plan/centre?layer=occupancy")
    assert "11 / 10 ▲ over the limit counted by hand" in row(page, "/zones/hall")
    assert "filling-over" in page
    send(site, "zone.count", "hall", count=9, who="anna")
    assert "9 / 10 ! nearly full" in row(await read(site, "/plan/centre"), "/zones/hall")


async def test_the_gravest_alert_colours_a_zone_and_its_door(site: ConsoleSite) -> None:
    """Shape, code and words stand beside the colour, and lead to the alert."""
    first = site.happens("door.tamper", active=True)
    site.happens()
    page = await read(site, "/plan/centre")
    assert f'class="zone {first.severity}" aria-label="Hall: ◆ P1 · 2 alerts' in page
    assert "◆ P1 Door hardware tampered with" in row(page, "/zones/hall")
    assert "✖ forced open, tamper" in row(page, "/points/d1")
    assert f'href="/alerts/{first.id}"' in await read(site, "/zones/hall")
    assert f'href="/alerts/{first.id}"' in await read(site, "/points/d1")


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        ("door.opened", {}, "◇ open"),
        ("door.closed", {}, "▬ closed"),
        ("door.locked", {}, "⊘ blocked (locked)"),
        ("door.mode", {"mode": "locked_down"}, "⊘ blocked (locked down)"),
        ("door.fault", {"active": True}, "⊘ blocked (fault)"),
        ("door.mode", {"mode": "unknown"}, "? unknown"),
    ],
)
async def test_an_exit_is_open_closed_or_blocked(
    site: ConsoleSite, kind: str, fields: dict[str, object], said: str
) -> None:
    """An exit that is locked is blocked, whatever its contact says."""
    assert "? unknown" in row(await read(site, "/plan/centre"), "/points/e1")
    site.send(kind, "e1", **fields)
    assert said in row(await read(site, "/plan/centre"), "/points/e1")


async def test_a_device_says_when_it_was_last_heard(site: ConsoleSite) -> None:
    """Never heard is unknown; silent is said in words on the plan, and on its own page."""
    assert "? not heard yet never" in row(await read(site, "/plan/centre"), "/devices/r1")
    send(site, "device.heartbeat", "r1")
    page = await read(site, "/plan/centre?layer=devices")
    assert "● alive 14:0" in row(page, "/devices/r1")
    site.line.wait(120)
    page = await read(site, "/devices/r1")
    assert re.search(r"✕</span>\s+silent", page)
    assert 'href="/points/d1"' in page
    (alert,) = [row for row in site.line.journal.alerts() if "r1" in row.key]
    assert f'href="/alerts/{alert.id}"' in page


async def test_of_silent_alerts_others_see_nothing(site: ConsoleSite) -> None:
    """Neither plan nor pages count, colour or name a silent alert without that right."""
    before = [await read(site, path) for path in ("/plan/centre", "/zones/hall", "/points/d1")]
    alert = site.happens("access.duress", direction="in", credential="c1", holder="h1")
    assert alert.silent
    for path, old in zip(("/plan/centre", "/zones/hall", "/points/d1"), before, strict=True):
        page = await read(site, path)
        assert alert.id not in page
        assert "duress" not in page.casefold()
        assert page.count("P1") == old.count("P1")
        assert alert.id in await read(site, path, "chief")


async def test_an_access_point_shows_who_passed_by_pseudonym(site: ConsoleSite) -> None:
    """The last passages and refusals are there, the latest first, and only those of this point."""
    site.send("access.granted", "d1", direction="in", holder="h-1", holder_class="delegate")
    site.send("access.denied", "d1", holder="h-2", reason="passback")
    site.send("access.granted", "g1", direction="in", holder="h-3")
    page = await read(site, "/points/d1")
    assert page.index("refused: badge already inside") < page.index("let in")
    assert "h-1" in page
    assert "delegate" in page
    assert "h-3" not in page
    for n in range(PointPassages.MOST):
        site.send("access.granted", "d1", direction="in", holder=f"later-{n}")
    page = await read(site, "/points/d1")
    assert page.count("later-") == PointPassages.MOST
    assert page.index("later-19") < page.index("later-0<")
    assert "h-1<" not in page


async def test_a_door_is_seen_to_open(browser: Browser, site: ConsoleSite) -> None:
    """The plan changes by itself, and keeps the focus, as do the last passages; when it is old, it is grey."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    await context.add_cookies([{"name": "vm", "value": await site.cookie("anna"), "url": site.url}])
    page = await context.new_page()
    await page.clock.install()
    await page.goto(f"{site.url}/plan/centre")
    mark = page.locator('svg a[href="/points/e1"]')
    await expect(mark).to_have_class("door-unknown")
    await mark.focus()
    site.send("door.opened", "e1")
    await expect(mark).to_have_class("door-open")
    await expect(mark).to_be_focused()
    await page.goto(f"{site.url}/points/e1")
    last = page.locator('[data-follows="passages/e1"]')
    await expect(last).to_have_text("none")
    site.send("access.granted", "e1", direction="in", holder="h-9")
    await expect(last.locator("tbody tr")).to_contain_text(["h-9"])
    await site.stall()
    await hears_nothing(page)
    await context.close()


async def test_what_is_the_same_stays(browser: Browser, site: ConsoleSite) -> None:
    """A part comes when the page opens and with other parts; where it says nothing new, its links are not replaced."""
    async with signed_in(browser, site, "anna") as page:
        await page.goto(f"{site.url}/points/d1")
        link = page.locator('[data-follows="point/d1"] a').first
        await link.evaluate("(each) => { each.isFirst = true; each.focus(); }")
        site.send("access.granted", "d1", direction="in", holder="h-9")
        passages = page.locator('[data-follows="passages/d1"]')
        await expect(passages.locator("tbody tr")).to_contain_text(["h-9"])
        assert await link.evaluate("(each) => each.isFirst")
        await expect(link).to_be_focused()


@pytest.mark.parametrize("path", ["/plan/centre", "/zones/hall", "/points/d1", "/devices/r1"])
async def test_pages_fit_a_phone(browser: Browser, site: ConsoleSite, path: str) -> None:
    """No page scrolls sideways, no text is squeezed into a column of letters, and the plan is legible."""
    context = await browser.new_context(viewport={"width": 375, "height": 800})
    cookies = {"vm": await site.cookie("anna"), "vm-language": "ar"}
    await context.add_cookies(
        [{"name": key, "value": value, "url": site.url} for key, value in cookies.items()]
    )
    page = await context.new_page()
    await page.goto(f"{site.url}{path}")
    scrolls = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not await page.evaluate(scrolls)
    # Of one instant: the live stream replaces parts of the page.
    sizes = "(selector) => [...document.querySelectorAll(selector)].map(row => row.getBoundingClientRect())"
    for cell in await page.evaluate(sizes, "td"):
        assert cell["width"] > 200
    for text in await page.evaluate(sizes, ".plan text"):
        # The plan moves inside its frame, so that its letters can keep their size.
        assert text["height"] > 12
    await context.close()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/zones/hall", "Door forced open"),
        ("/points/d1", "Door forced open"),
        ("/devices/r1", "Reader of the hall offline"),
    ],
)
async def test_pages_of_places_follow(
    browser: Browser, site: ConsoleSite, path: str, words: str
) -> None:
    """What happens is on the page without a reload."""
    async with signed_in(browser, site, "anna") as page:
        await page.goto(f"{site.url}{path}")
        await expect(page.locator("#alive")).to_contain_text("14:0")
        await expect(page.locator("main")).not_to_contain_text(words)
        site.happens()
        site.starts("device.offline", "r1", device="r1")
        await expect(page.locator("[data-follows]").first).to_contain_text(words)


async def test_other_sites_stay_closed(site: ConsoleSite) -> None:
    """Whoever sees the annex alone is led to its plan, and is refused at the centre."""
    async with site.client("vera") as client:
        answer = await client.get("/plan")
        assert answer.headers["location"] == "/plan/annex"
        page = (await client.get("/plan/annex")).text
        assert "Congress centre" not in page
        for path in ("/plan/centre", "/zones/hall", "/points/d1", "/devices/r1"):
            assert (await client.get(path)).status_code == 403, path
        for path in ("/plan/nowhere", "/zones/nowhere", "/points/nowhere", "/devices/nowhere"):
            assert (await client.get(path)).status_code == 404, path


async def test_names_of_the_venue_are_text(site: ConsoleSite) -> None:
    """A name with markup in it is shown as written, on each page, in the drawing too."""
    venue = console_rule_set().venue
    change(
        site,
        replace(
            venue,
            sites=tuple(replace(each, name=EVIL) for each in venue.sites),
            zones=tuple(replace(each, name=EVIL) for each in venue.zones),
            points=tuple(replace(each, name=EVIL) for each in venue.points),
            devices=tuple(replace(each, name=EVIL) for each in venue.devices),
            checklists=tuple(replace(each, name=EVIL) for each in venue.checklists),
        ),
    )
    site.send("access.denied", "d1", holder=EVIL[:-1], reason="other")
    paths = ("/plan/centre", "/zones/hall", "/points/d1", "/devices/r1")
    for path in (*paths, "/plan/centre?layer=devices", "/plan/centre?layer=<script>"):
        page = await read(site, path)
        assert "<script>alert" not in page
        assert "\u202e" not in page


async def test_a_plan_is_not_mirrored(site: ConsoleSite) -> None:
    """In Arabic the page runs from right to left, and the drawing is the same place."""
    english = await read(site, "/plan/centre")
    arabic = await read(site, "/plan/centre", **{"vm-language": "ar"})
    assert 'dir="rtl"' in arabic
    corners = r'<polygon points="([^"]+)"'
    assert re.findall(corners, arabic) == re.findall(corners, english)
    assert 'direction="rtl"' in arabic


async def test_shapes_and_positions_decide_where_things_are_drawn(site: ConsoleSite) -> None:
    """A shape is drawn to scale; zones without one are boxes below it, and no two points fall together."""
    del site
    venue = console_rule_set().venue
    drawn = replace(
        venue,
        zones=tuple(
            replace(zone, shape=SQUARE) if zone.id == "hall" else zone for zone in venue.zones
        ),
        points=tuple(
            replace(point, at=(20.0, 5.0)) if point.id == "d1" else point for point in venue.points
        ),
    )
    plan = plan_shapes(drawn, "centre")
    hall = [tuple(map(float, corner.split(","))) for corner in plan.zones["hall"].corners.split()]
    left, top, right, bottom = *hall[0], *hall[2]
    assert (right - left) == pytest.approx(2 * (bottom - top), abs=0.2)
    assert plan.points["d1"] == pytest.approx((right, (top + bottom) / 2), abs=0.2)
    assert all(
        float(corner.split(",")[1]) > bottom
        for own, shape in plan.zones.items()
        if own != "hall"
        for corner in shape.corners.split()
    )
    assert len(set(plan.points.values())) == len(plan.points) > 3


async def test_the_text_of_a_zone_stands_inside_it() -> None:
    """Also in a shape like an L, whose middle is outside."""
    venue = console_rule_set().venue
    shape = ((0.0, 0.0), (2.0, 0.0), (2.0, 20.0), (30.0, 20.0), (30.0, 26.0), (0.0, 26.0))
    zones = tuple(replace(zone, shape=shape if zone.id == "hall" else ()) for zone in venue.zones)
    hall = plan_shapes(replace(venue, zones=zones[:1]), "centre").zones["hall"]
    corners = [tuple(map(float, corner.split(","))) for corner in hall.corners.split()]
    assert corners[2][1] < hall.y < corners[4][1]
    assert hall.width > 0.9 * (corners[3][0] - corners[0][0])


async def test_a_zone_shows_what_its_readiness_rests_on(site: ConsoleSite) -> None:
    """Reasons, the last result of each checklist, and what is due next."""
    page = await read(site, "/zones/hall")
    assert "never answered" in page
    assert "doors open" in page
    assert re.search(r"\?</span>\s+unknown", page)
