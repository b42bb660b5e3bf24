"""The web pages on a phone: what a person sees and presses, and what is in the journal afterwards."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from litestar import Litestar
from msgspec.structs import replace
from playwright.async_api import Browser, Page

from monitor.app.paging import Paging
from monitor.app.reload_roster import RosterReload
from monitor.config.http import Http
from monitor.core.alert import Alert, Handling
from monitor.core.rules.model import RuleSet
from monitor.roster.feeds import Feeds
from monitor.web.connection import server
from tests.support.browser import WIDTH, phone
from tests.support.pipeline import START, PipelineHarness, event_payload, trial_rule_set
from tests.support.servers import HOST, eventually, free_port

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROSTER = """
[[person]]
id = "linh"
name = "Linh Trần"
languages = ["en"]

[[person]]
id = "ali"
name = "علي"
languages = ["ar"]

[[escalation]]
id = "duress"
silent = true
step = [{ notify = "linh" }]

[[escalation]]
id = "all-else"

[fallback]
notify = "linh"
"""


def rule_set(language: str = "en") -> RuleSet:
    """Return the shipped rules in a venue at UTC+7 with one language."""
    there = trial_rule_set().venue
    congress = replace(there.congress, timezone="Asia/Ho_Chi_Minh", languages=(language,))
    return replace(trial_rule_set(), venue=replace(there, congress=congress))


class Site:
    """The web pages of a monitor, with a pipeline and a roster of their own."""

    def __init__(self, folder: Path, line: PipelineHarness) -> None:
        roster = folder / "roster.toml"
        roster.write_text(ROSTER)
        self.line = line
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}"
        rota = RosterReload(roster, folder / "copy.toml", Feeds(folder), line.pipeline, line.clock)
        http = Http(public_url=self.url, key_file=folder / "key")
        self.paging = Paging(http, rota, line.pipeline, tuple)
        self.app = Litestar(self.paging.routes(), logging_config=None)

    def happens(self, kind: str, **fields: object) -> Alert:
        """Send an event at the door d1; return the alert that it raised."""
        self.send(kind, **fields)
        return self.line.journal.alerts()[-1]

    def send(self, kind: str, **fields: object) -> None:
        """Send an event at the door d1, and let the watermark pass it."""
        topic = f"venue/centre/{kind.partition('.')[0]}/d1"
        payload = event_payload(kind, self.line.clock.time, point="d1", **fields)
        self.line.take(self.line.sent(topic, payload))
        self.line.wait(3)

    def link(self, alert: Alert, person: str) -> str:
        """Return the link that a person received."""
        return self.paging.links.acknowledge(alert.id, person)

    def now(self, alert: Alert) -> Alert:
        """Return the alert as it is in the journal."""
        found = self.line.journal.alert(alert.id)
        assert found is not None
        return found


@pytest.fixture
def line(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[PipelineHarness]:
    """A pipeline at 14:02 on the congress's clocks."""
    at = START.replace(hour=7, minute=2)
    with PipelineHarness(
        tmp_path / "journal.db", now=at, rule_set=rule_set(getattr(request, "param", "en"))
    ) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def site(tmp_path: Path, line: PipelineHarness) -> AsyncIterator[Site]:
    """The web pages, served as in production."""
    made = Site(tmp_path, line)
    async with serving(made):
        yield made


@asynccontextmanager
async def serving(site: Site) -> AsyncIterator[None]:
    """Serve the web pages of a site on its port."""
    http = server(site.app)
    http.config.host, http.config.port = HOST, site.port
    task = asyncio.create_task(http.serve())
    try:
        await eventually(lambda: http.started)
        yield
    finally:
        http.should_exit = True
        await task


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A phone."""
    async with phone(browser) as opened:
        yield opened


async def press(page: Page, button: str = "Acknowledge") -> None:
    """Press a button and wait for the next web page."""
    async with page.expect_navigation():
        await page.get_by_role("button", name=button, exact=True).tap()


async def fits(page: Page) -> bool:
    """Return whether nothing exceeds the width of the screen."""
    boxes = [await each.bounding_box() for each in await page.locator("main, main *").all()]
    return all(box and box["x"] > 0 and box["x"] + box["width"] < WIDTH for box in boxes)


@pytest.mark.parametrize(
    ("person", "direction", "button", "done", "again"),
    [
        (
            "linh",
            "ltr",
            "Acknowledge",
            "You have acknowledged it",
            "You have already acknowledged it",
        ),
        ("ali", "rtl", "استلام التنبيه", "لقد استلمت التنبيه", "لقد استلمت هذا التنبيه سابقًا"),
    ],
)
async def test_a_person_acknowledges_with_a_tap(
    site: Site, page: Page, person: str, direction: str, button: str, done: str, again: str
) -> None:
    """Opening the link changes nothing, the button acknowledges; opened again, the web page shows since when."""
    alert = site.happens("door.alarm", alarm="forced_open")
    link = site.link(alert, person)

    await page.goto(link)
    assert await page.locator("html").get_attribute("dir") == direction
    assert await fits(page)
    assert site.now(alert).handling is Handling.NEW

    await press(page, button)
    assert await page.locator("h1").inner_text() == done
    taken = site.now(alert)
    assert (taken.handling, taken.owner) == (Handling.ACKNOWLEDGED, person)

    site.line.wait(5 * 60)
    await page.goto(link)
    assert await page.locator("h1").inner_text() == again
    assert "14:02" in await page.locator("dl").inner_text()
    assert await page.get_by_role("button").count() == 0
    assert await fits(page)


async def test_the_second_person_sees_who_acknowledged_and_when(site: Site, page: Page) -> None:
    """The second person sees the name, and the time on the congress's clocks."""
    alert = site.happens("door.alarm", alarm="forced_open")
    await page.goto(site.link(alert, "linh"))
    await press(page)
    await page.goto(site.link(alert, "ali"))

    assert "Linh Trần" in await page.locator("p").inner_text()
    assert "14:02" in await page.locator("dl").inner_text()
