"""Says which access point, device or zone of the venue a vendor's name stands for."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec

from monitor.adapters.words import brief
from monitor.core.venue.model import Slug
from monitor.errors import ConfigError

Kind = Literal["access point", "device", "zone", "place"]

_WORD: Mapping[Kind, str] = {
    "access point": "<point>",
    "device": "device:<device>",
    "zone": "zone:<zone>",
    "place": "<point> device:<device>",
}


class Target(NamedTuple):
    """What one vendor name stands for; what the entry doesn't name is empty."""

    point: str = ""
    device: str = ""
    zone: str = ""

    @property
    def speaker(self) -> str:
        """The device that speaks; where the entry names none, the point's or zone's name."""
        return self.device or self.point or self.zone


def read_map(adapter: str, mapping: Mapping[str, str]) -> Mapping[str, Target]:
    """Read the map of one ``[[adapter]]``: ``"<vendor name>" = "north device:reader-7 zone:hall"``.

    A word alone is an access point.

    Raises:
        ConfigError: an entry can't be read; all of them are named.

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
            return f'"{kind}" is none of point, device and zone'
        if fields.setdefault(kind or "point", name) != name:
            return f"it names two of the kind {kind or 'point'}; write one"
        try:
            msgspec.convert(name, Slug)
        except msgspec.ValidationError:
            return f'"{name}" is no id of venue.toml: small letters, digits and hyphens'
    if not fields:
        return 'it names nothing; write an access point\'s id, "device:<id>" or "zone:<id>"'
    return Target(**fields)


class Registry:
    """The map of one ``[[adapter]]``."""

    __slots__ = ("_adapter", "_deepest", "_targets")

    def __init__(self, adapter: str, mapping: Mapping[str, str]) -> None:
        self._adapter = adapter
        self._targets = read_map(adapter, mapping)
        self._deepest = max((name.count("/") + 1 for name in mapping), default=0)

    def find(self, *names: str) -> Target | None:
        """Return what the first of these names stands for that the map has."""
        return next((self._targets[name] for name in names if name in self._targets), None)

    def ending(self, levels: Sequence[str]) -> Target | None:
        """Return what the longest ending of a topic stands for that the map has."""
        last = levels[-self._deepest :] if self._deepest else ()
        return self.find(*("/".join(last[start:]) for start in range(len(last))))

    def missing(self, kind: Kind, told_by: str, name: str) -> str:
        """Return the reason of a refusal: the map has no such thing for this name."""
        return (
            f"no {kind} is mapped to {told_by}; "
            f'add {brief(name, 128)} = "{_WORD[kind]}" to map of [[adapter]] "{self._adapter}"'
        )
