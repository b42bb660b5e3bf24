"""Reads, checks, tests and explains rule files. How a rule decides belongs to `monitor.core`."""
