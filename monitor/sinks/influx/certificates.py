"""Certificates: whether each is valid, and for how long."""

from collections.abc import Iterator
from datetime import datetime
from typing import get_args

from monitor.core.events.work import Certificate, CertificateIssued
from monitor.core.readiness.open_items import MOST
from monitor.core.utc import utc
from monitor.core.venue.model import Congress
from monitor.sinks.influx.measurements import READY_CODES
from monitor.sinks.influx.read_model import CertificateRecord, ReadModel
from monitor.sinks.influx.tags import TagSource
from monitor.sinks.influx.work_measurements import CertificateMeasurement

PROJECTED = frozenset(get_args(Certificate))
"""The event types that `project` takes."""


def project(
    event: Certificate, t: datetime, tags: TagSource, model: ReadModel
) -> Iterator[CertificateMeasurement]:
    """Apply an event of a certificate; yield the certificate's state if the event is its latest."""
    name = f"{event.asset} {event.kind}"
    before = model.certificates.get(name)
    if isinstance(event, CertificateIssued):
        row = CertificateRecord(t, event.asset, event.kind, event.zone, utc(event.expires_at))
    else:
        zone = "" if before is None else before.zone
        row = CertificateRecord(t, event.asset, event.kind, zone)
    if before is None and len(model.certificates) >= MOST:
        return
    if before is None or before.at <= t:
        model.certificates[name] = row
        yield _certificate(row, t, tags)


def states(t: datetime, tags: TagSource, model: ReadModel) -> Iterator[CertificateMeasurement]:
    """Yield the state of every certificate."""
    for row in model.certificates.values():
        yield _certificate(row, t, tags)


def _certificate(row: CertificateRecord, t: datetime, tags: TagSource) -> CertificateMeasurement:
    where = tags.zone(row.zone)
    left = None if row.expires is None else int((row.expires - t).total_seconds())
    return CertificateMeasurement(
        site=where.site,
        zone=where.zone,
        asset=tags.name("asset", row.asset),
        kind=tags.name("certificate", row.kind),
        kind_name=row.kind.replace("-", " "),
        code=_code(row, t, tags.venue.congress),
        left_s=left,
    )


def _code(row: CertificateRecord, t: datetime, congress: Congress) -> int:
    if row.expires is None or row.expires <= t:
        return READY_CODES["no_go"]
    if congress.ends_at is not None and row.expires < congress.ends_at:
        return READY_CODES["go_with_conditions"]
    return READY_CODES["go"]
