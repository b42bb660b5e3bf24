"""A real Chromium with the board: when each row and each number was drawn."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page, async_playwright

from bench.delays import CLOSED, Seen

WATCH = """
window.drawn = [];
new MutationObserver((changes) => {
  const rows = new Map();
  for (const { target, addedNodes, removedNodes } of changes) {
    for (const node of [target, ...addedNodes]) {
      const row = node.closest?.(".row");
      if (row) rows.set(row.dataset.id, row);
    }
    for (const node of removedNodes) {
      if (node.dataset?.id && !rows.has(node.dataset.id)) rows.set(node.dataset.id, null);
    }
  }
  requestAnimationFrame(() => {
    const at = (performance.timeOrigin + performance.now()) / 1000;
    for (const [id, row] of rows) {
      const shown = document.getElementById(`alert-${id}`);
      const times = Number(shown?.querySelector(".times").textContent.replace(/\\D/g, "") || 1);
      window.drawn.push([at, id, shown ? times : 0, shown ? shown.dataset.group : ""]);
    }
  });
}).observe(document, { childList: true, subtree: true });
"""


@asynccontextmanager
async def board_screen(program: str, port: int, cookie: str) -> AsyncIterator[Page]:
    """Open the board in Chromium; `drawn` reads what it has drawn."""
    name, _, token = cookie.partition("=")
    url = f"http://127.0.0.1:{port}"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            context = await browser.new_context(viewport={"width": 1440, "height": 900})
            await context.add_cookies([{"name": name, "value": token, "url": url}])
            page = await context.new_page()
            await page.add_init_script(WATCH)
            await page.goto(f"{url}/board")
            await page.locator("#alive").get_by_text(":").wait_for()
            yield page
        finally:
            await browser.close()


async def drawn(page: Page) -> list[Seen]:
    """Return the states of alerts that a page has drawn: each number also stands for recurrences."""
    seen: list[Seen] = []
    for at, own, times, group in await page.evaluate("window.drawn"):
        if not group:
            seen.append(Seen(at, own, CLOSED))
        else:
            seen += [Seen(at, own, (times, group)), Seen(at, own, (times, None))]
    return seen
