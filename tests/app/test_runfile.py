"""Commands find the running monitor by a file beside its journal, and don't fall for what a killed one left."""

import subprocess
import sys
from pathlib import Path

import pytest

from monitor.app.runfile import Running, address_of, find_broker, read_running, running_file
from monitor.config import Broker, Config, Journal
from monitor.config.secret import BrokerPassword, Secret
from monitor.config.settings import Tls
from monitor.errors import BrokerUnavailable, JournalError
from monitor.mqtt import BrokerAddress

HERE = Running(broker_port=1884, http_port=9660, congress="summit")


def test_it_is_there_while_the_monitor_runs_and_not_after(tmp_path: Path) -> None:
    """What is read is what was said, with the process that said it; a second look finds nothing."""
    journal = tmp_path / "journal.db"
    assert read_running(journal) is None
    with running_file(journal, HERE):
        found = read_running(journal)
        assert found is not None
        assert found.pid
        assert (found.broker_host, found.broker_port, found.http_port) == ("127.0.0.1", 1884, 9660)
    assert read_running(journal) is None
    assert list(tmp_path.iterdir()) == []


def test_it_goes_also_when_the_monitor_ends_with_an_error(tmp_path: Path) -> None:
    """Nobody is sent to a broker that is gone."""
    with pytest.raises(JournalError), running_file(tmp_path / "journal.db", HERE):
        raise JournalError("the disk is full")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_monitor_left_is_nothing(tmp_path: Path) -> None:
    """Its process is gone, so it doesn't run."""
    journal = tmp_path / "journal.db"
    says = (
        "import os, signal, sys; from pathlib import Path\n"
        "from monitor.app.runfile import Running, running_file\n"
        "with running_file(Path(sys.argv[1]), Running(broker_port=1, http_port=2, congress='summit')):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", says, str(journal)], check=False)
    assert [path.name for path in tmp_path.iterdir()] == ["journal.db.running"]
    assert read_running(journal) is None
    with running_file(journal, HERE):
        assert read_running(journal) is not None


@pytest.mark.parametrize("left", [b"", b"{", b'{"pid": 1}', b"\xff"])
def test_a_damaged_file_is_nothing(tmp_path: Path, left: bytes) -> None:
    """It is read as if it weren't there."""
    (tmp_path / "journal.db.running").write_bytes(left)
    assert read_running(tmp_path / "journal.db") is None


def test_a_file_that_cant_be_written_is_said(tmp_path: Path) -> None:
    """With its name and the system's reason."""
    journal = tmp_path / "missing" / "journal.db"
    with pytest.raises(JournalError, match="running: No such file"), running_file(journal, HERE):
        pass


def test_the_brokers_address_is_the_running_monitors(tmp_path: Path) -> None:
    """Without a broker of their own, people find the one that the monitor has started."""
    config = Config(journal=Journal(path=tmp_path / "journal.db"))
    with running_file(config.journal.path, HERE):
        assert find_broker(config) == BrokerAddress("127.0.0.1", 1884)
    with pytest.raises(BrokerUnavailable, match="start it with `venue-monitor run`"):
        find_broker(config)


def test_a_broker_of_their_own_needs_no_running_monitor(tmp_path: Path) -> None:
    """All that ``[broker]`` says is in the address."""
    broker = Broker(
        host="broker.example.org",
        username="monitor",
        password=BrokerPassword(Secret("secret")),
        tls=Tls(ca_file=tmp_path / "ca.pem"),
    )
    address = find_broker(Config(broker=broker, journal=Journal(path=tmp_path / "journal.db")))
    assert (address.host, address.port) == ("broker.example.org", 8883)
    assert (address.username, address.password) == ("monitor", "secret")
    assert address.tls is not None
    assert address.tls.ca_file == tmp_path / "ca.pem"


def test_without_a_name_we_come_without_one() -> None:
    """An empty name is none."""
    address = address_of(Broker(host="localhost"))
    assert (address.username, address.password, address.tls) == (None, None, None)
