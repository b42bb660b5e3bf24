"""Draws dashboards with Grafana's components in a browser, without a server: the files come from the disk."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from playwright.async_api import Browser, Page, Route

from dashboards.preview.bundle import packages
from dashboards.preview.scene import Board, Scene
from tests.support.influxd import Rows

LABEL = "made with Grafana's components, not by Grafana"
WIDTH, HEIGHT = 1920, 1080
_ORIGIN = "http://preview.invalid"
_HTML = (
    '<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="main.css">'
    '<body><div id="root"></div><script src="main.js"></script>'
)
_ICONS = packages() / "node_modules" / "@grafana" / "ui" / "dist" / "public"


class Look(NamedTuple):
    """How a dashboard is drawn."""

    dark: bool = True
    language: str = "en"


@asynccontextmanager
async def drawing_page(browser: Browser, dist: Path, scale: float = 1) -> AsyncIterator[Page]:
    """Open a page on which dashboards can be drawn.

    Args:
        browser: where to open it.
        dist: the folder of the bundle.
        scale: physical pixels for one of CSS: 2 for a screen of 3840 x 2160.

    """
    page = await browser.new_page(
        viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=scale
    )

    async def answer(route: Route) -> None:
        name = route.request.url.removeprefix(f"{_ORIGIN}/")
        path = _ICONS / name.removeprefix("public/") if name.startswith("public/") else dist / name
        if not name:
            await route.fulfill(body=_HTML, content_type="text/html")
        elif path.is_file():
            await route.fulfill(path=path)
        else:
            await route.fulfill(status=404)

    await page.route("**/*", answer)
    await page.goto(f"{_ORIGIN}/")
    try:
        yield page
    finally:
        await page.close()


async def draw(page: Page, board: Board, found: list[list[Rows]], scene: Scene, look: Look) -> None:
    """Draw one dashboard at one moment."""
    arguments: dict[str, Any] = {
        "dashboard": board,
        "answers": found,
        "from": int((scene.now - scene.length).timestamp() * 1000),
        "to": int(scene.now.timestamp() * 1000),
        "dark": look.dark,
        "width": WIDTH,
        "label": LABEL,
        "language": look.language,
    }
    await page.evaluate("(given) => window.draw(given)", arguments)
