"""Installs the dashboards in an existing Grafana. What they show is built in `dashboards/`, not here."""
