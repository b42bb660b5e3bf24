"""The address of the broker, and the congress, that a command is about, whether or not the monitor runs."""

from contextlib import suppress

import msgspec

from monitor.app.runfile import RunFile, read_run_file, run_file_path
from monitor.config import Broker, Config
from monitor.errors import BrokerUnavailable, ConfigError
from monitor.mqtt import BrokerAddress, Tls
from monitor.mqtt.codec import ProtocolVersion
from monitor.venue import load as load_venue


def find_broker(config: Config) -> BrokerAddress:
    """Return the address of the deployment's broker, or of the one that the running monitor has started.

    Raises:
        BrokerUnavailable: there is none, because the monitor isn't running.

    """
    if config.broker is not None:
        return address_of(config.broker)
    running = read_run_file(config.journal.path)
    if running is None:
        raise BrokerUnavailable(
            "neither the monitor nor its embedded broker is running; start it with `venue-monitor run`"
        )
    return BrokerAddress(running.broker_host, running.broker_port)


def find_congress(config: Config) -> str:
    """Return the congress's id in force; if no monitor is running, the one in the venue file.

    Raises:
        ConfigError: no monitor is running, and the venue file has a mistake.

    """
    running = read_run_file(config.journal.path)
    return (
        load_venue(config.files.venue, config.files.checklists).congress.id
        if running is None
        else running.congress
    )


def latest_congress(config: Config) -> str:
    """Return the congress's id in the venue file, or if it has a mistake, the one last in force; empty if unknown."""
    with suppress(ConfigError):
        return load_venue(config.files.venue, config.files.checklists).congress.id
    with suppress(OSError, msgspec.MsgspecError):
        return msgspec.json.decode(
            run_file_path(config.journal.path).read_bytes(), type=RunFile
        ).congress
    return ""


def address_of(given: Broker) -> BrokerAddress:
    """Return the address that ``[broker]`` describes."""
    return BrokerAddress(
        given.host,
        given.port,
        given.username or None,
        given.password.reveal() if given.password else None,
        Tls(given.tls.ca_file, given.tls.cert_file, given.tls.key_file) if given.tls else None,
        given.keepalive,
        None if given.protocol == "auto" else ProtocolVersion(given.protocol),
        given.other_addresses(),
    )
