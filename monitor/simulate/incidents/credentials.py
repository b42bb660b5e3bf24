"""Badges that should not be used, badges refused again and again, duress."""

from monitor.core.events.access import AccessDenied, AccessDuress, CredentialState
from monitor.simulate.badge import shown
from monitor.simulate.incident import Story

WINDOW = 300
"""Seconds over which the rules count refusals."""


def denied_burst(story: Story) -> None:
    """Ten badges are refused at one point within five minutes."""
    point = story.pick("point", story.ground.readers, 120, before=WINDOW)
    for n in range(10):
        badge = story.badge("unknown")
        story.say(n * 8, AccessDenied, reason="unknown_credential", **shown(badge, point))
    story.expect(72, "denied-burst", point.id)


def denied_badge(story: Story) -> None:
    """One badge is tried three times."""
    point = story.pick("point", story.ground.readers, 120)
    badge = story.badge("delegate")
    for n in range(3):
        story.say(n * 20, AccessDenied, reason="no_access_here", **shown(badge, point))
    story.expect(40, "denied-badge", badge.credential)


def revoked_and_granted(story: Story) -> None:
    """A badge is revoked, and a controller that doesn't know it yet lets it in."""
    point = story.pick("point", story.ground.readers, 30)
    badge = story.welcome(point)
    story.say(
        -20, CredentialState, credential=badge.credential, state="revoked", holder=badge.holder
    )
    story.let_in(0, point, badge)
    story.expect(0, "revoked-credential", badge.credential, point.id)


def stolen_and_refused(story: Story) -> None:
    """A stolen badge is shown, and the controller knows it too."""
    point = story.pick("point", story.ground.readers, 30, once="revoked-credential-refused")
    badge = story.badge("delegate")
    story.say(-20, CredentialState, credential=badge.credential, state="stolen")
    story.say(0, AccessDenied, reason="credential_stolen", **shown(badge, point))
    story.expect(0, "revoked-credential", badge.credential, point.id)
    story.expect(0, "revoked-credential-refused", point.id)


def refused_by_controller(story: Story) -> None:
    """A controller refuses a badge as lost of which the registry has not told."""
    point = story.pick("point", story.ground.readers, 30, once="revoked-credential-refused")
    badge = story.badge("guest")
    story.say(0, AccessDenied, reason="credential_lost", **shown(badge, point))
    story.expect(0, "revoked-credential-refused", point.id)


def duress(story: Story) -> None:
    """Somebody passes under threat."""
    point = story.pick("point", story.ground.readers, 30)
    badge = story.badge("delegate")
    story.say(0, AccessDuress, **shown(badge, point))
    story.expect(0, "duress", point.id)
