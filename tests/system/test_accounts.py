"""Accounts of a running monitor: from the log of its first start to an account that a command takes away."""

import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from monitor.app.runfile import read_run_file
from monitor.core.events.monitor_accounts import MonitorAccountChanged
from monitor.core.inputs import Notice
from tests.support.accounts import PASSWORD
from tests.support.monitor_process import PUBLIC, MonitorProcess
from tests.support.servers import PATIENCE, Mosquitto


@pytest.fixture
def program(tmp_path: Path, mosquitto: Mosquitto) -> Iterator[MonitorProcess]:
    """A monitor that has just been started for the first time."""
    with MonitorProcess(tmp_path, mosquitto.address, rules=("doors.toml",)) as made:
        yield made


class Unfollowed(urllib.request.HTTPRedirectHandler):
    """Leaves redirections to the test."""

    def redirect_request(self, *_: object) -> None:
        """Follow none."""


def status(
    program: MonitorProcess,
    path: str,
    headers: Mapping[str, str],
    form: Mapping[str, str] | None = None,
) -> tuple[int, str]:
    """Status and cookies of the response to a request, as a browser behind the proxy would send it."""
    running = read_run_file(program.journal)
    assert running is not None
    request = urllib.request.Request(
        f"http://127.0.0.1:{running.http_port}{path}",
        data=None if form is None else urllib.parse.urlencode(form).encode(),
        headers={"Origin": PUBLIC, **headers},
    )
    try:
        with urllib.request.build_opener(Unfollowed).open(request, timeout=PATIENCE) as answer:
            return answer.status, ""
    except urllib.error.HTTPError as error:
        with error:
            return error.code, " ".join(error.headers.get_all("set-cookie", []))


def first_links(program: MonitorProcess) -> list[str]:
    """The paths of the links in its log."""
    shown = [row["open_within_30_minutes"] for row in program.logged("no_account_yet")]
    assert all(link.startswith(PUBLIC) for link in shown)
    return [link.removeprefix(PUBLIC) for link in shown]


def acts(program: MonitorProcess) -> list[tuple[str, str]]:
    """What was done to accounts, and by whom, as the journal has it."""
    with program.read() as journal:
        events = [given.event for _, given in journal.inputs(0) if isinstance(given, Notice)]
    return [(row.act, row.by) for row in events if isinstance(row, MonitorAccountChanged)]


def test_from_the_first_start_to_an_account_that_is_taken_away(program: MonitorProcess) -> None:
    """The link in the log makes the first account, once; a command ends its session; the journal tells of both."""
    (link,) = first_links(program)
    form = {"name": "linh", "full_name": "Linh", "password": PASSWORD, "again": PASSWORD}
    made, cookies = status(program, link, {}, form)
    again, _ = status(program, link, {}, form)
    token = re.search(r"(__Host-vm=[^;]+)", cookies)
    assert token is not None, cookies
    signed_in, _ = status(program, "/board", {"Cookie": token[1]})

    disabled = program.ask("user", "disable", "linh")
    after, _ = status(program, "/board", {"Cookie": token[1]})

    assert (made, again, signed_in) == (303, 410, 200)
    assert (disabled.returncode, disabled.stderr) == (0, "")
    assert after != 200
    program.until(lambda: len(acts(program)) == 3)
    assert [act for act, _ in acts(program)] == ["added", "password_set", "disabled"]
    assert acts(program)[2][1] != "linh"


def test_a_token_reads_until_it_is_revoked(program: MonitorProcess) -> None:
    """Made and revoked by commands, while the monitor runs; an account needs no password for it."""
    assert program.ask("user", "add", "wall", "viewer").returncode == 0
    token = program.ask("user", "token", "make", "wall", "view", "--until", "1d").stdout.strip()
    header = {"Authorization": f"Bearer {token}"}

    before, _ = status(program, "/board", header)
    program.ask("user", "token", "revoke", token.split("_")[1])
    after, _ = status(program, "/board", header)

    assert before == 200
    assert after == 401


def test_a_restart_offers_no_first_link_once_there_is_an_account(program: MonitorProcess) -> None:
    """And before that, another one, for whoever has lost the first."""
    program.stop()
    program.start()
    before = first_links(program)
    program.ask("user", "add", "linh", "admin")
    program.stop()
    program.start()

    assert len(set(before)) == 2
    assert first_links(program) == before
    assert status(program, before[1], {})[0] == 410
