"""Sends open alerts to Prometheus's Alertmanager. `api` must not import the core."""

from monitor.sinks.alertmanager.sink import AlertmanagerSink

__all__ = ["AlertmanagerSink"]
