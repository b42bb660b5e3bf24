"""What the parts of a door report, and what their states mean together."""

import pytest

from monitor.core.events import AnyEvent
from monitor.core.events.device import DeviceOnline
from monitor.core.events.door import (
    DoorAlarmChanged,
    DoorClosed,
    DoorFault,
    DoorLocked,
    DoorModeChanged,
    DoorOpened,
    DoorTamper,
    DoorUnlocked,
)
from monitor.core.meaning.door import door_status, is_shut, is_unlocked
from tests.support.engine import START


@pytest.mark.parametrize(
    ("event", "status"),
    [
        (DoorOpened(at=START, point="d"), ("contact", "open")),
        (DoorClosed(at=START, point="d"), ("contact", "closed")),
        (DoorLocked(at=START, point="d"), ("lock", "locked")),
        (DoorUnlocked(at=START, point="d"), ("lock", "unlocked")),
        (DoorModeChanged(at=START, point="d", mode="locked_down"), ("mode", "locked_down")),
        (DoorAlarmChanged(at=START, point="d", alarm="forced_open"), ("alarm", "forced_open")),
        (DoorTamper(at=START, point="d", active=True), ("tamper", "tamper")),
        (DoorFault(at=START, point="d", active=False), ("fault", "")),
        (DeviceOnline(at=START, device="d"), None),
    ],
)
def test_each_event_is_about_one_part(event: AnyEvent, status: tuple[str, str] | None) -> None:
    """No part overrides what another one reports."""
    assert door_status(event) == status


def test_a_door_is_secured_as_soon_as_one_part_secures_it() -> None:
    """A fault or a lock is enough; an unlocked lock does not open a door in lockdown."""
    assert is_shut(["unlocked", "locked_down"])
    assert is_shut(["fault"])
    assert not is_shut(["unlocked", ""])


def test_a_door_is_unlocked_by_its_lock_or_its_mode() -> None:
    """`Accessed` means unlocked for a moment."""
    assert is_unlocked(["locked", "locked_open"])
    assert is_unlocked(["accessed"])
    assert not is_unlocked(["locked", "fault"])
