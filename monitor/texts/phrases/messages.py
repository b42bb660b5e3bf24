"""The wording of messages that are refused."""

from collections.abc import Mapping

from monitor.core.phrase_ids import MessagePhrase
from monitor.texts.marked import msgid

MESSAGES: Mapping[MessagePhrase, str] = {
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
}
