"""The console in a browser: what officers see and press, and what they are told when it is not the present."""

import asyncio
import random

import msgspec
import pytest
from playwright.async_api import Browser, Page, Route, expect

from monitor.core.alert import Handling
from monitor.core.events.monitor import MonitorCaughtUp, MonitorStarted
from monitor.core.rules.model import SEVERITIES
from monitor.web.board_alert import BoardKey, Group
from monitor.web.board_filter import read_filter
from tests.support.console import ConsoleSite
from tests.support.console_browser import hears_nothing, signed_in, stop_clock
from tests.support.pipeline import event_payload

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_event_appears_and_is_taken_in_two_presses(
    browser: Browser, site: ConsoleSite
) -> None:
    """It arrives without a reload; a key takes it, and the colleague sees whose it is."""
    async with (
        signed_in(browser, site, "anna") as anna,
        signed_in(browser, site, "karim") as karim,
    ):
        for page in (anna, karim):
            await page.clock.install()
            await page.goto(f"{site.url}/board")
            await expect(page.locator("#alive")).to_contain_text("14:0")
        alert = site.happens()
        row = f"#alert-{alert.id}"
        for page in (anna, karim):
            await expect(page.locator(f'[data-group="nobody"] {row}')).to_contain_text(
                "Door forced open"
            )
        await stop_clock(anna)  # its answer is shown for six seconds
        await anna.keyboard.press("j")
        await anna.locator(f"{row} .take button").focus()
        await anna.keyboard.press("a")
        await expect(anna.locator("#result")).to_contain_text("Done.")
        await expect(karim.locator(f'[data-group="taken"] {row} .owner')).to_have_text(
            "Anna Nguyễn"
        )
        await expect(anna.locator(f"{row} .owner")).to_have_text("Anna Nguyễn")
        await expect(anna.locator(f"{row} .take button:not([disabled])")).to_have_count(0)
        assert site.now(alert).owner == "anna"


async def test_of_two_officers_who_press_at_once_one_has_it(
    browser: Browser, site: ConsoleSite
) -> None:
    """Both presses are on their way before either arrives; the one who is second reads who was first."""
    alert = site.happens()
    both = asyncio.Barrier(2)

    async def together(route: Route) -> None:
        await both.wait()
        await route.continue_()

    async with (
        signed_in(browser, site, "anna") as anna,
        signed_in(browser, site, "karim") as karim,
    ):
        for page in (anna, karim):
            await page.route("**/acknowledge", together)
            await page.clock.install()
            await page.goto(f"{site.url}/board")
            await expect(page.locator("#alive")).to_contain_text("14:0")
            await stop_clock(page)  # the answers are shown for six seconds
            await page.locator(f"#alert-{alert.id} .take button").focus()
        await asyncio.gather(*(page.keyboard.press("a") for page in (anna, karim)))
        first, second = (anna, karim) if await has(anna, "Done.") else (karim, anna)
        await expect(first.locator("#result")).to_contain_text("Done.")
        name = {"anna": "Anna Nguyễn", "karim": "كريم"}[site.now(alert).owner]
        await expect(second.locator("#result")).to_contain_text("has it.")
        for page in (first, second):
            await expect(page.locator(f"#alert-{alert.id} .owner")).to_have_text(name)


async def has(page: Page, text: str) -> bool:
    """Return whether the answer to what was pressed says this, once there is one."""
    await expect(page.locator("#result")).not_to_be_empty()
    return text in await page.locator("#result").inner_text()


async def test_nothing_moves_under_the_cursor(browser: Browser, site: ConsoleSite) -> None:
    """With a row in focus changes wait and are counted; Esc shows them. Who has an alert is seen at once."""
    first = site.happens("door.tamper", active=True)
    async with signed_in(browser, site, "anna") as page:
        await page.clock.install()
        await page.goto(f"{site.url}/board")
        await expect(page.locator("#alive")).to_contain_text("14:0")
        await stop_clock(page)  # what has the focus holds the page for half a minute
        await page.keyboard.press("j")
        focused = page.locator(".row:focus")
        before = await focused.bounding_box()
        graver = site.happens()
        await expect(page.locator("#paused")).to_have_text("updates paused: 1 wait")
        async with site.client("karim") as karim:
            await karim.post(f"/alerts/{first.id}/acknowledge", data={"key": "k"})
        await expect(page.locator("#paused")).to_have_text("updates paused: 2 wait")
        await expect(page.locator(f"#alert-{first.id} .owner")).to_have_text("كريم")
        assert await focused.bounding_box() == before
        assert await page.locator(f"#alert-{graver.id}").count() == 0

        await page.keyboard.press("Escape")
        await expect(page.locator(f'[data-group="nobody"] #alert-{graver.id}')).to_be_visible()
        await expect(page.locator(f'[data-group="taken"] #alert-{first.id}')).to_be_visible()
        await expect(page.locator("#paused")).to_be_hidden()


async def test_stale_looks_stale_and_comes_back_with_nothing_missed(
    browser: Browser, site: ConsoleSite
) -> None:
    """Within five seconds the page is grey, its title begins with a question mark, and no button can be pressed."""
    site.happens()
    async with signed_in(browser, site, "anna") as page:
        await page.clock.install()
        await page.goto(f"{site.url}/board")
        await expect(page.locator("#alive")).to_contain_text("14:0")
        await site.stall()
        await hears_nothing(page)
        await expect(page.locator("#stale")).to_contain_text("No connection since 14:0")
        assert (await page.title()).startswith("? ")
        assert await page.locator("main button:not([disabled])").count() == 0

        missed = site.happens("door.tamper", active=True)
        site.resume()
        await page.clock.resume()
        await expect(page.locator("html")).not_to_have_class("stale")
        await expect(page.locator(f"#alert-{missed.id}")).to_be_visible()
        assert await page.title() == "Board"
        assert await page.locator("main button[disabled]").count() == 0


async def test_what_was_typed_outlives_the_session(browser: Browser, site: ConsoleSite) -> None:
    """A session that ends in the middle of a note leads to the sign-in, and back to the note."""
    alert = site.happens()
    async with signed_in(browser, site, "anna") as page:
        await page.goto(f"{site.url}/alerts/{alert.id}")
        await page.keyboard.press("n")
        await page.keyboard.type("two people at the door, ask them")
        for session in site.accounts.sessions("anna"):
            site.accounts.sign_out(session.id)
        # The stream leads there by itself, and a press of the button would race against it.
        await page.wait_for_url("**/login?next=*")
        await page.get_by_label("Name").fill("anna")
        await page.get_by_label("Password").fill("correct horse battery staple")
        await page.get_by_role("button", name="Sign in").click()
        note = page.locator('details[open] textarea[name="note"]')
        await expect(note).to_have_value("two people at the door, ask them")
        await page.get_by_role("button", name="Write").click()
        await expect(page.locator(".plain").first).to_be_visible()
        await expect(page.locator("body")).to_contain_text("Anna Nguyễn: note")
        await expect(page.locator("details[open]")).to_have_count(0)
    assert site.now(alert).handling is Handling.NEW
    assert site.now(alert).note == "two people at the door, ask them"


async def test_a_browser_filters_as_the_server_does(browser: Browser, site: ConsoleSite) -> None:
    """For random alerts and filters, what a page keeps of the stream is what the server would have shown."""
    rng = random.Random(7)
    texts, sites = ["door forced centre", "ĐẠI SẢNH".casefold(), "بوابة"], ["centre", "annex", ""]
    queries = [
        {},
        {"sev": "critical,high"},
        {"site": "annex", "q": "forced"},
        {"state": "shelved"},
        {"state": "nobody,over", "zone": "hall"},
        {"mine": "1"},
        {"q": "Đại  Sảnh"},
        {"lead": "police", "q": "بوابة"},
    ]
    keys = [
        BoardKey(
            severity=rng.choice(SEVERITIES),
            site=rng.choice(sites),
            zone=rng.choice(["hall", "foyer"]),
            lead=rng.choice(["police", ""]),
            group=rng.choice(list(Group)),
            owner=rng.choice(["anna", "karim", ""]),
            text=rng.choice(texts),
            sort="",
        )
        for _ in range(150)
    ]
    async with signed_in(browser, site, "anna") as page:
        for query in queries:
            address = "&".join(f"{name}={value}" for name, value in query.items())
            await page.goto(f"{site.url}/board?{address}")
            kept = await page.evaluate(
                """async (keys) => {
                    const script = document.querySelector('script[src$="live.js"]').src;
                    const { matches } = await import(script.replace("live.js", "rows.js"));
                    return keys.map((key) => matches(key));
                }""",
                msgspec.to_builtins(keys),
            )
            wanted = read_filter(query, "anna")
            assert kept == [wanted.matches(key) for key in keys], query


async def test_keys_select_a_zone_and_lead_to_pages(browser: Browser, site: ConsoleSite) -> None:
    """Shift+X selects what is alike, G and B lead to the board; never in a field, while composing, or switched off."""
    here = site.happens()
    also = site.happens("door.tamper", active=True)
    elsewhere = site.happens("door.tamper", point="v1", active=True)
    checked = ".select input:checked"
    async with signed_in(browser, site, "anna") as page:
        await page.clock.install()
        await page.goto(f"{site.url}/board?all=1")
        await page.locator(f"#alert-{here.id}").focus()
        await page.keyboard.press("Shift+KeyX")
        for alert, n in ((here, 1), (also, 1), (elsewhere, 0)):
            await expect(page.locator(f"#alert-{alert.id} {checked}")).to_have_count(n)
        await expect(page.locator(".many .selected")).to_have_text("2")

        await page.keyboard.press("?")
        await expect(page.locator("#keys")).to_contain_text("select all of the same cause")
        await page.keyboard.press("Escape")
        await page.locator("#filter [name=q]").focus()
        await page.keyboard.type("gb")
        await expect(page.locator("#filter [name=q]")).to_have_value("gb")
        await page.keyboard.press("Escape")
        composed = """code => document.body.dispatchEvent(
            new KeyboardEvent("keydown", { code, isComposing: true, bubbles: true }))"""
        for code in ("KeyG", "KeyB"):
            await page.evaluate(composed, code)
        await page.evaluate("localStorage.setItem('keys', 'off')")
        await page.keyboard.type("gb")
        assert page.url.endswith("?all=1")
        await page.evaluate("localStorage.setItem('keys', 'on')")
        await stop_clock(page)  # the second key has two seconds
        async with page.expect_navigation():
            await page.keyboard.type("gb")
        assert page.url.endswith("/board")


@pytest.mark.parametrize("language", ["en", "vi", "ar"])
async def test_a_phone_shows_rows_beside_what_acts_on_several(
    browser: Browser, site: ConsoleSite, language: str
) -> None:
    """The bar covers a fifth of the screen at most, until somebody unfolds it."""
    site.happens()
    async with signed_in(browser, site, "anna", language=language) as page:
        await page.set_viewport_size({"width": 375, "height": 667})
        await page.goto(f"{site.url}/board")
        bar = page.locator("#many")
        note = bar.locator("[name=note]")
        await page.locator("#board .select").click()
        box = await bar.bounding_box()
        assert box is not None
        assert box["height"] <= 667 / 5
        await expect(bar.locator("[value=acknowledge]")).to_be_visible()
        await expect(note).to_be_hidden()
        await bar.locator(".more").click()
        await expect(note).to_be_visible()
        await bar.locator(".more").click()
        await expect(note).to_be_hidden()


async def test_a_burst_is_announced_together(browser: Browser, site: ConsoleSite) -> None:
    """A screen reader hears how many alerts have changed and the gravest new one, and not each row."""
    async with signed_in(browser, site, "anna") as page:
        await page.goto(f"{site.url}/board")
        await expect(page.locator("#alive")).to_contain_text("14:0")
        assert await page.locator("#board [aria-live], #board [role=status]").count() == 0
        site.happens("door.tamper", active=True)
        site.happens("door.alarm", point="e1")
        site.starts("emergency.fire", "hall", zone="hall")
        await expect(page.locator("#announced")).to_have_text(
            "Alerts changed: 3. P0 Fire alarm in Hall"
        )


async def test_what_follows_is_folded_and_comes_back(browser: Browser, site: ConsoleSite) -> None:
    """An open door goes under the fire, is shown there on request, and leaves when somebody has it."""
    async with signed_in(browser, site, "anna") as page:
        await page.goto(f"{site.url}/board")
        await expect(page.locator("#alive")).to_contain_text("14:0")
        fire = site.starts("emergency.fire", "hall", zone="hall")
        await expect(page.locator(f"#alert-{fire.id}")).to_be_visible()
        site.send("door.locked", "d1")
        door = site.starts("door.opened", "d1", point="d1")
        link = page.locator(f"#alert-{fire.id} .following")
        await expect(link).to_have_text("and 1 that follows from it")
        await expect(page.locator(f"#alert-{door.id}")).to_have_count(0)

        await link.click()
        await expect(page.locator(f"#alert-{fire.id} #alert-{door.id}")).to_be_visible()
        await page.locator(f"#alert-{fire.id}").focus()
        await page.keyboard.press("Shift+KeyX")
        await expect(page.locator(".many .selected")).to_have_text("2")
        await page.keyboard.press("KeyX")
        await page.locator(f"#alert-{door.id} .select input").click()
        await page.keyboard.press("Escape")
        await page.mouse.move(0, 0)

        async with site.client("karim") as karim:
            await karim.post(f"/alerts/{fire.id}/note", data={"key": "1", "note": "looking"})
            await expect(page.locator(f"#alert-{fire.id} #alert-{door.id}")).to_be_visible()
            await karim.post(f"/alerts/{door.id}/acknowledge", data={"key": "2"})
        await expect(
            page.locator(f'[data-group="taken"] > .rows > #alert-{door.id}')
        ).to_be_visible()
        await expect(link).to_have_count(0)


async def test_a_backlog_is_counted_down(browser: Browser, site: ConsoleSite) -> None:
    """While a connected monitor catches up, each page says so, and how much is left."""
    line, now = site.line, site.line.clock.time
    line.pipeline.notice(MonitorStarted(at=now))
    bodies = [event_payload("door.opened", now, point="d1", id=str(n)) for n in range(1_234)]
    line.take(*(line.sent("venue/centre/door/d1", body) for body in bodies))
    left = len(line.engine.state.time.waiting)
    async with signed_in(browser, site, "anna") as page:
        site.monitor.inbox.connected = True
        await page.goto(f"{site.url}/board")
        await expect(page.locator("#alive")).to_contain_text(f"● catching up, {left:,} left 14:0")
        line.pipeline.notice(MonitorCaughtUp(at=now))
        await expect(page.locator("#alive")).to_contain_text("● live 14:0")
    site.monitor.inbox.connected = False
