"""What senders do over MQTT in people's names: refused unless the person's account may do it, as in the console."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.accounts import Account, Grant
from monitor.app.sender_rights import SenderRights
from monitor.core.events.monitor_senders import MonitorPersonRefused
from monitor.core.inputs import Notice, Rejected
from monitor.core.transitions import LogEntryWritten, StaffAnswered
from monitor.texts import plain
from tests.support.accounts import ADMIN, AccountsHarness
from tests.support.pipeline import PipelineHarness, event_payload

BRIDGE = "radio-bridge"


class Radio:
    """A radio bridge that the configuration names, at a monitor with accounts."""

    def __init__(self, line: PipelineHarness, harness: AccountsHarness) -> None:
        self.line = line
        self.accounts = harness.accounts
        rights = SenderRights(self.accounts, line.pipeline, dict)
        line.pipeline.ask_who_may_act(rights.may_act)

    def add(self, name: str, *grants: Grant, person: str = "") -> None:
        """Add an account."""
        self.accounts.add(Account(name=name, person=person, grants=grants), ADMIN)

    def sends(self, kind: str, who: str, **fields: object) -> StaffAnswered:
        """Send an act in a person's name; return the answer."""
        before = self.line.journal.seq
        payload = event_payload(kind, self.line.clock.time, who=who, id="r1", **fields)
        self.line.take(self.line.sent(f"venue/centre/staff/{BRIDGE}", payload))
        self.line.wait(3)
        seen = [row.transition for row in self.line.journal.transitions(before)]
        (answer,) = [row for row in seen if isinstance(row, StaffAnswered)]
        return answer

    def signed_by(self) -> str:
        """Return who has signed the hall off; empty: nobody."""
        record = self.line.engine.state.work.sign_offs.get("hall")
        return "" if record is None else record.who

    def alerts(self) -> dict[tuple[str, str], int]:
        """Return how often what was refused was noticed, by rule and key."""
        rows = self.line.journal.alerts()
        return {(row.rule, row.key): row.occurrences for row in rows if "refused" in row.rule}


@pytest.fixture
def radio(tmp_path: Path) -> Iterator[Radio]:
    """A bridge, and no account yet."""
    harness = AccountsHarness(tmp_path)
    with (
        harness.accounts,
        PipelineHarness(tmp_path / "journal.db", staff_senders=frozenset({BRIDGE})) as line,
    ):
        yield Radio(line, harness)


def test_whoever_may_sign_in_the_console_may_sign_over_mqtt(radio: Radio) -> None:
    """The account is the person's of the roster; the sender is answered."""
    radio.add("chief.login", Grant(role="supervisor", site="centre"), person="chief")

    answer = radio.sends("readiness.signed", "chief", zone="hall")

    assert (answer.who, answer.id, answer.accepted) == (BRIDGE, "r1", True)
    assert radio.signed_by() == "chief"
    assert radio.sends("readiness.withdrawn", "chief", zone="hall", note="smoke").accepted
    assert not radio.alerts()


@pytest.mark.parametrize("grant", [Grant(role="officer"), Grant(role="supervisor", site="hotel")])
def test_a_person_without_the_right_signs_nothing(radio: Radio, grant: Grant) -> None:
    """Neither with another role nor at another site: refused, answered, counted and alerted."""
    radio.add("anna", grant)

    answer = radio.sends("readiness.signed", "anna", zone="hall")

    assert not answer.accepted
    assert "right" in plain(answer.reason)
    assert radio.signed_by() == ""
    assert radio.alerts() == {("person-refused", f"{BRIDGE} / anna"): 1}
    figures = radio.line.metrics.registry
    assert figures.get_sample_value("venue_acts_refused_total", {"right": "sign_off"}) == 1


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("readiness.signed", {"zone": "hall"}),
        ("readiness.withdrawn", {"zone": "hall"}),
        (
            "staff.mask",
            {"what": "*", "zone": "hall", "reason": "x", "until": "2026-01-01T10:00:00Z"},
        ),
        ("staff.override", {"team": "guards", "until": "2026-01-01T10:00:00Z"}),
        ("staff.release", {"team": "guards"}),
        ("log.written", {"text": "brigade on site"}),
        ("log.handed_over", {"text": "quiet"}),
        ("staff.muster", {"site": "centre"}),
        ("staff.lookup", {"subject": "h-1", "reason": "found"}),
    ],
)
def test_every_act_asks_for_the_persons_account(
    radio: Radio, kind: str, fields: dict[str, str]
) -> None:
    """A name that no account stands behind does nothing, nor does a disabled account, or one that only looks."""
    radio.add("vera", Grant(role="viewer"))
    radio.add("gone", Grant(role="supervisor"))
    radio.accounts.disable("gone", ADMIN)

    answers = [radio.sends(kind, who, **fields) for who in ("vera", "gone", "nobody")]

    assert [row.accepted for row in answers] == [False] * 3
    seen = [row.transition for row in radio.line.journal.transitions(0)]
    assert not [row for row in seen if isinstance(row, LogEntryWritten)]
    notices = [row.event for _, row in radio.line.journal.inputs(0) if isinstance(row, Notice)]
    refused = [row for row in notices if isinstance(row, MonitorPersonRefused)]
    assert [(row.who, row.act, bool(row.right)) for row in refused] == [
        ("vera", kind, True),
        ("gone", kind, False),
        ("nobody", kind, False),
    ]


def test_whoever_vouches_over_mqtt_has_to_be_allowed_to(radio: Radio) -> None:
    """An approval and a verification, from any system: refused and alerted, unless their person may approve there."""
    radio.add("linh", Grant(role="viewer"))
    radio.add("olga", Grant(role="supervisor", site="hotel"))
    radio.add("omar", Grant(role="supervisor", site="centre"))
    line, seen = radio.line, []
    form = {"checklist": "check", "inspection": "v1"}
    for who in ("linh", "olga", "nobody", "omar"):
        for subject, kind, fields in (
            ("inspection/check", "inspection.approved", {**form, "approver": who}),
            ("action/a1", "action.verified", {"who": who, "action": "a1", "zone": "hall"}),
        ):
            payload = event_payload(kind, line.clock.time, **fields)
            line.take(line.sent(f"venue/centre/{subject}", payload))
        line.wait(3)
        approved = line.engine.state.work.checklists["check"].approved if who == "omar" else {}
        seen.append(bool(approved))

    refused = radio.alerts()
    assert seen == [False, False, False, True]
    assert {who for _, key in refused for who in [key.split(" / ")[-1]]} == {
        "linh",
        "olga",
        "nobody",
    }
    assert sum(refused.values()) == 6


def test_what_was_refused_is_done_when_the_person_may(radio: Radio) -> None:
    """The same message again, with the same id, counts once the account has the right."""
    radio.add("anna", Grant(role="officer"))
    assert not radio.sends("readiness.signed", "anna", zone="hall").accepted

    radio.accounts.set_grants("anna", [Grant(role="supervisor")], ADMIN)

    assert radio.sends("readiness.signed", "anna", zone="hall").accepted
    assert radio.signed_by() == "anna"


def test_without_any_account_the_sender_alone_counts(radio: Radio) -> None:
    """As at the command line, before the first account is made."""
    assert radio.sends("log.written", "anna", text="brigade on site").accepted
    assert radio.sends("readiness.signed", "anna", zone="hall").accepted


def test_a_sign_off_on_the_topic_of_its_zone_is_refused(radio: Radio) -> None:
    """Nobody knows who has sent it there; the refusal says where it belongs."""
    payload = event_payload("readiness.signed", radio.line.clock.time, zone="hall", who="chief")
    radio.line.take(radio.line.sent("venue/centre/readiness/hall", payload))
    radio.line.wait(3)

    (refused,) = [row for _, row in radio.line.journal.inputs(0) if isinstance(row, Rejected)]
    assert "venue/<site>/staff/<sender>" in plain(refused.reason)
    assert radio.signed_by() == ""


def test_a_silent_alert_is_betrayed_by_no_alert(radio: Radio) -> None:
    """Who may not know of it is refused as for an alert that is not there, and nothing is noticed."""
    line = radio.line
    radio.add("anna", Grant(role="officer"))
    payload = event_payload("access.duress", line.clock.time, point="d1", credential="c1")
    line.take(line.sent("venue/centre/access/d1", payload))
    line.wait(3)
    silent = [row for row in line.journal.alerts() if row.silent]
    assert silent

    answer = radio.sends("staff.acknowledge", "anna", alert=silent[0].id)

    assert not answer.accepted
    assert not radio.alerts()
