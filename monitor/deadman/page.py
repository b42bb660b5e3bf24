"""The page about a monitor that fell silent or is back, in the language of its address."""

from typing import assert_never

from monitor.core.phrase import Phrase
from monitor.core.rules.title import render_phrase
from monitor.core.venue.display_names import NO_NAMES
from monitor.deadman.silence_detector import SilenceNotification
from monitor.texts import Language


def write_page(
    congress: str, notification: SilenceNotification, watcher: str, language: Language
) -> tuple[str, str]:
    """Return title and text; the title is complete by itself, for an SMS."""
    since = language.inset(f"{notification.since:%H:%M:%S}Z")
    signed = language.gettext("Watcher {name}").format(name=language.inset(watcher))
    match notification.kind:
        case "back":
            title = language.gettext("Venue monitor {congress} is BACK")
            text = language.gettext(
                "It was silent since {since}. Check the open alerts: it is now processing the missed messages."
            ).format(since=since)
            return title.format(congress=language.inset(congress)), f"{text}\n{signed}"
        case "silent":
            title = language.gettext("Venue monitor {congress} SILENT since {since}")
        case "still silent":
            title = language.gettext("Venue monitor {congress} STILL SILENT since {since}")
        case _:
            assert_never(notification.kind)
    do = language.gettext(
        "No one is paged about alerts now. Post staff at the doors and exits, and call IT."
    )
    reason = _worded(notification.reason, language)
    return (
        title.format(congress=language.inset(congress), since=since),
        f"{reason}\n{do}\n{signed}",
    )


def write_test(watcher: str, language: Language) -> tuple[str, str]:
    """Return title and text of a page that only shows whether pages arrive."""
    text = language.gettext("From {name}. All is well.").format(name=language.inset(watcher))
    return language.gettext("TEST of the venue watcher"), text


def _worded(reason: Phrase | str, language: Language) -> str:
    return reason if isinstance(reason, str) else render_phrase(reason, NO_NAMES, language)
