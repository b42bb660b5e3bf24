"""Wires the web console: what it reads of the running monitor, and how it acts on it."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

from litestar import Litestar, Request
from litestar.handlers import HTTPRouteHandler

from monitor.accounts import Accounts
from monitor.app.paging import team_members, team_names
from monitor.app.parts import Parts
from monitor.app.reload_roster import RosterReload
from monitor.app.rights_watch import RightsWatch
from monitor.config.http import Http
from monitor.core.phrase import Phrase
from monitor.core.roster import Person
from monitor.errors import AccountsUnusable
from monitor.ingest.line import Line, record, record_all
from monitor.sinks.notify import Delivery
from monitor.texts import ENGLISH, PageWriter
from monitor.web.console import application, open_console
from monitor.web.health import Health, health_routes
from monitor.web.identity_provider import IdentityProvider
from monitor.web.session import SessionCookie
from monitor.web.sites import ReadSites
from monitor.web.source import Source, TriedChannel
from monitor.web.viewer import Viewer

PHOTO_BUDGET = 20 * 10**9
"""Bytes, where the configuration says nothing else."""
AnyRequest = Request[Any, Any, Any]


class MonitorStatus(Protocol):
    """How the monitor itself is."""

    def health(self) -> Health:
        """Return it for health checks."""

    def troubles(self) -> Sequence[Phrase | str]:
        """Return what is wrong."""

    def left(self) -> int:
        """Return how much of a backlog is left."""

    def update_metrics(self) -> None:
        """Set the metrics that are not counted as they change."""


def make_application(  # noqa: PLR0913, PLR0917 - what its pages show
    http: Http,
    pipeline: Line,
    roster: RosterReload | None,
    accounts: Accounts,
    status: MonitorStatus,
    parts: Parts,
    further: Sequence[HTTPRouteHandler],
    provider: IdentityProvider | None = None,
    *,
    photo_budget: int = PHOTO_BUDGET,
    sites: ReadSites | None = None,
) -> Litestar:
    """Return the web application, and add its live stream to the parts.

    Args:
        http: where browsers reach it.
        pipeline: has the journal, the state and the metrics, and records what people do.
        roster: has the people and teams; the console needs none.
        accounts: who may use it.
        status: what is wrong with the monitor itself.
        parts: receives the live stream.
        further: other routes.
        provider: where people can sign in as well; ``None``: nowhere else.
        photo_budget: the bytes that all photos may have together.
        sites: reads the board of all sites; ``None``: there is this one.

    """
    console = open_console(
        make_source(pipeline, roster, status, parts.deliveries, photo_budget, accounts=accounts),
        accounts,
        is_secure=is_secure(http),
        grafana_url=http.grafana_url,
        provider=provider,
        sites=sites,
    )
    parts.live.append(console.live)
    health = health_routes(status.health, pipeline.metrics.registry, status.update_metrics)
    return application(console, [*health, *further], http.public_url)


def make_source(  # noqa: PLR0913 - what the pages show
    pipeline: Line,
    roster: RosterReload | None,
    status: MonitorStatus,
    deliveries: Sequence[Delivery] = (),
    photo_budget: int = PHOTO_BUDGET,
    *,
    accounts: Accounts | None = None,
) -> Source:
    """Return the running monitor as the console sees it; with accounts, people who aren't on the roster have names."""
    state = pipeline.engine.state

    def people() -> dict[str, Person]:
        return {person.id: person for person in (roster.file.people if roster else ())}

    async def try_channels(person: str) -> list[TriedChannel]:
        return [
            TriedChannel(channel=row.channel, result=row.outcome.result, reason=row.outcome.reason)
            for delivery in deliveries
            for row in await delivery.test(person)
        ]

    def full_name(name: str) -> str:
        try:
            account = None if accounts is None else accounts.find(name)
        except AccountsUnusable:
            return name
        return name if account is None else account.full_name or name

    writer = PageWriter(
        lambda: state.rule_set,
        people,
        lambda _, __: "",
        lambda: team_names(roster),
        full_name=full_name,
    )
    return Source(
        state=state,
        journal=pipeline.journal,
        writer=writer,
        people=people,
        members=lambda: team_members(roster),
        try_channels=try_channels,
        record=partial(record, pipeline),
        record_all=partial(record_all, pipeline),
        photos=pipeline.journal.photos,
        photo_budget=photo_budget,
        troubles=status.troubles,
        left=status.left,
        now=pipeline.clock.now,
        refused=RightsWatch(pipeline).note,
    )


def signed_in(accounts: Accounts, http: Http) -> Callable[[AnyRequest], Viewer | None]:
    """Return what tells who has signed in, for routes that ask nobody to.

    They work without the accounts, too: an alert can be acknowledged even if their file can't be read.
    """
    cookie = SessionCookie(is_secure=is_secure(http))

    def viewer(request: AnyRequest) -> Viewer | None:
        try:
            session = accounts.session(request.cookies.get(cookie.name, ""))
        except AccountsUnusable:
            return None
        if session is None:
            return None
        account = session.account
        return Viewer(account=account, session=session, language=ENGLISH, at=accounts.now())

    return viewer


def is_secure(http: Http) -> bool:
    """Return whether browsers reach the console by HTTPS."""
    return http.tls is not None or http.public_url.startswith("https://")
