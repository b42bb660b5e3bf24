"""Every measurement in InfluxDB, declared once: the writer, docs/metrics.md and the dashboards are made from it."""

from datetime import timedelta
from typing import Annotated

from monitor.sinks.influx.schema import (
    NONE,
    Checklist,
    EventId,
    Field,
    Lead,
    Measurement,
    One,
    Point,
    Site,
    Tag,
    Zone,
)

OFTEN = timedelta(seconds=10)
"""So often alerts, people and the monitor itself are written down, also when nothing changes."""
SELDOM = timedelta(seconds=60)
"""So often everything else is."""

SEVERITY_CODES = {"life_safety": 0, "critical": 1, "high": 2, "medium": 3, "low": 4}
"""Of `alert_open.code` and `alert_event.code`: the worst is the smallest, as in P0."""
READY_CODES = {"go": 0, "go_with_conditions": 1, "unknown": 2, "no_go": 3}
"""Of `readiness.code`, `compliance.code` and `certificate.code`: the gravest is the greatest."""
CLOSED, OPEN, HELD, FORCED, UNKNOWN = 0, 1, 2, 3, 9
"""Of `door.state`."""


# What happened: one point for each event, at the sender's time ---------------------------------------------------


class Access(Measurement, frozen=True, tag="access"):
    """Somebody at an access point. One point for each `access` event."""

    site: Site = NONE
    zone: Zone = NONE
    point: Point = NONE
    direction: Annotated[str, Tag("`in`, `out`, `unknown`")] = "unknown"
    result: Annotated[
        str, Tag("`granted`, `taken`, `not_taken`, `denied`, `muster`, `rex`, `read`")
    ] = NONE
    reason: Annotated[str, Tag("why it was denied; `none` if it was not")] = NONE
    holder_class: Annotated[
        str, Tag("`guest`, `delegate`, `press`, `staff`, `security`, `contractor`, `unknown`")
    ] = "unknown"
    n: One = 1
    passed: Annotated[
        int, Field("1 if it counts as a passage: `taken`, or `granted` without a passage sensor")
    ] = 0
    event_id: EventId = ""
    subject: Annotated[str, Field("pseudonym of the holder, or of the credential")] = ""
    method: Annotated[str, Field("how the credential was shown: `card`, `pin`, ...")] = ""
    device: Annotated[str, Field("id of the reader, if it is known")] = ""


class Inspection(Measurement, frozen=True, tag="inspection"):
    """A step of an inspection. One point for each `inspection` event, and one for each answer in a form."""

    site: Site = NONE
    zone: Zone = NONE
    checklist: Checklist = NONE
    lead: Lead = NONE
    step: Annotated[
        str,
        Tag(
            "`scheduled`, `started`, `submitted`, `amended`, `approved`, `rejected`, `cancelled`, `item`"
        ),
    ] = NONE
    result: Annotated[
        str, Tag("of an `item`: `pass`, `fail`, `na`, `not_done`, `unknown`; else `none`")
    ] = NONE
    n: One = 1
    event_id: EventId = ""
    inspection_id: Annotated[str, Field("the visit")] = ""
    item: Annotated[str, Field("the line of the checklist, of an `item`")] = ""
    inspector: Annotated[str, Field("pseudonym of whoever did this step")] = ""
    value: Annotated[float | None, Field("what was measured, of an `item`")] = None


class Action(Measurement, frozen=True, tag="action"):
    """A step of a corrective action. One point for each `action` event."""

    site: Site = NONE
    zone: Zone = NONE
    lead: Lead = NONE
    severity: Annotated[str, Tag("`impairment`, `critical`, `noncritical`, `observation`")] = NONE
    step: Annotated[
        str,
        Tag("`opened`, `assigned`, `started`, `done`, `verified`, `reopened`, `cancelled`"),
    ] = NONE
    n: One = 1
    event_id: EventId = ""
    action_id: Annotated[str, Field("the action")] = ""
    asset: Annotated[str, Field("what is worked on")] = ""
    actor: Annotated[str, Field("pseudonym of whoever did this step")] = ""


class Reading(Measurement, frozen=True, tag="reading"):
    """A measured value. One point for each `reading.recorded`."""

    site: Site = NONE
    zone: Zone = NONE
    asset: Annotated[str, Tag("what was measured")] = NONE
    quantity: Annotated[str, Tag("`temperature`, `voltage`, ...")] = NONE
    unit: Annotated[str, Tag("`celsius`, `volt`, ...")] = "unknown"
    value: Annotated[float, Field("in that unit")] = 0.0
    event_id: EventId = ""


class AlertEvent(Measurement, frozen=True, tag="alert_event"):
    """A step in the life of an alert. One point for each, silent alerts left out."""

    site: Site = NONE
    zone: Zone = NONE
    point: Point = NONE
    rule: Annotated[str, Tag("the rule's id")] = NONE
    severity: Annotated[str, Tag("`life_safety`, `critical`, `high`, `medium`, `low`")] = NONE
    change: Annotated[
        str,
        Tag(
            "`raised`, `recurred`, `returned`, `cleared`, `acknowledged`, `shelved`, `unshelved`, `closed`"
        ),
    ] = NONE
    n: One = 1
    code: Annotated[int, Field("the severity as a number: 0 life safety ... 4 low")] = 0
    alert_id: Annotated[str, Field("the alert")] = ""
    subject: Annotated[str, Field("what it is about; people as pseudonyms")] = ""
    msg: Annotated[str, Field("its title; people as pseudonyms")] = ""
    actor: Annotated[str, Field("pseudonym of the person who did it; empty: the monitor")] = ""
    ack_s: Annotated[
        int | None, Field("from raised to acknowledged, at `change='acknowledged'`", "s")
    ] = None
    open_s: Annotated[int | None, Field("from raised to closed, at `change='closed'`", "s")] = None


# How things stand: written when it changes, and again every 10 s or 60 s ------------------------------------------


class AlertOpen(Measurement, frozen=True, tag="alert_open"):
    """Every open alert, every 10 s; silent alerts left out. An alert that is closed is not written any more."""

    site: Site = NONE
    zone: Zone = NONE
    point: Point = NONE
    rule: Annotated[str, Tag("the rule's id")] = NONE
    severity: Annotated[str, Tag("`life_safety`, `critical`, `high`, `medium`, `low`")] = NONE
    alarm: Annotated[
        str,
        Tag(
            "`<rule>:<point, zone or site>`, with `:2`, `:3` ... for further alerts of the same there: group by it"
        ),
    ] = NONE
    code: Annotated[int, Field("the severity as a number: 0 life safety ... 4 low")] = 0
    alert_id: Annotated[str, Field("the alert")] = ""
    subject: Annotated[str, Field("what it is about; people as pseudonyms")] = ""
    msg: Annotated[str, Field("its title; people as pseudonyms")] = ""
    condition: Annotated[str, Field("is it still so: `active`, `cleared`")] = ""
    handling: Annotated[str, Field("has somebody taken it: `new`, `acknowledged`, `shelved`")] = ""
    unacknowledged: Annotated[int, Field("1 while it is `new`", "0/1")] = 0
    owner: Annotated[str, Field("pseudonym of whoever acknowledged it; empty: nobody")] = ""
    occurrences: Annotated[int, Field("how often it has happened")] = 1
    since: Annotated[int, Field("when it was raised, in milliseconds since 1970", "ms")] = 0
    age_s: Annotated[int, Field("since it was raised", "s")] = 0


class AlertCount(Measurement, frozen=True, tag="alert_count"):
    """Open alerts of each zone and severity, every 10 s, also where there are none: 0 is a fact, no point is not."""

    site: Site = NONE
    zone: Zone = NONE
    severity: Annotated[str, Tag("`life_safety`, `critical`, `high`, `medium`, `low`")] = NONE
    open: Annotated[int, Field("not closed, shelved ones left out", "alerts")] = 0
    unacknowledged: Annotated[int, Field("of these, taken by nobody", "alerts")] = 0
    shelved: Annotated[int, Field("out of sight for a while", "alerts")] = 0
    oldest_s: Annotated[
        int, Field("age of the oldest that nobody has taken; 0 if there is none", "s")
    ] = 0


class Occupancy(Measurement, frozen=True, tag="occupancy"):
    """How full a zone is: on change, at most once a second, and every 10 s. What nobody has said is left out."""

    site: Site = NONE
    zone: Zone = NONE
    count: Annotated[int | None, Field("persons inside", "persons")] = None
    capacity: Annotated[int | None, Field("the most there may be", "persons")] = None
    pct: Annotated[float | None, Field("of the capacity", "percent")] = None
    counted: Annotated[int, Field("somebody tells how many are inside; 0 is not empty", "0/1")] = 0
    open: Annotated[int | None, Field("it admits people", "0/1")] = None
    inspected: Annotated[str, Field("`passed`, `failed`, `expired`, `unknown`")] = "unknown"


class Door(Measurement, frozen=True, tag="door"):
    """An access point: on change, and every 60 s."""

    site: Site = NONE
    zone: Zone = NONE
    point: Point = NONE
    kind: Annotated[str, Tag("`door`, `gate`, `turnstile`, `emergency_exit`")] = NONE
    state: Annotated[
        int,
        Field(
            "0 closed, 1 open, 2 held open, 3 forced, 9 unknown: never heard, or its device is offline"
        ),
    ] = UNKNOWN
    mode: Annotated[str, Field("the controller's mode: `locked`, `unlocked`, ...")] = "unknown"
    open_s: Annotated[int, Field("open for so long; 0 if it isn't", "s")] = 0
    tamper: Annotated[int, Field("somebody works at its hardware", "0/1")] = 0
    fault: Annotated[int, Field("its hardware reports a fault", "0/1")] = 0


class Flow(Measurement, frozen=True, tag="flow"):
    """Passages of one minute at one access point, also where nobody passed; at the minute's start.

    Written when the minute has been over for a minute. Counted by the sender's time; what arrives later than that is in
    `access` only.
    """

    site: Site = NONE
    zone: Zone = NONE
    point: Point = NONE
    passed_in: Annotated[int, Field("passages in", "persons")] = 0
    passed_out: Annotated[int, Field("passages out", "persons")] = 0
    denied: Annotated[int, Field("refusals", "persons")] = 0
    per_hour: Annotated[int, Field("passages in and out, as a rate", "persons/h")] = 0


class Device(Measurement, frozen=True, tag="device"):
    """A device of the venue file: on change, and every 60 s."""

    site: Site = NONE
    zone: Zone = NONE
    point: Point = NONE
    device: Annotated[str, Tag("the device's id")] = NONE
    up: Annotated[
        int, Field("1 heard within its limit, 0 silent for longer or said to be offline", "0/1")
    ] = 0
    last_seen_s: Annotated[int | None, Field("since it was heard; left out: never", "s")] = None
    battery: Annotated[float | None, Field("as it said last", "percent")] = None
    tamper: Annotated[int, Field("its case is open", "0/1")] = 0


class Compliance(Measurement, frozen=True, tag="compliance"):
    """A checklist that the present phase requires: on change, and every 60 s."""

    site: Site = NONE
    zone: Zone = NONE
    checklist: Checklist = NONE
    lead: Lead = NONE
    code: Annotated[
        int, Field("0 passed, 1 passed with conditions, 2 not known or expired, 3 failed")
    ] = 2
    ready: Annotated[int, Field("1 if the code is 0 or 1", "0/1")] = 0
    wrong: Annotated[int, Field("things that are wrong with it")] = 0
    due_s: Annotated[
        int | None,
        Field("until it has to be done again, negative: since; left out: never done", "s"),
    ] = None
    overdue: Annotated[
        int, Field("its last pass holds no more, or a visit has not come", "0/1")
    ] = 0


class Readiness(Measurement, frozen=True, tag="readiness"):
    """Whether a zone may open, or a site (`zone` is `none`): on change, and every 60 s."""

    site: Site = NONE
    zone: Zone = NONE
    code: Annotated[int, Field("0 go, 1 go with conditions, 2 unknown, 3 no go")] = 2
    go: Annotated[int, Field("1 if the code is 0 or 1", "0/1")] = 0
    wrong: Annotated[int, Field("things that stand between it and a plain go")] = 0
    why: Annotated[str, Field("the gravest: `checklist <id>`, `action <id>`, `sign-off` ...")] = ""
    lead: Annotated[str, Field("id of the agency that has to act on it")] = ""


class ActionOpen(Measurement, frozen=True, tag="action_open"):
    """Corrective actions that are not over, of each site, agency and severity, every 60 s; zeros for known agencies."""

    site: Site = NONE
    zone: Zone = NONE
    lead: Lead = NONE
    severity: Annotated[str, Tag("`impairment`, `critical`, `noncritical`, `observation`")] = NONE
    open: Annotated[int, Field("neither verified nor cancelled", "actions")] = 0
    unverified: Annotated[int, Field("of these, done and not verified", "actions")] = 0
    overdue: Annotated[int, Field("of these, past their time", "actions")] = 0


class Certificate(Measurement, frozen=True, tag="certificate"):
    """A certificate of an asset: on change, and every 60 s."""

    site: Site = NONE
    zone: Zone = NONE
    asset: Annotated[str, Tag("a lift, an extinguisher, a generator ...")] = NONE
    kind: Annotated[str, Tag("what was certified")] = NONE
    code: Annotated[
        int, Field("0 valid, 1 expires before the congress ends, 3 expired or revoked")
    ] = 3
    left_s: Annotated[
        int | None, Field("until it expires, negative: since; left out: it was revoked", "s")
    ] = None


class Mask(Measurement, frozen=True, tag="mask"):
    """A mask in force: alerts that are expected and not shown; every 60 s."""

    site: Site = NONE
    zone: Zone = NONE
    point: Point = NONE
    rule: Annotated[str, Tag("the rule's id, `*` for all")] = NONE
    kind: Annotated[
        str, Tag("`maintenance`, `unlocked_schedule`, `fire_release`, `planned_opening`")
    ] = NONE
    n: One = 1
    left_s: Annotated[int, Field("until it ends", "s")] = 0
    owner: Annotated[str, Field("pseudonym of whoever answers for it")] = ""


# The monitor itself: every 10 s, at the time of writing ------------------------------------------------------------


class Monitor(Measurement, frozen=True, tag="monitor"):
    """The heartbeat: no fresh point means that nothing else on the wall can be believed."""

    congress: Annotated[str, Tag("the congress's id")] = NONE
    alive: Annotated[int, Field("always 1")] = 1
    behind_s: Annotated[
        float, Field("age of the oldest input that InfluxDB hasn't had; 0: it has all", "s")
    ] = 0.0
    seq: Annotated[int, Field("number of the latest input in the journal")] = 0
    events: Annotated[int, Field("messages understood since the start")] = 0
    rejected: Annotated[int, Field("messages that could not be read, since the start")] = 0
    queue: Annotated[int, Field("messages received and not yet taken")] = 0
    connected: Annotated[int, Field("the broker can be reached", "0/1")] = 0
    catching_up: Annotated[int, Field("it takes in what the broker had kept", "0/1")] = 0
    commit_ms: Annotated[
        float | None, Field("a transaction takes, on average since the last beat", "ms")
    ] = None
    durable_ms: Annotated[
        float | None, Field("from arrival to the disk, on average since the last beat", "ms")
    ] = None


class Reader(Measurement, frozen=True, tag="reader"):
    """A reader of the journal: a sink and how far it has come."""

    reader: Annotated[str, Tag("the sink's name: `mqtt`, `influx` ...")] = NONE
    lag: Annotated[int, Field("inputs that it has not dealt with", "inputs")] = 0
    trouble: Annotated[int, Field("it can't deliver at the moment", "0/1")] = 0
    refused: Annotated[int, Field("entries that were refused for ever, since the start")] = 0


HAPPENED: tuple[type[Measurement], ...] = (Access, Inspection, Action, Reading, AlertEvent)
STATES: tuple[type[Measurement], ...] = (
    AlertOpen,
    AlertCount,
    Occupancy,
    Door,
    Flow,
    Device,
    Compliance,
    Readiness,
    ActionOpen,
    Certificate,
    Mask,
)
BEATS: tuple[type[Measurement], ...] = (Monitor, Reader)
ALL: tuple[type[Measurement], ...] = (*HAPPENED, *STATES, *BEATS)
