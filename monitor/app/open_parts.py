"""Opens what follows the journal: sinks, heartbeats, standby and paging."""

from contextlib import AsyncExitStack
from random import SystemRandom

from litestar.handlers import HTTPRouteHandler

from monitor.app.broker import broker_settings
from monitor.app.console import signed_in
from monitor.app.open_intake import Intake
from monitor.app.open_pipeline import Opened
from monitor.app.paging import Paging
from monitor.app.parts import Parts
from monitor.app.reload_roster import RosterReload
from monitor.app.sinks import make_sinks
from monitor.config import Config
from monitor.deadman.heartbeat import HeartbeatLoop, heartbeats
from monitor.ingest.pipeline import Pipeline
from monitor.sinks.relay import Relay
from monitor.standby.feed import StandbyFeed
from monitor.web.authority import authority_routes
from monitor.web.changes import accounts_route, changes_route, photos_route


def open_parts(
    opened: Opened, intake: Intake, roster: RosterReload | None, stack: AsyncExitStack
) -> list[HTTPRouteHandler]:
    """Open what follows the journal: sinks, heartbeats, standby and paging; return their web routes."""
    config, pipeline, parts = opened.config, opened.pipeline, opened.parts
    journal, now, rng = pipeline.journal, opened.clock.now, SystemRandom()
    refused = intake.sink_health.refused
    for sink in make_sinks(
        config, opened.address, opened.embedded, pipeline, intake.inbox, intake.sink_health
    ):
        stack.push_async_callback(sink.close)
        parts.relays.append(Relay(journal, sink, refused, now, rng))
    client_id = f"{broker_settings(config).client_id}-heart"
    congress, heartbeat = opened.congress, intake.status.heartbeat
    for target in heartbeats(config, opened.address, client_id, congress, heartbeat):
        stack.push_async_callback(target.close)
        parts.heartbeats.append(HeartbeatLoop(target))
    routes = [*_authority_routes(config), *_open_standby(config, pipeline, parts, stack)]
    if roster is not None:
        paging = Paging(config.http, roster, pipeline, intake.status.troubles)
        parts.relays.append(Relay(journal, paging.sink, refused, now, rng))
        parts.deliveries.append(paging.delivery)
        routes += paging.routes(signed_in(opened.accounts, config.http))
    parts.register_readers(journal)
    return routes


def _open_standby(
    config: Config, pipeline: Pipeline, parts: Parts, stack: AsyncExitStack
) -> list[HTTPRouteHandler]:
    """Return the route from which a standby copies the journal, if the deployment has one."""
    if config.standby is None:
        return []
    feed = stack.enter_context(StandbyFeed(config, config.standby, pipeline))
    parts.standbys.append(feed)
    return [
        changes_route(feed.token, feed.answer),
        accounts_route(feed.token, feed.accounts),
        photos_route(feed.token, feed.photos),
    ]


def _authority_routes(config: Config) -> list[HTTPRouteHandler]:
    """Return the routes of the deployment's own certificate authority, if it has one."""
    tls = config.http.tls
    return [] if tls is None or tls.ca_file is None else authority_routes(tls.ca_file)
