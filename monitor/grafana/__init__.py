"""Brings the dashboards to a Grafana that is there already."""
