"""From a red tile of a dashboard to an alert that is mine: two clicks."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from monitor.grafana.deployment import Deployment, adapted
from tests.support.console import ConsoleSite
from tests.support.console_browser import signed_in
from tests.support.wall import boards, panels

pytestmark = pytest.mark.asyncio(loop_scope="session")

TILES = [
    (uid, panel["title"])
    for uid in ("venue-wall", "venue-overview")
    for panel in panels(boards()[uid])
    if re.match(r"P1.*(now|nobody has it)$", panel["title"])
]


@pytest.mark.parametrize(("uid", "title"), TILES)
async def test_a_tile_leads_to_mine(
    browser: Browser, site: ConsoleSite, uid: str, title: str
) -> None:
    """The first click opens the alerts of the tile's priority and no others; the second one takes the alert."""
    alert, other = site.happens(), site.starts("emergency.fire", "hall", zone="hall")
    assert alert.severity == "critical" != other.severity
    async with signed_in(browser, site, "anna") as page:
        await _click(page, _link(site, uid, title), {})
        await expect(page.locator("#board .row")).to_have_count(1)
        await page.locator(f"#alert-{alert.id} .take button").click()
        await expect(page.locator(f"#alert-{alert.id}")).to_contain_text("Anna")
    assert (site.now(alert).handling, site.now(alert).owner) == ("acknowledged", "anna")


async def test_a_priority_in_a_table_leads_to_mine(browser: Browser, site: ConsoleSite) -> None:
    """The first click opens the alert of the row; the second one takes it."""
    alert = site.happens()
    link = _link(site, "venue-overview", "Open alerts")
    async with signed_in(browser, site, "anna") as page:
        await _click(page, link, {"alert_id": alert.id})
        await page.get_by_role("button", name="I take it").click()
        await expect(page.locator("main")).to_contain_text("Anna")
    assert (site.now(alert).handling, site.now(alert).owner) == ("acknowledged", "anna")


async def _click(page: Page, link: str, row: dict[str, str]) -> None:
    """Follow a link as Grafana fills it in for a row."""
    fields = {f"${{__data.fields.{name}:percentencode}}": value for name, value in row.items()}
    for name, value in fields.items():
        link = link.replace(name, value)
    assert "${" not in link
    await page.goto(link)


def _link(site: ConsoleSite, uid: str, title: str) -> str:
    """Return the one link to the console of a panel, in the dashboard as it is installed for this console."""
    board = adapted(boards()[uid], Deployment("UTC", site.url, {}))
    (address,) = (row["query"] for row in board["templating"]["list"] if row["name"] == "ack_base")
    (panel,) = (row for row in panels(board) if row["title"] == title)
    (link,) = {url for url in _urls(panel) if url.startswith("${ack_base:raw}")}
    return link.replace("${ack_base:raw}", address)


def _urls(part: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    if isinstance(part, dict):
        yield from (value for key, value in part.items() if key == "url")
        for value in part.values():
            yield from _urls(value)
    elif isinstance(part, list):
        for value in part:
            yield from _urls(value)
