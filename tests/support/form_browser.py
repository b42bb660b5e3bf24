"""The phone form in a browser: a phone that is signed in, and what a person does on it."""

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from playwright.async_api import (
    Browser,
    BrowserContext,
    Page,
    Playwright,
    expect,
)

from monitor.core.events.inspection import InspectionItem, InspectionSubmitted
from monitor.core.inputs import Arrival
from tests.support.browser import ARGUMENTS, SLOWLY
from tests.support.console import ConsoleSite
from tests.support.pipeline import PipelineHarness
from tests.support.servers import PATIENCE, program_of

VIEWPORT = {"width": 375, "height": 780}
FORMS = "forms"
SHOWN = "() => document.documentElement.dataset.page === location.hash"
STORED = """async (name) => {
    const open = indexedDB.open("vm");
    const db = await new Promise((resolve) => (open.onsuccess = () => resolve(open.result)));
    const all = db.transaction(name).objectStore(name).getAll();
    const rows = await new Promise((resolve) => (all.onsuccess = () => resolve(all.result)));
    db.close();
    return rows;
}"""
"""Returns all rows of a store of the phone."""
TAKE = """async (colour) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
    const context = canvas.getContext("2d");
    if (colour === "noise") {
        canvas.width = canvas.height = 1600;
        const data = context.createImageData(1600, 1600);
        const random = new Uint32Array(data.data.buffer);
        for (let n = 0; n < random.length; n += 16384) {
            crypto.getRandomValues(random.subarray(n, n + 16384));
        }
        context.putImageData(data, 0, 0);
    } else {
        const [wall, door, handle] = [[0, 0, 640, 480], [200, 60, 220, 420], [384, 270, 20, 8]];
        for (const [fill, ...box] of [["#cfc8bd", ...wall], [colour, ...door], ["#222", ...handle]]) {
            context.fillStyle = fill;
            context.fillRect(...box);
        }
    }
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg"));
    const chosen = new DataTransfer();
    chosen.items.add(new File([blob], "photo.jpg", { type: "image/jpeg" }));
    const input = document.getElementById("photo");
    input.files = chosen.files;
    input.dispatchEvent(new Event("change"));
}"""
"""Chooses a JPEG as the camera would: a door of a colour, or noise, which is large."""


class Phone:
    """A browser context with one page.

    Args:
        context: the browser's profile.
        url: where it finds the monitor.
        page: its page; by default the first of the context.

    """

    def __init__(self, context: BrowserContext, url: str, page: Page | None = None) -> None:
        context.set_default_timeout(SLOWLY)
        self.context = context
        self.url = url
        first = context.pages[0] if context.pages else None
        self.page: Page = page or first  # type: ignore[assignment]
        self.errors: list[str] = []

    async def sign_in(self, site: ConsoleSite, name: str) -> None:
        """Give it the session of an account, or with an empty name of nobody."""
        await self.context.clear_cookies()
        if name:
            cookie = {"name": "vm", "value": await site.cookie(name), "url": self.url}
            await self.context.add_cookies([cookie])  # type: ignore[list-item]

    async def open(self, *, is_ready: bool = False) -> Page:
        """Open the form, and wait until it has asked the monitor; ``is_ready``: and works without a network."""
        if self.page is None:
            self.page = await self.context.new_page()
            self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        await self.page.goto(f"{self.url}/m/")
        await expect(self.page.locator("html[data-ready]")).to_be_attached()
        if is_ready:
            await expect(self.page.locator("#offline")).to_contain_text("✓")
        return self.page

    async def go(self, address: str) -> None:
        """Go to a page of the form that is open, such as ``#/outbox``."""
        await self.page.goto(f"{self.url}/m/{address}")
        await self.shown()

    async def shown(self) -> None:
        """Wait until the page of the address is shown: until then it is the one before."""
        await self.page.wait_for_function(SHOWN)

    async def forget(self) -> None:
        """Close its pages and forget everything but the form itself: what its worker keeps takes seconds to install."""
        pages = self.context.pages
        blank = await self.context.new_page()
        for page in pages:
            await page.close()
        session = await self.context.new_cdp_session(blank)
        forms = {"origin": self.url, "storageTypes": "indexeddb"}
        await session.send("Storage.clearDataForOrigin", forms)
        await self.context.clear_cookies()
        await blank.close()

    async def limit_storage(self, bytes_: int) -> None:
        """Let the browser keep no more than so much."""
        if self.page is None:
            self.page = await self.context.new_page()
        session = await self.context.new_cdp_session(self.page)
        quota = {"origin": self.url, "quotaSize": bytes_}
        await session.send("Storage.overrideQuotaForOrigin", quota)

    async def set_up(self, language: str, theme: str) -> None:
        """Choose a language and a theme."""
        if theme == "dark":
            await self.page.locator(".settings > button[aria-pressed]").first.click()
            await expect(self.page.locator("html")).to_have_attribute("data-theme", theme)
        await self.page.locator(f".settings [lang={language}]").click()
        await expect(self.page.locator("html")).to_have_attribute("lang", language)

    async def begin(self, checklist: str) -> str:
        """Begin a form; return its key."""
        await self.page.locator("button.card", has_text=checklist).click()
        await expect(self.page.locator("#question")).to_be_visible()
        await self.shown()
        return self.page.url.split("/form/")[1].split("/")[0]

    async def answer(self, result: str) -> None:
        """Answer the item that is shown, and go on to the next."""
        await self.page.locator(f".answers .{result}").click()
        await self.go_on()

    async def measure(self, typed: str) -> None:
        """Type a value into the item that is shown, and go on to the next."""
        await self.page.locator("#value").fill(typed)
        await self.go_on()

    async def go_on(self) -> None:
        """Go on to the next item, or to the whole form."""
        before = self.page.url
        await self.page.locator("#next").click()
        await self.page.wait_for_function("(before) => location.href !== before", arg=before)
        await self.shown()

    async def fill_in(self, *, carpet: str = "pass", cold: str = "4,1") -> str:
        """Fill in the checklist of the hall; return the form's key."""
        key = await self.begin("Fire safety of the hall")
        await self.answer("pass")
        await self.measure(cold)
        await self.answer(carpet)
        return key

    async def finish(self, *, becomes: str) -> None:
        """Finish the form that is open, and wait for what becomes of it."""
        await self.page.locator("#finish").click()
        await expect(self.page.locator("#outcome")).to_be_visible()
        await self.until_quiet()
        await expect(self.page.locator(f"#outcome.{becomes}")).to_be_visible()

    async def send(self) -> None:
        """Press «Send now», and wait until that is over."""
        await self.go("#/outbox")
        await self.page.locator("#send").click()
        await self.until_quiet()

    async def until_quiet(self) -> None:
        """Wait until nothing is being sent, and the monitor is not being asked."""
        await expect(self.page.locator("html[data-busy]")).to_have_count(0)

    async def take_photo(self, colour: str) -> None:
        """Take a photo: of a door of this colour."""
        before = await self.page.locator(".photos img").count()
        await self.page.evaluate(TAKE, colour)
        shown = self.page.locator(".photos img").nth(before)
        await expect(shown.or_(self.page.locator("#trouble:not([hidden])"))).to_be_visible()

    async def rows(self, store: str = FORMS) -> list[dict[str, object]]:
        """Return what the phone has stored."""
        found: list[dict[str, object]] = await self.page.evaluate(STORED, store)
        return found

    async def states(self) -> Sequence[object]:
        """Return the states of the forms on the phone, the first begun first."""
        rows = sorted(await self.rows(), key=lambda row: str(row["started_at"]))
        return [row["state"] for row in rows if row["kind"] == "form"]


async def base_of(page: Page) -> str:
    """Return where the modules of the form are."""
    return str(await page.evaluate("document.querySelector('script').src.replace('app.js', '')"))


@asynccontextmanager
async def phone(browser: Browser, url: str) -> AsyncIterator[Phone]:
    """Open a phone of its own; its page must report no error."""
    async with profile(browser) as context:
        made = Phone(context, url)
        yield made
        assert made.errors == []


@asynccontextmanager
async def profile(browser: Browser) -> AsyncIterator[BrowserContext]:
    """Make what a phone remembers."""
    context = await browser.new_context(viewport=VIEWPORT, has_touch=True)  # type: ignore[arg-type]
    try:
        yield context
    finally:
        await context.close()


class KillableBrowser:
    """A browser with a profile that outlives it.

    Args:
        playwright: drives it.
        folder: the profile.

    """

    def __init__(self, playwright: Playwright, folder: Path) -> None:
        self._playwright = playwright
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self._browser: Browser | None = None

    async def start(self, url: str) -> Phone:
        """Start it; return its phone."""
        self._process = await asyncio.create_subprocess_exec(
            program_of("chromium", "chromium"),
            *ARGUMENTS,
            "--headless=new",
            "--remote-debugging-port=0",
            f"--user-data-dir={self._folder}",
            "about:blank",
            stderr=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        async with asyncio.timeout(PATIENCE):
            address = await self._address()
        self._browser = await self._playwright.chromium.connect_over_cdp(address, timeout=SLOWLY)
        return Phone(self._browser.contexts[0], url)

    async def _address(self) -> str:
        assert self._process is not None
        assert self._process.stderr is not None
        while line := (await self._process.stderr.readline()).decode():
            if "DevTools listening on " in line:
                return line.split("DevTools listening on ")[1].strip()
        raise AssertionError("the browser did not start")

    async def kill(self) -> None:
        """Send SIGKILL."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGKILL)
            await self._process.wait()
            self._process = None
        if self._browser is not None:
            await self._browser.close()
            self._browser = None


def forms_in(line: PipelineHarness) -> list[InspectionSubmitted]:
    """Return the forms in the journal, in their order."""
    return [event for event in _events(line) if isinstance(event, InspectionSubmitted)]


def items_in(line: PipelineHarness) -> list[InspectionItem]:
    """Return the single answers in the journal, in their order."""
    return [event for event in _events(line) if isinstance(event, InspectionItem)]


def _events(line: PipelineHarness) -> list[object]:
    return [
        event
        for _, row in line.journal.inputs()
        if isinstance(row, Arrival)
        for event in row.events
    ]
