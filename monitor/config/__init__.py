"""How this deployment runs: its broker, journal, web address and adapters, as ``config.toml`` says."""

from monitor.config.read import PASSWORD, load, read
from monitor.config.secret import Secret
from monitor.config.settings import Adapter, Broker, Config, EmbeddedBroker, Journal, Tls

__all__ = [
    "PASSWORD",
    "Adapter",
    "Broker",
    "Config",
    "EmbeddedBroker",
    "Journal",
    "Secret",
    "Tls",
    "load",
    "read",
]
