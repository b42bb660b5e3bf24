"""Words for the values that events carry, so that no dashboard shows a word of the protocol."""

from dashboards.build.look import P0, P1, P2, P3, PLAIN, texts

MODE = texts(
    [
        ("unknown", "unknown", PLAIN),
        ("locked", "locked", PLAIN),
        ("unlocked", "unlocked", PLAIN),
        ("accessed", "released", PLAIN),
        ("blocked", "blocked", PLAIN),
        ("locked_down", "locked down", PLAIN),
        ("locked_open", "locked open", PLAIN),
        ("double_locked", "double-locked", PLAIN),
    ]
)
DIRECTION = texts([("in", "in", PLAIN), ("out", "out", PLAIN), ("unknown", "—", PLAIN)])
ACCESS = texts(
    [
        ("granted", "granted", PLAIN),
        ("taken", "went through", PLAIN),
        ("not_taken", "not used", PLAIN),
        ("denied", "✗ REFUSED", P2),
        ("muster", "reported", PLAIN),
        ("rex", "exit button", PLAIN),
        ("read", "read", PLAIN),
    ]
)
ANSWER = texts(
    [
        ("pass", "passed", PLAIN),
        ("fail", "✗ FAILED", P1),
        ("na", "not applicable", PLAIN),
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
REASON = texts([(name, word, PLAIN) for name, word in REASONS.items()])
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
CHANGE = texts([(name, word, PLAIN) for name, word in CHANGES.items()])
FINDING = texts(
    [
        ("impairment", "P0 impairment", P0),
        ("critical", "P1 critical", P1),
        ("noncritical", "P3 not critical", P3),
        ("observation", "observation", PLAIN),
        ("none", "—", PLAIN),
    ]
)
WHY = texts(
    [
        ("checklist", "checklist", PLAIN),
        ("action", "repair", PLAIN),
        ("certificate", "certificate", PLAIN),
        ("sign-off", "sign-off is missing", PLAIN),
    ]
)
MASK = texts(
    [
        ("maintenance", "maintenance", PLAIN),
        ("unlocked_schedule", "unlocked by schedule", PLAIN),
        ("fire_release", "released by the fire alarm", PLAIN),
        ("planned_opening", "planned opening", PLAIN),
    ]
)
ANSWERS = {
    "pass": "passed",
    "fail": "✗ FAILED",
    "na": "not applicable",
    "not_done": "not done",
    "unknown": "unknown",
}
READERS = {
    "mqtt": "board on MQTT",
    "notify": "pages",
    "influx": "InfluxDB",
    "alertmanager": "Alertmanager",
    "webhook": "webhooks",
}
READER = texts([(name, word, PLAIN) for name, word in READERS.items()])
QUANTITIES = {
    "voltage": "voltage",
    "ups-runtime": "UPS runtime",
    "packet-loss": "uplink loss",
    "temperature": "temperature",
    "cold-holding": "cold holding",
    "hot-holding": "hot holding",
    "hot-water-store": "hot water store",
    "rack-inlet": "rack inlet",
    "generator-fuel": "generator fuel",
    "carbon-monoxide": "carbon monoxide",
}
QUANTITY = texts([(name, word, PLAIN) for name, word in QUANTITIES.items()])
METHOD = texts(
    [
        ("card", "card", PLAIN),
        ("pin", "PIN", PLAIN),
        ("fingerprint", "fingerprint", PLAIN),
        ("face", "face", PLAIN),
        ("iris", "iris", PLAIN),
        ("vein", "vein", PLAIN),
        ("palm", "palm", PLAIN),
        ("retina", "retina", PLAIN),
        ("license_plate", "number plate", PLAIN),
        ("rex", "exit button", PLAIN),
        ("unknown", "—", PLAIN),
    ]
)
UNITS = {
    "celsius": "°C",
    "volt": "V",
    "percent": "%",
    "ppm": "ppm",
    "lux": "lx",
    "bar": "bar",
    "ampere": "A",
    "decibel": "dB",
    "minute": "min",
    "minutes": "min",
    "second": "s",
    "unknown": "—",
}
UNIT = texts([(name, word, PLAIN) for name, word in UNITS.items()])
MEASURED = {
    f"{quantity} {unit}": f"{QUANTITIES[quantity]}, {UNITS[unit]}"
    for quantity, unit in (
        ("voltage", "volt"),
        ("ups-runtime", "minute"),
        ("packet-loss", "percent"),
        ("temperature", "celsius"),
        ("cold-holding", "celsius"),
        ("hot-holding", "celsius"),
        ("hot-water-store", "celsius"),
        ("rack-inlet", "celsius"),
        ("generator-fuel", "percent"),
        ("carbon-monoxide", "ppm"),
    )
}
"""Quantities in the units that the rules expect; in any other unit the reading keeps the names of the protocol."""
