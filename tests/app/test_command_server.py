"""Commands of this machine's users: the kernel says who they are, and their account what they may do."""

import asyncio
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from monitor.accounts import Account, Grant
from monitor.app.command_protocol import Answer, NotRunning, Request, ask, socket_path
from monitor.app.command_server import CommandServer, user_name
from monitor.app.rights_watch import BURST
from monitor.core.alert import Alert
from monitor.core.engine.commands import Command
from monitor.core.events.commands import LogWritten, StaffAcknowledge, StaffNote, StaffShelve
from monitor.core.events.monitor_accounts import MonitorActsRefused, MonitorEmergencyAct
from monitor.core.inputs import Arrival, Notice
from tests.support.accounts import ADMIN, AccountsHarness
from tests.support.pipeline import START, PipelineHarness, event_payload
from tests.support.source import source_of

OFFICER, STRANGER = 4201, 4202
"""Users of the operating system who have no name."""


class Machine:
    """A monitor on a machine with several users."""

    def __init__(self, folder: Path, line: PipelineHarness, stack: ExitStack) -> None:
        self.line = line
        self.harness = AccountsHarness(folder)
        stack.enter_context(self.harness.accounts)
        self.server = CommandServer(
            self.harness.accounts, line.pipeline, dict, source_of(line), stack
        )

    def add(self, name: str, role: Grant, os_user: int) -> None:
        """Add the account of a user of the operating system."""
        account = Account(name=name, grants=(role,), os_user=str(os_user))
        self.harness.accounts.add(account, ADMIN)

    def asks(
        self,
        uid: int,
        command: Command | None,
        *,
        who: str = "",
        sudo_user: str = "",
        is_emergency: bool = False,
    ) -> Answer:
        """Return the answer to a user."""
        request = Request(who=who, sudo_user=sudo_user, is_emergency=is_emergency, command=command)
        return asyncio.run(self.server.answer(msgspec.json.encode(request), uid))

    def alert(self) -> Alert:
        """Let a door be forced; return the alert."""
        payload = event_payload("door.alarm", self.line.clock.time, point="d1", alarm="forced_open")
        self.line.take(self.line.sent("venue/centre/door/d1", payload))
        self.line.wait(3)
        (found,) = [row for row in self.line.journal.alerts() if row.key == "d1"]
        return found

    def sources(self) -> list[str]:
        """Return as what commands are recorded."""
        inputs = [given for _, given in self.line.journal.inputs(0)]
        return [row.source for row in inputs if isinstance(row, Arrival)]


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """A monitor without any account."""
    with PipelineHarness(tmp_path / "journal.db") as line, ExitStack() as stack:
        yield Machine(tmp_path, line, stack)


def note(who: str, text: str = "brigade on site") -> LogWritten:
    """An entry of the shift log."""
    return LogWritten(at=START, id=uuid4().hex, who=who, text=text, site="centre")


def test_people_act_in_their_own_name(machine: Machine) -> None:
    """Who is linked to an account is recorded as its person, and the journal knows how they came."""
    machine.add("linh", Grant(role="officer"), OFFICER)

    assert machine.asks(OFFICER, None).who == "linh"
    answer = machine.asks(OFFICER, note("linh"))

    assert (answer.accepted, answer.reason, answer.note) == (True, "", "")
    assert machine.sources() == ["cli/linh"]


def test_nobody_acts_in_the_name_of_another(machine: Machine) -> None:
    """Neither with `--who` nor by a program that signs with another name; who may speak for others is a right."""
    machine.add("linh", Grant(role="officer"), OFFICER)
    machine.add("chief", Grant(role="supervisor"), STRANGER)

    refused = [
        machine.asks(OFFICER, None, who="anna"),
        machine.asks(OFFICER, note("anna"), who="anna"),
        machine.asks(OFFICER, note("anna")),
    ]
    allowed = machine.asks(STRANGER, note("anna"), who="anna")

    assert [row.accepted for row in refused] == [False] * 3
    assert "you act as linh" in refused[0].reason
    assert (allowed.accepted, machine.sources()) == (True, ["cli/chief"])


def test_who_has_no_account_is_refused_once_there_is_one(machine: Machine) -> None:
    """Before, anybody may act as today, and is told that nobody has checked the name."""
    before = machine.asks(STRANGER, note("anna"), who="anna")
    machine.add("linh", Grant(role="officer"), OFFICER)
    after = machine.asks(STRANGER, note("anna"), who="anna")
    machine.harness.accounts.disable("linh", ADMIN)
    disabled = machine.asks(OFFICER, None)

    assert before.accepted
    assert "no accounts yet" in before.note
    assert not after.accepted
    assert "venue-monitor user edit NAME --os-user 4202" in after.reason
    assert "linh is disabled" in disabled.reason


def test_the_rights_of_the_account_count(machine: Machine) -> None:
    """At its own site, and no longer than it may."""
    machine.add("linh", Grant(role="officer", site="centre"), OFFICER)
    machine.add("viewer", Grant(role="viewer"), STRANGER)
    alert = machine.alert()
    until = machine.line.clock.time + timedelta(hours=3)
    shelve = StaffShelve(
        at=START, id="a", who="linh", alert=alert.id, until=until, reason="new lock"
    )

    assert "two hours at most" in machine.asks(OFFICER, shelve).reason
    looked = StaffNote(at=START, id="b", who="viewer", alert=alert.id, note="seen")
    assert "it needs the right to take alerts" in machine.asks(STRANGER, looked).reason
    noted = StaffNote(at=START, id="c", who="linh", alert=alert.id, note="seen")
    assert machine.asks(OFFICER, noted).accepted


def test_what_is_refused_is_counted_and_logged(machine: Machine) -> None:
    """As in the console: who, what, and the right that was missing; many of one account are an alert."""
    machine.add("viewer", Grant(role="viewer"), STRANGER)
    alert = machine.alert()
    with capture_logs() as logs:
        for n in range(BURST):
            command = StaffNote(at=START, id=str(n), who="viewer", alert=alert.id, note="seen")
            assert not machine.asks(STRANGER, command).accepted
        machine.asks(STRANGER, None, who="anna")
        machine.asks(OFFICER, None)

    rows = [row for row in logs if row["event"] == "act_refused"]
    assert [(row["account"], row["address"], row["route"], row["right"]) for row in rows[-3:]] == [
        ("viewer", "cli/4202", "cli staff.note", "act"),
        ("viewer", "cli/4202", "cli", "speak_for"),
        ("", "cli/4201", "cli", "none"),
    ]
    assert "seen" not in str(rows)
    figures = machine.line.metrics.registry
    assert figures.get_sample_value("venue_acts_refused_total", {"right": "act"}) == BURST
    (notice,) = [
        given.event
        for _, given in machine.line.journal.inputs(0)
        if isinstance(given, Notice) and isinstance(given.event, MonitorActsRefused)
    ]
    assert (notice.subject, notice.route) == ("viewer", "cli staff.note")


def test_who_asks_for_a_silent_alert_is_not_named(machine: Machine) -> None:
    """Neither a log nor a figure betrays that there is one: the answer is that of an unknown id."""
    machine.add("linh", Grant(role="officer"), OFFICER)
    alert = machine.alert()
    machine.line.engine.state.alerts.open[alert.id] = replace(alert, silent=True)
    looked = StaffNote(at=START, id="b", who="linh", alert=alert.id, note="seen")
    with capture_logs() as logs:
        answer = machine.asks(OFFICER, looked)

    assert not answer.accepted
    assert [row for row in logs if row["event"] == "act_refused"] == []


def test_root_acts_in_an_emergency_and_everybody_sees_it(machine: Machine) -> None:
    """Without an account only with --emergency; the journal, and an alert, say so."""
    machine.add("linh", Grant(role="officer"), OFFICER)
    alert = machine.alert()
    take = StaffAcknowledge(at=START, id="e", who="anna", alert=alert.id)

    assert "--emergency" in machine.asks(0, take, who="anna").reason
    assert not machine.asks(OFFICER, take, who="anna", is_emergency=True).accepted
    answer = machine.asks(0, take, who="anna", is_emergency=True)

    assert answer.accepted
    assert machine.sources()[-1] == "cli/root!"
    events = [row.event for _, row in machine.line.journal.inputs(0) if isinstance(row, Notice)]
    (act,) = [row for row in events if isinstance(row, MonitorEmergencyAct)]
    assert (act.user, act.who, act.act) == ("root", "anna", "staff.acknowledge")
    assert "emergency-act" in {row.rule for row in machine.line.journal.alerts()}


def test_who_has_become_root_by_sudo_acts_through_their_own_account(machine: Machine) -> None:
    """What an ordinary user says about that does not count."""
    machine.add("linh", Grant(role="officer"), OFFICER)

    assert machine.asks(0, None, sudo_user=str(OFFICER)).who == "linh"
    assert not machine.asks(STRANGER, None, sudo_user=str(OFFICER)).accepted


@pytest.mark.parametrize("line", [b"", b"{", b'{"command": {"type": "door.opened"}}', b"\xff\xfe"])
def test_garbage_is_refused(machine: Machine, line: bytes) -> None:
    """The monitor goes on."""
    answer = asyncio.run(machine.server.answer(line, STRANGER))

    assert (answer.accepted, bool(answer.reason)) == (False, True)


async def test_the_kernel_says_who_asks(machine: Machine) -> None:
    """Over the socket, also in a deep folder; slow and broken clients harm nobody."""
    journal = machine.line.journal.path
    serving = asyncio.create_task(machine.server.run())
    with closing(socket.socket(socket.AF_UNIX)) as idle:
        idle.connect(str(socket_path(journal)))
        me = user_name(os.getuid())
        answer = await asyncio.to_thread(ask, journal, Request(command=note(me)))
    serving.cancel()

    assert (answer.accepted, answer.who) == (True, me)
    assert stat.S_IMODE(socket_path(journal).stat().st_mode) == 0o666


async def test_a_deep_folder_is_no_hindrance(tmp_path: Path) -> None:
    """An address of a socket has 107 bytes at most; a folder may have more. Nobody listens once the monitor is gone."""
    folder = tmp_path / ("deep" * 30)
    folder.mkdir()
    with PipelineHarness(folder / "journal.db") as line, ExitStack() as stack:
        machine = Machine(folder, line, stack)
        serving = asyncio.create_task(machine.server.run())
        answer = await asyncio.to_thread(ask, folder / "journal.db", Request())
        serving.cancel()

    assert answer.accepted
    assert not socket_path(folder / "journal.db").exists()
    with pytest.raises(NotRunning):
        ask(folder / "journal.db", Request())
