"""Speaks MQTT 3.1.1 with a broker."""

from monitor.mqtt.address import BrokerAddress, Tls
from monitor.mqtt.connection import Connection
from monitor.mqtt.message import Message, Will
from monitor.mqtt.publisher import Publisher

__all__ = ["BrokerAddress", "Connection", "Message", "Publisher", "Tls", "Will"]
