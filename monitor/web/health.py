"""Serves ``/healthz`` for watchers and ``/metrics`` for Prometheus."""

import contextlib
from collections.abc import Callable, Iterator, Sequence

import uvicorn
from litestar import Litestar, MediaType, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from msgspec import Struct
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest


class Health(Struct, frozen=True, kw_only=True):
    """How the monitor fares."""

    ok: bool
    troubles: tuple[str, ...]
    """What is wrong, in words; empty if nothing is."""
    seq: int
    """Number of the latest input in the journal."""
    broker_connected: bool
    catching_up: bool
    """It is taking in what the broker kept, and time-based alerts wait for that."""
    open_alerts: int
    warming_up: tuple[str, ...]
    """Rules that were changed, and whose window lacks what came in before."""
    lag: dict[str, int]
    """Inputs that each reader has not dealt with yet."""


def web(
    health: Callable[[], Health],
    registry: CollectorRegistry,
    refresh: Callable[[], None],
    further: Sequence[HTTPRouteHandler] = (),
) -> Litestar:
    """Return the application.

    Args:
        health: tells how the monitor fares.
        registry: what ``/metrics`` shows.
        refresh: brings the figures up to date that are only read when somebody asks.
        further: what else is served.

    """

    @get("/healthz", sync_to_thread=False)
    def healthz() -> Response[Health]:
        """200 if all is well, 503 with the reasons if not."""
        found = health()
        return Response(found, status_code=200 if found.ok else 503)

    @get("/metrics", media_type=MediaType.TEXT, sync_to_thread=False)
    def metrics() -> Response[bytes]:
        """The figures."""
        refresh()
        return Response(generate_latest(registry), headers={"content-type": CONTENT_TYPE_LATEST})

    docs = OpenAPIConfig(title="venue-monitor", version="1")
    return Litestar([healthz, metrics, *further], openapi_config=docs, logging_config=None)


class Server(uvicorn.Server):
    """Runs in the monitor's own loop, and leaves the signals to it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield


def server(app: Litestar) -> Server:
    """Return the server of an application, ready to `serve` on a socket."""
    return Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
