"""Delivers pages to people: from a durable outbox, through each person's channels. The core decides whom to page."""

from monitor.sinks.notify.channel import Outcome, PageChannel
from monitor.sinks.notify.delivery import Delivery, DeliveryLimits
from monitor.sinks.notify.delivery_log import DeliveryRow
from monitor.sinks.notify.factory import open_channel
from monitor.sinks.notify.sink import NotifySink

__all__ = [
    "Delivery",
    "DeliveryLimits",
    "DeliveryRow",
    "NotifySink",
    "Outcome",
    "PageChannel",
    "open_channel",
]
