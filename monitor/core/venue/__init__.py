"""The model of the venue: sites, zones, points, devices, checklists and schedules, without reading any file.

`monitor.venue` reads ``venue.toml`` into it; the two packages are the pure half and the file half of one thing.
"""
