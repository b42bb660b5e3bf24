"""Reads, checks, tests and explains rule files. How a rule decides belongs to `monitor.core`.

`monitor.core.rules` holds the model; the two packages are the pure half and the file half of one thing.
"""
