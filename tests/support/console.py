"""The web console over a real pipeline and real accounts, served as in production."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import httpx
from argon2 import PasswordHasher
from msgspec.structs import replace

from monitor.accounts import Account, Accounts, Actor, Grant, Role
from monitor.app.console import make_application, make_source
from monitor.app.identity_provider import open_identity_provider
from monitor.app.reload_roster import RosterReload
from monitor.config.http import Http
from monitor.config.openid_connect import OpenIdConnect
from monitor.core.alert import Alert
from monitor.core.rules.model import RuleSet
from monitor.roster.feeds import Feeds
from monitor.texts import ENGLISH
from monitor.web.connection import server
from monitor.web.console import open_console
from monitor.web.context import Console
from monitor.web.identity_provider import IdentityProvider
from monitor.web.sites import ReadSites
from monitor.web.viewer import Viewer
from tests.support.http_client import http_client
from tests.support.monitor import Monitor
from tests.support.pipeline import START, PipelineHarness, event_payload, trial_rule_set
from tests.support.servers import HOST, eventually, free_port
from tests.support.signatures import remember_signatures

remember_signatures()

PASSWORD = "correct horse battery staple"
ADMIN = Actor("root@test")
GRAFANA = "https://grafana.example.org"
HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""As quick as it can be: how slow it is in production is another test's subject."""
ROSTER = """
[[person]]
id = "anna"
name = "Anna Nguyễn"
channel = [{ name = "phone", url = "json://127.0.0.1/anna" }]

[[person]]
id = "karim"
name = "كريم"
languages = ["ar"]
channel = [{ name = "phone", url = "json://127.0.0.1/karim" }]

[[team]]
id = "guards"
name = "Guards"

[[rotation]]
team = "guards"
people = ["anna", "karim"]
starts = 2026-01-01T07:00:00
shift = "12h"

[[escalation]]
id = "duress"
silent = true
step = [{ notify = "anna" }]

[[escalation]]
id = "all-else"
step = [{ notify = "anna", wait = "5m" }, { notify = "karim" }]

[fallback]
notify = "karim"
"""


@cache
def console_rule_set() -> RuleSet:
    """Return the shipped rules in a venue at UTC+7, where people read English."""
    there = trial_rule_set().venue
    congress = replace(there.congress, timezone="Asia/Ho_Chi_Minh", languages=("en",))
    return replace(trial_rule_set(), venue=replace(there, congress=congress))


class SteadyTime:
    """The time by which sessions end and a guesser may try again: it stands still until a test moves it on."""

    def __init__(self) -> None:
        self._began = datetime.now(UTC)
        self.later = timedelta(0)

    def __call__(self) -> datetime:
        """Return the time."""
        return self._began + self.later


class ConsoleSite:
    """A console with its monitor; people are added by a test."""

    def __init__(
        self,
        folder: Path,
        line: PipelineHarness,
        accounts: Accounts,
        time: SteadyTime,
        people: str = ROSTER,
        provider: IdentityProvider | None = None,
        port: int = 0,
        sites: ReadSites | None = None,
    ) -> None:
        roster = folder / "roster.toml"
        roster.write_text(people)
        self.line = line
        self.accounts = accounts
        self.time = time
        self.port = port or free_port()
        self.url = f"http://{HOST}:{self.port}"
        self.roster = RosterReload(
            roster, folder / "copy.toml", Feeds(folder), line.pipeline, line.clock
        )
        self.monitor = Monitor(line).without_clock()
        self.parts = self.monitor.parts
        self.app = make_application(
            Http(grafana_url=GRAFANA),
            line.pipeline,
            self.roster,
            accounts,
            self.monitor.status,
            self.parts,
            [],
            provider,
            sites=sites,
        )
        line.pipeline.on_commit = self.parts.wake

    def resume(self) -> None:
        """Let the live stream run."""
        (live,) = self.parts.live
        self._live = asyncio.create_task(live.run())

    async def stall(self) -> None:
        """Stop the live stream, as if the monitor stood still; connections stay open."""
        self._live.cancel()
        with suppress(asyncio.CancelledError):
            await self._live

    def another_console(self) -> Console:
        """Return a console of the same monitor that is not served."""
        source = make_source(
            self.line.pipeline, self.roster, self.monitor.status, accounts=self.accounts
        )
        return open_console(source, self.accounts, is_secure=False)

    async def add(
        self, name: str, role: Role, site: str = "", *, person: str = "", silent: bool = False
    ) -> None:
        """Add an account with one role; by default of the person with its name, if there is one."""
        grant = Grant(role=role, site=site, silent=silent)
        if not person and any(row.id == name for row in self.roster.file.people):
            person = name
        account = Account(name=name, person=person, full_name=name.title(), grants=(grant,))
        self.accounts.add(account, ADMIN)
        await self.accounts.set_password(name, PASSWORD)

    async def cookie(self, name: str) -> str:
        """Return the token of a new session."""
        token, _ = await self.accounts.sign_in(name, PASSWORD, HOST, "test")
        return token

    def viewer(self, token: str) -> Viewer:
        """Return who has a session."""
        session = self.accounts.session(token)
        assert session is not None
        now = self.accounts.now()
        return Viewer(account=session.account, session=session, language=ENGLISH, at=now)

    @asynccontextmanager
    async def client(self, name: str = "") -> AsyncIterator[httpx.AsyncClient]:
        """Open a client that behaves as a browser; with a name, signed in."""
        token = await self.cookie(name) if name else ""
        headers = {"accept": "text/html", "origin": self.url}
        async with http_client(self.url, headers=headers, token=token) as made:
            yield made

    def happens(self, kind: str = "door.alarm", point: str = "d1", **fields: object) -> Alert:
        """Send an event at a point; return the alert that it raised."""
        opened = self.line.engine.state.alerts.open
        before = set(opened)
        self.send(
            kind, point, **(fields or ({"alarm": "forced_open"} if kind == "door.alarm" else {}))
        )
        (own,) = set(opened) - before
        return opened[own]

    def starts(self, kind: str, subject: str, **fields: object) -> Alert:
        """Send an event about something other than a point; return the alert that it raised."""
        opened = self.line.engine.state.alerts.open
        before = set(opened)
        topic = f"venue/centre/{kind.partition('.')[0]}/{subject}"
        payload = event_payload(kind, self.line.clock.time, **fields)
        self.line.take(self.line.sent(topic, payload))
        self.line.wait(10)
        (own,) = set(opened) - before
        return opened[own]

    def send(self, kind: str, point: str = "d1", **fields: object) -> None:
        """Send an event at a point, and let the watermark pass it."""
        topic = f"venue/centre/{kind.partition('.')[0]}/{point}"
        payload = event_payload(kind, self.line.clock.time, point=point, **fields)
        self.line.take(self.line.sent(topic, payload))
        self.line.wait(3)

    def send_all(self, kind: str, points: Iterable[str], **fields: object) -> None:
        """Send the same event at many points at once, and let the watermark pass them."""
        at, topic = self.line.clock.time, f"venue/centre/{kind.partition('.')[0]}"
        self.line.take(
            *(
                self.line.sent(f"{topic}/{point}", event_payload(kind, at, point=point, **fields))
                for point in points
            )
        )
        self.line.wait(3)

    def now(self, alert: Alert) -> Alert:
        """Return an alert as it is in the journal."""
        found = self.line.journal.alert(alert.id)
        assert found is not None
        return found


@contextmanager
def console_line(folder: Path) -> Iterator[PipelineHarness]:
    """Open a pipeline at 14:02 on the congress's clocks."""
    at = START.replace(hour=7, minute=2)
    with PipelineHarness(folder / "journal.db", now=at, rule_set=console_rule_set()) as made:
        yield made


@asynccontextmanager
async def console_site(
    folder: Path,
    line: PipelineHarness,
    people: str = ROSTER,
    oidc: OpenIdConnect | None = None,
    sites: ReadSites | None = None,
) -> AsyncIterator[ConsoleSite]:
    """Serve a console, with its live stream.

    Its roster is ``people``, ``oidc`` its identity provider, and ``sites`` reads its board of all sites.
    """
    time, port = SteadyTime(), free_port()
    settings = Http(public_url=f"http://{HOST}:{port}", oidc=oidc)
    async with AsyncExitStack() as stack:
        accounts = stack.enter_context(Accounts(folder / "accounts.db", time, HASHER))
        provider = open_identity_provider(settings, time, stack)
        site = ConsoleSite(folder, line, accounts, time, people, provider, port, sites)
        http = server(site.app)
        http.config.host, http.config.port = HOST, site.port
        task = asyncio.create_task(http.serve())
        site.resume()
        try:
            await eventually(lambda: http.started or task.done())
            yield site
        finally:
            await site.stall()
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
