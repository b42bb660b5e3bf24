"""What is folded under a cause: devices behind a dead gateway, doors released by a fire, and never what may be more."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from monitor.core.alert import Alert, Condition, Handling, TickedStep
from monitor.core.alerts.causes import STEP, CauseRules
from monitor.core.rules.model import SEVERITIES, RuleSet
from tests.support.engine import at
from tests.support.pipeline import trial_rule_set

RULES = trial_rule_set()
SEVERITY = {rule.id: rule.severity for rule in RULES.rules}


def alert(own: str, rule: str, key: str, seconds: float = 0, **fields: Any) -> Alert:  # noqa: ANN401
    """Return an open alert of a shipped rule."""
    made = Alert(
        id=own,
        rule=rule,
        key=key,
        title="",
        do="",
        severity=SEVERITY[rule],
        site="centre",
        happened_at=at(seconds),
        raised_at=at(seconds),
        last_at=at(seconds),
    )
    return replace(made, **fields)


def causes(rule_set: RuleSet, alerts: Iterable[Alert]) -> dict[str, str]:
    """Return the causes of alerts under a rule set."""
    return CauseRules(rule_set).causes(alerts)


GATEWAY = alert("gw", "device-offline", "gw1", site="")
FIRE = alert("fire", "fire", "hall", zone="hall")
DOOR = alert("d1", "door-unlocked-after-hours", "d1", 5, zone="hall", point="d1")


def test_devices_follow_from_their_gateway() -> None:
    """Also those that were missed shortly before it; not those that had been silent for long, or are elsewhere."""
    devices = [
        alert("r2", "device-silent", "r2", 60),
        alert("r3", "device-behind-gateway-offline", "r3", -599),
        alert("r4", "device-silent", "r4", -601),
        alert("r1", "device-silent", "r1", 60),
        alert("tamper", "device-tamper", "r2", 60),
        alert("battery", "battery-low", "r2", 60),
    ]
    assert causes(RULES, [GATEWAY, *devices]) == {"r2": "gw", "r3": "gw"}
    assert causes(RULES, devices) == {}


def test_many_are_looked_at_in_short_steps() -> None:
    """However many there are, other work has its turn after each few hundred; what is found is the same."""
    venue = RULES.venue
    device = next(row for row in venue.devices if row.id == "r2")
    names = [f"x{n}" for n in range(5_000)]
    devices = (*venue.devices, *(replace(device, id=name) for name in names))
    rules = CauseRules(replace(RULES, venue=replace(venue, devices=devices)))
    alerts = [GATEWAY, *(alert(name, "device-silent", name, 60) for name in names)]
    found: dict[str, str] = {}
    steps = sum(1 for _ in rules.find(alerts, found))
    assert found == rules.causes(alerts) == dict.fromkeys(names, "gw")
    assert steps >= 2 * len(names) // STEP


def test_doors_follow_from_a_fire_in_their_zone() -> None:
    """On either side of the door, from when it began; what is forced, tampered with or elsewhere is not folded."""
    others = [
        alert("before", "door-contradiction", "e1", -1, zone="hall", point="e1"),
        alert("elsewhere", "door-contradiction", "v1", 5, zone="vault", point="v1"),
        alert("forced", "door-forced", "d1", 5, zone="hall", point="d1"),
        alert("tamper", "door-tamper", "d1", 5, zone="hall", point="d1"),
        alert("exit", "door-held-open", "e1", 9, zone="hall", point="e1"),
        alert("people", "zone-not-evacuated", "hall", 480, zone="hall"),
    ]
    assert causes(RULES, [FIRE, DOOR, *others]) == {"d1": "fire", "exit": "fire"}
    in_foyer = replace(FIRE, zone="foyer", key="foyer")
    assert causes(RULES, [in_foyer, DOOR]) == {"d1": "fire"}


CAUSES: list[dict[str, Any]] = [
    {"condition": Condition.CLEARED},
    {"handling": Handling.SHELVED},
    {"silent": True},
    {"site": "annex"},
    {"severity": "medium"},
]
CONSEQUENCES: list[dict[str, Any]] = [
    {"severity": "life_safety"},
    {"silent": True},
    {"handling": Handling.SHELVED},
    {"handling": Handling.ACKNOWLEDGED, "owner": "anna"},
    {"ticked": (TickedStep(step=1, who="anna", at=at(6)),)},
    {"site": "annex"},
]


@pytest.mark.parametrize("fields", CAUSES)
def test_what_is_over_hidden_or_less_grave_causes_nothing(fields: dict[str, Any]) -> None:
    """Nothing is folded under what no longer explains it, or is not on the board."""
    assert causes(RULES, [FIRE, DOOR]) == {"d1": "fire"}
    assert causes(RULES, [replace(FIRE, **fields), DOOR]) == {}


@pytest.mark.parametrize("fields", CONSEQUENCES)
def test_what_may_be_more_stands_on_its_own(fields: dict[str, Any]) -> None:
    """Life safety, silent alerts, and what somebody hides or works on are never folded."""
    assert causes(RULES, [FIRE, replace(DOOR, **fields)]) == {}


def test_a_chain_of_gateways_leads_to_the_first() -> None:
    """Nothing is folded under what is itself folded; gateways in a circle cause nothing."""
    devices = tuple(
        replace(row, gateway={"r2": "gw1", "gw1": "r4", "r4": ""}.get(row.id, row.gateway))
        for row in RULES.venue.devices
    )
    chain = replace(RULES, venue=replace(RULES.venue, devices=devices))
    top = alert("top", "device-offline", "r4")
    middle = replace(GATEWAY, site="centre", happened_at=at(0) + timedelta(seconds=30))
    last = alert("r2", "device-silent", "r2", 60)
    assert causes(chain, [last, middle, top]) == {"gw": "top", "r2": "top"}

    circle = tuple(
        replace(row, gateway="r2" if row.id == "gw1" else row.gateway) for row in devices
    )
    turning = replace(RULES, venue=replace(RULES.venue, devices=circle))
    assert causes(turning, [last, middle]) == {}


@given(st.data())
def test_of_any_alerts_none_is_lost(data: st.DataObject) -> None:
    """Every alert stands on its own, or under one that does, is as grave, and that everyone sees who may see it."""
    alerts = {}
    for n in range(data.draw(st.integers(0, 12))):
        rule = data.draw(
            st.sampled_from(["device-offline", "device-silent", "fire", "door-held-open"])
        )
        name = data.draw(st.sampled_from(["gw1", "r2", "r3", "d1", "e1", "v1"]))
        zone = data.draw(st.sampled_from(["hall", "foyer"]))
        alerts[str(n)] = alert(
            str(n),
            rule,
            zone if rule == "fire" else name,
            data.draw(st.integers(-900, 900)),
            zone=zone,
            point=name,
            site=data.draw(st.sampled_from(["centre", "annex", ""])),
            severity=data.draw(st.sampled_from(SEVERITIES)),
            silent=data.draw(st.booleans()),
        )
    found = causes(RULES, alerts.values())
    for own, cause in found.items():
        assert cause not in found
        assert SEVERITIES.index(alerts[cause].severity) <= SEVERITIES.index(alerts[own].severity)
        assert alerts[cause].site in {"", alerts[own].site}
        assert not alerts[cause].silent
        assert not alerts[own].silent
        assert alerts[own].severity != "life_safety"
