"""What people do: a series of reports, an order not carried out, a badge used by two people, a round cut short."""

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
from monitor.simulate.incident import Incident
from monitor.simulate.venue import DUTY_OFFICER


def reports_in_a_series(incident: Incident) -> None:
    """Three people report the same thing from one zone; each report is answered, and together they are a warning."""
    zone = incident.choose(list(incident.venue.zones))
    for n in range(3):
        report = f"r-{n + 1}"
        incident.send(n * 20, ReportFiled, report=report, zone=zone, about="crowd at the stairs")
        incident.send(n * 20 + 10, ReportReceived, report=report, who=DUTY_OFFICER)
    incident.expect(20, "reports-second", zone)
    incident.expect(40, "reports-series", zone)


def order_not_carried_out(incident: Incident) -> None:
    """An order is confirmed only after its deadline."""
    zone = incident.choose(list(incident.venue.zones))
    incident.send(0, OrderGiven, order="o-1", zone=zone, to="post-1", confirm_by=incident.when(30))
    incident.send(50, OrderConfirmed, order="o-1", who="post-1")
    incident.expect(30, "order-not-confirmed", "o-1")


def badge_in_two_hands(incident: Incident) -> None:
    """A badge is used at one site, and half a minute later at another."""
    venue = incident.venue
    points = [row for row in venue.sensed if "staff" in venue.admits(row.zone)]
    here = incident.choose(points)
    site = venue.places.points[here.id].site
    there = incident.choose([row for row in points if venue.places.points[row.id].site != site])
    badge = incident.badge("staff")
    for after, point in ((0, here), (30, there)):
        incident.send(after, AccessGranted, **shown(badge, point))
        incident.send(after, AccessTaken, **shown(badge, point))
    incident.expect(30, "impossible-travel", badge.holder)


def round_cut_short(incident: Incident) -> None:
    """A guard returns without having visited the last station."""
    planned = incident.choose(incident.venue.model.rounds)
    incident.send(0, RoundStarted, round=planned.id, who="guard-1")
    for n, station in enumerate(planned.stations[:-1]):
        incident.send(60 + n * 5, RoundStation, round=planned.id, station=station, who="guard-1")
    incident.send(200, RoundFinished, round=planned.id, who="guard-1")
    incident.expect(200, "round-incomplete", planned.id)
