"""A sentence for people, which leaves the core as an id with arguments; its wording is in `monitor.texts`."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from msgspec import Struct

PhraseId = Literal[
    # Commands that are refused.
    "alert-unknown",
    "alert-state",
    "alert-already-yours",
    "shelve-life-safety",
    "shelve-end-past",
    "shelve-too-long",
    "close-still-active",
    "close-needs-note",
    "hand-over-unreachable",
    "hand-over-already-theirs",
    "escalate-no-policy",
    "escalate-no-step",
    "escalate-no-step-notified",
    "tick-step-unknown",
    "tick-already",
    "tick-none",
    "note-empty",
    "log-empty",
    "log-future",
    "log-unknown",
    "log-struck",
    "log-needs-reason",
    "lookup-empty",
    "lookup-needs-reason",
    "muster-added-already",
    "muster-full",
    "muster-needs-name",
    "muster-no-drill",
    "muster-not-reported",
    "muster-off",
    "muster-on",
    "muster-reported",
    "muster-ticked",
    "muster-unknown",
    "log-no-hand-over",
    "log-own-hand-over",
    "log-hand-over-for",
    "log-confirmed",
    "log-hand-over-ends",
    "mask-unknown",
    "mask-needs-reason",
    "mask-needs-end",
    "mask-end-past",
    "mask-too-long",
    "mask-needs-one-place",
    "mask-place-unknown",
    "mask-rule-unknown",
    "mask-life-safety",
    "shift-not-taken",
    "shift-no-roster",
    "shift-team-unknown",
    "shift-person-unknown",
    "shift-needs-end",
    "shift-end-past",
    "shift-ends-before",
    "shift-in-the-way",
    "shift-too-long",
    # What an account may not do.
    "right-missing",
    "right-own-agency",
    "right-own-shift",
    "right-own-team",
    "right-paged",
    "right-two-hours",
    "right-strike-late",
    "invite-exceeds",
    "sender-not-named",
    "person-no-account",
    "accounts-unusable",
    # Passwords and PINs that are refused.
    "password-short",
    "password-long",
    "password-obvious",
    "pin-form",
    "pin-obvious",
    # Messages that are refused.
    "topic-form",
    "topic-kind-unknown",
    "message-too-large",
    "message-not-json",
    "message-nested",
    "message-no-event",
    "message-not-read",
    "event-on-other-topic",
    "event-subject-differs",
    "event-type-unknown",
    "event-type-reserved",
    "event-field-wrong",
    "field-missing",
    "field-wrong",
    "value-no-time",
    "value-no-offset",
    "value-not-allowed",
    "value-not-among",
    "value-empty",
    "value-too-long",
    "value-at-most",
    "value-at-least",
    "value-less-than",
    "value-more-than",
    "value-of-wrong-type",
    "decoder-error",
    "type-text",
    "type-whole-number",
    "type-number",
    "type-true-or-false",
    "type-time",
    "type-list",
    "type-object",
    "type-nothing",
    "either",
    "id-too-long",
    "id-control-character",
    "subject-at-other-site",
    "work-not-verified",
    "work-reopened",
    "form-not-come",
    # Messages of vendors' systems that are refused.
    "topic-too-long",
    "topic-no-adapter",
    "not-vendors-json",
    "adapter-not-mapped",
    "sender-topic",
    "sender-door",
    "sender-controller",
    "sender-itself",
    "sender-bridge",
    "sender-prefix",
    "sender-device",
    "sender-contact",
    "uhppoted-encrypted",
    "uhppoted-error",
    "uhppoted-reply",
    "uhppoted-no-event",
    "esp-rfid-type",
    "esp-rfid-no-access",
    "esp-rfid-word",
    "onvif-topic",
    "onvif-nothing",
    "onvif-lacks",
    "onvif-count",
    "zigbee-field",
    "zigbee-availability",
    "zigbee-foreign",
    # Problems of the roster.
    "no-one-on-call",
    "person-no-channel",
    "unknown-in-calendar",
    "calendar-never-read",
    "calendar-last-read",
    # Notes of the monitor itself.
    "time-ran-out",
    "mask-ended",
    "rule-not-in-force",
    "rule-changed",
    "not-in-venue",
    "not-in-roster",
    "acknowledgement-ran-out",
    "severity-before",
    # What the shift log notes by itself.
    "log-signed-off",
    "log-sign-off-withdrawn",
    "log-door-mode",
    "log-phase-prepare",
    "log-phase-live",
    "log-phase-teardown",
    # Readiness and checklists.
    "nothing-known",
    "site-no-zones",
    "no-checklist",
    "item-unanswered",
    "item-answered",
    "item-wrong-unit",
    "item-same-signer",
    "checklist-passed",
    "checklist-reopened",
    "checklist-reopened-by",
    "checklist-item-failed",
    "checklist-items-expired",
    "checklist-items-unanswered",
    "checklist-unapproved",
    "checklist-unsigned-inspection",
    "action-opening-missing",
    "action-open",
    "action-open-due",
    "action-done",
    "action-done-by",
    "action-awaits-form",
    "asset-certificate-revoked",
    "asset-certificate-expired",
    "certificate-expires-early",
    "certificate-valid",
    "not-signed-off",
    "sign-off-valid",
    "sign-off-void",
    "sign-off-withdrawn",
    "sign-off-item-failed",
    "sign-off-amended",
    "sign-off-work-done",
    "sign-off-asset-changed",
    "expired-since",
    "zone-not-ready",
    "zone-not-ready-more",
    "zones-ready",
    "listed-more",
    # Why a person is paged.
    "on-call",
    "on-call-lead",
    "on-call-coordinating",
    "named",
    "handed-over",
    "escalated-by",
    "had-alert",
    "shift-taken",
    "returned",
    "not-shelved-any-more",
    "severity-now",
    "page-not-delivered",
    "handling-ran-out",
    "reached-no-one-before",
    "not-taken",
    "step-reached-no-one",
    "closed-by",
    "cleared",
    "digest-behind",
    "digest-quiet",
    "digest-waited",
    "digest-flood",
    "held-behind",
    "held-quiet",
    "held-waited",
    "held-flood",
    "start-needs-acceptance",
    "start-needs-journal",
    "daily-digest",
    "sum-about",
    "joined",
]
"""Every sentence. Ids stay: the journal holds them. Their arguments are in `monitor.texts.phrases`."""


class Phrase(Struct, frozen=True, kw_only=True):
    """A sentence that is worded where it is read, in the reader's own language."""

    id: PhraseId
    args: dict[str, "str | int | Phrase"] = {}
    """By the name of the placeholder: a text, a number, a time in RFC 3339 in UTC, or a sentence within this one."""


RenderPhrase = Callable[[Phrase | str], str]
"""Words a sentence; one that an older version wrote down in words stays as it is."""


def phrase(name: PhraseId, /, **args: "str | int | datetime | Phrase") -> Phrase:
    """Return a sentence with its arguments; times are kept as text, to the minute, as they are shown."""
    return Phrase(id=name, args={key: _kept(value) for key, value in args.items()})


def joined(*parts: "Phrase | str | None") -> "Phrase | str":
    """Return several sentences as one; empty ones are left out."""
    found = [part for part in parts if part]
    if not found:
        return ""
    first, *rest = found
    return phrase("joined", first=first, then=joined(*rest)) if rest else first


def sort_key(row: "Phrase | str") -> str:
    """Return a sort key for sentences that is the same on every machine."""
    return row if isinstance(row, str) else repr((row.id, row.args))


def _kept(value: "str | int | datetime | Phrase") -> "str | int | Phrase":
    return f"{value:%Y-%m-%dT%H:%MZ}" if isinstance(value, datetime) else value
