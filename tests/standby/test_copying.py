"""Copying over the network: what the standby sees of the primary, and the primary of the standby."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from litestar import Litestar
from msgspec.structs import replace

from monitor.accounts import Grant, accounts_path
from monitor.accounts.accounts_copy import digest_of
from monitor.config import Config, Secret
from monitor.config.http import Http
from monitor.config.settings import Privacy
from monitor.config.standby import Standby
from monitor.errors import SinkRefused
from monitor.journal import JournalCopy
from monitor.journal.photos import Photos, photos_path
from monitor.runtime.http import HttpClient
from monitor.runtime.metrics import Metrics
from monitor.standby import feed as feed_module
from monitor.standby.copy_loop import CopyLoop
from monitor.standby.feed import SILENT_AFTER, StandbyFeed
from monitor.standby.status import read_status
from monitor.web.changes import accounts_route, changes_route, photos_route
from monitor.web.connection import server
from monitor.web.health import Health, health_routes
from tests.support.accounts import ADMIN, AccountsHarness
from tests.support.jpeg import jpeg
from tests.support.pipeline import PipelineHarness, event_payload
from tests.support.servers import HOST, eventually, free_port

TOKEN = "0123456789abcdef" * 4


class Scene:
    """A primary's pipeline with its feed on a clock that the test sets, and a configuration for each machine."""

    def __init__(self, folder: Path, line: PipelineHarness) -> None:
        self.line = line
        self.seconds = 0.0
        self.port = free_port()
        self.copy = folder / "standby" / "copy.db"
        self.settings = Standby(token=Secret(TOKEN), url=f"http://{HOST}:{self.port}")
        self.primary, self.standby = (
            Config(
                privacy=Privacy(key_file=folder / name / "key"),
                http=Http(key_file=folder / name / "links.key"),
            )
            for name in ("primary", "standby")
        )
        for config in (self.primary, self.standby):
            config.privacy.key_file.parent.mkdir()
            config.privacy.key_file.write_bytes(bytes(32))
        self.feed = StandbyFeed(self.primary, self.settings, line.pipeline, lambda: self.seconds)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Serve the feed."""
        token, feed = self.feed.token, self.feed
        routes = [
            changes_route(token, feed.answer),
            accounts_route(token, feed.accounts),
            photos_route(token, feed.photos),
        ]
        health = health_routes(_health, Metrics().registry, lambda: None)
        http = server(Litestar([*health, *routes], openapi_config=None, logging_config=None))
        http.config.host, http.config.port = HOST, self.port
        task = asyncio.create_task(http.serve())
        try:
            await eventually(lambda: http.started or task.done())
            yield
        finally:
            http.should_exit = True
            await task

    async def fetch(self, settings: Standby | None = None) -> str:
        """Copy once; return what is wrong."""
        given = settings or self.settings
        with JournalCopy(self.copy) as copy:
            async with CopyLoop(self.standby, given, copy, self.line.clock.now) as loop:
                await loop.fetch()
                return loop.status.trouble

    def away(self) -> list[str]:
        """Return the titles of the open alerts about a standby that is away."""
        return [row.title for row in self.line.journal.alerts() if row.rule == "standby-away"]


def _health() -> Health:
    raise AssertionError("nothing asks for it")


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """A primary with some history."""
    with PipelineHarness(tmp_path / "journal.db") as line:
        payload = event_payload("door.tamper", line.clock.time, point="d1", active=True)
        line.take(line.sent("venue/centre/door/d1", payload))
        made = Scene(tmp_path, line)
        with made.feed:
            yield made


async def test_a_copy_over_the_network(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The copy gets everything, in as many parts as needed, and its status says how far it is."""
    monkeypatch.setattr("monitor.journal.changes.MOST_INPUTS", 1)
    async with scene.serving():
        assert await scene.fetch() == ""
        status = read_status(scene.copy)
        assert status is not None
        assert status.seq == status.primary_seq == scene.line.journal.seq
        assert status.copied_at == scene.line.clock.time
        assert scene.feed.lag == 1, "that it has the last part is known when it asks for the next"
        await scene.fetch()
        assert scene.feed.lag == 0


async def test_accounts_are_copied_and_sign_in_works_there(scene: Scene, tmp_path: Path) -> None:
    """Also a password that is changed later; what has not changed is not sent again."""
    primary = AccountsHarness(tmp_path)
    with primary.accounts:
        async with scene.serving():
            await primary.add("linh", Grant(role="officer"))
            assert await scene.fetch() == ""
            await primary.accounts.set_password("linh", "another five word phrase here", ADMIN)
            assert await scene.fetch() == ""
            assert await scene.feed.accounts(digest_of(accounts_path(scene.copy))) == b""
    standby = AccountsHarness(scene.copy.parent)
    with standby.accounts:
        _, session = await standby.sign_in("linh", "another five word phrase here")
    assert session.account.name == "linh"


async def test_photos_are_copied_and_removed_with_what_named_them(scene: Scene) -> None:
    """Each once; one that has not come to the primary yet follows later, and one that nothing names goes."""
    first, second = jpeg(seed=b"1"), jpeg(seed=b"2")
    digests = [sha256(content).hexdigest() for content in (first, second)]
    evidence = [{"sha256": own, "media_type": "image/jpeg"} for own in digests]
    item = {"item": "exits-free", "result": "fail", "evidence": evidence}
    fields = {"checklist": "check", "inspection": "v1", "items": [item]}
    payload = event_payload("inspection.submitted", scene.line.clock.time, **fields)
    scene.line.take(scene.line.sent("venue/centre/inspection/check", payload))
    kept = Photos(photos_path(scene.copy))
    scene.line.journal.photos.keep(digests[0], first)
    async with scene.serving():
        assert await scene.fetch() == ""
        assert kept.digests() == {digests[0]}
        scene.line.journal.photos.keep(digests[1], second)
        kept.keep("0" * 64, b"of an inspection that is over")
        assert await scene.fetch() == ""
    assert kept.digests() == set(digests)
    assert [kept.read(own) for own in digests] == [first, second]


async def test_a_primary_that_is_gone(scene: Scene) -> None:
    """The trouble is named, and the status keeps the time at which the copy was last complete."""
    async with scene.serving():
        await scene.fetch()
    scene.line.clock.time += timedelta(seconds=7)
    assert await scene.fetch() == "the primary can't be reached: connection refused"
    status = read_status(scene.copy)
    assert status is not None
    assert status.copied_at == scene.line.clock.time - timedelta(seconds=7)


async def test_another_token_gets_nothing(scene: Scene) -> None:
    """Without the token no row leaves the primary."""
    async with scene.serving():
        trouble = await scene.fetch(replace(scene.settings, token=Secret("0" * 64)))
    assert "HTTP 401" in trouble
    assert "the token is not the one in [standby] token_file" in trouble
    with JournalCopy(scene.copy) as copy:
        assert copy.position().seq == 0


async def test_what_is_no_request_is_refused(scene: Scene) -> None:
    """What can't be read is refused, with the reason."""
    client = HttpClient("the primary", timedelta(seconds=5))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with scene.serving():
        with pytest.raises(SinkRefused, match="HTTP 400"):
            await client.ask("POST", f"{scene.settings.url}/journal/changes", b"garbage", headers)
        await client.close()


async def test_other_keys_are_named(scene: Scene) -> None:
    """With another key every card would look new after a take-over: the copy is refused until the keys are the same."""
    scene.standby.privacy.key_file.write_bytes(bytes(31) + b"x")
    async with scene.serving():
        trouble = await scene.fetch()
        assert "[privacy] key_file: the file differs from the primary's; copy it" in trouble
        scene.seconds = SILENT_AFTER
        assert "the file differs" in scene.feed.trouble


async def test_another_version_is_named(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot of another version might not be readable: both machines need the same one."""
    monkeypatch.setattr(feed_module, "program_version", lambda: "9.9.9")
    async with scene.serving():
        trouble = await scene.fetch()
    assert "the primary 9.9.9; install the same one on both machines" in trouble


async def test_a_standby_that_is_silent_is_an_alert(scene: Scene) -> None:
    """After 30 s without a request, health says so and an alert is raised, until the standby copies again."""
    scene.feed.check()
    scene.seconds = SILENT_AFTER - 1
    scene.feed.check()
    assert (scene.feed.trouble, scene.away()) == ("", [])
    scene.seconds = SILENT_AFTER
    scene.feed.check()
    assert scene.feed.trouble == "no standby has had the whole journal for 30 s"
    assert scene.away() == ["The standby no longer copies the journal: it can't take over"]
    scene.line.wait(5)
    async with scene.serving():
        await scene.fetch()
    scene.feed.check()
    scene.line.wait(5)
    assert (scene.feed.trouble, scene.away()) == ("", [])
    figure = scene.line.metrics.registry.get_sample_value
    scene.feed.check()
    assert figure("venue_standby_lag") == scene.feed.lag == scene.line.journal.seq
    assert figure("venue_standby_age_seconds") == 0
