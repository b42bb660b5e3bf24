"""One's own shifts in the calendar of a phone: the address, who can read it, and what it says."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from icalendar import Calendar

from monitor.core.events.commands import StaffOverride
from tests.support.console import ADMIN, ROSTER, ConsoleSite, console_site
from tests.support.http_client import http_client
from tests.support.pipeline import PipelineHarness

MEDICS = """
[[team]]
id = "medics"
name = "Medics; first, aid"

[[rotation]]
team = "medics"
people = ["anna"]
starts = 2026-01-01T08:00:00
shift = "24h"
hours = { from = 20:00:00, to = 22:00:00 }
"""


@pytest.fixture
async def site(tmp_path: Path, line: PipelineHarness) -> AsyncIterator[ConsoleSite]:
    """A console in which Anna is on call in the guards from 07:00 to 19:00, and in the medics from 20:00 to 22:00."""
    async with console_site(tmp_path, line, ROSTER + MEDICS) as made:
        await made.add("anna", "on_call", "centre")
        await made.add("karim", "on_call", "centre")
        yield made


async def subscribed(client: httpx.AsyncClient) -> str:
    """Make an address; return its path."""
    page = (await client.post("/me/calendar", data={"key": "k"})).text
    address = page.partition('class="address" value="')[2].partition('"')[0]
    assert address.endswith(".ics")
    return str(httpx.URL(address).path)


async def read(site: ConsoleSite, path: str) -> Calendar:
    """Read a calendar as a phone does: without a session."""
    async with http_client(site.url) as phone:
        answer = await phone.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return Calendar.from_ical(answer.content)


def shifts(calendar: Calendar) -> dict[str, tuple[str, datetime, datetime]]:
    """Return what a calendar has, by unique id."""
    return {
        str(event["UID"]): (str(event["SUMMARY"]), event.decoded("DTSTART"), event.decoded("DTEND"))
        for event in calendar.events
    }


async def test_a_phone_reads_ones_own_shifts(site: ConsoleSite) -> None:
    """All teams, whole shifts in UTC; the ids stay the same as time goes by."""
    async with site.client("anna") as anna:
        path = await subscribed(anna)
    calendar = await read(site, path)
    assert (str(calendar["VERSION"]), calendar["PRODID"] != "") == ("2.0", True)
    found = shifts(calendar)
    today = [row for row in found.values() if row[1].day == 1]
    assert sorted(today) == [
        (
            "On call: Guards",
            datetime(2026, 1, 1, 0, 0, tzinfo=UTC),
            datetime(2026, 1, 1, 12, 0, tzinfo=UTC),
        ),
        (
            "On call: Medics; first, aid",
            datetime(2026, 1, 1, 13, 0, tzinfo=UTC),
            datetime(2026, 1, 1, 15, 0, tzinfo=UTC),
        ),
    ]
    site.line.clock.time += timedelta(hours=20)
    later = shifts(await read(site, path))
    assert len(later.keys() & found.keys()) == len(found)
    assert {own: later[own] for own in found} == found


async def test_what_another_has_taken_over_is_not_ones_own(site: ConsoleSite) -> None:
    """Karim has the rest of Anna's shift: hers ends when his begins."""
    async with site.client("anna") as anna, site.client("karim") as karim:
        hers, his = await subscribed(anna), await subscribed(karim)
    before = shifts(await read(site, hers))
    now, until = site.line.clock.now(), datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
    event = StaffOverride(at=now, who="karim", team="guards", until=until)
    site.line.pipeline.record(event, "console/karim", "k")
    after = shifts(await read(site, hers))
    (changed,) = [own for own in before if own in after and after[own] != before[own]]
    assert after[changed][2] == now
    taken = [row for row in shifts(await read(site, his)).values() if row[1] == now]
    assert [row[2] for row in taken] == [until]


async def test_an_address_is_shown_once_and_can_be_renewed_and_ended(site: ConsoleSite) -> None:
    """The one before ends with the next; nobody who has only the file of the accounts can read it."""
    async with site.client("anna") as anna, http_client(site.url) as phone:
        assert "There is no address." in (await anna.get("/me/calendar")).text
        first = await subscribed(anna)
        shown = (await anna.get("/me/calendar")).text
        assert "No calendar has read it yet." in shown
        assert first not in shown
        assert (await phone.get(first)).status_code == 200
        assert "A calendar last read it" in (await anna.get("/me/calendar")).text

        second = await subscribed(anna)
        assert (await phone.get(first)).status_code == 404
        assert (await phone.get(second)).status_code == 200
        token = second.rpartition("/")[2].removesuffix(".ics")
        stored = site.accounts.calendars._in.db.rows("SELECT * FROM calendar")  # noqa: SLF001
        assert token not in str(stored)

        assert (await anna.post("/me/calendar/revoke")).status_code == 303
        for path in (second, "/oncall/calendar/x.ics", "/oncall/calendar/.ics"):
            assert (await phone.get(path)).status_code == 404
    acts = [row.event.act for row in site.accounts.audit.waiting() if hasattr(row.event, "act")]
    assert acts[-3:] == ["calendar_made", "calendar_made", "calendar_revoked"]


async def test_the_address_opens_nothing_else(site: ConsoleSite) -> None:
    """Its token is no session and no API token, and a disabled account's is worth nothing."""
    async with site.client("anna") as anna:
        path = await subscribed(anna)
    token = path.rpartition("/")[2].removesuffix(".ics")
    async with http_client(site.url, headers={"accept": "text/html"}) as phone:
        for headers in ({"cookie": f"vm={token}"}, {"authorization": f"Bearer {token}"}):
            assert (await phone.get("/oncall", headers=headers)).status_code == 303
        site.accounts.disable("anna", ADMIN)
        assert (await phone.get(path)).status_code == 404
