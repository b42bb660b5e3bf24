"""Measurements of events: one point for each, at the sender's time."""

from typing import Annotated

from monitor.sinks.influx.schema import (
    NONE,
    ChecklistNameField,
    ChecklistTag,
    CountField,
    EventIdField,
    FieldKey,
    LeadTag,
    Measurement,
    PointNameField,
    PointTag,
    SiteNameField,
    SiteTag,
    TagKey,
    ZoneNameField,
    ZoneTag,
)


class AccessMeasurement(Measurement, frozen=True, tag="access"):
    """A person at an access point. One point for each `access` event."""

    site: SiteTag = NONE
    zone: ZoneTag = NONE
    point: PointTag = NONE
    direction: Annotated[str, TagKey("`in`, `out`, `unknown`")] = "unknown"
    result: Annotated[
        str, TagKey("`granted`, `taken`, `not_taken`, `denied`, `muster`, `rex`, `read`")
    ] = NONE
    reason: Annotated[str, TagKey("why access was denied; `none` if it was not")] = NONE
    holder_class: Annotated[str, TagKey("class in `venue.toml`; `unknown` for any other")] = (
        "unknown"
    )
    n: CountField = 1
    passed: Annotated[
        int, FieldKey("1 if it counts as a passage: `taken`, or `granted` without a passage sensor")
    ] = 0
    event_id: EventIdField = ""
    subject: Annotated[str, FieldKey("pseudonym of the holder, or of the credential")] = ""
    method: Annotated[str, FieldKey("how the credential was shown: `card`, `pin`, ...")] = ""
    device: Annotated[str, FieldKey("the reader's id, if known")] = ""
    zone_name: ZoneNameField = ""
    point_name: PointNameField = ""
    holder_class_name: Annotated[str, FieldKey("the class's name")] = ""


class InspectionMeasurement(Measurement, frozen=True, tag="inspection"):
    """A step of an inspection. One point for each `inspection` event, and one for each answer in a form."""

    site: SiteTag = NONE
    zone: ZoneTag = NONE
    checklist: ChecklistTag = NONE
    lead: LeadTag = NONE
    step: Annotated[
        str,
        TagKey(
            "`scheduled`, `started`, `submitted`, `amended`, `approved`, `rejected`, `cancelled`, `item`"
        ),
    ] = NONE
    result: Annotated[
        str, TagKey("for an `item`: `pass`, `fail`, `na`, `not_done`, `unknown`; otherwise `none`")
    ] = NONE
    n: CountField = 1
    event_id: EventIdField = ""
    inspection_id: Annotated[str, FieldKey("the inspection's id")] = ""
    item: Annotated[str, FieldKey("for an `item`: the checklist item's id")] = ""
    inspector: Annotated[str, FieldKey("pseudonym of the person who took this step")] = ""
    value: Annotated[float | None, FieldKey("for an `item`: the measured value")] = None
    zone_name: ZoneNameField = ""
    checklist_name: ChecklistNameField = ""
    item_name: Annotated[str, FieldKey("for an `item`: its text in the checklist")] = ""


class ActionMeasurement(Measurement, frozen=True, tag="action"):
    """A step of a corrective action. One point for each `action` event."""

    site: SiteTag = NONE
    zone: ZoneTag = NONE
    lead: LeadTag = NONE
    severity: Annotated[str, TagKey("`impairment`, `critical`, `noncritical`, `observation`")] = (
        NONE
    )
    step: Annotated[
        str,
        TagKey("`opened`, `assigned`, `started`, `done`, `verified`, `reopened`, `cancelled`"),
    ] = NONE
    n: CountField = 1
    event_id: EventIdField = ""
    action_id: Annotated[str, FieldKey("the action's id")] = ""
    asset: Annotated[str, FieldKey("the asset's id")] = ""
    actor: Annotated[str, FieldKey("pseudonym of the person who took this step")] = ""


class ReadingMeasurement(Measurement, frozen=True, tag="reading"):
    """A measured value. One point for each `reading.recorded`; without a zone, its site is that of its topic."""

    site: SiteTag = NONE
    zone: ZoneTag = NONE
    asset: Annotated[str, TagKey("the asset's id")] = NONE
    quantity: Annotated[str, TagKey("`temperature`, `voltage`, ...")] = NONE
    unit: Annotated[str, TagKey("`celsius`, `volt`, ...")] = "unknown"
    value: Annotated[float, FieldKey("the value, in that unit")] = 0.0
    event_id: EventIdField = ""
    asset_name: Annotated[str, FieldKey("the asset's name")] = ""


class AlertEventMeasurement(Measurement, frozen=True, tag="alert_event"):
    """A change of an alert. One point for each, except for silent alerts."""

    site: SiteTag = NONE
    zone: ZoneTag = NONE
    point: PointTag = NONE
    rule: Annotated[str, TagKey("the rule's id")] = NONE
    severity: Annotated[str, TagKey("`life_safety`, `critical`, `high`, `medium`, `low`")] = NONE
    change: Annotated[
        str,
        TagKey(
            "`raised`, `recurred`, `returned`, `cleared`, `acknowledged`, `handed_over`, `escalated`, `shelved`, "
            "`unshelved`, `ticked`, `unticked`, `noted`, `lapsed`, `closed`"
        ),
    ] = NONE
    n: CountField = 1
    code: Annotated[int, FieldKey("the severity as a number: 0 life safety to 4 low")] = 0
    alert_id: Annotated[str, FieldKey("the alert's id")] = ""
    subject: Annotated[str, FieldKey("the subject of the alert; people as pseudonyms")] = ""
    msg: Annotated[str, FieldKey("the title of the alert; people as pseudonyms")] = ""
    msg_vi: Annotated[str, FieldKey("the same in Vietnamese")] = ""
    msg_ar: Annotated[str, FieldKey("the same in Arabic")] = ""
    rule_name: Annotated[str, FieldKey("what the rule is about")] = ""
    rule_name_vi: Annotated[str, FieldKey("the same in Vietnamese")] = ""
    rule_name_ar: Annotated[str, FieldKey("the same in Arabic")] = ""
    site_name: SiteNameField = ""
    zone_name: ZoneNameField = ""
    point_name: PointNameField = ""
    actor: Annotated[
        str, FieldKey("pseudonym of the person who made the change; empty: the monitor")
    ] = ""
    ack_s: Annotated[
        int | None,
        FieldKey(
            "time from raised to acknowledged by someone in the roster, where `change='acknowledged'`",
            "s",
        ),
    ] = None
    open_s: Annotated[
        int | None, FieldKey("time from raised to closed, where `change='closed'`", "s")
    ] = None
    disposition: Annotated[
        str | None,
        FieldKey(
            "what it turned out to be, where `change='closed'` and the person stated it: "
            "`real_handled`, `real_no_action`, `test`, `duplicate`, `false`"
        ),
    ] = None


EVENTS: tuple[type[Measurement], ...] = (
    AccessMeasurement,
    InspectionMeasurement,
    ActionMeasurement,
    ReadingMeasurement,
    AlertEventMeasurement,
)
