"""What people say and do: reports in a series, an order not carried out, a badge in two hands, a round cut short."""

from monitor.core.events.access import AccessGranted, AccessTaken
from monitor.core.events.people import (
    OrderConfirmed,
    OrderGiven,
    ReportFiled,
    ReportReceived,
    RoundFinished,
    RoundStarted,
    RoundStation,
)
from monitor.simulate.badge import shown
from monitor.simulate.incident import Story


def reports_in_a_series(story: Story) -> None:
    """Three people report the same thing from one zone; each is answered, and together they are a warning."""
    zone = story.choose(list(story.ground.zones))
    for n in range(3):
        report = f"r-{n + 1}"
        story.say(n * 20, ReportFiled, report=report, zone=zone, about="crowd at the stairs")
        story.say(n * 20 + 10, ReportReceived, report=report, who="duty-officer")
    story.expect(20, "reports-second", zone)
    story.expect(40, "reports-series", zone)


def order_not_carried_out(story: Story) -> None:
    """An order is given with a time, and confirmed only after it."""
    zone = story.choose(list(story.ground.zones))
    story.say(0, OrderGiven, order="o-1", zone=zone, to="post-1", confirm_by=story.when(30))
    story.say(50, OrderConfirmed, order="o-1", who="post-1")
    story.expect(30, "order-not-confirmed", "o-1")


def badge_in_two_hands(story: Story) -> None:
    """A badge is used at one site, and half a minute later at another."""
    ground = story.ground
    points = [row for row in ground.sensed if "staff" in ground.admits(row.zone)]
    here = story.choose(points)
    site = ground.places.points[here.id].site
    there = story.choose([row for row in points if ground.places.points[row.id].site != site])
    badge = story.badge("staff")
    for after, point in ((0, here), (30, there)):
        story.say(after, AccessGranted, **shown(badge, point))
        story.say(after, AccessTaken, **shown(badge, point))
    story.expect(30, "impossible-travel", badge.holder)


def round_cut_short(story: Story) -> None:
    """A guard comes back without having been at the last station."""
    planned = story.choose(story.ground.venue.rounds)
    story.say(0, RoundStarted, round=planned.id, who="guard-1")
    for n, station in enumerate(planned.stations[:-1]):
        story.say(60 + n * 5, RoundStation, round=planned.id, station=station, who="guard-1")
    story.say(200, RoundFinished, round=planned.id, who="guard-1")
    story.expect(200, "round-incomplete", planned.id)
