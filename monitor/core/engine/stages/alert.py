"""Alert: raise, count and end alerts as rules fire and end."""

from monitor.core.engine.context import Batch, Context
from monitor.core.engine.signals import report


def alert(context: Context, batch: Batch) -> None:
    """Turn signals into changes of alerts, each before the next one arises."""
    for row in batch.signals or ():
        report(context, row)
