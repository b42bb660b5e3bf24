"""Assets whose readings stop, or whose certificate ends too early."""

from datetime import timedelta

from monitor.core.events.work import CertificateIssued, ReadingRecorded
from monitor.simulate.incident import Incident
from monitor.simulate.instruments import measured
from monitor.simulate.reservations import NothingFree

UNHEARD = 600
"""Seconds after which readings of power and uplink count as missing."""
STOPPED = 840
"""Seconds for which they stop."""
WATCHED = ("voltage", "ups-runtime", "packet-loss")
"""The quantities whose silence is an alert."""
LIFT = "passenger-lift"
NEAR = timedelta(days=20)


def readings_stop(incident: Incident) -> None:
    """An instrument falls silent, and is back a few minutes after that is noticed."""
    found = [row for row in measured(incident.venue) if row.quantity in WATCHED]
    if not found:
        raise NothingFree(incident.name)
    asset = found[-1]
    incident.reserve("asset", asset.name, STOPPED, before=0)
    for after in (0, STOPPED):
        incident.send(
            after,
            ReadingRecorded,
            asset=asset.name,
            zone=asset.zone,
            quantity=asset.quantity,
            value=asset.least,
            unit=asset.unit,
        )
    incident.expect(UNHEARD, "power-silent", asset.name, asset.quantity)


def certificate_lapses_early(incident: Incident) -> None:
    """A lift is certified, but not to the end of the congress."""
    ends = incident.venue.model.congress.ends_at
    hotels = {row.id for row in incident.venue.model.sites if row.kind == "hotel"}
    zones = [row for row in incident.venue.model.zones if row.site in hotels]
    if ends is None or incident.at + NEAR >= ends or not zones:
        raise NothingFree(incident.name)
    asset = f"{zones[0].site}-lift"
    incident.send(
        0,
        CertificateIssued,
        asset=asset,
        kind=LIFT,
        expires_at=incident.at + NEAR,
        issuer="examiner",
        zone=zones[0].id,
    )
    incident.expect(0, "certificate-lapses-early", asset, LIFT)
