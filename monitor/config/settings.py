"""What ``config.toml`` may say, as types; the docstring of a field is its meaning, its default stands beside it."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct, structs

from monitor.config.influx import Influx
from monitor.config.outward import Alertmanager, Heartbeat, Webhook
from monitor.config.secret import BrokerPassword

Port = Annotated[int, Meta(ge=1, le=65_535)]
AnyPort = Annotated[int, Meta(ge=0, le=65_535)]
"""0 lets the system choose a free one."""
Word = Annotated[str, Meta(min_length=1)]


class Tls(Struct, frozen=True, kw_only=True):
    """``[broker.tls]``: the connection to the broker is encrypted."""

    ca_file: Path | None = None
    """Certificates of who may vouch for the broker (PEM); without it, the system's."""
    cert_file: Path | None = None
    """Our own certificate (PEM), where the broker asks for one."""
    key_file: Path | None = None
    """The key to it (PEM)."""


class Broker(Struct, frozen=True, kw_only=True, rename={"password": "password_file"}):
    """``[broker]``: an MQTT broker of your own; without this table the monitor runs one itself."""

    host: Word
    """Name or address."""
    port: Port = 0
    """TCP port; left out, 8883 with TLS and 1883 without."""
    username: str = ""
    """Left out, the monitor comes without a name."""
    password: BrokerPassword | None = None
    """What stands in the file ``password_file``; its last line break doesn't count."""
    client_id: Word = "venue-monitor"
    """The broker keeps what we have not acknowledged under this name: never the same for two monitors."""
    keepalive: timedelta = timedelta(seconds=30)
    """The longest silence on the connection before we ask whether the broker is there; whole seconds."""
    max_unacknowledged: Annotated[int, Meta(ge=1, le=65_535)] = 1000
    """Messages taken before the first of them is in the journal; no more than the broker's own limit is of use."""
    tls: Tls | None = None
    """Encryption."""

    def __post_init__(self) -> None:
        """Choose the port that MQTT has for this kind of connection (IANA: mqtt 1883, secure-mqtt 8883)."""
        if not self.port:
            structs.force_setattr(self, "port", 8883 if self.tls else 1883)


class EmbeddedBroker(Struct, frozen=True, kw_only=True):
    """``[embedded_broker]``: the broker that the monitor runs when there is no ``[broker]``."""

    data: Path = Path("var/broker")
    """Folder of its sessions, queues and retained messages."""
    port: AnyPort = 0
    """TCP port for devices; 0 = any free one."""


class Journal(Struct, frozen=True, kw_only=True):
    """``[journal]``: the memory of all inputs and what followed from them."""

    path: Path = Path("var/journal.db")
    """The SQLite file; on a local disk."""
    retention: timedelta = timedelta(days=90)
    """What is older goes, if every sink has had it."""
    snapshot_every: timedelta = timedelta(seconds=30)
    """So much is replayed at most after a restart."""
    batch: Annotated[int, Meta(ge=1, le=10_000)] = 500
    """Messages written in one transaction, at most."""


class Time(Struct, frozen=True, kw_only=True):
    """``[time]``: how far clocks and networks are trusted."""

    lateness: timedelta = timedelta(seconds=2)
    """Timers wait so much longer for messages that are slow on the network."""
    tolerance: timedelta = timedelta(seconds=2)
    """A device's clock may be ahead by so much; beyond, our own time counts."""


class Http(Struct, frozen=True, kw_only=True):
    """``[http]``: where the console and the figures are served."""

    host: Word = "127.0.0.1"
    """Address to listen on; 0.0.0.0 for all."""
    port: AnyPort = 9660
    """TCP port; 0 = any free one."""
    public_url: str = ""
    """Where people come to it with a phone, such as ``https://monitor.example.org``; left out, pages have no links."""
    key_file: Path = Path("var/links.key")
    """Holds the key that signs the links in pages; with another key those that are out don't work any more."""


class Log(Struct, frozen=True, kw_only=True):
    """``[log]``: what the monitor writes to standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """Nothing below this."""
    format: Literal["text", "json"] = "text"
    """``text`` for people, ``json`` for machines."""


class Files(Struct, frozen=True, kw_only=True):
    """``[files]``: where the rest of the deployment is described."""

    venue: Path = Path("venue.toml")
    """Sites, zones, access points, devices, classes, schedules, checklists."""
    rules: Path = Path("rules")
    """Folder of the rule files."""
    roster: Path | None = None
    """Who can be paged, who is on call, who hears of what; without it nobody is paged."""


class Publish(Struct, frozen=True, kw_only=True):
    """``[publish]``: what the monitor says on MQTT."""

    enabled: bool = True
    """Alerts and zone states, as retained messages."""


class Privacy(Struct, frozen=True, kw_only=True):
    """``[privacy]``: what keeps card numbers out of the journal."""

    key_file: Path = Path("var/pseudonym.key")
    """Holds the key of the hash that stands for a card number; with another key every card is a stranger."""


class Adapter(Struct, frozen=True, kw_only=True):
    """``[[adapter]]``: devices that speak a vendor's language. The first one whose topic matches reads a message."""

    topic: Annotated[str, Meta(min_length=1, max_length=1024)]
    """MQTT topic filter: + stands for one level, # at the end for all that follow."""
    format: Literal["onvif-ej", "zigbee2mqtt", "esp-rfid", "uhppoted"]
    """The vendor's language."""
    timezone: str = "UTC"
    """IANA name: the zone of times that come without one."""
    map: dict[Word, Word] = {}
    """What the vendor's names stand for: an access point, ``device:<id>``, ``zone:<id>``, or several of these."""


class Config(Struct, frozen=True, kw_only=True):
    """All of ``config.toml``; every path is absolute or begins with the folder of that file."""

    broker: Broker | None = None
    """``None``: the embedded one."""
    embedded_broker: EmbeddedBroker = EmbeddedBroker()
    journal: Journal = Journal()
    time: Time = Time()
    http: Http = Http()
    log: Log = Log()
    files: Files = Files()
    publish: Publish = Publish()
    privacy: Privacy = Privacy()
    influx: Influx | None = None
    """``None``: no history is written."""
    adapters: tuple[Adapter, ...] = ()
    alertmanager: Alertmanager | None = None
    """``None``: there is none."""
    webhooks: tuple[Webhook, ...] = ()
    heartbeat: Heartbeat = Heartbeat()
