"""Reads and checks ``venue.toml``: sites, zones, access points, devices, classes, schedules and checklists.

The types belong to the core, in `monitor.core.venue`, not here.
"""

from monitor.venue.read import load, read

__all__ = ["load", "read"]
