"""``/healthz`` for health checks and ``/metrics`` for Prometheus, open to everybody."""

from collections.abc import Callable

from litestar import MediaType, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest


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


def health_routes(
    health: Callable[[], Health], registry: CollectorRegistry, refresh: Callable[[], None]
) -> list[HTTPRouteHandler]:
    """Return the routes.

    Args:
        health: returns the health of the monitor.
        registry: the metrics.
        refresh: updates the metrics that are computed on demand.

    """

    @get("/healthz", opt={"right": "open"}, sync_to_thread=False)
    def healthz() -> Response[Health]:
        """Return status 200 if the monitor is healthy, otherwise 503 with the reasons."""
        current = health()
        return Response(current, status_code=200 if current.ok else 503)

    @get("/metrics", media_type=MediaType.TEXT, opt={"right": "open"}, sync_to_thread=False)
    def metrics() -> Response[bytes]:
        """Return the metrics in Prometheus's text format."""
        refresh()
        return Response(generate_latest(registry), headers={"content-type": CONTENT_TYPE_LATEST})

    return [healthz, metrics]
