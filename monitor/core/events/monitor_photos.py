"""Events that the monitor notices about the photos of inspections."""

from typing import Annotated

from msgspec import Meta

from monitor.core.events.base import Event
from monitor.core.events.vocabulary import Name


class MonitorPhotosFull(Event, frozen=True, kw_only=True, tag="monitor.photos_full"):
    """The photos of inspections take most of the room that they may have."""

    path: str
    """The name of their folder."""
    percent: Annotated[float, Meta(ge=0)]
    """Of the room."""


class MonitorPhotosMissing(Event, frozen=True, kw_only=True, tag="monitor.photos_missing"):
    """A form names photos that have not come within a day: they are still on the phone, or lost."""

    checklist: Name
    inspection: Name
    photos: Annotated[int, Meta(ge=1)]
    """How many of them."""


NoticedOfPhotos = MonitorPhotosFull | MonitorPhotosMissing
"""Every event that the monitor notices about photos."""
