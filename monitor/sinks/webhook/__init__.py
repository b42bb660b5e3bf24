"""Tells another system what happens, message by message: CloudEvents, signed; or GoAlert's generic API."""

from monitor.sinks.webhook.sink import WebhookSink

__all__ = ["WebhookSink"]
