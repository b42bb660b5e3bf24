"""Derived events: what an event implies for people, zones, doors and devices. No alerts are raised here."""
