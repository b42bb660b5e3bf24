"""Publish: emit the changed zones and readiness, at most once a second."""

from datetime import datetime, timedelta

from monitor.core.derive import occupancy
from monitor.core.effects import Effects
from monitor.core.readiness import verdict
from monitor.core.state.state import State

EVERY = timedelta(seconds=1)


def publish(state: State, effects: Effects) -> None:
    """Emit the changes, unless the last were emitted less than a second ago."""
    if not state.places.unpublished and not state.readiness.unpublished:
        return
    now = state.time.now
    if now < state.time.publish_at <= now + EVERY:
        return
    if occupancy.publish(state, effects) | verdict.publish(state, effects):
        state.time.publish_at = now + EVERY


def due(state: State) -> datetime | None:
    """Return when to publish next; ``None`` if nothing has changed."""
    is_pending = state.places.unpublished or state.readiness.unpublished
    return state.time.publish_at if is_pending else None
