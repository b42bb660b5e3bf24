"""The settings of a deployment: broker, journal, web address and adapters, read from ``config.toml``.

The description of the venue and the people on call are read in `monitor.venue` and `monitor.roster`, not here.
"""

from monitor.config.read import PASSWORD, load, read
from monitor.config.secret import Secret
from monitor.config.settings import (
    AdapterTable,
    Broker,
    Config,
    EmbeddedBrokerTable,
    JournalTable,
    TlsTable,
)

__all__ = [
    "PASSWORD",
    "AdapterTable",
    "Broker",
    "Config",
    "EmbeddedBrokerTable",
    "JournalTable",
    "Secret",
    "TlsTable",
    "load",
    "read",
]
