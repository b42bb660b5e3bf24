"""Delivers pages to people: an outbox on the disk, and behind it each person's channels."""

from monitor.sinks.notify.channel import Channel, Outcome
from monitor.sinks.notify.delivery import Delivery, Terms
from monitor.sinks.notify.factory import open_channel
from monitor.sinks.notify.sink import NotifySink

__all__ = ["Channel", "Delivery", "NotifySink", "Outcome", "Terms", "open_channel"]
