"""The model of the venue: sites, zones, points, devices, checklists and schedules, without reading any file."""
