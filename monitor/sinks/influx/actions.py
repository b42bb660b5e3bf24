"""Corrective actions, certificates and masks: what is not over yet."""

from collections.abc import Iterator
from datetime import datetime
from typing import get_args

from monitor.core.events import Event, kind_of
from monitor.core.events.work import (
    Action,
    ActionOpened,
    Certificate,
    CertificateIssued,
    CertificateRevoked,
)
from monitor.core.readiness.open_items import MOST
from monitor.core.transitions import MaskChanged
from monitor.core.utc import utc
from monitor.core.venue.model import Congress
from monitor.sinks.influx import measurements as to
from monitor.sinks.influx.read_model import Paper, Picture, Work
from monitor.sinks.influx.schema import NONE
from monitor.sinks.influx.tags import Ground

FOLLOWED = frozenset((*get_args(Action), *get_args(Certificate)))
"""The event types of which `follow` has to hear."""
OVER = ("verified", "cancelled")


def follow(said: Event, t: datetime, ground: Ground, picture: Picture) -> Iterator[to.Certificate]:
    """Take an action or a certificate in; yield how the certificate stands."""
    if isinstance(said, Action):
        _act(said, t, picture)
    elif isinstance(said, CertificateIssued):
        yield from _certify(
            Paper(t, said.asset, said.kind, said.zone, utc(said.expires_at)), t, ground, picture
        )
    elif isinstance(said, CertificateRevoked):
        before = picture.papers.get(f"{said.asset} {said.kind}")
        zone = "" if before is None else before.zone
        yield from _certify(Paper(t, said.asset, said.kind, zone), t, ground, picture)


def masked(told: MaskChanged, picture: Picture) -> None:
    """Take a mask in."""
    if told.ended:
        picture.masks.pop(told.mask.id, None)
    else:
        picture.masks[told.mask.id] = told.mask


def _act(said: Action, t: datetime, picture: Picture) -> None:
    row = picture.work.get(said.action)
    if row is None:
        if len(picture.work) >= MOST:
            return
        row = picture.work[said.action] = Work(t)
    row.zone = said.zone or row.zone
    if isinstance(said, ActionOpened):
        row.lead, row.severity = said.lead, said.severity
        row.due = None if said.due_at is None else utc(said.due_at)
    if t >= row.at:
        row.at = t
        row.stage = kind_of(said).rpartition(".")[2]


def actions(t: datetime, ground: Ground, picture: Picture) -> Iterator[to.ActionOpen]:
    """Yield how many actions each agency has, by zone and severity, and a zero for agencies without any."""
    groups: dict[tuple[str, str, str, str], list[Work]] = {
        (NONE, NONE, agency.id, NONE): [] for agency in ground.venue.agencies
    }
    for row in picture.work.values():
        where = ground.zone(row.zone)
        of = (where.site, where.zone, ground.name("lead", row.lead), row.severity or NONE)
        rows = groups.setdefault(of, [])
        if row.stage not in OVER:
            rows.append(row)
    for (site, zone, lead, severity), rows in groups.items():
        yield to.ActionOpen(
            site=site,
            zone=zone,
            lead=lead,
            severity=severity,
            open=len(rows),
            unverified=sum(row.stage == "done" for row in rows),
            overdue=sum(row.due is not None and row.due <= t for row in rows),
        )


def certificates(t: datetime, ground: Ground, picture: Picture) -> Iterator[to.Certificate]:
    """Yield how every certificate stands."""
    for row in picture.papers.values():
        yield _certificate(row, t, ground)


def masks(t: datetime, ground: Ground, picture: Picture) -> Iterator[to.Mask]:
    """Yield the masks in force, those of silent rules left out."""
    for row in picture.masks.values():
        if row.what in ground.silent:
            continue
        place = ground.point(row.point) if row.point else None
        where = ground.zone(row.zone)
        yield to.Mask(
            site=(row.site or where.site if place is None else place.site) or NONE,
            zone=(where.zone if place is None else place.zone) or NONE,
            point=row.point or NONE,
            rule=row.what,
            kind=row.kind,
            left_s=max(0, int((row.until - t).total_seconds())),
            owner=ground.person(row.owner),
        )


def _certify(
    paper: Paper, t: datetime, ground: Ground, picture: Picture
) -> Iterator[to.Certificate]:
    name = f"{paper.asset} {paper.kind}"
    before = picture.papers.get(name)
    if before is None and len(picture.papers) >= MOST:
        return
    if before is None or before.at <= t:
        picture.papers[name] = paper
        yield _certificate(paper, t, ground)


def _certificate(row: Paper, t: datetime, ground: Ground) -> to.Certificate:
    where = ground.zone(row.zone)
    left = None if row.expires is None else int((row.expires - t).total_seconds())
    return to.Certificate(
        site=where.site,
        zone=where.zone,
        asset=ground.name("asset", row.asset),
        kind=ground.name("certificate", row.kind),
        code=_code(row, t, ground.venue.congress),
        left_s=left,
    )


def _code(row: Paper, t: datetime, congress: Congress) -> int:
    if row.expires is None or row.expires <= t:
        return to.READY_CODES["no_go"]
    if congress.ends_at is not None and row.expires < congress.ends_at:
        return to.READY_CODES["go_with_conditions"]
    return to.READY_CODES["go"]
