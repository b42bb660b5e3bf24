"""Enrich: fill in the fields that an event omits, as far as earlier events had them."""

from msgspec.structs import replace

from monitor.core.derive.enrich import ENRICHED, enriched
from monitor.core.engine.context import Batch, Context, Placed


def enrich(context: Context, batch: Batch) -> None:
    """Replace events that may omit fields."""
    for row, _ in batch.events:
        if type(row.event) in ENRICHED:
            batch.events = [_enriched(context, placed) for placed in batch.events]
            return


def _enriched(context: Context, placed: Placed) -> Placed:
    if type(placed[0].event) not in ENRICHED:
        return placed
    full = replace(placed[0], event=enriched(context.state, placed[0].event))
    return full, context.rules.place_of(full.event, full.sent_from)
