"""``/healthz`` for health checks and ``/metrics`` for Prometheus, in one application with further routes."""

from collections.abc import Callable, Sequence

from litestar import Litestar, MediaType, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

LARGEST_REQUEST = 64 * 1024
"""Bytes of a request's body."""


class Health(Struct, frozen=True, kw_only=True):
    """The health of the monitor."""

    ok: bool
    troubles: tuple[str, ...]
    """The problems, in words; empty if there are none."""
    seq: int
    """Sequence number of the latest input in the journal."""
    broker_connected: bool
    catching_up: bool
    """The monitor is ingesting what the broker had queued; time-based alerts wait until it is done."""
    open_alerts: int
    warming_up: tuple[str, ...]
    """Changed rules whose window lacks the events before the change."""
    lag: dict[str, int]
    """Inputs that each reader has not processed yet."""


def web(
    health: Callable[[], Health],
    registry: CollectorRegistry,
    refresh: Callable[[], None],
    further: Sequence[HTTPRouteHandler] = (),
) -> Litestar:
    """Return the application.

    Args:
        health: returns the health of the monitor.
        registry: the metrics.
        refresh: updates the metrics that are computed on demand.
        further: additional routes.

    """

    @get("/healthz", sync_to_thread=False)
    def healthz() -> Response[Health]:
        """Return status 200 if the monitor is healthy, otherwise 503 with the reasons."""
        current = health()
        return Response(current, status_code=200 if current.ok else 503)

    @get("/metrics", media_type=MediaType.TEXT, sync_to_thread=False)
    def metrics() -> Response[bytes]:
        """Return the metrics in Prometheus's text format."""
        refresh()
        return Response(generate_latest(registry), headers={"content-type": CONTENT_TYPE_LATEST})

    return Litestar(
        [healthz, metrics, *further],
        openapi_config=None,
        logging_config=None,
        request_max_body_size=LARGEST_REQUEST,
    )
