"""The web pages on a phone: what somebody sees and presses, and what stands in the journal then."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest
import pytest_asyncio
from litestar import Litestar
from msgspec.structs import replace
from playwright.async_api import Browser, Page

from monitor.app.paging import Paging
from monitor.app.reload_roster import Rota
from monitor.config.settings import Http
from monitor.core.alert import Alert, Handling
from monitor.core.rules.model import RuleBook
from monitor.roster.feeds import Feeds
from monitor.web.detail import detail_route
from monitor.web.health import server
from tests.support.browser import WIDTH, chromium, phone
from tests.support.pipeline import START, Line, said, trial_book
from tests.support.servers import HOST, eventually, free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")

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
step = [{ tell = "linh" }]

[[escalation]]
id = "all-else"

[fallback]
tell = "linh"
"""


def book(language: str = "en") -> RuleBook:
    """The rules of the repository in a venue seven hours east of Greenwich, whose people speak a language."""
    there = trial_book().venue
    congress = replace(there.congress, timezone="Asia/Ho_Chi_Minh", languages=(language,))
    return replace(trial_book(), venue=replace(there, congress=congress))


class Site:
    """The pages of a monitor, over a line and a roster of its own."""

    def __init__(self, folder: Path, line: Line) -> None:
        roster = folder / "roster.toml"
        roster.write_text(ROSTER)
        self.line = line
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}"
        rota = Rota(roster, folder / "copy.toml", Feeds(folder), line.pipeline, line.clock)
        http = Http(public_url=self.url, key_file=folder / "key")
        self.paging = Paging(http, rota, line.pipeline, lambda _: None, Random(1))
        detail = detail_route(self.paging.author, line.journal.alert)
        self.app = Litestar([*self.paging.routes(), detail], logging_config=None)

    def happens(self, kind: str, **fields: object) -> Alert:
        """Something happens at the door d1; returns the alert that it raised."""
        self.send(kind, **fields)
        return self.line.journal.alerts()[-1]

    def send(self, kind: str, **fields: object) -> None:
        """Something happens at the door d1, and its turn comes."""
        topic = f"venue/centre/{kind.partition('.')[0]}/d1"
        payload = said(kind, self.line.clock.time, point="d1", **fields)
        self.line.take(self.line.sent(topic, payload))
        self.line.wait(3)

    def link(self, alert: Alert, person: str) -> str:
        """What somebody got."""
        return self.paging.links.acknowledge(alert.id, person)

    def now(self, alert: Alert) -> Alert:
        """What stands in the journal."""
        found = self.line.journal.alert(alert.id)
        assert found is not None
        return found


@pytest.fixture
def line(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Line]:
    """A line at 14:02 on the congress's clocks."""
    at = START.replace(hour=7, minute=2)
    with Line(tmp_path / "journal.db", now=at, book=book(getattr(request, "param", "en"))) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def site(tmp_path: Path, line: Line) -> AsyncIterator[Site]:
    """The pages, served as the monitor serves them."""
    made = Site(tmp_path, line)
    async with serving(made):
        yield made


@asynccontextmanager
async def serving(site: Site) -> AsyncIterator[None]:
    """Serves the pages of a site on its port."""
    http = server(site.app)
    http.config.host, http.config.port = HOST, site.port
    task = asyncio.create_task(http.serve())
    try:
        await eventually(lambda: http.started)
        yield
    finally:
        http.should_exit = True
        await task


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all tests: its start is what takes time."""
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """What somebody has in their hands."""
    async with phone(browser) as opened:
        yield opened


async def press(page: Page, button: str = "I take it") -> None:
    """Presses a button and waits for the page that answers."""
    async with page.expect_navigation():
        await page.get_by_role("button", name=button, exact=True).tap()


async def fits(page: Page) -> bool:
    """Nothing sticks out at the side, and the style is in force."""
    boxes = [await each.bounding_box() for each in await page.locator("main, main *").all()]
    return all(box and box["x"] > 0 and box["x"] + box["width"] < WIDTH for box in boxes)


@pytest.mark.parametrize(
    ("person", "direction", "button", "done", "again"),
    [
        ("linh", "ltr", "I take it", "It is yours", "Already yours"),
        ("ali", "rtl", "سأتولى الأمر", "الأمر لك", "الأمر لك من قبل"),
    ],
)
async def test_somebody_takes_it_with_a_thumb(
    site: Site, page: Page, person: str, direction: str, button: str, done: str, again: str
) -> None:
    """Opening changes nothing; the button does, in the journal; opened again, the page says who has it since when."""
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


async def test_who_comes_second_reads_who_has_it_since_when(site: Site, page: Page) -> None:
    """On the congress's clocks."""
    alert = site.happens("door.alarm", alarm="forced_open")
    await page.goto(site.link(alert, "linh"))
    await press(page)
    await page.goto(site.link(alert, "ali"))

    assert "Linh Trần" in await page.locator("p").inner_text()
    assert "14:02" in await page.locator("dl").inner_text()


@pytest.mark.parametrize("line", ["en", "ar"], indirect=True)
async def test_a_dashboard_leads_to_a_page_that_only_shows(site: Site, page: Page) -> None:
    """It says how the alert stands and how it can be taken, and has nothing to press; afterwards who has it."""
    alert = site.happens("door.alarm", alarm="forced_open")
    address = f"{site.url}/alerts/{alert.id}"

    answer = await page.goto(address)
    assert answer is not None
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert await page.locator("code").inner_text() == f"venue-monitor ack {alert.id}"
    assert await page.locator("form, button, a").count() == 0
    assert await fits(page)

    await page.goto(site.link(alert, "linh"))
    await press(page)
    await page.goto(address)
    assert "Linh Trần" in await page.locator("dl").inner_text()
    assert await page.locator("code").count() == 0


async def test_what_is_over_is_still_shown(site: Site, page: Page) -> None:
    """A history leads to alerts that are closed."""
    alert = site.happens("door.alarm", alarm="forced_open")
    site.send("door.alarm", alarm="normal")
    assert site.now(alert).handling is Handling.CLOSED

    await page.goto(f"{site.url}/alerts/{alert.id}")
    assert "closed" in await page.locator("dl").inner_text()
    assert await page.locator("code").count() == 0


async def test_a_silent_alert_is_answered_as_one_that_never_was(site: Site, page: Page) -> None:
    """Nobody learns from an address that somebody asked for help."""
    alert = site.happens("access.duress")
    assert alert.silent

    texts = []
    for own in (alert.id, "0" * 16):
        answer = await page.goto(f"{site.url}/alerts/{own}")
        assert answer is not None
        assert answer.status == 404
        texts.append(await page.content())
    assert texts[0] == texts[1]
