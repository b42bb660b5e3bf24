"""A person's own ways to be reached: a test of each channel, and where the link of a page leads the signed-in."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from litestar import Litestar

from monitor.app.console import signed_in
from monitor.app.paging import Paging
from monitor.config.http import Http
from monitor.core.events.people import NotifyTested
from monitor.core.inputs import Arrival
from monitor.web.console import application
from tests.support.console import ROSTER, ConsoleSite, console_site
from tests.support.http_stub import HttpStub, StubResponse, http_stub
from tests.support.pipeline import PipelineHarness
from tests.support.servers import HOST

PERSON = """
[[person]]
id = "tu"
name = "Tú"

[[person]]
id = "linh"
name = "Linh"
"""


@pytest.fixture
async def server() -> AsyncIterator[HttpStub]:
    """The service of all channels: it takes what is for the phone, and refuses the rest."""
    async with http_stub() as made:
        made.decide = lambda asked: (
            StubResponse(body=b'{"id":"x"}')
            if b"phone" in asked.body
            else StubResponse(status=403, body=b"{}")
        )
        yield made


def channels(port: int) -> str:
    """Return Linh's channels: one that works, one that is refused, and one where nobody listens."""
    rows = (
        ("phone", f"{HOST}:{port}/phone"),
        ("pager", f"{HOST}:{port}/pager"),
        ("sms", "127.0.0.1:9/x"),
    )
    return "".join(
        f'[[person.channel]]\nname = "{name}"\nurl = "ntfy://{where}"\n' for name, where in rows
    )


@pytest.fixture
async def site(
    tmp_path: Path, line: PipelineHarness, server: HttpStub
) -> AsyncIterator[ConsoleSite]:
    """A console whose monitor pages Linh by three channels, and Tú by none."""
    roster = ROSTER.replace("[[team]]", f"{PERSON}{channels(server.port)}[[team]]", 1)
    async with console_site(tmp_path, line, roster) as made:
        await made.add("linh", "on_call", "centre")
        await made.add("karim", "on_call", "annex")
        await made.add("tu", "on_call", "centre")
        yield made


def paging(site: ConsoleSite, folder: Path) -> Paging:
    """Return the paging of the site's monitor, with links."""
    http = Http(public_url=site.url, key_file=folder / "key")
    return Paging(http, site.roster, site.line.pipeline, tuple)


def transport(app: Litestar) -> httpx.ASGITransport:
    """Return what reaches an application without a server."""
    return httpx.ASGITransport(app)  # type: ignore[arg-type] # Litestar's own types are narrower


async def test_each_channel_says_what_came_of_its_test(site: ConsoleSite, tmp_path: Path) -> None:
    """What was accepted is in the journal, so that no rule complains of an untested channel; the rest says why."""
    delivery = paging(site, tmp_path).delivery
    site.parts.deliveries.append(delivery)
    async with site.client("linh") as linh:
        before = site.line.journal.seq
        assert "phone" in (await linh.get("/oncall")).text
        assert site.line.journal.seq == before
        answer = await linh.post("/me/channels/test", data={"key": "k"})
    assert answer.status_code == 200
    phone, pager, sms = answer.text.split('<section class="sheet">')[1:]
    assert "✓ The service has accepted the test page." in phone
    assert "▲ The test page has not arrived: " in pager
    assert "403" in pager
    assert "▲ The test page has not arrived: " in sms
    tested = [
        (row.source, event.channel)
        for _, row in site.line.journal.inputs()
        if isinstance(row, Arrival)
        for event in row.events
        if isinstance(event, NotifyTested)
    ]
    assert tested == [("console/linh", "phone")]
    await delivery._channels.close()  # noqa: SLF001 - its loop, which closes them, does not run here


async def test_without_a_channel_there_is_nothing_to_test(
    site: ConsoleSite, tmp_path: Path
) -> None:
    """The page says that nobody can page this person."""
    site.parts.deliveries.append(paging(site, tmp_path).delivery)
    async with site.client("tu") as client:
        assert "/me/channels/test" not in (await client.get("/oncall")).text
        answer = await client.post("/me/channels/test", data={"key": "k"})
    assert answer.status_code == 409
    assert "You have no channel in the roster" in answer.text


async def test_the_link_of_a_page_leads_its_person_to_the_console(
    site: ConsoleSite, tmp_path: Path
) -> None:
    """Signed in, they land on the alert's page; anybody else, and whoever may not see it, gets the one act only."""
    alert, links = site.happens(), paging(site, tmp_path)
    http = Http(public_url=site.url, key_file=tmp_path / "key")
    app = application(site.another_console(), links.routes(signed_in(site.accounts, http)))
    linh, karim = await site.cookie("linh"), await site.cookie("karim")

    async def follow(person: str, token: str) -> httpx.Response:
        async with httpx.AsyncClient(
            transport=transport(app), base_url=site.url, cookies={"vm": token}
        ) as client:
            return await client.get(links.links.acknowledge(alert.id, person))

    led = await follow("linh", linh)
    assert (led.status_code, led.headers["location"]) == (303, f"/alerts/{alert.id}")
    for person, token in (("linh", ""), ("linh", "gone"), ("linh", karim), ("karim", karim)):
        shown = await follow(person, token)
        assert shown.status_code == 200
        assert "<form" in shown.text
    assert site.now(alert).needs_owner


async def test_a_link_works_while_the_accounts_do_not(site: ConsoleSite, tmp_path: Path) -> None:
    """Their file is broken; the alert can be acknowledged all the same."""
    alert, links = site.happens(), paging(site, tmp_path)
    app = application(
        site.another_console(), links.routes(signed_in(site.accounts, Http(public_url=site.url)))
    )
    cookie = await site.cookie("linh")
    site.accounts._db.close()  # noqa: SLF001 - as after a fault of the disk
    (tmp_path / "accounts.db").write_bytes(b"not a database" * 100)
    async with httpx.AsyncClient(
        transport=transport(app), base_url=site.url, cookies={"vm": cookie}
    ) as client:
        link = links.links.acknowledge(alert.id, "linh")
        assert (await client.get(link)).status_code == 200
        assert (await client.post(link)).status_code == 200
    assert site.now(alert).owner == "linh"
