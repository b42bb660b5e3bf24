"""Tells Prometheus's Alertmanager of the open alerts: `api` is its language, `wording` and `silences` ours in it."""

from monitor.sinks.alertmanager.sink import AlertmanagerSink

__all__ = ["AlertmanagerSink"]
