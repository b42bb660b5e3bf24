"""Words for the values that events carry, so that no dashboard shows a word of the protocol."""

from dashboards.build.look import GREY, P1, P2, P3, WHITE, texts

MODE = texts(
    [
        ("unknown", "unknown", GREY),
        ("locked", "locked", GREY),
        ("unlocked", "unlocked", GREY),
        ("accessed", "released", GREY),
        ("blocked", "blocked", GREY),
        ("locked_down", "locked down", WHITE),
        ("locked_open", "locked open", WHITE),
        ("double_locked", "double-locked", GREY),
    ]
)
DIRECTION = texts([("in", "in", GREY), ("out", "out", GREY), ("unknown", "—", GREY)])
ACCESS = texts(
    [
        ("granted", "granted", GREY),
        ("taken", "went through", GREY),
        ("not_taken", "not used", GREY),
        ("denied", "✗ REFUSED", P2),
        ("muster", "reported", GREY),
        ("rex", "exit button", GREY),
        ("read", "read", GREY),
    ]
)
ANSWER = texts(
    [
        ("pass", "passed", GREY),
        ("fail", "✗ FAILED", P1),
        ("na", "not applicable", GREY),
        ("not_done", "✗ not done", P3),
        ("unknown", "✗ unknown", P3),
    ]
)
REASONS = {
    "unknown_credential": "unknown credential",
    "credential_disabled": "credential disabled",
    "credential_revoked": "credential revoked",
    "credential_lost": "credential lost",
    "credential_stolen": "credential stolen",
    "credential_expired": "credential expired",
    "credential_not_active": "credential not active yet",
    "credential_locked_out": "credential locked out",
    "credential_inactive": "credential inactive",
    "credential_max_uses": "credential used up",
    "invalid_pin": "wrong PIN",
    "invalid_second_factor": "wrong second factor",
    "auth_timeout": "no second factor in time",
    "no_access_here": "no access here",
    "outside_schedule": "outside its hours",
    "threat_level": "threat level",
    "passback": "passed back",
    "unexpected_location": "unexpected place",
    "max_attempts": "too many attempts",
    "occupancy_lower": "too few inside",
    "occupancy_upper": "zone is full",
    "no_accompaniment": "no companion",
    "interlock": "other door open",
    "verification_failed": "verification failed",
    "verification_timeout": "no verification in time",
    "other": "other",
    "none": "—",
}
REASON = texts([(name, word, WHITE) for name, word in REASONS.items()])
CHANGES = {
    "raised": "raised",
    "recurred": "happened again",
    "returned": "came back",
    "cleared": "over",
    "acknowledged": "acknowledged",
    "handed_over": "handed over",
    "escalated": "escalated",
    "shelved": "shelved",
    "unshelved": "back from the shelf",
    "ticked": "step done",
    "unticked": "step undone",
    "noted": "note",
    "lapsed": "lapsed",
    "closed": "closed",
}
CHANGE = texts([(name, word, WHITE) for name, word in CHANGES.items()])
FINDING = texts(
    [
        ("impairment", "P0 impairment", "#b877d9"),
        ("critical", "P1 critical", P1),
        ("noncritical", "P3 not critical", P3),
        ("observation", "observation", GREY),
        ("none", "—", GREY),
    ]
)
WHY = texts(
    [
        ("checklist", "checklist", WHITE),
        ("action", "repair", WHITE),
        ("certificate", "certificate", WHITE),
        ("sign-off", "sign-off is missing", WHITE),
    ]
)
MASK = texts(
    [
        ("maintenance", "maintenance", WHITE),
        ("unlocked_schedule", "unlocked by schedule", WHITE),
        ("fire_release", "released by the fire alarm", WHITE),
        ("planned_opening", "planned opening", WHITE),
    ]
)
ANSWERS = {
    "pass": "passed",
    "fail": "failed",
    "na": "not applicable",
    "not_done": "not done",
    "unknown": "unknown",
}
READERS = texts(
    [
        ("mqtt", "board on MQTT", WHITE),
        ("notify", "pages", WHITE),
        ("influx", "InfluxDB", WHITE),
        ("alertmanager", "Alertmanager", WHITE),
        ("webhook", "webhooks", WHITE),
    ]
)
QUANTITY = texts(
    [
        ("voltage", "voltage", WHITE),
        ("ups-runtime", "UPS runtime", WHITE),
        ("packet-loss", "uplink loss", WHITE),
        ("temperature", "temperature", WHITE),
        ("cold-holding", "cold holding", WHITE),
        ("hot-holding", "hot holding", WHITE),
    ]
)
UNIT = texts(
    [
        ("celsius", "°C", WHITE),
        ("volt", "V", WHITE),
        ("percent", "%", WHITE),
        ("minute", "min", WHITE),
        ("minutes", "min", WHITE),
        ("second", "s", WHITE),
        ("unknown", "—", GREY),
    ]
)
