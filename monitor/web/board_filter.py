"""Which alerts a board shows: the filter in the address of the page, which a browser applies to later changes too."""

import re
from collections.abc import Mapping
from typing import get_args

from msgspec import Struct

from monitor.core.rules.model import Severity
from monitor.web.board_alert import BoardKey, Group, searched

NAMES = ("sev", "site", "zone", "lead", "state", "mine", "cause", "q")
"""The parameters of the address."""
_LONGEST = 200
"""Characters of a search."""


class BoardFilter(Struct, frozen=True, kw_only=True):
    """The alerts that a viewer wants; what is empty excludes none."""

    severities: tuple[Severity, ...] = ()
    sites: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()
    """Empty: all but the shelved."""
    owner: str = ""
    cause: str = ""
    """The id of an alert: only that, and what follows from it."""
    text: str = ""

    @property
    def folds(self) -> bool:
        """Return whether what follows from another alert is folded under it: whoever asks for something sees it."""
        return self == BoardFilter()

    def matches(self, key: BoardKey) -> bool:
        """Return whether an alert is shown."""
        return (
            (not self.severities or key.severity in self.severities)
            and (not self.sites or key.site in self.sites)
            and (not self.zones or key.zone in self.zones)
            and (not self.leads or key.lead in self.leads)
            and (key.group in self.groups if self.groups else key.group is not Group.SHELVED)
            and self.owner in {"", key.owner}
            and self.cause in {"", key.cause}
            and self.text in key.text
        )


def read_filter(query: Mapping[str, str], who: str) -> BoardFilter:
    """Return the filter of an address; what it does not know it leaves out, so that old bookmarks work.

    Args:
        query: the parameters, by `NAMES`.
        who: the viewer, for ``mine``.

    """
    severities = _words(query.get("sev", ""))
    groups = _words(query.get("state", ""))
    return BoardFilter(
        severities=tuple(row for row in get_args(Severity) if row in severities),
        sites=_words(query.get("site", "")),
        zones=_words(query.get("zone", "")),
        leads=_words(query.get("lead", "")),
        groups=tuple(row for row in Group if row in groups),
        owner=who if query.get("mine") == "1" else "",
        cause=query.get("cause", "")[:_LONGEST],
        text=searched(query.get("q", "")[:_LONGEST]),
    )


def tidy(query: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters of a filter that say something, without others."""
    return {name: query[name][:_LONGEST] for name in NAMES if query.get(name)}


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(re.findall(r"[^,\s]+", text)))
