"""Watches the venues of a congress: what doors, devices and inspectors say, checked against the officers' rules."""
