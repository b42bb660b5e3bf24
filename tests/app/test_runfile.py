"""Commands find the running monitor by a file beside its journal, and aren't misled by the file of a killed one."""

import asyncio
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.app.broker_address import address_of, find_broker
from monitor.app.runfile import Lag, RunFile, read_run_file, staleness
from monitor.app.runfile_loop import RunFileLoop
from monitor.config import Broker, Config, JournalTable
from monitor.config.secret import BrokerPassword, Secret
from monitor.config.settings import TlsTable
from monitor.errors import BrokerUnavailable, JournalError
from monitor.mqtt import BrokerAddress

LAST = datetime.fromtimestamp(1_000_000_000, UTC)
HERE = RunFile(broker_port=1884, http_port=9660, congress="summit")


def run_file(journal: Path, lag: Lag | None = None) -> RunFileLoop:
    """Return the run file of a monitor."""
    return RunFileLoop(journal, HERE, lambda: lag)


def test_it_names_the_monitor_while_it_runs_and_not_after(tmp_path: Path) -> None:
    """The file is read as it was written, with the writer's process id; afterwards no monitor runs."""
    journal = tmp_path / "journal.db"
    assert read_run_file(journal) is None
    with run_file(journal):
        found = read_run_file(journal)
        assert found is not None
        assert found.pid
        assert (found.broker_host, found.broker_port, found.http_port) == ("127.0.0.1", 1884, 9660)
    assert read_run_file(journal) is None


def test_it_goes_also_when_the_monitor_ends_with_an_error(tmp_path: Path) -> None:
    """The file is removed even after an error, so that no client is sent to a broker that is gone."""
    with pytest.raises(JournalError), run_file(tmp_path / "journal.db"):
        raise JournalError("the disk is full")
    assert read_run_file(tmp_path / "journal.db") is None


def test_what_a_killed_monitor_left_is_nothing(tmp_path: Path) -> None:
    """A killed monitor does not run, because its process is gone; the file still shows when it was last alive."""
    journal = tmp_path / "journal.db"
    says = (
        "import os, signal, sys; from pathlib import Path\n"
        "from monitor.app.runfile import RunFile\n"
        "from monitor.app.runfile_loop import RunFileLoop\n"
        "running = RunFile(broker_port=1, http_port=2, congress='summit')\n"
        "with RunFileLoop(Path(sys.argv[1]), running, lambda: None):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", says, str(journal)], check=False)
    assert [path.name for path in tmp_path.iterdir()] == ["journal.db.running"]
    assert read_run_file(journal) is None
    os.utime(tmp_path / "journal.db.running", (1_000_000_000, 1_000_000_000))
    assert staleness(journal) == Lag(since=LAST, reason="the monitor has not been running")
    with run_file(journal):
        assert read_run_file(journal) is not None
        assert staleness(journal) is None


def test_a_monitor_that_stopped_is_away_since_then(tmp_path: Path) -> None:
    """After an orderly stop, the file shows when the monitor stopped."""
    journal = tmp_path / "journal.db"
    before = datetime.now(UTC).timestamp() - 1
    with run_file(journal):
        pass
    lag = staleness(journal)
    assert lag is not None
    assert lag.reason == "the monitor has not been running"
    assert before <= lag.since.timestamp() <= before + 60


def test_a_monitor_that_gives_no_sign_of_life_is_stuck(tmp_path: Path) -> None:
    """A monitor is stuck if its process exists but a sign of life is overdue; the next sign makes it current again."""
    journal = tmp_path / "journal.db"
    with run_file(journal) as signs:
        os.utime(tmp_path / "journal.db.running", (1_000_000_000, 1_000_000_000))
        stuck = "the monitor runs, but has given no sign of life"
        assert staleness(journal) == Lag(since=LAST, reason=stuck)
        signs.renew()
        assert staleness(journal) is None


def test_a_clock_that_was_set_back_hides_no_stuck_monitor(tmp_path: Path) -> None:
    """A latest sign of life that lies ahead is old, too: a monitor that runs gives the next one by the same clock."""
    journal = tmp_path / "journal.db"
    ahead = datetime.now(UTC).timestamp() // 1 + 3600
    with run_file(journal) as signs:
        os.utime(tmp_path / "journal.db.running", (ahead, ahead))
        stuck = "the monitor runs, but has given no sign of life"
        assert staleness(journal) == Lag(since=datetime.fromtimestamp(ahead, UTC), reason=stuck)
        signs.renew()
        assert staleness(journal) is None


def test_a_monitor_says_itself_that_it_is_behind(tmp_path: Path) -> None:
    """Without a broker, or with a backlog, the monitor reports that it is behind, until the cause is gone."""
    journal = tmp_path / "journal.db"
    lags: list[Lag | None] = [Lag(since=LAST, reason="the monitor has had no connection")]
    with RunFileLoop(journal, HERE, lambda: lags[-1]) as signs:
        signs.renew()
        assert staleness(journal) == lags[0]
        lags.append(None)
        signs.renew()
        assert staleness(journal) is None


async def test_signs_of_life_go_on_when_one_cant_be_written(tmp_path: Path) -> None:
    """A full disk does not end the monitor; the missing sign of life shows the problem."""
    lags = iter([None, None, Lag(since=LAST, reason="behind")])
    away = tmp_path / "var"
    away.mkdir()
    with RunFileLoop(away / "journal.db", HERE, lambda: next(lags)) as signs:
        signs.renew()
        for path in away.iterdir():
            path.unlink()
        away.rmdir()
        beats = asyncio.create_task(signs.run())
        await asyncio.sleep(0)
        assert not beats.done()
        beats.cancel()


@pytest.mark.parametrize("left", [b"", b"{", b'{"pid": 1}', b"\xff"])
def test_a_damaged_file_is_nothing(tmp_path: Path, left: bytes) -> None:
    """A damaged file is read as if it did not exist."""
    (tmp_path / "journal.db.running").write_bytes(left)
    assert read_run_file(tmp_path / "journal.db") is None


def test_a_file_that_cant_be_written_is_said(tmp_path: Path) -> None:
    """A file that can't be written is reported with its name and the system's reason."""
    journal = tmp_path / "missing" / "journal.db"
    with pytest.raises(JournalError, match="running: No such file"), run_file(journal):
        pass


def test_the_brokers_address_is_the_running_monitors(tmp_path: Path) -> None:
    """Without a broker of their own, people find the one that the monitor has started."""
    config = Config(journal=JournalTable(path=tmp_path / "journal.db"))
    with run_file(config.journal.path):
        assert find_broker(config) == BrokerAddress("127.0.0.1", 1884)
    with pytest.raises(BrokerUnavailable, match="start it with `venue-monitor run`"):
        find_broker(config)


def test_a_broker_of_their_own_needs_no_running_monitor(tmp_path: Path) -> None:
    """Everything in ``[broker]`` is part of the address."""
    broker = Broker(
        host="broker.example.org",
        username="monitor",
        password=BrokerPassword(Secret("secret")),
        tls=TlsTable(ca_file=tmp_path / "ca.pem"),
    )
    address = find_broker(Config(broker=broker, journal=JournalTable(path=tmp_path / "journal.db")))
    assert (address.host, address.port) == ("broker.example.org", 8883)
    assert (address.username, address.password) == ("monitor", "secret")
    assert address.tls is not None
    assert address.tls.ca_file == tmp_path / "ca.pem"


def test_without_a_name_we_come_without_one() -> None:
    """An empty user name counts as none."""
    address = address_of(Broker(host="localhost"))
    assert (address.username, address.password, address.tls) == (None, None, None)
