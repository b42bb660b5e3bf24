"""The dead-man's switch, both ways: the monitor says that it lives, and a watcher elsewhere pages when it doesn't.

The watcher (``venue-monitor watch``) needs neither journal nor rules: it has to work where nothing else does.
"""
