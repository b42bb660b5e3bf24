"""Measurements of work: inspections, actions, certificates, readiness, masks. Written on change, and every 60 s."""

from typing import Annotated

from monitor.sinks.influx.schema import (
    NONE,
    ChecklistNameField,
    ChecklistTag,
    CountField,
    FieldKey,
    LeadNameField,
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


class ComplianceMeasurement(Measurement, frozen=True, tag="compliance"):
    """A checklist that the current phase requires: on change, and every 60 s."""

    site: SiteTag = NONE
    zone: ZoneTag = NONE
    checklist: ChecklistTag = NONE
    lead: LeadTag = NONE
    code: Annotated[
        int, FieldKey("0 passed, 1 passed with conditions, 2 unknown or expired, 3 failed")
    ] = 2
    ready: Annotated[int, FieldKey("1 if the code is 0 or 1", "0/1")] = 0
    wrong: Annotated[int, FieldKey("number of open items")] = 0
    due_s: Annotated[
        int | None,
        FieldKey("time until it is due again, negative if overdue; omitted: never done", "s"),
    ] = None
    overdue: Annotated[
        int, FieldKey("its last pass has expired, or a scheduled inspection was missed", "0/1")
    ] = 0
    site_name: SiteNameField = ""
    zone_name: ZoneNameField = ""
    checklist_name: ChecklistNameField = ""
    lead_name: LeadNameField = ""


class ReadinessMeasurement(Measurement, frozen=True, tag="readiness"):
    """The readiness of a zone, or of a site (`zone` is `none`): on change, and every 60 s."""

    site: SiteTag = NONE
    zone: ZoneTag = NONE
    code: Annotated[int, FieldKey("0 go, 1 go with conditions, 2 unknown, 3 no go")] = 2
    go: Annotated[int, FieldKey("1 if the code is 0 or 1", "0/1")] = 0
    wrong: Annotated[int, FieldKey("number of reasons against a plain go")] = 0
    why: Annotated[
        str, FieldKey("the most severe reason: `checklist <id>`, `action <id>`, `sign-off` ...")
    ] = ""
    why_kind: Annotated[
        str, FieldKey("the kind of that reason: `checklist`, `action`, `certificate`, `sign-off`")
    ] = ""
    why_name: Annotated[str, FieldKey("what that reason is about: a name, or the action's id")] = ""
    lead: Annotated[str, FieldKey("id of the agency that has to act")] = ""
    site_name: SiteNameField = ""
    zone_name: ZoneNameField = ""
    lead_name: LeadNameField = ""


class ActionOpenMeasurement(Measurement, frozen=True, tag="action_open"):
    """Open corrective actions by zone, agency and severity, every 60 s, including a zero for each agency."""

    site: SiteTag = NONE
    zone: ZoneTag = NONE
    lead: LeadTag = NONE
    severity: Annotated[str, TagKey("`impairment`, `critical`, `noncritical`, `observation`")] = (
        NONE
    )
    open: Annotated[int, FieldKey("neither verified nor cancelled", "actions")] = 0
    unverified: Annotated[int, FieldKey("of these, done but not verified", "actions")] = 0
    overdue: Annotated[int, FieldKey("of these, past due", "actions")] = 0
    zone_name: ZoneNameField = ""
    lead_name: LeadNameField = ""


class CertificateMeasurement(Measurement, frozen=True, tag="certificate"):
    """A certificate of an asset: on change, and every 60 s."""

    site: SiteTag = NONE
    zone: ZoneTag = NONE
    asset: Annotated[str, TagKey("the asset's id: a lift, an extinguisher, a generator ...")] = NONE
    kind: Annotated[str, TagKey("the kind of certificate")] = NONE
    code: Annotated[
        int, FieldKey("0 valid, 1 expires before the congress ends, 3 expired or revoked")
    ] = 3
    left_s: Annotated[
        int | None, FieldKey("time until it expires, negative if expired; omitted: revoked", "s")
    ] = None
    zone_name: ZoneNameField = ""
    asset_name: Annotated[str, FieldKey("the asset's name")] = ""
    kind_name: Annotated[str, FieldKey("the kind in words")] = ""


class MaskMeasurement(Measurement, frozen=True, tag="mask"):
    """A mask in force, under which expected alerts are not shown; every 60 s."""

    site: SiteTag = NONE
    zone: ZoneTag = NONE
    point: PointTag = NONE
    rule: Annotated[str, TagKey("the rule's id, `*` for all")] = NONE
    kind: Annotated[
        str, TagKey("`maintenance`, `unlocked_schedule`, `fire_release`, `planned_opening`")
    ] = NONE
    n: CountField = 1
    left_s: Annotated[int, FieldKey("time until it ends", "s")] = 0
    owner: Annotated[str, FieldKey("pseudonym of the person responsible")] = ""
    rule_name: Annotated[str, FieldKey("what the rule is about; empty: all rules")] = ""
    rule_name_vi: Annotated[str, FieldKey("the same in Vietnamese")] = ""
    rule_name_ar: Annotated[str, FieldKey("the same in Arabic")] = ""
    zone_name: ZoneNameField = ""
    point_name: PointNameField = ""


WORK_STATES: tuple[type[Measurement], ...] = (
    ComplianceMeasurement,
    ReadinessMeasurement,
    ActionOpenMeasurement,
    CertificateMeasurement,
    MaskMeasurement,
)
