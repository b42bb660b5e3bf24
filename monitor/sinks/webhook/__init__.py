"""Sends transitions to another system one by one: as signed CloudEvents or to GoAlert. It keeps no state."""

from monitor.sinks.webhook.sink import WebhookSink

__all__ = ["WebhookSink"]
