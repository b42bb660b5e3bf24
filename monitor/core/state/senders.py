"""Room for what the venue file can't list, such as actions, badges and requests: a reserve for known senders."""

from typing import Final

from monitor.core.events import AnyEvent
from monitor.core.state.state import State

_PEOPLE: Final = ("who", "inspector", "approver", "issuer")
"""The fields that name the person from whom an event comes."""


def has_room(state: State, event: AnyEvent, count: int, most: int) -> bool:
    """Return whether there is room for another id that an event names.

    All senders share one quota. Beyond it, there is as much again for people on the roster and for devices in the
    venue file: whoever invents ids by the thousand does not take their place.

    Args:
        state: holds the roster and the venue.
        event: names the id.
        count: the number of ids that are known.
        most: the quota.

    """
    return count < most or (count < 2 * most and is_known_sender(state, event))


def is_known_sender(state: State, event: AnyEvent) -> bool:
    """Return whether an event names a person on the roster or a device in the venue file as its sender."""
    roster, venue = state.paging.roster, state.rule_set.venue
    if roster is not None and any(getattr(event, key, "") in roster.by_id for key in _PEOPLE):
        return True
    device = getattr(event, "device", "")
    return device != "" and any(row.id == device for row in venue.devices)
