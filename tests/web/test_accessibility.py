"""Every page of the console is accessible (WCAG 2.2 AA): with axe, by the keyboard alone, and on every width."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta

import pytest
import pytest_asyncio
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, Page, expect

from monitor.accounts import Account, Grant
from tests.support.console import ADMIN, PASSWORD, ConsoleSite, console_site
from tests.support.console_browser import hears_nothing, signed_in
from tests.support.form import PASSES, form_body
from tests.support.form_browser import phone
from tests.support.pipeline import PipelineHarness
from tests.support.routes import ENDLESS, address, furnish, routes
from tests.support.sites import two_sites

pytestmark = pytest.mark.asyncio(loop_scope="session")

EXCEPTIONS: frozenset[tuple[str, str]] = frozenset()
"""What axe finds and nobody has repaired yet, as (path of the route, rule of axe). It may only shrink."""
ODD = f"a-door-with-a-name-that-nobody-thought-would-ever-be-this-long-{'x' * 60}"

WAITS = "v2"
"""An inspection that waits for Anna's approval."""
STATES = (("/board", "/board?q=nothing-has-this"), ("/nowhere", "/nowhere"))
"""Pages that no route shows by itself: nothing found, and not found."""
ACTS: Mapping[str, Mapping[str, str]] = {
    "acknowledge": {"note": "on my way"},
    "tick": {"step": "1"},
    "note": {"note": "two people at the door"},
}
"""What was done with one alert."""
EVERY_RULE = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
"""Options of axe: all its rules; it leaves WCAG 2.2's size of targets out unless it is asked for."""
CONTRAST = {"resultTypes": ["violations"], "runOnly": ["color-contrast"]}
"""Of all rules only this one depends on colours."""
Look = tuple[str, bool, Mapping[str, object]]
"""A theme, whether the page is grey because it is old, and axe's options."""
LOOKS: Sequence[Look] = (
    ("dark", False, EVERY_RULE),
    ("dark", True, CONTRAST),
    ("light", True, CONTRAST),
    ("light", False, CONTRAST),
)
"""What is tried with every page, one after the other."""
VIOLATIONS = """async (looks) => {
    document.querySelectorAll("details").forEach((each) => (each.open = true));
    const root = document.documentElement;
    const found = [];
    for (const [theme, isOld, options] of looks) {
        root.dataset.theme = theme;
        root.classList.toggle("stale", isOld);
        for (const { id, nodes } of (await axe.run(options)).violations) {
            found.push(...nodes.map(({ target, failureSummary }) => [id, `${theme} ${target} ${failureSummary}`]));
        }
    }
    return found;
}"""
"""Returns what axe finds in each look, with all forms of the page unfolded: the rule, and where."""
WIDTHS = (320, 375, 1440, 3840)
"""CSS pixels: WCAG's narrowest, a phone, a desk, a wall."""
WHOLE = 3000
"""CSS pixels of height with which no bar covers a part of the page."""
TOO_WIDE = """() => {
    const width = document.documentElement.clientWidth;
    const isTooWide = document.documentElement.scrollWidth > width;
    return isTooWide ? [...document.querySelectorAll("body *")].filter((each) => {
        const box = each.getBoundingClientRect();
        return box.width && (box.right > width + 1 || box.left < -1);
    }).map((each) => each.outerHTML.slice(0, 150)) : [];
}"""
"""Returns what exceeds the width of the screen, if the page can be scrolled sideways."""
TO_THE_START = """() => {
    const start = document.createElement("i");
    start.tabIndex = -1;
    document.body.prepend(start);
    start.focus();
    const all = "a[href], button, input, select, textarea, summary, [tabindex]";
    const controls = () => [...document.querySelectorAll(all)]
        .filter((each) => each.tabIndex >= 0 && !each.disabled && each.checkVisibility({ visibilityProperty: true }));
    window.stops = [];
    document.addEventListener("focusin", ({ target }) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(target);
        const stop = [controls().indexOf(target), outlineStyle !== "none" && parseFloat(outlineWidth) >= 2];
        if (String(window.stops.at(-1)) !== String(stop)) window.stops.push(stop);
    });
    return controls().length;
}"""
"""Lets the next Tab begin where the page begins, whatever has the focus by itself; returns how many controls there are.

From then on `stops` has the number of each control that got the focus, and whether that is seen. A part that follows
the stream is replaced and gives the focus back to the same control, which is no further stop.
"""

Pages = Sequence[tuple[str, str]]
"""Path of the route, and an address of it."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(
    tmp_path_factory: pytest.TempPathFactory, module_line: PipelineHarness
) -> AsyncIterator[ConsoleSite]:
    """A console with open alerts, and somebody who may see and do all there is."""
    async with console_site(tmp_path_factory.mktemp("site"), module_line, sites=two_sites) as made:
        grants = (Grant(role="supervisor", silent=True), Grant(role="admin"))
        made.accounts.add(Account(name="anna", person="anna", grants=grants), ADMIN)
        await made.accounts.set_password("anna", PASSWORD)
        await made.add("linh", "engineer")
        furnish(module_line)
        made.send("door.alarm", point=ODD, alarm="forced_open")
        made.happens("access.duress", "g1", credential="c1")
        made.happens("door.tamper", "d2", active=True)
        alert = made.happens()
        async with made.client("anna") as client:
            failed = {"item": "exits-free", "result": "fail", "note": "chained"}
            body = form_body(module_line.clock.time, [failed, PASSES[1]], inspection="v1")
            assert (await client.put("/api/v1/inspections/v1", content=body)).status_code == 201
            for act, form in ACTS.items():
                await client.post(f"/alerts/{alert.id}/{act}", data={"key": "k", **form})
        async with made.client("linh") as client:
            dark = [{"item": "lights", "result": "fail", "note": "one is dark"}]
            body = form_body(
                module_line.clock.time, dark, inspection=WAITS, checklist="vault-check"
            )
            answer = await client.put(f"/api/v1/inspections/{WAITS}", content=body)
            assert answer.status_code == 201
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pages(site: ConsoleSite) -> Mapping[str, Pages]:
    """Every page that Anna is shown, and with an empty name that nobody is."""
    return {
        "anna": [*STATES, *await walked(site, "anna")],
        "": [*links(site, "anna"), *await walked(site, "")],
    }


async def walked(site: ConsoleSite, name: str) -> Pages:
    """Return what the routes lead to."""
    (alert,) = (row for row in site.line.journal.alerts() if row.ticked)
    found = []
    async with site.client(name) as client:
        for method, path, _ in routes(site.app):
            if method == "GET" and path != ENDLESS:
                answer = await client.get(address(path, alert.id))
                if answer.headers.get("content-type", "").startswith("text/html"):
                    found.append((path, str(answer.url.path)))
    return found


def links(site: ConsoleSite, of: str) -> Pages:
    """Return the pages of one-time links: for the password of somebody, and to sign a wall in."""
    if site.accounts.find("wall") is None:
        site.accounts.add(Account(name="wall"), ADMIN)
    password, sign_in = (
        site.accounts.link(of, ADMIN),
        site.accounts.invitation.make_sign_in("wall", ADMIN),
    )
    return [("/first/{token:str}", f"/first/{password}"), ("/join/{token:str}", f"/join/{sign_in}")]


async def looked_at(
    page: Page, path: str, looks: Sequence[Look] = LOOKS
) -> list[tuple[str, str, str]]:
    """Return what axe finds on the page that is shown, in each look: route, rule, and where."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    return [(path, rule, where) for rule, where in await page.evaluate(VIOLATIONS, list(looks))]


@pytest.mark.timeout(1800)  # 80 s on two cores, beside other tests
@pytest.mark.parametrize("language", ["en", "ar"])
async def test_axe_finds_nothing(
    browser: Browser, site: ConsoleSite, pages: Mapping[str, Pages], language: str
) -> None:
    """Every page, in both themes and directions, also grey because the connection is lost."""
    found: list[tuple[str, str, str]] = []
    for name in ("anna", ""):
        async with signed_in(browser, site, name, language=language) as page:
            for path, there in pages[name]:
                await page.goto(f"{site.url}{there}")
                found += await looked_at(page, path)
    excepted = {row for row in found if row[:2] in EXCEPTIONS}
    left = [row for row in found if row not in excepted]
    assert not left, "\n".join(map(str, left))
    assert {row[:2] for row in excepted} == EXCEPTIONS, "take what is repaired off the list"


@pytest.mark.parametrize("language", ["en", "ar"])
async def test_axe_finds_nothing_in_what_is_refused(
    browser: Browser, site: ConsoleSite, language: str
) -> None:
    """A wrong password, a wrong token, two passwords that differ: the form again, with the reason."""
    first, _ = links(site, "linh")
    async with signed_in(browser, site, "", language=language) as page:
        for path, fields in (
            ("/login", {"name": "anna", "password": "wrong"}),
            ("/pair", {"token": "wrong"}),
            (first[1], {"password": "x" * 20, "again": "y" * 20}),
        ):
            await page.goto(f"{site.url}{path}")
            for name, value in fields.items():
                await page.locator(f"[name={name}]").fill(value)
            await page.locator("button.main").click()
            await expect(page.locator(".wrong")).to_be_visible()
            assert await looked_at(page, path) == []


@pytest.mark.parametrize("language", ["en", "ar"])
async def test_axe_finds_nothing_in_the_phone_form(
    browser: Browser, site: ConsoleSite, language: str
) -> None:
    """Each screen: item, form, receipt, outbox, action, label, decision, sign-off; also at 320 pixels' width."""
    async with phone(browser, site.url) as anna:
        await anna.sign_in(site, "anna")
        await anna.context.add_cookies(
            [{"name": "vm-language", "value": language, "url": site.url}]
        )
        page = await anna.open()
        await expect(page.locator("html")).to_have_attribute("lang", language)
        found: list[tuple[str, str, str]] = []

        async def look(screen: str) -> None:
            for width in (320, 375):
                await page.set_viewport_size({"width": width, "height": WHOLE})
                found.extend((screen, "too wide", each) for each in await page.evaluate(TOO_WIDE))
            found.extend(await looked_at(page, screen))

        await look("home")
        key = await anna.begin("Fire safety of the hall")
        await page.locator(".answers .fail").click()
        await page.locator("#act").click()
        await anna.take_photo("red")
        await look("failed item")
        await anna.go_on()
        await page.locator("#value").fill("9")
        await expect(page.locator(".judged.bad")).to_be_visible()
        await look("measured item")
        await anna.go_on()
        await page.locator(".answers .na").click()
        await look("n/a")
        await page.locator("#reason").fill("closed")
        await anna.go_on()
        await look("form")
        await anna.finish(becomes="accepted")
        await look("receipt")
        await page.goto(f"{site.url}/m/#/outbox")
        await expect(page.locator("#send")).to_be_visible()
        await look("outbox")
        site.line.wait(60)
        await anna.open()
        for screen, address_of, shown in (
            ("action", f"action/{key}.exits-free", "#done"),
            ("decision", f"decide/{WAITS}", "#approve"),
            ("sign-off", "sign/hall", "#sign"),
        ):
            await page.goto(f"{site.url}/m/#/{address_of}")
            await expect(page.locator(shown)).to_be_visible()
            await look(screen)
    assert found == []


@pytest.mark.parametrize("language", ["en", "ar"])
async def test_axe_finds_nothing_when_a_pin_is_asked(
    browser: Browser, site: ConsoleSite, language: str
) -> None:
    """On a page of its own, and beside the alert that is acted upon; also after a wrong one."""
    await site.accounts.set_pin("anna", "274951")
    (alert,) = (row for row in site.line.journal.alerts() if row.ticked)
    async with signed_in(browser, site, "anna", language=language) as page:
        site.time.later += timedelta(minutes=31)
        for path, form in (("/log", "#write"), (f"/alerts/{alert.id}", "form[action$='/tick']")):
            await page.goto(f"{site.url}{path}")
            for text in await page.locator(f"{form} textarea").all():
                await text.fill("two people at the door")
            await page.locator(f"{form} button").first.click()
            for _ in range(2):
                pin = page.locator("form.pin [name=pin]")
                await expect(pin).to_have_value("")
                assert await looked_at(page, f"{path} (PIN)") == []
                await pin.fill("000000")
                await page.locator("form.pin button").click()
                await expect(page.locator("form.pin .wrong")).to_be_visible()


async def test_axe_finds_nothing_on_a_page_that_is_old(browser: Browser, site: ConsoleSite) -> None:
    """Readiness and plan after the monitor stood still: grey, with the bar that says so and nothing to press."""
    async with signed_in(browser, site, "anna") as page:
        await page.clock.install()
        for path in ("/readiness", "/plan/centre"):
            await page.goto(f"{site.url}{path}")
            await expect(page.locator("#alive")).to_contain_text("14:0")
            await site.stall()
            await hears_nothing(page)
            await expect(page.locator("#stale")).to_be_visible()
            await page.clock.resume()  # axe has timers, too
            both = [(theme, True, EVERY_RULE) for theme in ("dark", "light")]
            assert await looked_at(page, path, both) == []
            site.resume()


@pytest.mark.parametrize("language", ["ar", "vi"])
async def test_every_page_fits_every_screen(
    browser: Browser, site: ConsoleSite, pages: Mapping[str, Pages], language: str
) -> None:
    """From a phone to a wall, from right to left too, nothing is cut off or needs sideways scrolling."""
    wrong = []
    for name in ("anna", ""):
        async with signed_in(browser, site, name, language=language) as page:
            for path, there in pages[name]:
                await page.goto(f"{site.url}{there}")
                assert await page.locator("html").get_attribute("lang") == language, path
                for width in WIDTHS:
                    await page.set_viewport_size({"width": width, "height": 900})
                    wrong += [(path, width, each) for each in await page.evaluate(TOO_WIDE)]
    assert wrong == []


async def test_the_keyboard_alone_reaches_every_control(
    browser: Browser, site: ConsoleSite, pages: Mapping[str, Pages]
) -> None:
    """Tab reaches each in the order of the page, and what has the focus is seen to have it."""
    for name in ("anna", ""):
        async with signed_in(browser, site, name) as page:
            for path, there in pages[name]:
                await page.goto(f"{site.url}{there}")
                total, presses = await page.evaluate(TO_THE_START), 0
                stops: list[list[int]] = []
                while len(stops) < total and presses < 10 * total:
                    # A field for a date has further stops within, which are none of the page.
                    for _ in range(total - len(stops)):
                        await page.keyboard.press("Tab")
                    presses += total - len(stops)
                    stops = await page.evaluate("window.stops")
                assert stops == [[number, True] for number in range(total)], path


async def test_escape_closes_a_dialog(browser: Browser, site: ConsoleSite) -> None:
    """The list of keys opens and closes without a mouse, and the focus is where it was."""
    async with signed_in(browser, site, "anna") as page:
        await page.goto(f"{site.url}/board")
        await page.locator("#help").focus()
        await page.keyboard.press("Enter")
        dialog = page.locator("dialog[open]")
        await expect(dialog).to_be_visible()
        assert await looked_at(page, "/board", LOOKS[:1]) == []
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
        await expect(page.locator("#help")).to_be_focused()
