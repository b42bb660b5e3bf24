"""The wording of what the monitor and the shift log note by themselves."""

from collections.abc import Mapping

from monitor.core.phrase_ids import MonitorPhrase
from monitor.texts.marked import msgid

MONITOR: Mapping[MonitorPhrase, str] = {
    "time-ran-out": msgid("the time has run out"),
    "mask-ended": msgid("the mask has ended"),
    "rule-not-in-force": msgid("the rule is no longer in force"),
    "rule-changed": msgid("the rule was changed, and this alert can no longer clear"),
    "not-in-venue": msgid("no longer in venue.toml"),
    "not-in-roster": msgid("no longer in roster.toml"),
    "acknowledgement-ran-out": msgid("acknowledgement by {person} has run out"),
    "severity-before": msgid("severity was {severity}"),
    "log-signed-off": msgid("{who} signed off {zone}"),
    "log-sign-off-withdrawn": msgid("{who} withdrew the sign-off of {zone}"),
    "log-door-mode": msgid("{point}: door mode {mode}"),
    "log-phase-prepare": msgid("phase of the congress: preparation"),
    "log-phase-live": msgid("phase of the congress: live"),
    "log-phase-teardown": msgid("phase of the congress: teardown"),
}
