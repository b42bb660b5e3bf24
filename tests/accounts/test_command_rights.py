"""What roles ask for besides the right: the own agency, having been notified, a short shelving, a young entry."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from monitor.accounts import Account, Accounts, Grant, Role
from monitor.accounts.command_rights import STRIKABLE, Situation, may_act_on, objection
from monitor.accounts.silent_pages import paged_silently
from monitor.core.alert import Alert
from monitor.core.engine.commands import Command
from monitor.core.events.commands import (
    LogStruck,
    LogWritten,
    StaffAcknowledge,
    StaffClose,
    StaffMask,
    StaffOverride,
    StaffRelease,
    StaffShelve,
)
from monitor.core.inputs import RosterChanged
from monitor.core.oncall.on_call import is_on_call
from monitor.core.roster import EscalationPolicy, EscalationStep, Person, Roster, Shift, Team
from monitor.core.transitions import Override
from tests.support.accounts import ADMIN
from tests.support.pipeline import START, PipelineHarness, event_payload

HOUR = timedelta(hours=1)
ROSTER = Roster(
    people=(
        Person(id="linh", name="Linh", agency="fire", channels=("ntfy",)),
        Person(id="bao", name="Bảo", agency="police", channels=("ntfy",)),
    ),
    teams=(Team(id="guards"),),
    shifts=(Shift(team="guards", person="linh", starts=START, ends=START + HOUR),),
    policies=(EscalationPolicy(id="all", steps=(EscalationStep(notify=("linh",)),)),),
)
MEMBERS = {"guards": frozenset({"linh", "minh"})}
"""Who takes turns."""


class Desk:
    """A monitor with a forced door."""

    def __init__(self, line: PipelineHarness) -> None:
        self.line = line
        self.state = line.engine.state
        line.pipeline.submit(RosterChanged(received_at=START, who="test", roster=ROSTER))
        payload = event_payload("door.alarm", START, point="d1", alarm="forced_open")
        line.take(line.sent("venue/centre/door/d1", payload))
        line.wait(3)

    @property
    def alert(self) -> Alert:
        """The forced door."""
        (found,) = [row for row in self.state.alerts.open.values() if row.key == "d1"]
        return found

    def led_by(self, agency: str) -> None:
        """Give the alert to an agency."""
        self.state.alerts.open[self.alert.id] = replace(self.alert, lead=agency)

    def refuses(self, command: Command, *grants: Grant) -> str:
        """Return the id of the reason why an account of the command's person may not give it; empty: it may."""
        account = Account(name=command.who, person=command.who, grants=grants)
        now = self.line.clock.now()
        entry_of = self.line.journal.shift_log.written
        situation = Situation(self.state, now, entry_of, lambda: MEMBERS)
        found = objection(account, command, situation, now)
        return "" if found is None else found.why.id


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """The monitor."""
    with PipelineHarness(tmp_path / "journal.db") as line:
        yield Desk(line)


def take(desk: Desk, who: str) -> StaffAcknowledge:
    """To take the alert."""
    return StaffAcknowledge(at=START, who=who, alert=desk.alert.id)


def test_engineers_act_on_what_their_own_agency_leads(desk: Desk) -> None:
    """Neither on that of others nor on what no agency leads; an officer's role is not narrowed by it."""
    engineer = Grant(role="engineer")
    assert desk.refuses(take(desk, "linh"), engineer) == "right-own-agency"
    desk.led_by("fire")
    assert desk.refuses(take(desk, "linh"), engineer) == ""
    assert desk.refuses(take(desk, "bao"), engineer) == "right-own-agency"
    assert desk.refuses(take(desk, "stranger"), engineer) == "right-own-agency"
    assert desk.refuses(take(desk, "bao"), engineer, Grant(role="officer")) == ""
    account = Account(name="bao", grants=(engineer,))
    assert not may_act_on(account, "act", desk.alert, desk.state, START)


def test_on_call_staff_close_and_shelve_what_they_were_notified_about(desk: Desk) -> None:
    """Everybody at the site may take it, and who has it may close it."""
    on_call = Grant(role="on_call", site="centre")
    close = {
        who: StaffClose(at=START, who=who, alert=desk.alert.id, note="locked")
        for who in ("linh", "bao")
    }
    assert desk.refuses(close["linh"], on_call) == ""
    assert desk.refuses(close["bao"], on_call) == "right-paged"
    assert desk.refuses(take(desk, "bao"), on_call) == ""
    desk.state.alerts.open[desk.alert.id] = replace(desk.alert, owner="bao")
    assert desk.refuses(close["bao"], on_call) == ""


@pytest.mark.parametrize(("role", "allowed"), [("officer", False), ("supervisor", True)])
def test_long_shelving_is_for_those_who_may_mask(desk: Desk, role: Role, allowed: bool) -> None:
    """Others hide an alert for two hours."""
    now, grant = desk.line.clock.now(), Grant(role=role)
    short, long = (
        StaffShelve(at=now, who="linh", alert=desk.alert.id, until=now + hours, reason="repair")
        for hours in (2 * HOUR, 3 * HOUR)
    )
    assert desk.refuses(short, grant) == ""
    assert desk.refuses(long, grant) == ("" if allowed else "right-two-hours")


def test_own_entries_are_struck_for_a_quarter_of_an_hour(desk: Desk) -> None:
    """Those of others, and old ones, only by a supervisor of that site."""
    line, officer = desk.line, Grant(role="officer")
    payload = event_payload("log.written", START, who="linh", text="x", site="centre", id="e")
    line.take(line.sent("venue/centre/staff/linh", payload))
    own, other = (
        LogStruck(at=START, who=who, entry="1", reason="twice") for who in ("linh", "bao")
    )
    assert desk.refuses(own, officer) == ""
    assert desk.refuses(other, officer) == "right-missing"
    assert desk.refuses(other, Grant(role="supervisor", site="centre")) == ""
    assert desk.refuses(other, Grant(role="supervisor", site="annex")) == "right-missing"
    line.wait(STRIKABLE.total_seconds() + 60)
    assert desk.refuses(own, officer) == "right-strike-late"


def test_the_site_of_what_is_done_counts(desk: Desk) -> None:
    """That of the alert, of the masked point, of the entry's zone."""
    here, there = Grant(role="supervisor", site="centre"), Grant(role="supervisor", site="annex")
    mask = StaffMask(at=START, who="linh", what="*", point="d1", until=START + HOUR, reason="works")
    entry = LogWritten(at=START, who="linh", text="x", alert=desk.alert.id)
    for command in (take(desk, "linh"), mask, entry):
        assert desk.refuses(command, here) == ""
        assert desk.refuses(command, there) == "right-missing"


@pytest.mark.parametrize(
    ("who", "person", "reason"),
    [
        ("linh", "", ""),
        ("minh", "minh", ""),
        ("bao", "", "right-own-team"),
        ("bao", "linh", "right-own-shift"),
        ("minh", "linh", "right-own-shift"),
        ("linh", "minh", ""),
        ("linh", "bao", "right-own-shift"),
    ],
)
def test_shifts_of_the_own_team(desk: Desk, who: str, person: str, reason: str) -> None:
    """Who takes turns takes a shift; who is on call gives it to somebody of the team; a supervisor does all of it."""
    command = StaffOverride(at=START, who=who, team="guards", person=person, until=START + HOUR)
    assert desk.refuses(command, Grant(role="officer")) == reason
    assert desk.refuses(command, Grant(role="engineer", site="centre")) == reason
    assert desk.refuses(command, Grant(role="viewer")) == "right-missing"
    assert desk.refuses(command, Grant(role="supervisor", site="centre")) == ""


def test_a_shift_that_was_taken_is_given_back_or_on(desk: Desk) -> None:
    """By whoever has it or gave it: the plan says no longer that somebody else could give it."""
    officer, until = Grant(role="officer"), START + HOUR
    back = {who: StaffRelease(at=START, who=who, team="guards") for who in ("bao", "linh", "minh")}
    assert desk.refuses(back["bao"], officer) == ""
    desk.state.paging.overrides["guards"] = Override(
        team="guards", person="bao", since=START, until=until, who="minh"
    )
    assert [desk.refuses(back[who], officer) for who in ("bao", "minh")] == ["", ""]
    assert desk.refuses(back["linh"], officer) == "right-missing"
    assert desk.refuses(back["linh"], Grant(role="supervisor")) == ""
    on = [
        StaffOverride(at=START, who=who, team="guards", person="minh", until=until)
        for who in ("bao", "linh")
    ]
    assert [desk.refuses(row, officer) for row in on] == ["", "right-own-shift"]


def test_of_a_silent_alert_nobody_learns_without_the_right(desk: Desk) -> None:
    """The answer is that of an id that does not exist."""
    desk.state.alerts.open[desk.alert.id] = replace(desk.alert, silent=True)
    assert desk.refuses(take(desk, "linh"), Grant(role="supervisor")) == "alert-unknown"
    assert desk.refuses(take(desk, "linh"), Grant(role="supervisor", silent=True)) == ""


def test_on_call_staff_act_on_a_silent_alert_that_was_paged_to_them(desk: Desk) -> None:
    """Only at their site, only in that role, and only who was notified or has it: not all of the team."""
    desk.state.alerts.open[desk.alert.id] = replace(desk.alert, silent=True)
    here, there = Grant(role="on_call", site="centre"), Grant(role="on_call", site="annex")
    assert desk.refuses(take(desk, "linh"), here) == ""
    assert desk.refuses(take(desk, "linh"), there) == "alert-unknown"
    assert desk.refuses(take(desk, "linh"), Grant(role="officer")) == "alert-unknown"
    assert desk.refuses(take(desk, "bao"), here) == "alert-unknown"
    desk.state.alerts.open[desk.alert.id] = replace(desk.alert, owner="bao")
    assert desk.refuses(take(desk, "bao"), here) == ""
    account = Account(name="bao", person="bao", grants=(here,))
    assert paged_silently(account, desk.state, START) == {desk.alert.id}
    nobody = replace(account, person="")
    assert paged_silently(nobody, desk.state, START) == frozenset()


def test_a_grant_for_the_time_on_call(desk: Desk, tmp_path: Path) -> None:
    """It counts while the person is on call, and nobody has to take it away."""
    line = desk.line
    with Accounts(
        tmp_path / "accounts.db", line.clock.now, is_on_call=lambda who: is_on_call(desk.state, who)
    ) as accounts:
        for name in ("linh", "bao"):
            grant = Grant(role="officer", while_on_call=True)
            accounts.add(Account(name=name, person=name, grants=(grant,)), ADMIN)
        found = {row.name: row.may("act", "centre", line.clock.now()) for row in accounts.list()}
        line.wait(HOUR.total_seconds())
        later = [row.may("act", "centre", line.clock.now()) for row in accounts.list()]

    assert found == {"bao": False, "linh": True}
    assert later == [False, False]
