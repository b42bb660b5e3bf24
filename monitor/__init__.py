"""Monitors the venues of a congress by the officers' rules. Code belongs in the packages below, not here."""
