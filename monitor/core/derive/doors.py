"""How each door stands: its lock, its mode and its faults have a word each, and no word takes back another's."""

from collections.abc import Iterator

from monitor.core.events import AnyEvent
from monitor.core.events.derived import DoorStanding
from monitor.core.events.door import DoorFault, DoorLocked, DoorModeChanged, DoorUnlocked
from monitor.core.state.state import DoorState, Moment, State, Word
from monitor.core.venue.places import Place, Places

FOLLOWED = (DoorLocked, DoorUnlocked, DoorModeChanged, DoorFault)
"""The event types that say how a door stands."""
CLOSED_MODES = ("locked", "blocked", "locked_down", "double_locked")
FREE_MODES = ("unlocked", "accessed", "locked_open")


def follow(state: State, places: Places, moment: Moment, place: Place) -> Iterator[DoorStanding]:
    """Take an event in; yield how its door stands, if that is another way than before."""
    del places
    said = _word(moment.event)
    if said is None or place.of_point is None:
        return
    of, word = said
    door = state.doors.setdefault(place.point, DoorState())
    known = door.words.get(of)
    if known is not None and known.at > moment.t:
        return
    door.words[of] = Word(moment.t, word)
    before = door.shut, door.unlocked
    words = [row.word for row in door.words.values()]
    door.shut = any(word in _SHUT for word in words)
    door.unlocked = any(word in FREE_MODES for word in words)
    if (door.shut, door.unlocked) != before:
        yield DoorStanding(at=moment.t, point=place.point, shut=door.shut, unlocked=door.unlocked)


def _word(said: AnyEvent) -> tuple[str, str] | None:
    """Return what speaks and what it says; a mode that nobody knows takes nothing back."""
    match said:
        case DoorLocked():
            return "lock", "locked"
        case DoorUnlocked():
            return "lock", "unlocked"
        case DoorModeChanged(mode=mode) if mode != "unknown":
            return "mode", mode
        case DoorFault(active=active):
            return "fault", "fault" if active else ""
        case _:
            return None


_SHUT = (*CLOSED_MODES, "fault")
