"""The wording of readiness and checklists."""

from collections.abc import Mapping

from monitor.core.phrase_ids import ReadinessPhrase
from monitor.texts.marked import msgid

READINESS: Mapping[ReadinessPhrase, str] = {
    "nothing-known": msgid("no checklist and no sign-off yet"),
    "site-no-zones": msgid("no zone of this site is known"),
    "no-checklist": msgid("no checklist is required"),
    "item-unanswered": msgid("{checklist}, {item}: not answered"),
    "item-answered": msgid("{checklist}, {item}: {answer} at {at}"),
    "item-wrong-unit": msgid(
        "{checklist}, {item}: measured in the wrong unit ({unit}); the checklist requires {wanted}"
    ),
    "item-same-signer": msgid(
        "{checklist}, {item}: signed by the same person as “{other}”; another person must sign"
    ),
    "item-outsider": msgid(
        "{checklist}, {item}: answered by {inspector}, of none of the agencies that sign this checklist; one of their "
        "people must answer"
    ),
    "checklist-passed": msgid("{checklist}: passed"),
    "checklist-reopened": msgid(
        "{checklist}: {asset} was changed at {at}, after it was inspected; it must be inspected again"
    ),
    "checklist-reopened-by": msgid(
        "{checklist}: {who} changed {asset} at {at}, after it was inspected; it must be inspected again"
    ),
    "checklist-item-failed": msgid("{checklist}: failed ({criticality}): {item}"),
    "checklist-items-expired": msgid("{checklist}: expired: {items}"),
    "checklist-items-unanswered": msgid("{checklist}: not answered: {items}"),
    "checklist-unapproved": msgid(
        "{checklist}: inspection {inspection} is approved by no one but its inspector"
    ),
    "checklist-unsigned-inspection": msgid(
        "{checklist}: inspection {inspection} names no inspector, so it cannot be approved"
    ),
    "action-opening-missing": msgid("corrective action {action} was never reported as opened"),
    "action-open": msgid("{kind} {action} ({severity}) is open"),
    "action-open-due": msgid("{kind} {action} ({severity}) is open, due {due_at}"),
    "action-done": msgid("{kind} {action} ({severity}) is done but not verified by another person"),
    "action-done-by": msgid(
        "{kind} {action} ({severity}) was done by {who} but not verified by another person"
    ),
    "action-awaits-form": msgid(
        "{kind} {action} ({severity}) is reported as verified; its inspection form is awaited until {until}"
    ),
    "asset-certificate-revoked": msgid("certificate of {asset} ({kind}) was revoked"),
    "asset-certificate-expired": msgid("certificate of {asset} ({kind}) expired on {expires_at}"),
    "certificate-expires-early": msgid(
        "certificate of {asset} ({kind}) expires on {expires_at}, before the congress ends"
    ),
    "certificate-valid": msgid("certificate of {asset} ({kind}) is valid"),
    "not-signed-off": msgid("not signed off"),
    "sign-off-valid": msgid("signed off by {who} at {at}"),
    "sign-off-void": msgid("the sign-off by {who} is void since {at}: {why}"),
    "sign-off-withdrawn": msgid("{who} withdrew it[: {note}]"),
    "sign-off-item-failed": msgid("{checklist}: failed: {item}"),
    "sign-off-amended": msgid("{checklist}: inspection {inspection} was amended"),
    "sign-off-asset-changed": msgid("{asset}, which {checklist} freezes, was changed"),
    "sign-off-work-done": msgid("work {action}[ ({kind})] was done"),
    "expired-since": msgid("expired since: {what}"),
    "zone-not-ready": msgid("{zone}: {what}"),
    "zone-not-ready-more": msgid("{zone}: {what} (and {more} more)"),
    "zones-ready": msgid("ready: {zones}"),
    "listed-more": msgid("{names} and {more} more"),
}
