"""Draws dashboards with Grafana's components in a browser."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from aiohttp import web
from playwright.async_api import Browser, Page

from dashboards.preview.bundle import packages
from dashboards.preview.scene import Board, Scene
from tests.support.influxd import Rows
from tests.support.servers import HOST

LABEL = "made with Grafana's components, not by Grafana"
WIDTH, HEIGHT = 1920, 1080
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
    try:
        async with _served(dist) as url:
            await page.goto(url)
            yield page
    finally:
        await page.close()


@asynccontextmanager
async def _served(dist: Path) -> AsyncIterator[str]:
    """Serve the bundle and Grafana's icons on this machine: through the driver of the browser it takes much longer."""

    async def index(_: web.Request) -> web.Response:
        return web.Response(text=_HTML, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", index)
    app.router.add_static("/public", _ICONS)
    app.router.add_static("/", dist)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, 0).start()
        yield f"http://{HOST}:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


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
