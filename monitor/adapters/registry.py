"""The map of an ``[[adapter]]``: which access point, device or zone each of a vendor's names means."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec

from monitor.adapters.words import brief
from monitor.core.phrase import Phrase, phrase
from monitor.core.venue.words import Slug
from monitor.errors import ConfigError

Kind = Literal["point", "device", "zone", "place"]

_WORD: Mapping[Kind, str] = {
    "point": "<point>",
    "device": "device:<device>",
    "zone": "zone:<zone>",
    "place": "<point> device:<device>",
}


class Target(NamedTuple):
    """What one of the vendor's names means; what the entry does not name is empty."""

    point: str = ""
    device: str = ""
    zone: str = ""

    @property
    def speaker(self) -> str:
        """The device that sends; if the entry names none, the point or zone."""
        return self.device or self.point or self.zone


def read_map(adapter: str, mapping: Mapping[str, str]) -> Mapping[str, Target]:
    """Read the map of one ``[[adapter]]``: ``"<vendor name>" = "north device:reader-7 zone:hall"``.

    A plain word is an access point.

    Raises:
        ConfigError: entries are invalid; the error lists all of them.

    """
    found: dict[str, Target] = {}
    mistakes: list[str] = []
    for name, entry in mapping.items():
        target = _target(entry)
        if isinstance(target, Target):
            found[name] = target
        else:
            mistakes.append(f'map of [[adapter]] "{adapter}", "{name}" = "{entry}": {target}')
    if mistakes:
        raise ConfigError(mistakes)
    return found


def _target(entry: str) -> Target | str:
    fields: dict[str, str] = {}
    for word in entry.split():
        kind, _, name = word.rpartition(":")
        if kind not in ("", "point", "device", "zone"):
            return f'unknown kind "{kind}"; write point, device or zone'
        if fields.setdefault(kind or "point", name) != name:
            return f"it names more than one {kind or 'point'}; write only one"
        try:
            msgspec.convert(name, Slug)
        except msgspec.ValidationError:
            return f'"{name}" is not an id; write lower-case letters, digits and hyphens'
    if not fields:
        return 'it is empty; write the id of an access point, "device:<id>" or "zone:<id>"'
    return Target(**fields)


class Registry:
    """The map of one ``[[adapter]]``, from the vendor's names to the venue's."""

    __slots__ = ("_adapter", "_deepest", "_targets")

    def __init__(self, adapter: str, mapping: Mapping[str, str]) -> None:
        self._adapter = adapter
        self._targets = read_map(adapter, mapping)
        self._deepest = max((name.count("/") + 1 for name in mapping), default=0)

    def find(self, *names: str) -> Target | None:
        """Return the meaning of the first of these names that is in the map."""
        return next((self._targets[name] for name in names if name in self._targets), None)

    def ending(self, levels: Sequence[str]) -> Target | None:
        """Return the meaning of the longest ending of a topic that is in the map."""
        last = levels[-self._deepest :] if self._deepest else ()
        return self.find(*("/".join(last[start:]) for start in range(len(last))))

    def missing(self, kind: Kind, sender: Phrase | str, name: str) -> Phrase:
        """Return the reason for refusing a message: the map has no entry of this kind for a name."""
        entry = f'{brief(name, 128)} = "{_WORD[kind]}"'
        return phrase(
            "adapter-not-mapped", kind=kind, sender=sender, entry=entry, adapter=self._adapter
        )
