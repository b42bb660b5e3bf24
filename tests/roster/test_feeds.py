"""Calendars from a real web server: the last good copy is used whatever the server does, and addresses stay secret."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from monitor.config import Secret
from monitor.core.phrase import phrase
from monitor.core.roster import Trouble
from monitor.roster.feeds import LARGEST, Feeds
from monitor.roster.file import CalendarTable
from monitor.texts import plain
from tests.roster.test_plan import ICS
from tests.support.servers import HOST, free_port

NOW = datetime(2026, 3, 27, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Server:
    """A web server that gives the answer it is set to."""

    def __init__(self, port: int) -> None:
        self.row = CalendarTable(
            id="medics",
            team="medics",
            url=Secret(f"http://{HOST}:{port}/private-4711/basic.ics"),
            every=HOUR,
            stale_after=2 * HOUR,
        )
        self.body: bytes = ICS.encode()
        self.status = 200
        self.asked = 0

    async def answer(self, _: web.Request) -> web.Response:
        """Serve the calendar."""
        self.asked += 1
        return web.Response(status=self.status, body=self.body)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A server with a calendar."""
    port = free_port()
    made = Server(port)
    app = web.Application()
    app.router.add_get("/private-4711/basic.ics", made.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, HOST, port).start()
    yield made
    await runner.cleanup()


async def test_a_calendar_is_read_at_intervals(server: Server, tmp_path: Path) -> None:
    """A calendar is read at intervals, and only its changes are reported."""
    feeds, rows = Feeds(tmp_path / "calendars"), [server.row]

    assert await feeds.refresh(rows, NOW)
    assert feeds.texts(rows) == {"medics": ICS}
    assert not await feeds.refresh(rows, NOW + HOUR / 2)
    assert server.asked == 1
    assert not await feeds.refresh(rows, NOW + HOUR)
    assert server.asked == 2
    server.body = ICS.replace("anna", "bao").encode()
    assert await feeds.refresh(rows, NOW + 2 * HOUR)
    assert feeds.troubles(rows, NOW + 2 * HOUR) == []


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (404, b"", "its server answers with status 404"),
        (200, b"<html>Log in", "it is not a readable iCalendar"),
        (200, b"\xff\xfe", "it is not UTF-8 text"),
        (200, b"x" * (LARGEST + 1), "it is larger than 5000000 bytes"),
    ],
)
async def test_the_last_good_copy_is_used(
    server: Server, tmp_path: Path, status: int, body: bytes, why: str
) -> None:
    """The last good copy is used, also after a restart; once old it is reported, and the next success ends that."""
    rows = [server.row]
    await Feeds(tmp_path).refresh(rows, NOW)
    good, server.status, server.body = server.body, status, body
    feeds = Feeds(tmp_path)

    assert await feeds.refresh(rows, NOW + HOUR)
    assert feeds.texts(rows) == {"medics": ICS}
    (trouble,) = feeds.troubles(rows, NOW + HOUR)
    assert (trouble.kind, trouble.subject) == ("calendar", "medics")
    assert why in plain(trouble.reason)
    assert "4711" not in plain(trouble.reason)
    assert feeds.troubles(rows, NOW + 3 * HOUR)[-1] == Trouble(
        kind="stale", subject="medics", reason=phrase("calendar-last-read", read_at=NOW)
    )

    server.status, server.body = 200, good
    assert await feeds.refresh(rows, NOW + 3 * HOUR)
    assert feeds.troubles(rows, NOW + 3 * HOUR) == []


async def test_an_unreachable_server_is_retried_soon(tmp_path: Path) -> None:
    """A failed read is retried after a minute, not an hour; a calendar that was never read is reported as missing."""
    row = CalendarTable(
        id="medics", team="medics", url=Secret(f"http://{HOST}:{free_port()}/4711"), every=HOUR
    )
    feeds = Feeds(tmp_path)

    assert feeds.unread([row]) == [row]
    assert await feeds.refresh([row], NOW)
    assert feeds.unread([row]) == []
    assert [(one.kind, one.subject) for one in feeds.troubles([row], NOW)] == [
        ("calendar", "medics"),
        ("stale", "medics"),
    ]
    assert "4711" not in repr(feeds.troubles([row], NOW))


async def test_an_endless_calendar_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no 30th of February: the search is given up and delays nothing."""
    monkeypatch.setattr("monitor.roster.bounded.PATIENCE", 2.0)
    path = tmp_path / "medics.ics"
    path.write_text(ICS.replace("FREQ=DAILY", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"))
    row = CalendarTable(id="medics", team="medics", file=path)
    feeds = Feeds(tmp_path / "copies")
    await feeds.refresh([row], NOW)

    assert "take more than 2 s to expand" in plain(feeds.failed["medics"])
    assert feeds.texts([row]) == {}


async def test_a_file_has_the_limit_of_a_feed(tmp_path: Path) -> None:
    """A file is not read beyond the limit."""
    path = tmp_path / "medics.ics"
    path.write_bytes(b"x" * (LARGEST + 1))
    row = CalendarTable(id="medics", team="medics", file=path)
    feeds = Feeds(tmp_path / "copies")
    await feeds.refresh([row], NOW)

    assert plain(feeds.failed["medics"]) == "it is larger than 5000000 bytes"


async def test_a_copy_that_cannot_be_saved_is_reported(tmp_path: Path) -> None:
    """The folder of the copies is invalid: this raises an alert and does not stop the program."""
    path = tmp_path / "medics.ics"
    path.write_text(ICS)
    (tmp_path / "copies").write_text("")
    row = CalendarTable(id="medics", team="medics", file=path)
    feeds = Feeds(tmp_path / "copies")
    await feeds.refresh([row], NOW)

    assert "its copy can't be written into copies/" in plain(feeds.failed["medics"])


async def test_a_damaged_copy_is_ignored(tmp_path: Path) -> None:
    """A damaged copy counts as empty until the calendar is read again."""
    path = tmp_path / "medics.ics"
    path.write_text(ICS)
    row = CalendarTable(id="medics", team="medics", file=path)
    (tmp_path / "copies").mkdir()
    (tmp_path / "copies" / "medics.ics").write_bytes(b"\xff\xfe")
    feeds = Feeds(tmp_path / "copies")

    assert feeds.texts([row]) == {}
    assert await feeds.refresh([row], NOW)
    assert feeds.texts([row]) == {"medics": ICS}


async def test_a_file_is_read_like_a_feed(tmp_path: Path) -> None:
    """Any program may export it; when the file is gone, its last copy is used."""
    path = tmp_path / "medics.ics"
    path.write_text(ICS)
    row = CalendarTable(id="medics", team="medics", file=path)
    feeds = Feeds(tmp_path / "copies")
    await feeds.refresh([row], NOW)
    path.unlink()
    await feeds.refresh([row], NOW + HOUR)

    assert feeds.texts([row]) == {"medics": ICS}
    assert [plain(one.reason) for one in feeds.troubles([row], NOW + HOUR)] == [
        "it can't be read: No such file or directory"
    ]
