"""Device liveness, and with it which zones are monitored: a zone without a working sensor is unmonitored."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec.structs import replace

from monitor.core.derive.occupancy import touch, zone_state
from monitor.core.effects import Effects
from monitor.core.events.base import DeviceEvent
from monitor.core.events.derived import DeviceClock, DeviceExpected, DeviceSilent, ZoneSensing
from monitor.core.events.device import (
    DeviceBattery,
    DeviceBoot,
    DeviceHeartbeat,
    DeviceOffline,
    DeviceOnline,
)
from monitor.core.events.vocabulary import Sensing
from monitor.core.state.devices import LivenessState
from monitor.core.state.state import State
from monitor.core.state.time import TimestampedEvent
from monitor.core.state.timers import LivenessTimer
from monitor.core.utc import later, utc
from monitor.core.venue.places import Place, Places

FOLLOWED: tuple[type, ...] = (
    DeviceExpected,
    DeviceOnline,
    DeviceHeartbeat,
    DeviceBoot,
    DeviceBattery,
    DeviceOffline,
)
"""The event types that show whether a device is alive."""
BEHIND = timedelta(minutes=1)
"""A clock this far behind puts events in the wrong order; judgement."""
_AWAITED = ("expected", "heard")
"""A device that is offline or silent is no longer awaited."""


def follow(
    state: State, places: Places, timestamped: TimestampedEvent, place: Place, effects: Effects
) -> None:
    """Record that a device is alive; derive the sensing of its zones, and set the timer of its silence limit."""
    event = timestamped.event
    if not isinstance(event, DeviceEvent) or place.of_device is None:
        return
    record = state.devices.liveness.get(event.device)
    if record is None:
        record = state.devices.liveness[event.device] = LivenessState(timestamped.t)
    before = record.status
    if not isinstance(event, DeviceExpected) and timestamped.t >= record.at:
        record.at = timestamped.t
        record.status = "offline" if isinstance(event, DeviceOffline) else "heard"
    if timestamped.late:
        record.heard_late = max(record.heard_late, state.time.watermark)
    _await(record, place, effects)
    if record.status != before:
        # Most events repeat a status: looking through all sensors of a zone each time takes too long in a large one.
        _sense(state, places, event.device, timestamped.t, effects)
    if record.status == "heard" and record.at == timestamped.t:
        _blame(state, places, event.device, timestamped.t, effects)


def on_timer(state: State, places: Places, timer: LivenessTimer, effects: Effects) -> None:
    """Derive that a device is silent, unless it has sent something since."""
    device, liveness = timer.device, state.devices.liveness
    record, place = liveness.get(device), places.devices.get(device)
    if record is None or place is None or place.of_device is None:
        liveness.pop(device, None)
        return
    if record.due is None or timer.due < record.due or is_deaf(state, timer.due):
        return
    record.due = None
    if _silent_since(record) + place.of_device.silence_limit > timer.due:
        _await(record, place, effects)
    elif record.status == "missed":
        record.status = "silent"
        effects.derive(DeviceSilent(at=timer.due, device=device))
    elif record.status in _AWAITED:
        decided = _gateway_decided(state, places, place, timer.due)
        record.status = "silent" if decided <= timer.due else "missed"
        if record.status == "silent":
            effects.derive(DeviceSilent(at=timer.due, device=device))
        else:
            record.due = decided
            effects.wake(LivenessTimer(decided, device))
        _sense(state, places, device, timer.due, effects)


def is_deaf(state: State, t: datetime) -> bool:
    """Return whether a time lies in a gap that has not ended: the silence of others means nothing then."""
    since = state.devices.disconnected_since
    return since is not None and t > since


def resume(
    state: State, since: datetime, until: datetime
) -> Iterator[tuple[LivenessTimer, LivenessTimer]]:
    """Let the silence of each device count from the end of a gap: what it sent with QoS 0 meanwhile is lost.

    A device that has not been heard since the gap before gets only as much more time as this gap has taken. Otherwise
    frequent gaps would hide that it is silent.

    Yields:
        Each timer that is void now, and the one in its place.

    """
    for device, record in state.devices.liveness.items():
        if record.due is not None and record.due > since:
            before = LivenessTimer(record.due, device)
            record.due = later(record.due, until - since)
            yield before, LivenessTimer(record.due, device)
        if record.at >= record.resumed:
            record.missed_from, record.resumed = since, until
        else:
            record.resumed = later(record.resumed, until - since)


def may_tell_clock(state: State, device: str, t: datetime) -> bool:
    """Return whether a heartbeat that has just arrived may tell that the clock of its device changed; see `clock`."""
    behind = state.devices.clocks_behind
    return state.time.catching_up_until is None and (
        device in behind or state.time.now - t >= BEHIND
    )


def clock(state: State, places: Places, timestamped: TimestampedEvent) -> DeviceClock | None:
    """Return whether the clock of a device is behind, if a heartbeat that has just arrived shows that it changed.

    A heartbeat carries its own time: an old one comes from a wrong clock, or was delayed on the way.
    """
    event, behind = timestamped.event, state.devices.clocks_behind
    if not isinstance(event, DeviceHeartbeat) or event.device not in places.devices:
        return None
    if not timestamped.live or state.time.catching_up_until is not None:
        return None
    now = state.time.now
    by = now - timestamped.t
    if by >= BEHIND and event.device not in behind:
        behind[event.device] = None
        return DeviceClock(at=now, device=event.device, behind_s=by.total_seconds())
    if by < BEHIND and event.device in behind:
        del behind[event.device]
        return DeviceClock(at=now, device=event.device, behind_s=0)
    return None


def sensing(state: State, places: Places, zone: str) -> Sensing:
    """Return whether the sensors of a zone work: all, some, or none."""
    found: set[bool] = set()
    for device in places.sensors.get(zone, ()):
        found.add(_works(state, places, device))
        if len(found) > 1:
            return "partly"
    return "monitored" if True in found else "unmonitored"


def _works(state: State, places: Places, device: str) -> bool:
    """Return whether a device and every gateway that it depends on are alive."""
    liveness = state.devices.liveness
    for name in places.chain(device):
        record = liveness.get(name)
        if record is None or record.status != "heard":
            return False
    return True


def _await(record: LivenessState, place: Place, effects: Effects) -> None:
    """Set the timer of a device's silence limit; one at a time, which checks whether the device has sent since."""
    if place.of_device is None or record.status not in _AWAITED:
        return
    limit = place.of_device.silence_limit
    if record.due is not None and record.due <= record.at + limit:
        return  # mostly: it checks then whether the device has sent since
    due = _silent_since(record) + limit
    if record.due is None or due < record.due:
        record.due = due
        effects.wake(LivenessTimer(due, place.of_device.id))


def _silent_since(record: LivenessState) -> datetime:
    """Return from when the silence of a device counts.

    After a late sign of life, that is the watermark at its arrival: other messages of the device may be as late, and
    a limit counted from its own time would have run out before they can arrive. After a gap of the monitor, it is the
    end of the gap, unless messages that the broker kept show that none was lost.
    """
    since = max(utc(record.at), record.heard_late)
    return since if record.at > record.missed_from else max(since, record.resumed)


def _sense(state: State, places: Places, device: str, t: datetime, effects: Effects) -> None:
    """Derive whether the zones that a device watches are monitored, if that has changed."""
    for zone in places.senses.get(device, ()):
        now = sensing(state, places, zone)
        record = zone_state(state, places, zone)
        if record.status.sensing != now:
            touch(state, record, replace(record.status, sensing=now))
            sensors = len(places.sensors.get(zone, ()))
            effects.derive(ZoneSensing(at=t, zone=zone, state=now, sensors=sensors))


def _gateway_decided(state: State, places: Places, place: Place, t: datetime) -> datetime:
    """Return when it is known whether the gateway of a missing device is alive: a dead gateway is one alert.

    The wait is never longer than the device's own limit: a gateway that rarely reports must not hide a silent device.
    """
    liveness = state.devices.liveness
    record, above = liveness.get(place.gateway), places.devices.get(place.gateway)
    if record is None or record.status not in {*_AWAITED, "missed"} or record.at >= t:
        return t
    if above is None or above.of_device is None or place.of_device is None:
        return t
    decided = _silent_since(record) + above.of_device.silence_limit
    if record.status == "missed" and record.due is not None:
        decided = record.due
    return min(decided, t + place.of_device.silence_limit)


def _blame(state: State, places: Places, gateway: str, t: datetime, effects: Effects) -> None:
    """Derive that the missing devices behind a gateway are silent themselves, since the gateway is alive."""
    for device in places.behind(gateway):
        record = state.devices.liveness.get(device)
        if record is not None and record.status == "missed" and t > record.at:
            record.status, record.due = "silent", None
            effects.derive(DeviceSilent(at=t, device=device))
