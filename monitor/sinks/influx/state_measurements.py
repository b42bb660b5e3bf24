"""Measurements of states at the venue: alerts, zones, doors, devices. Written on change, and every 10 s or 60 s."""

from typing import Annotated

from monitor.sinks.influx.schema import (
    NONE,
    FieldKey,
    Measurement,
    PointNameField,
    PointTag,
    SiteNameField,
    SiteTag,
    TagKey,
    ZoneNameField,
    ZoneTag,
)

CLOSED, OPEN, HELD, FORCED, UNKNOWN = 0, 1, 2, 3, 9
"""Values of `door.state`."""
RANKS = {CLOSED: 1, OPEN: 2, UNKNOWN: 3, HELD: 4, FORCED: 5}
"""Values of `door.rank`: the greatest of an interval is the worst. 0: no contact reports there."""


class AlertOpenMeasurement(Measurement, frozen=True, tag="alert_open"):
    """Every open alert except silent ones, every 10 s. A closed alert is no longer written."""

    site: SiteTag = NONE
    zone: ZoneTag = NONE
    point: PointTag = NONE
    rule: Annotated[str, TagKey("the rule's id")] = NONE
    severity: Annotated[str, TagKey("`life_safety`, `critical`, `high`, `medium`, `low`")] = NONE
    alarm: Annotated[
        str,
        TagKey(
            "`<rule>:<point, zone or site>`, with `:2`, `:3` ... for further alerts of the same rule there; group by it"
        ),
    ] = NONE
    code: Annotated[int, FieldKey("the severity as a number: 0 life safety to 4 low")] = 0
    alert_id: Annotated[str, FieldKey("the alert's id")] = ""
    subject: Annotated[str, FieldKey("the subject of the alert; people as pseudonyms")] = ""
    msg: Annotated[str, FieldKey("the title of the alert; people as pseudonyms")] = ""
    msg_vi: Annotated[str, FieldKey("the same in Vietnamese")] = ""
    msg_ar: Annotated[str, FieldKey("the same in Arabic")] = ""
    headline: Annotated[
        str, FieldKey("priority, whether anybody has it, and the title in one line, for a wall")
    ] = ""
    headline_vi: Annotated[str, FieldKey("the same in Vietnamese")] = ""
    headline_ar: Annotated[str, FieldKey("the same in Arabic")] = ""
    place: Annotated[
        int,
        FieldKey(
            "for sorting: by severity, what is still so before what is over, then newest first"
        ),
    ] = 0
    site_name: SiteNameField = ""
    zone_name: ZoneNameField = ""
    point_name: PointNameField = ""
    condition: Annotated[str, FieldKey("`active` or `cleared`")] = ""
    handling: Annotated[
        str, FieldKey("`new`, `acknowledged` or `shelved`; `new` too while its owner is unverified")
    ] = ""
    unacknowledged: Annotated[int, FieldKey("1 while `handling` is `new`", "0/1")] = 0
    owner: Annotated[
        str, FieldKey("pseudonym of the person who acknowledged it; empty: unacknowledged")
    ] = ""
    occurrences: Annotated[int, FieldKey("number of occurrences")] = 1
    since: Annotated[int, FieldKey("when it was raised, in milliseconds since 1970", "ms")] = 0
    age_s: Annotated[int, FieldKey("time since it was raised", "s")] = 0


class AlertCountMeasurement(Measurement, frozen=True, tag="alert_count"):
    """Open alerts of each zone and severity, every 10 s, including zeros: 0 is a fact, a missing point is not."""

    site: SiteTag = NONE
    zone: ZoneTag = NONE
    severity: Annotated[str, TagKey("`life_safety`, `critical`, `high`, `medium`, `low`")] = NONE
    open: Annotated[int, FieldKey("open and not shelved", "alerts")] = 0
    active: Annotated[
        int, FieldKey("of these, still so: the condition has not cleared", "alerts")
    ] = 0
    unacknowledged: Annotated[int, FieldKey("of these, not acknowledged", "alerts")] = 0
    shelved: Annotated[int, FieldKey("shelved", "alerts")] = 0
    oldest_s: Annotated[
        int, FieldKey("age of the oldest unacknowledged alert; 0 if there is none", "s")
    ] = 0
    raised_10m: Annotated[int, FieldKey("raised in the last 10 minutes", "alerts")] = 0
    stale: Annotated[int, FieldKey("open for more than 24 hours", "alerts")] = 0


class OccupancyMeasurement(Measurement, frozen=True, tag="occupancy"):
    """The occupancy of a zone: on change, at most once a second, and every 10 s. Unknown values are omitted."""

    site: SiteTag = NONE
    zone: ZoneTag = NONE
    count: Annotated[int | None, FieldKey("persons inside", "persons")] = None
    capacity: Annotated[int | None, FieldKey("the zone's capacity", "persons")] = None
    pct: Annotated[float | None, FieldKey("occupancy in percent of the capacity", "percent")] = None
    counted: Annotated[
        int, FieldKey("1 if the occupancy is known; 0 does not mean empty", "0/1")
    ] = 0
    crowded: Annotated[int, FieldKey("1 from 90 % of the capacity on", "0/1")] = 0
    open: Annotated[int | None, FieldKey("the zone is open", "0/1")] = None
    admission: Annotated[
        int | None,
        FieldKey("0 closed, 1 open and ready, 2 open though it is not ready"),
    ] = None
    inspected: Annotated[
        str, FieldKey("`passed`, `failed`, `expired`, `unknown`, `no_checklist`")
    ] = "unknown"
    site_name: SiteNameField = ""
    zone_name: ZoneNameField = ""


class MusterMeasurement(Measurement, frozen=True, tag="muster"):
    """People who reported at the assembly points of a site, every 10 s, including zeros."""

    site: SiteTag = NONE
    last_hour: Annotated[int, FieldKey("reports in the last hour", "persons")] = 0
    site_name: SiteNameField = ""


class DoorMeasurement(Measurement, frozen=True, tag="door"):
    """The state of an access point: on change, and every 60 s."""

    site: SiteTag = NONE
    zone: ZoneTag = NONE
    point: PointTag = NONE
    kind: Annotated[str, TagKey("`door`, `gate`, `turnstile`, `emergency_exit`")] = NONE
    state: Annotated[
        int,
        FieldKey(
            "0 closed, 1 open, 2 held open, 3 forced, 9 unknown: nothing received yet, or its device is offline"
        ),
    ] = UNKNOWN
    rank: Annotated[
        int,
        FieldKey(
            "the same by severity: 0 no contact reports here, 1 closed, 2 open, 3 unknown, 4 held open, 5 forced"
        ),
    ] = 0
    mode: Annotated[str, FieldKey("the controller's mode: `locked`, `unlocked`, ...")] = "unknown"
    open_s: Annotated[int, FieldKey("how long it has been open; 0 if it is not", "s")] = 0
    tamper: Annotated[int, FieldKey("its tamper contact is active", "0/1")] = 0
    fault: Annotated[int, FieldKey("its hardware reports a fault", "0/1")] = 0
    site_name: SiteNameField = ""
    zone_name: ZoneNameField = ""
    point_name: PointNameField = ""


class FlowMeasurement(Measurement, frozen=True, tag="flow"):
    """Passages at one access point in one minute, including zeros; at the start of the minute.

    Written one minute after the end of the minute. Counted by the sender's time; events that arrive later are in
    `access` only.
    """

    site: SiteTag = NONE
    zone: ZoneTag = NONE
    point: PointTag = NONE
    passed_in: Annotated[int, FieldKey("passages in", "persons")] = 0
    passed_out: Annotated[int, FieldKey("passages out", "persons")] = 0
    denied: Annotated[int, FieldKey("access denied", "persons")] = 0
    per_hour: Annotated[int, FieldKey("passages in and out, as an hourly rate", "persons/h")] = 0


class DeviceMeasurement(Measurement, frozen=True, tag="device"):
    """A device in venue.toml: on change, and every 60 s."""

    site: SiteTag = NONE
    zone: ZoneTag = NONE
    point: PointTag = NONE
    device: Annotated[str, TagKey("the device's id")] = NONE
    up: Annotated[
        int,
        FieldKey(
            "1 sent within its silence limit; 0 silent for longer, or reported offline", "0/1"
        ),
    ] = 0
    last_seen_s: Annotated[
        int | None, FieldKey("time since the last message; omitted: none yet", "s")
    ] = None
    battery: Annotated[float | None, FieldKey("the charge last reported", "percent")] = None
    tamper: Annotated[int, FieldKey("its tamper contact is active", "0/1")] = 0
    device_name: Annotated[str, FieldKey("the device's name")] = ""
    site_name: SiteNameField = ""
    zone_name: ZoneNameField = ""
    point_name: PointNameField = ""


VENUE_STATES: tuple[type[Measurement], ...] = (
    AlertOpenMeasurement,
    AlertCountMeasurement,
    OccupancyMeasurement,
    MusterMeasurement,
    DoorMeasurement,
    FlowMeasurement,
    DeviceMeasurement,
)
