"""MQTT: connections to a broker, and the embedded broker. What the messages mean is decided elsewhere."""

from monitor.mqtt.address import BrokerAddress, Tls
from monitor.mqtt.connection import Connection
from monitor.mqtt.message import Message, Will
from monitor.mqtt.publisher import Publisher
from monitor.mqtt.reconnecting_publisher import ReconnectingPublisher
from monitor.mqtt.retained_topics import RetainedTopics
from monitor.mqtt.subscriber import Subscriber

__all__ = [
    "BrokerAddress",
    "Connection",
    "Message",
    "Publisher",
    "ReconnectingPublisher",
    "RetainedTopics",
    "Subscriber",
    "Tls",
    "Will",
]
