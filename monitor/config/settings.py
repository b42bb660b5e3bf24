"""The content of ``config.toml`` as types: each field with its default and, as its docstring, its meaning."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct, structs

from monitor.config.cluster import ClusterTable
from monitor.config.http import AnyPort, Http, Port, Word
from monitor.config.influx import Influx
from monitor.config.outward import Alertmanager, Heartbeat, Webhook
from monitor.config.secret import BrokerPassword
from monitor.config.standby import Standby

LAST_PORT = 65_535


class TlsTable(Struct, frozen=True, kw_only=True):
    """``[broker.tls]``: encryption of the connection to the broker."""

    ca_file: Path | None = None
    """Certificates of the authorities that may vouch for the broker (PEM); by default the system's."""
    cert_file: Path | None = None
    """The monitor's own certificate (PEM), if the broker asks for one."""
    key_file: Path | None = None
    """The private key of the certificate (PEM)."""


class Broker(Struct, frozen=True, kw_only=True, rename={"password": "password_file"}):
    """``[broker]``: an MQTT broker of your own; without this table the monitor runs an embedded one."""

    host: Word
    """Host name or address."""
    port: Port = 0
    """TCP port; by default 8883 with TLS and 1883 without."""
    username: str = ""
    """User name; by default the monitor connects without one."""
    password: BrokerPassword | None = None
    """The content of ``password_file``, without its last line break."""
    client_id: Word = "venue-monitor"
    """The name of the session in which the broker keeps unacknowledged messages; never the same for two monitors."""
    keepalive: timedelta = timedelta(seconds=30)
    """The longest silence on the connection before a ping; whole seconds."""
    max_unacknowledged: Annotated[int, Meta(ge=1, le=65_535)] = 1000
    """Messages accepted before the first of them is in the journal; the broker's own limit may be lower."""
    tls: TlsTable | None = None
    """Encryption; by default none."""
    protocol: Literal["auto", "5", "3.1.1"] = "auto"
    """The version of MQTT in which the monitor reads; auto: 5, or 3.1.1 if the broker refuses that."""
    alternatives: tuple[Word, ...] = ()
    """Other brokers of the same cluster, as host or host:port, which are tried in turn."""

    def __post_init__(self) -> None:
        """Choose the port registered for this kind of connection (IANA: mqtt 1883, secure-mqtt 8883)."""
        if not self.port:
            structs.force_setattr(self, "port", 8883 if self.tls else 1883)

    def other_addresses(self) -> tuple[tuple[str, int], ...]:
        """Return host and port of each alternative.

        Raises:
            ValueError: one of them is no address.

        """
        return tuple(host_and_port(each, self.port) for each in self.alternatives)


def host_and_port(text: str, port: int) -> tuple[str, int]:
    """Return the parts of ``host`` or ``host:port``, with a port for those without.

    Raises:
        ValueError: it is neither.

    """
    host, _, written = text.partition(":") if text.count(":") == 1 else (text, "", "")
    chosen = int(written) if written else port
    if not host or set(host) & set("/@ ") or not 0 < chosen <= LAST_PORT:
        raise ValueError(text)
    return host, chosen


class EmbeddedBrokerTable(Struct, frozen=True, kw_only=True):
    """``[embedded_broker]``: the broker that the monitor runs if there is no ``[broker]``."""

    data: Path = Path("var/broker")
    """Folder for sessions, queues and retained messages."""
    port: AnyPort = 0
    """TCP port for devices; 0 for any free one."""


class JournalTable(Struct, frozen=True, kw_only=True):
    """``[journal]``: the record of all inputs and of what followed from them."""

    path: Path = Path("var/journal.db")
    """The SQLite file, on a local disk."""
    retention: timedelta = timedelta(days=90)
    """The age beyond which entries are removed, once every sink has received them."""
    photos_gb: Annotated[int, Meta(ge=1, le=100_000)] = 20
    """The most that the photos of inspections take, in gigabytes."""
    snapshot_every: timedelta = timedelta(seconds=30)
    """The interval between snapshots; a restart replays no more than this."""
    batch: Annotated[int, Meta(ge=1, le=10_000)] = 500
    """The most messages written in one transaction."""


class Time(Struct, frozen=True, kw_only=True):
    """``[time]``: how far networks and device clocks are trusted."""

    lateness: timedelta = timedelta(seconds=2)
    """How long the watermark waits for messages that are slow on the network."""
    tolerance: timedelta = timedelta(seconds=2)
    """How far a device's clock may be ahead; beyond that the monitor's own time is used."""


class Log(Struct, frozen=True, kw_only=True):
    """``[log]``: what the monitor writes to standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The lowest level written."""
    format: Literal["text", "json"] = "text"
    """``text`` for people, ``json`` for machines."""


class Files(Struct, frozen=True, kw_only=True):
    """``[files]``: the files that describe the rest of the deployment."""

    venue: Path = Path("venue.toml")
    """Sites, zones, access points, devices, classes, schedules, and which checklists apply where."""
    checklists: Path | None = None
    """Folder of the checklist files; by default ``checklists`` beside the venue file."""
    rules: Path = Path("rules")
    """Folder of the rule files."""
    roster: Path | None = None
    """Who can be paged, who is on call, and who is notified of what; without it no one is paged."""


class Publish(Struct, frozen=True, kw_only=True):
    """``[publish]``: what the monitor publishes on MQTT."""

    enabled: bool = True
    """Publish alerts and zone states as retained messages."""


class Privacy(Struct, frozen=True, kw_only=True):
    """``[privacy]``: how card numbers are kept out of the journal."""

    key_file: Path = Path("var/pseudonym.key")
    """The key of the hash that replaces card numbers; with another key every card looks new."""


class StaffTable(Struct, frozen=True, kw_only=True):
    """``[staff]``: who may act for people over MQTT; the console and the command line need no entry."""

    mqtt: tuple[Word, ...] = ()
    """The senders whose commands on ``venue/<site>/staff/<sender>`` are accepted, for any person; by default none."""


class AdapterTable(Struct, frozen=True, kw_only=True):
    """``[[adapter]]``: devices that send a vendor's format. The first adapter whose topic matches reads a message."""

    topic: Annotated[str, Meta(min_length=1, max_length=1024)]
    """MQTT topic filter: + for any one level, # at the end for all further levels."""
    format: Literal["onvif-ej", "zigbee2mqtt", "esp-rfid", "uhppoted"]
    """The vendor's format."""
    timezone: str = "UTC"
    """IANA name: the time zone of timestamps that carry none."""
    map: dict[Word, Word] = {}
    """What each of the vendor's names means: an access point, ``device:<id>``, ``zone:<id>``, or several of these."""


class Config(Struct, frozen=True, kw_only=True):
    """All of ``config.toml``; every path is absolute or relative to the folder of that file."""

    broker: Broker | None = None
    """``None``: the embedded broker."""
    embedded_broker: EmbeddedBrokerTable = EmbeddedBrokerTable()
    journal: JournalTable = JournalTable()
    time: Time = Time()
    http: Http = Http()
    log: Log = Log()
    files: Files = Files()
    publish: Publish = Publish()
    privacy: Privacy = Privacy()
    staff: StaffTable = StaffTable()
    influx: Influx | None = None
    """``None``: no history is written."""
    adapters: tuple[AdapterTable, ...] = ()
    alertmanager: Alertmanager | None = None
    """``None``: alerts are not sent to an Alertmanager."""
    webhooks: tuple[Webhook, ...] = ()
    heartbeat: Heartbeat = Heartbeat()
    standby: Standby | None = None
    """``None``: no standby may copy the journal."""
    cluster: ClusterTable | None = None
    """``None``: the monitor runs on one machine."""
