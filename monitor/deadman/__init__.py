"""The dead-man's switch: the monitor sends heartbeats, and a watcher on another machine pages when they stop.

The watcher (``venue-monitor watch``) must not need the journal or the rules: it has to work when nothing else does.
"""
