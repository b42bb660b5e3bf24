"""Four rules in plain Python, for the programs whose rules are written in it.

In the order of arrival and in memory only: nothing waits for what is slow, nothing survives.
"""

WINDOW = 300.0
"""Seconds in which denials are counted."""


class Subject:
    """What is remembered of one access point or zone, or of one badge."""

    __slots__ = ("denied", "is_open", "over", "released")

    def __init__(self):
        self.released = -1e18
        self.is_open = False
        self.over = False
        self.denied = []

    def take(self, event, at):
        """Return the alerts that an event at a time, in seconds, raises about this subject."""
        kind = event["type"]
        if kind == "door.opened":
            if at - self.released > 10.0 and not self.is_open:
                self.is_open = True
                return [f"raised door-opened-unreleased {event['point']}"]
        elif kind in {"access.granted", "access.taken", "access.rex"}:
            self.released = at
        elif kind == "door.closed":
            self.is_open = False
        elif kind == "access.denied":
            return self._count(event, at)
        elif kind == "zone.count":
            was, self.over = self.over, event["count"] > 5000
            if self.over and not was:
                return [f"raised zone-over-capacity {event['zone']}"]
        return []

    def _count(self, event, at):
        self.denied = [time for time in self.denied if time > at - WINDOW]
        self.denied.append(at)
        return [f"raised denied-burst {event['point']}"] if len(self.denied) == 10 else []


def subject_of(event):
    """Return what an event is about."""
    return event.get("point") or event.get("zone") or event.get("device") or event["checklist"]
