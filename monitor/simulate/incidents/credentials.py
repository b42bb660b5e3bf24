"""Badges that must not be used, badges refused repeatedly, duress."""

from monitor.core.events.access import AccessDenied, AccessDuress, CredentialState
from monitor.simulate.badge import shown
from monitor.simulate.incident import Incident

WINDOW = 300
"""Seconds over which the rules count refusals."""


def denied_burst(incident: Incident) -> None:
    """Ten badges are refused at one point within five minutes."""
    point = incident.pick("point", incident.venue.readers, 120, before=WINDOW)
    for n in range(10):
        badge = incident.badge("unknown")
        incident.send(n * 8, AccessDenied, reason="unknown_credential", **shown(badge, point))
    incident.expect(72, "denied-burst", point.id)


def denied_badge(incident: Incident) -> None:
    """One badge is refused three times."""
    point = incident.pick("point", incident.venue.readers, 120)
    badge = incident.badge("delegate")
    for n in range(3):
        incident.send(n * 20, AccessDenied, reason="no_access_here", **shown(badge, point))
    incident.expect(40, "denied-badge", badge.credential)


def revoked_and_granted(incident: Incident) -> None:
    """A revoked badge is admitted by a controller that is not up to date."""
    point = incident.pick("point", incident.venue.readers, 30)
    badge = incident.admissible_badge(point)
    incident.send(
        -20, CredentialState, credential=badge.credential, state="revoked", holder=badge.holder
    )
    incident.admit(0, point, badge)
    incident.expect(0, "revoked-credential", badge.credential)


def stolen_and_refused(incident: Incident) -> None:
    """A stolen badge is refused by the controller."""
    point = incident.pick("point", incident.venue.readers, 30, once="revoked-credential-refused")
    badge = incident.badge("delegate")
    incident.send(-20, CredentialState, credential=badge.credential, state="stolen")
    incident.send(0, AccessDenied, reason="credential_stolen", **shown(badge, point))
    incident.expect(0, "revoked-credential", badge.credential)
    incident.expect(0, "revoked-credential-refused", point.id)


def refused_by_controller(incident: Incident) -> None:
    """A controller refuses a badge as lost that the registry has not reported."""
    point = incident.pick("point", incident.venue.readers, 30, once="revoked-credential-refused")
    badge = incident.badge("guest")
    incident.send(0, AccessDenied, reason="credential_lost", **shown(badge, point))
    incident.expect(0, "revoked-credential-refused", point.id)


def duress(incident: Incident) -> None:
    """A person passes under threat."""
    point = incident.pick("point", incident.venue.readers, 30)
    badge = incident.badge("delegate")
    incident.send(0, AccessDuress, **shown(badge, point))
    incident.expect(0, "duress", point.id)
