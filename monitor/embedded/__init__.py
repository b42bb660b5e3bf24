"""The broker for a venue that has none, and for the demonstration: nats-server, run by ourselves."""

from monitor.embedded.broker import EmbeddedBroker
from monitor.embedded.nats import unsupported

__all__ = ["EmbeddedBroker", "unsupported"]
