"""``/healthz`` for health checks and ``/metrics`` for Prometheus.

Everybody reads in one word whether the monitor is well. Figures and reasons are for programs on this machine, which
could read the journal as well, and for whoever has the right `metrics`.
"""

from collections.abc import Callable
from typing import Any

from litestar import MediaType, Request, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from monitor.web.context import viewer_of
from monitor.web.guard import IDENTIFIED, LOCAL, is_local

WELL, NOT_WELL = "ok", "not ok"
"""What everybody may know."""


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
    left: int = 0
    """While it catches up: messages and events that it has from the broker and has not processed in order yet. What the
    broker still keeps is not among them: MQTT doesn't tell."""
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

    @get("/healthz", opt={"right": "open", IDENTIFIED: True}, sync_to_thread=False)
    def healthz(request: Request[Any, Any, Any]) -> Response[Health] | Response[str]:
        """Return status 200 if the monitor is healthy, otherwise 503; to those who may know also the reasons."""
        current = health()
        status = 200 if current.ok else 503
        if is_local(request) or _may_know(request):
            return Response(current, status_code=status)
        word = WELL if current.ok else NOT_WELL
        return Response(word, status_code=status, media_type=MediaType.TEXT)

    @get(
        "/metrics",
        media_type=MediaType.TEXT,
        opt={"right": "metrics", LOCAL: True},
        sync_to_thread=False,
    )
    def metrics() -> Response[bytes]:
        """Return the metrics in Prometheus's text format."""
        refresh()
        return Response(generate_latest(registry), headers={"content-type": CONTENT_TYPE_LATEST})

    return [healthz, metrics]


def _may_know(request: Request[Any, Any, Any]) -> bool:
    viewer = viewer_of(request)
    return viewer is not None and viewer.has("metrics")
