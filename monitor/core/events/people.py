"""Messages of people: reports, requests, orders, posts and rounds; heartbeats of watchers; tests of channels."""

from typing import Annotated

from msgspec import Meta

from monitor.core.events.base import Event
from monitor.core.events.vocabulary import Name, Text, When


class ReportFiled(Event, frozen=True, kw_only=True, tag="report.filed"):
    """A person reported something."""

    report: Name
    zone: Annotated[str, Meta(max_length=128)] = ""
    who: Annotated[str, Meta(max_length=128)] = ""
    about: Annotated[str, Meta(max_length=128)] = ""
    text: Text = ""


class ReportReceived(Event, frozen=True, kw_only=True, tag="report.received"):
    """A named person confirmed having read the report."""

    report: Name
    who: Annotated[str, Meta(max_length=128)] = ""


class ReportClosed(Event, frozen=True, kw_only=True, tag="report.closed"):
    """The subject of the report is settled."""

    report: Name
    zone: Annotated[str, Meta(max_length=128)] = ""
    who: Annotated[str, Meta(max_length=128)] = ""
    about: Annotated[str, Meta(max_length=128)] = ""


class RequestOpened(Event, frozen=True, kw_only=True, tag="request.opened"):
    """A person asked for something and waits for an answer."""

    request: Name
    zone: Annotated[str, Meta(max_length=128)] = ""
    who: Annotated[str, Meta(max_length=128)] = ""
    text: Text = ""
    answer_by: When | None = None


class RequestAnswered(Event, frozen=True, kw_only=True, tag="request.answered"):
    """The request was answered."""

    request: Name
    who: Annotated[str, Meta(max_length=128)] = ""
    text: Text = ""


class OrderGiven(Event, frozen=True, kw_only=True, tag="order.given"):
    """An order was given: stop, open, close, evacuate."""

    order: Name
    zone: Annotated[str, Meta(max_length=128)] = ""
    who: Annotated[str, Meta(max_length=128)] = ""
    to: Annotated[str, Meta(max_length=128)] = ""
    text: Text = ""
    confirm_by: When | None = None


class OrderConfirmed(Event, frozen=True, kw_only=True, tag="order.confirmed"):
    """The order was carried out."""

    order: Name
    who: Annotated[str, Meta(max_length=128)] = ""


class PostManned(Event, frozen=True, kw_only=True, tag="post.manned"):
    """The post is manned."""

    post: Name
    zone: Annotated[str, Meta(max_length=128)] = ""
    who: Annotated[str, Meta(max_length=128)] = ""


class PostUnmanned(Event, frozen=True, kw_only=True, tag="post.unmanned"):
    """The post is unmanned."""

    post: Name
    zone: Annotated[str, Meta(max_length=128)] = ""
    who: Annotated[str, Meta(max_length=128)] = ""


class _Round(Event, frozen=True, kw_only=True):
    round: Name
    who: Annotated[str, Meta(max_length=128)] = ""


class RoundStarted(_Round, frozen=True, kw_only=True, tag="round.started"):
    """A guard started the round."""

    due_at: When | None = None


class RoundStation(_Round, frozen=True, kw_only=True, tag="round.station"):
    """The guard reached a station."""

    station: Name


class RoundFinished(_Round, frozen=True, kw_only=True, tag="round.finished"):
    """The guard finished the round."""


class WatcherHeartbeat(Event, frozen=True, kw_only=True, tag="watcher.heartbeat"):
    """A watcher elsewhere is running; it pages on its own when the monitor falls silent."""

    watcher: Name


class NotifyTested(Event, frozen=True, kw_only=True, tag="notify.tested"):
    """One of a person's channels accepted a test page."""

    person: Name
    channel: Annotated[str, Meta(max_length=128)] = ""
    """The name of the channel in ``roster.toml``."""
    who: Annotated[str, Meta(max_length=128)] = ""
    """The person who ran the test."""


Report = ReportFiled | ReportReceived | ReportClosed
Request = RequestOpened | RequestAnswered
Order = OrderGiven | OrderConfirmed
Post = PostManned | PostUnmanned
Round = RoundStarted | RoundStation | RoundFinished
Watcher = WatcherHeartbeat
