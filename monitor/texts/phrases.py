"""The wording of the sentences that leave the core as an id with arguments."""

from collections.abc import Mapping

from monitor.core.phrase import PhraseId
from monitor.texts.marked import msgid

SENTENCES: Mapping[PhraseId, str] = {
    # Commands that are refused.
    "alert-unknown": msgid("no open alert has this id"),
    "alert-state": msgid("the alert is {condition} and {handling}"),
    "alert-already-yours": msgid("you have already acknowledged it"),
    "shelve-life-safety": msgid("a life-safety alert cannot be shelved; acknowledge it"),
    "shelve-end-past": msgid("the shelving would end in the past"),
    "shelve-too-long": msgid("an alert can be shelved for 24 hours at most"),
    "close-still-active": msgid(
        "the condition still holds; the alert clears by itself when it ends"
    ),
    "close-needs-note": msgid(
        "this alert does not clear by itself; write in a note what was found"
    ),
    "hand-over-unreachable": msgid(
        "{person} has no channel in roster.toml and cannot be paged; name someone else"
    ),
    "hand-over-already-theirs": msgid("{person} has it already"),
    "escalate-no-policy": msgid("no escalation policy applies to this alert"),
    "escalate-no-step": msgid("no further step of the escalation policy reaches anyone"),
    "escalate-no-step-notified": msgid(
        "no further step of the escalation policy reaches anyone; notified so far: {people}"
    ),
    "tick-step-unknown": msgid("the procedure has no step {step}; its last step is {last}"),
    "tick-already": msgid("step {step} was ticked by {person} already"),
    "tick-none": msgid("step {step} is not ticked"),
    "note-empty": msgid("the note is empty"),
    "log-empty": msgid("the entry is empty"),
    "log-future": msgid("it would have happened in the future"),
    "log-unknown": msgid("the shift log has no entry with this id"),
    "log-struck": msgid("{person} has struck it already"),
    "log-needs-reason": msgid("striking an entry needs a reason"),
    "lookup-empty": msgid("name the holder or badge to look up"),
    "lookup-needs-reason": msgid("looking up a person needs a reason"),
    "muster-added-already": msgid("a person of this name is on the list already"),
    "muster-full": msgid("{most} people were added by hand already; no more can be"),
    "muster-needs-name": msgid("write a name, or what tells the person from others"),
    "muster-no-drill": msgid("a fire alarm began this muster, so the end of the alarm ends it"),
    "muster-not-reported": msgid("they have not been ticked off"),
    "muster-off": msgid("no muster is on at this site"),
    "muster-on": msgid("a muster is on at this site already"),
    "muster-reported": msgid("they have reported already"),
    "muster-ticked": msgid("{person} has ticked them off already"),
    "muster-unknown": msgid("they are not on the list of this muster"),
    "log-no-hand-over": msgid("the shift log has no hand-over with this id"),
    "log-own-hand-over": msgid("whoever hands over a shift cannot take it over as well"),
    "log-hand-over-for": msgid("it is addressed to {person}"),
    "log-confirmed": msgid("{person} has confirmed it already"),
    "log-hand-over-ends": msgid("the coming shift would end in the past"),
    "mask-unknown": msgid("no mask has this id"),
    "mask-needs-reason": msgid("a mask needs a reason"),
    "mask-needs-end": msgid("a mask needs an end"),
    "mask-end-past": msgid("the mask would end in the past"),
    "mask-too-long": msgid("a mask can last 7 days at most"),
    "mask-needs-one-place": msgid(
        "a mask covers one point, one zone or one site; name exactly one of them"
    ),
    "mask-place-unknown": msgid("“{place}” is not in venue.toml"),
    "mask-rule-unknown": msgid("there is no rule “{rule}”; write the id of a rule, or * for all"),
    "mask-life-safety": msgid("life-safety alerts cannot be masked"),
    "shift-not-taken": msgid("no one has taken over a shift in this team"),
    "shift-no-roster": msgid("there is no roster; config.toml names none under [files]"),
    "shift-team-unknown": msgid("there is no team “{team}” in roster.toml"),
    "shift-person-unknown": msgid("there is no person “{person}” in roster.toml"),
    "shift-needs-end": msgid("a shift that is taken over needs an end"),
    "shift-end-past": msgid("the shift would end in the past"),
    "shift-ends-before": msgid("the shift would end before it begins"),
    "shift-in-the-way": msgid(
        "{person} has taken a shift in this team, {since} to {until}; give that back first"
    ),
    "shift-too-long": msgid(
        "a shift can be taken over for 7 days at most; change the plan instead"
    ),
    # What an account may not do.
    "right-missing": msgid("your account may not do this here: it needs the right “{right}”"),
    "right-own-agency": msgid("engineers act on alerts that their own agency leads"),
    "right-own-shift": msgid(
        "you may give a shift that is yours now to somebody of the team; any other, only a supervisor may"
    ),
    "right-own-team": msgid("you take no turns in this team; ask a supervisor to put you on call"),
    "right-paged": msgid("on-call staff close and shelve alerts about which they were notified"),
    "right-two-hours": msgid("shelve it for two hours at most; a supervisor may for longer"),
    "right-strike-late": msgid(
        "you can strike your own entries for 15 minutes; after that ask a supervisor"
    ),
    "invite-exceeds": msgid(
        "you can't give the role “{role}”: it allows more than you may, or longer"
    ),
    "sender-not-named": msgid(
        "config.toml does not name this sender under [staff], so it can't act for people; use the console"
    ),
    "person-no-account": msgid(
        "{who} has no account that is enabled, so nobody can act for them over MQTT"
    ),
    "accounts-unusable": msgid("accounts can't be read, so what a person may do is not known"),
    # Passwords and PINs that are refused.
    "password-short": msgid(
        "the password is too short; write at least {least} characters, such as five words"
    ),
    "password-long": msgid("the password is too long; write at most {most} characters"),
    "password-obvious": msgid("the password is easy to guess; write e.g. five unrelated words"),
    "pin-form": msgid("a PIN has 6 to 12 digits"),
    "pin-obvious": msgid("the PIN is easy to guess; choose other digits"),
    # Messages that are refused.
    "topic-form": msgid("the topic does not have the form venue/<site>/<kind>/<subject>"),
    "topic-kind-unknown": msgid(
        "unknown kind of topic “{topic_kind}”[ (did you mean “{hint}”?)]; all kinds are in docs/topics.md"
    ),
    "message-too-large": msgid("{size} bytes is too large; send at most {most} bytes"),
    "message-not-json": msgid("not JSON: {error}"),
    "message-nested": msgid("JSON nested too deeply"),
    "message-no-event": msgid(
        "not an event; send an object with “type” and “at” (examples: docs/topics.md)"
    ),
    "message-not-read": msgid("not an event: the payload {what}"),
    "event-on-other-topic": msgid(
        "“{event_type}” belongs on the topic venue/<site>/{topic_kind}/<{key}>"
    ),
    "event-subject-differs": msgid(
        "{key} is “{in_topic}” in the topic and “{in_payload}” in the payload; send the same in both"
    ),
    "event-type-unknown": msgid(
        "unknown event type “{event_type}”[ (did you mean “{hint}”?)]; all types are in docs/topics.md"
    ),
    "event-type-reserved": msgid(
        "“{event_type}” is reserved for the monitor; no one else may send it"
    ),
    "event-field-wrong": msgid("{event_type}: {what}"),
    "field-missing": msgid("{key} is missing"),
    "field-wrong": msgid("{key}: {what}"),
    "value-no-time": msgid("is not a time; write e.g. {example}"),
    "value-no-offset": msgid("has no UTC offset; write e.g. {example}"),
    "value-not-allowed": msgid(
        "“{given}” is not allowed[ (did you mean “{hint}”?)]; the permitted words are in docs/topics.md"
    ),
    "value-not-among": msgid("“{given}” is not allowed; write one of {choices}"),
    "value-empty": msgid("is empty; write a value, or leave it out"),
    "value-too-long": msgid("is too long; write at most {most} characters"),
    "value-at-most": msgid("is out of range; write a number of at most {bound}"),
    "value-at-least": msgid("is out of range; write a number of at least {bound}"),
    "value-less-than": msgid("is out of range; write a number of less than {bound}"),
    "value-more-than": msgid("is out of range; write a number of more than {bound}"),
    "value-of-wrong-type": msgid("is {given}; write {wanted}"),
    "decoder-error": msgid("{error}"),
    "type-text": msgid("text"),
    "type-whole-number": msgid("a whole number"),
    "type-number": msgid("a number"),
    "type-true-or-false": msgid("true or false"),
    "type-time": msgid("a time, e.g. {example}"),
    "type-list": msgid("a list"),
    "type-object": msgid("an object"),
    "type-nothing": msgid("null"),
    "either": msgid("{first} or {then}"),
    "id-too-long": msgid("{key} has {size} characters; send at most {most}"),
    "id-control-character": msgid("{key} has the control character {code}; send it without"),
    "subject-at-other-site": msgid(
        "it names something that is at the site “{other_site}”; publish it below {prefix}"
    ),
    "work-not-verified": msgid(
        "corrective action “{action}” is not verified: [{cause}; ][inspection “{inspection}” does not show that the "
        "work has succeeded; ]send a form of the same item, asset or zone that was filled in after the work, by a "
        "named person who has not done it, and passed; then verify again"
    ),
    "work-reopened": msgid("the work was reopened or cancelled"),
    "form-not-come": msgid("no form came within {wait}"),
    # Messages of vendors' systems that are refused.
    "topic-too-long": msgid("the topic has {size} characters; use at most {most}"),
    "topic-no-adapter": msgid(
        "no adapter reads this topic; add an adapter whose topic filter matches it to config.toml, or narrow the "
        "filters there"
    ),
    "not-vendors-json": msgid("not JSON of this vendor: {error}"),
    "adapter-not-mapped": msgid(
        "{sender}: no {kind} is mapped to it; add {entry} to the map of the adapter “{adapter}” in config.toml"
    ),
    "sender-topic": msgid("topic “{name}”"),
    "sender-door": msgid("door {number} of controller {controller}"),
    "sender-controller": msgid("controller {controller}"),
    "sender-itself": msgid("{system} itself"),
    "sender-bridge": msgid("the bridge of {system}"),
    "sender-prefix": msgid("topic prefix “{name}”"),
    "sender-device": msgid("{system} device “{name}”"),
    "sender-contact": msgid("contact “{name}”"),
    "uhppoted-encrypted": msgid(
        "the message is encrypted; turn mqtt.encryption.outgoing off in uhppoted.conf"
    ),
    "uhppoted-error": msgid(
        "uhppoted-mqtt reports an error: “{error}”; if it is expected, narrow the topic filter of the adapter"
    ),
    "uhppoted-reply": msgid(
        "no event follows from the reply to a request, “{method}”; if it is expected, narrow the topic filter of the "
        "adapter"
    ),
    "uhppoted-no-event": msgid(
        "neither “event” nor “system” is in the message; uhppoted-mqtt sends one of them"
    ),
    "esp-rfid-type": msgid(
        "“type” is “{given}”, which esp-rfid sends only with “src” and “desc”; if another vendor sends here, give its "
        "topic an adapter of its own"
    ),
    "esp-rfid-no-access": msgid(
        "an access message without “access”; esp-rfid sends Always, Admin, Denied and others there"
    ),
    "esp-rfid-word": msgid("“{given}” on “{topic_part}”; esp-rfid sends one word there, like ON"),
    "onvif-topic": msgid("the topic “{in_topic}” does not have the form <prefix>/onvif-ej/<topic>"),
    "onvif-nothing": msgid(
        "none of “UtcTime”, “Source” and “Data” is in the message, which are what ONVIF sends; if another vendor sends "
        "here, give its topic an adapter of its own"
    ),
    "onvif-lacks": msgid("{message} without “{key}” in “{section}”"),
    "onvif-count": msgid("“Count” is “{given}”; send a number of persons from 0 to {most}"),
    "zigbee-field": msgid("“{key}” is “{given}”; Zigbee2MQTT sends true or false"),
    "zigbee-availability": msgid(
        "the availability is “{given}”; Zigbee2MQTT sends online or offline"
    ),
    "zigbee-foreign": msgid(
        "a message with “{given}” is not a report of Zigbee2MQTT, which has “linkquality” or a reading; if another "
        "vendor sends here, give its topic an adapter of its own"
    ),
    # Problems of the roster.
    "no-one-on-call": msgid("no one is on call[ from {since}][ until {until}]"),
    "person-no-channel": msgid("no channel is entered; add one to this person in roster.toml"),
    "unknown-in-calendar": msgid("{names} (not in roster.toml)"),
    "calendar-copy-not-written": msgid(
        "its copy can't be written into {folder}/, beside the journal: {error}"
    ),
    "calendar-no-answer": msgid("it did not answer within {within}"),
    "calendar-not-fetched": msgid("it can't be fetched: {error}"),
    "calendar-not-read": msgid("it can't be read: {error}"),
    "calendar-not-utf8": msgid("it is not UTF-8 text"),
    "calendar-status": msgid("its server answers with status {status}"),
    "calendar-too-large": msgid("it is larger than {most} bytes"),
    "calendar-never-read": msgid("it has never been read"),
    "calendar-last-read": msgid("it was last read at {read_at}"),
    # Notes of the monitor.
    "time-ran-out": msgid("the time has run out"),
    "mask-ended": msgid("the mask has ended"),
    "rule-not-in-force": msgid("the rule is no longer in force"),
    "rule-changed": msgid("the rule was changed, and this alert can no longer clear"),
    "not-in-venue": msgid("no longer in venue.toml"),
    "not-in-roster": msgid("no longer in roster.toml"),
    "acknowledgement-ran-out": msgid("acknowledgement by {person} has run out"),
    "severity-before": msgid("severity was {severity}"),
    # What the shift log notes by itself.
    "log-signed-off": msgid("{who} signed off {zone}"),
    "log-sign-off-withdrawn": msgid("{who} withdrew the sign-off of {zone}"),
    "log-door-mode": msgid("{point}: door mode {mode}"),
    "log-phase-prepare": msgid("phase of the congress: preparation"),
    "log-phase-live": msgid("phase of the congress: live"),
    "log-phase-teardown": msgid("phase of the congress: teardown"),
    # Readiness and checklists.
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
    # Why a person is paged.
    "on-call": msgid("on call in {team}"),
    "on-call-lead": msgid("on call in {team}; {agency} leads"),
    "on-call-coordinating": msgid("on call in {team}; {agency} coordinates"),
    "named": msgid("named in the escalation policy"),
    "handed-over": msgid("handed over by {person}"),
    "escalated-by": msgid("escalated by {person}"),
    "had-alert": msgid("acknowledged it before"),
    "shift-taken": msgid("took over the shift ({who})"),
    "returned": msgid("the condition is back"),
    "not-shelved-any-more": msgid("no longer shelved"),
    "severity-now": msgid("severity is now {severity}"),
    "page-not-delivered": msgid("the page to {person} was not delivered"),
    "handling-ran-out": msgid("acknowledgement by {person} has run out"),
    "reached-no-one-before": msgid("no one has been reached so far"),
    "not-taken": msgid("not acknowledged for {wait}"),
    "step-reached-no-one": msgid("step {step} reaches no one"),
    "closed-by": msgid("closed by {person}"),
    "cleared": msgid("the condition has ended"),
    "digest-behind": msgid("alerts raised while the monitor was down, or reported late: {n}"),
    "digest-quiet": msgid("alerts from the quiet hours: {n}"),
    "digest-waited": msgid("alerts collected for the digest: {n}"),
    "digest-flood": msgid("alerts held back after {pages} pages in {within}: {n}"),
    "held-behind": msgid("raised while the monitor was down, or reported late"),
    "held-quiet": msgid("held back during the quiet hours"),
    "held-waited": msgid("held back for the digest"),
    "held-flood": msgid("held back after {pages} pages in {within}"),
    "start-needs-acceptance": msgid(
        "the monitor does not start until a person accepts the loss; no one is paged about other alerts"
    ),
    "start-needs-journal": msgid(
        "the monitor does not start until a person restores the journal; no one is paged about other alerts"
    ),
    "daily-digest": msgid("named for the daily digest"),
    "sum-about": msgid("so many events that the sum may be up to {percent}% too high"),
    "joined": msgid("{first}; {then}"),
}
