"""The wording of why a person is paged."""

from collections.abc import Mapping

from monitor.core.phrase_ids import PagePhrase
from monitor.texts.marked import msgid

PAGES: Mapping[PagePhrase, str] = {
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
