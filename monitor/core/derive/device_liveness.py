"""Which devices are heard, and with that which zones are watched: a zone without a working sensor is unmonitored."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec.structs import replace

from monitor.core.derive.occupancy import touch, zone_state
from monitor.core.events import AnyEvent
from monitor.core.events.derived import DeviceClock, DeviceExpected, DeviceSilent, ZoneSensing
from monitor.core.events.device import (
    DeviceBattery,
    DeviceBoot,
    DeviceHeartbeat,
    DeviceOffline,
    DeviceOnline,
)
from monitor.core.events.vocabulary import Sensing
from monitor.core.state.state import HeardState, Moment, State, Timer
from monitor.core.utc import utc
from monitor.core.venue.places import Place, Places

Said = DeviceOnline | DeviceHeartbeat | DeviceBoot | DeviceBattery | DeviceOffline | DeviceExpected
FOLLOWED: tuple[type, ...] = (
    DeviceExpected,
    DeviceOnline,
    DeviceHeartbeat,
    DeviceBoot,
    DeviceBattery,
    DeviceOffline,
)
"""The event types that say whether a device lives."""


BEHIND = timedelta(minutes=1)
"""A clock that is so far behind orders events wrongly. Judgement."""


def follow(
    state: State, places: Places, moment: Moment, place: Place
) -> Iterator[AnyEvent | Timer]:
    """Take an event in; yield what it means for the zones that the device watches, and when it will be missed."""
    said = moment.event
    if not isinstance(said, Said) or place.of_device is None:
        return
    record = state.heard.get(said.device)
    if record is None:
        record = state.heard[said.device] = HeardState(moment.t)
    if not isinstance(said, DeviceExpected) and moment.t >= record.at:
        record.at = moment.t
        record.standing = "offline" if isinstance(said, DeviceOffline) else "heard"
    yield from _await(record, place)
    yield from _sense(state, places, said.device, moment)
    if record.standing == "heard" and record.at == moment.t:
        yield from _blame(state, places, said.device, moment)


def ring(state: State, places: Places, timer: Timer) -> Iterator[AnyEvent | Timer]:
    """Say that a device is silent, unless it was heard meanwhile."""
    record, place = state.heard.get(timer.of), places.devices.get(timer.of)
    if record is None or place is None or place.of_device is None:
        state.heard.pop(timer.of, None)
        return
    if record.due is None or timer.due < record.due:
        return
    record.due = None
    if record.at + place.of_device.silence_limit > timer.due:
        yield from _await(record, place)
    elif record.standing == "missed":
        record.standing = "silent"
        yield DeviceSilent(at=timer.due, device=timer.of)
    elif record.standing in _AWAITED:
        said = DeviceSilent(at=timer.due, device=timer.of)
        decided = _gateway_decided(state, places, place, timer.due)
        record.standing = "silent" if decided <= timer.due else "missed"
        if record.standing == "silent":
            yield said
        else:
            record.due = decided
            yield Timer(decided, "hearing", timer.of)
        yield from _sense(state, places, timer.of, Moment(timer.due, state.arrivals, said))


def _gateway_decided(state: State, places: Places, place: Place, t: datetime) -> datetime:
    """Return when it is known whether the gateway of a device that is missed lives: a dead gateway is one alert.

    It is not waited for longer than the device's limit once more: nobody is to be blind for a gateway that says little.
    """
    record, above = state.heard.get(place.gateway), places.devices.get(place.gateway)
    if record is None or record.standing not in {*_AWAITED, "missed"} or record.at >= t:
        return t
    if above is None or above.of_device is None or place.of_device is None:
        return t
    decided = utc(record.at) + above.of_device.silence_limit
    if record.standing == "missed" and record.due is not None:
        decided = record.due
    return min(decided, t + place.of_device.silence_limit)


def _blame(
    state: State, places: Places, gateway: str, moment: Moment
) -> Iterator[AnyEvent | Timer]:
    """Say that those are silent by themselves which were missed, for their gateway has just been heard."""
    for device in places.behind(gateway):
        record = state.heard.get(device)
        if record is not None and record.standing == "missed" and moment.t > record.at:
            record.standing, record.due = "silent", None
            yield DeviceSilent(at=moment.t, device=device)


def clock(state: State, places: Places, moment: Moment) -> Iterator[DeviceClock]:
    """Take in a sign of life that has just arrived; yield it if the clock of its device is now behind, or right again.

    It is sent when it is true: one that tells an old time comes from a wrong clock, or was kept on the way.
    """
    said = moment.event
    if not isinstance(said, DeviceHeartbeat) or said.device not in places.devices:
        return
    if not moment.news or state.catching_up_until is not None:
        return
    behind = state.now - moment.t
    if behind >= BEHIND and said.device not in state.behind:
        state.behind[said.device] = None
        yield DeviceClock(at=state.now, device=said.device, behind_s=behind.total_seconds())
    elif behind < BEHIND and said.device in state.behind:
        del state.behind[said.device]
        yield DeviceClock(at=state.now, device=said.device, behind_s=0)


def sensing(state: State, places: Places, zone: str) -> Sensing:
    """Return whether the sensors of a zone work: all, some, or none."""
    sensors = places.sensors.get(zone, ())
    working = sum(_works(state, places, device) for device in sensors)
    if not working:
        return "unmonitored"
    return "monitored" if working == len(sensors) else "partly"


def _works(state: State, places: Places, device: str) -> bool:
    """Tell whether a device is heard, and everything through which it speaks."""
    return all(
        (record := state.heard.get(name)) is not None and record.standing == "heard"
        for name in places.chain(device)
    )


def _await(record: HeardState, place: Place) -> Iterator[Timer]:
    """Have the device missed at its limit; one timer at a time, whose ring looks whether it was heard since."""
    if place.of_device is None or record.standing not in _AWAITED:
        return
    due = utc(record.at) + place.of_device.silence_limit
    if record.due is None or due < record.due:
        record.due = due
        yield Timer(due, "hearing", place.of_device.id)


def _sense(state: State, places: Places, device: str, moment: Moment) -> Iterator[ZoneSensing]:
    for zone in places.senses.get(device, ()):
        now = sensing(state, places, zone)
        record = zone_state(state, places, zone)
        if record.standing.sensing != now:
            touch(state, record, replace(record.standing, sensing=now))
            yield ZoneSensing(
                at=moment.t, zone=zone, state=now, sensors=len(places.sensors.get(zone, ()))
            )


_AWAITED = ("expected", "heard")
"""Who is told to be offline, or silent, is missed already."""
