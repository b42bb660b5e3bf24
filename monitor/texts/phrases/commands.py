"""The wording of commands that are refused."""

from collections.abc import Mapping

from monitor.core.phrase_ids import CommandPhrase
from monitor.texts.marked import msgid

COMMANDS: Mapping[CommandPhrase, str] = {
    "alert-unknown": msgid("no open alert has this id"),
    "alert-state": msgid("the alert is {condition} and {handling}"),
    "alert-already-yours": msgid("you have already acknowledged it"),
    "alert-taken": msgid("{person} has it already"),
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
}
