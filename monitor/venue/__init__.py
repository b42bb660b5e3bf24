"""What is watched: sites, zones, access points, devices, classes, schedules and checklists, as ``venue.toml`` says."""

from monitor.venue.read import load, read

__all__ = ["load", "read"]
