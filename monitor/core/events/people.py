"""What people say: reports, requests, orders, posts, rounds; and signs of life of those who watch and are paged."""

from typing import Annotated

from msgspec import Meta

from monitor.core.events.base import Said
from monitor.core.events.vocabulary import Name, Text, When


class ReportFiled(Said, frozen=True, kw_only=True, tag="report.filed"):
    """Somebody saw something."""

    report: Name
    zone: Annotated[str, Meta(max_length=128)] = ""
    who: Annotated[str, Meta(max_length=128)] = ""
    about: Annotated[str, Meta(max_length=128)] = ""
    text: Text = ""


class ReportReceived(Said, frozen=True, kw_only=True, tag="report.received"):
    """A named person has read the report and says so."""

    report: Name
    who: Annotated[str, Meta(max_length=128)] = ""


class ReportClosed(Said, frozen=True, kw_only=True, tag="report.closed"):
    """What the report was about is said to be settled."""

    report: Name
    zone: Annotated[str, Meta(max_length=128)] = ""
    who: Annotated[str, Meta(max_length=128)] = ""
    about: Annotated[str, Meta(max_length=128)] = ""


class RequestOpened(Said, frozen=True, kw_only=True, tag="request.opened"):
    """Somebody asks for something and waits."""

    request: Name
    zone: Annotated[str, Meta(max_length=128)] = ""
    who: Annotated[str, Meta(max_length=128)] = ""
    text: Text = ""
    answer_by: When | None = None


class RequestAnswered(Said, frozen=True, kw_only=True, tag="request.answered"):
    """The request was received and answered."""

    request: Name
    who: Annotated[str, Meta(max_length=128)] = ""
    text: Text = ""


class OrderGiven(Said, frozen=True, kw_only=True, tag="order.given"):
    """An order: stop, open, close, evacuate."""

    order: Name
    zone: Annotated[str, Meta(max_length=128)] = ""
    who: Annotated[str, Meta(max_length=128)] = ""
    to: Annotated[str, Meta(max_length=128)] = ""
    text: Text = ""
    confirm_by: When | None = None


class OrderConfirmed(Said, frozen=True, kw_only=True, tag="order.confirmed"):
    """The order was carried out."""

    order: Name
    who: Annotated[str, Meta(max_length=128)] = ""


class PostManned(Said, frozen=True, kw_only=True, tag="post.manned"):
    """Somebody stands at the post."""

    post: Name
    zone: Annotated[str, Meta(max_length=128)] = ""
    who: Annotated[str, Meta(max_length=128)] = ""


class PostUnmanned(Said, frozen=True, kw_only=True, tag="post.unmanned"):
    """Nobody stands at the post."""

    post: Name
    zone: Annotated[str, Meta(max_length=128)] = ""
    who: Annotated[str, Meta(max_length=128)] = ""


class _Round(Said, frozen=True, kw_only=True):
    round: Name
    who: Annotated[str, Meta(max_length=128)] = ""


class RoundStarted(_Round, frozen=True, kw_only=True, tag="round.started"):
    """A guard set out."""

    due_at: When | None = None


class RoundStation(_Round, frozen=True, kw_only=True, tag="round.station"):
    """The guard reached one station."""

    station: Name


class RoundFinished(_Round, frozen=True, kw_only=True, tag="round.finished"):
    """The guard came back."""


class WatcherHeartbeat(Said, frozen=True, kw_only=True, tag="watcher.heartbeat"):
    """A watcher elsewhere follows the monitor, and pages by itself if it falls silent."""

    watcher: Name


class NotifyTested(Said, frozen=True, kw_only=True, tag="notify.tested"):
    """A marked test was taken by one of somebody's channels."""

    person: Name
    channel: Annotated[str, Meta(max_length=128)] = ""
    """Its name in ``roster.toml``."""
    who: Annotated[str, Meta(max_length=128)] = ""
    """Who tested."""


Report = ReportFiled | ReportReceived | ReportClosed
Request = RequestOpened | RequestAnswered
Order = OrderGiven | OrderConfirmed
Post = PostManned | PostUnmanned
Round = RoundStarted | RoundStation | RoundFinished
Watcher = WatcherHeartbeat
