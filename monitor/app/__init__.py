"""Wiring: opens what the configuration names, and runs it. Neither rules nor file formats belong here."""
